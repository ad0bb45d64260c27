/**
 * People chat through the page, over each transport.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { launch, skip, TRANSPORTS, Visitor } from '../browser.js';
import { startServer } from '../server.js';
import { until } from '../until.js';

let server;
let browser;
before(async () => {
  server = await startServer();
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.stop();
});

/** Opens the page and enters. */
async function enter(who, view) {
  return (await Visitor.open(browser, server.url, view)).enter(who);
}

for (const [transport, words] of Object.entries(TRANSPORTS)) {
  test(`two people over ${words}`, { skip }, async () => {
    const room = `two-${transport}`;
    const ann = await enter({ name: 'ann', room, transport });
    await ann.sees('#state', `Connected over ${words}`);
    await ann.seesPeople('ann');
    await ann.say('is anybody here?');
    await ann.hears('is anybody here?');

    const ben = await enter({ name: 'ben', room, transport });
    await ben.hears('is anybody here?');
    await ann.seesPeople('ann', 'ben');
    await ben.seesPeople('ann', 'ben');
    await ben.say('I am');
    await ann.hears('I am');
    for (const visitor of [ann, ben]) {
      await visitor.hears('I am');
      assert.deepEqual(await visitor.heard(), ['is anybody here?', 'I am']);
    }
    // Each of them knows which words are their own.
    assert.equal(await ann.page.locator('.message.mine').count(), 1);
    assert.equal(await ben.page.locator('.message.mine').count(), 1);

    await ben.page.getByRole('button', { name: 'Disconnect' }).click();
    await ben.sees('#state', 'Disconnected');
    await ann.seesPeople('ann');
    await ann.say('while you were away');
    await ann.hears('while you were away');
    await ben.page.getByRole('button', { name: 'Connect', exact: true }).click();
    await ben.hears('while you were away');
    await ann.seesPeople('ann', 'ben');
    assert.deepEqual(await ben.heard(), await ann.heard());

    // A tab that is closed says so itself.
    await ben.page.close({ runBeforeUnload: false });
    await ann.seesPeople('ann');
    assert.deepEqual([...ann.complaints, ...ben.complaints], []);
    await ann.close();
    await ben.close();
  });
}

test('a tab that is killed leaves, without having said so', { skip }, async () => {
  const ann = await enter({ name: 'ann', room: 'killed' });
  for (const transport of ['websocket', 'sse', 'short_poll']) {
    // A browser of its own, whose process is killed and cannot say goodbye.
    const other = await launch();
    const ben = await Visitor.open(other, server.url);
    await ben.enter({ name: 'ben', room: 'killed', transport });
    await ann.seesPeople('ann', 'ben');
    const session = await other.newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    process.kill(processInfo.find(({ type }) => type === 'browser').id, 'SIGKILL');
    await ann.seesPeople('ann');
  }
  await ann.close();
});

test('two people share a name', { skip }, async () => {
  const one = await enter({ name: 'sam', room: 'names' });
  const two = await enter({ name: 'sam', room: 'names', transport: 'long_poll' });
  await one.seesPeople('sam', 'sam');
  await two.say('which of us?');
  await one.hears('which of us?');
  await two.hears('which of us?');
  assert.equal(await one.page.locator('.mine').count(), 0);
  assert.equal(await two.page.locator('.mine').count(), 1);
  await one.close();
  await two.seesPeople('sam');
  await two.close();
});

test('the last 200 events are there on entering', { skip }, async () => {
  for (let n = 1; n <= 230; n += 1) {
    await fetch(`${server.url}/rooms/history/messages`, {
      method: 'POST',
      body: JSON.stringify({ from: 'clerk', text: `line ${n}` }),
    });
  }
  for (const transport of Object.keys(TRANSPORTS)) {
    const visitor = await enter({ name: 'late', room: 'history', transport });
    await visitor.hears('line 230');
    const heard = await visitor.heard();
    // Joins and leaves are events too, and take the place of the oldest lines.
    assert.ok(heard.length >= 180 && heard.length <= 200, `${transport}: ${heard.length}`);
    assert.deepEqual(heard.slice(-2), ['line 229', 'line 230']);
    // Whoever comes in new has missed nothing.
    assert.equal(await visitor.page.locator('.break').count(), 0);
    await visitor.close();
  }
});

test('a change of transport in mid-chat loses and doubles nothing', { skip }, async () => {
  const room = 'change';
  const ann = await enter({ name: 'ann', room, transport: 'websocket' });
  let said = 0;
  let talking = true;
  const talker = (async () => {
    while (talking) {
      said += 1;
      await fetch(`${server.url}/rooms/${room}/messages`, {
        method: 'POST',
        body: JSON.stringify({ from: 'talker', text: `${said}` }),
      });
      // The log keeps 200 events: faster than this, and a slow machine drops some.
      await wait(20);
    }
  })();
  const order = ['short_poll', 'http_stream', 'long_poll', 'sse', 'websocket', 'http_stream', 'short_poll', 'auto'];
  for (const transport of order) {
    await ann.change(transport, TRANSPORTS[transport] ?? 'WebSocket');
    const reached = said;
    await until('more is said', () => said > reached + 3);
  }
  talking = false;
  await talker;
  await ann.hears(String(said));
  const heard = await ann.heard();
  const missed = await ann.page.locator('.break').allTextContents();
  assert.deepEqual(missed, []);
  const first = Number(heard[0]);
  assert.deepEqual(heard, Array.from(heard, (_, index) => String(first + index)));
  // A person who changes transport neither leaves nor comes.
  assert.equal(await ann.page.locator('.note').filter({ hasText: 'ann' }).count(), 1);
  await ann.seesPeople('ann');
  await ann.close();
});

test('by keyboard alone', { skip }, async () => {
  const visitor = await Visitor.open(browser, `${server.url}/?room=keys`);
  visitor.name = 'kim';
  const { keyboard } = visitor.page;
  // The name has the focus from the start.
  await keyboard.type('kim');
  await keyboard.press('Enter');
  await visitor.sees('#state', /^Connected over /);
  // And the message, once one is in.
  await keyboard.type('first line');
  await keyboard.press('Shift+Enter');
  await keyboard.type('second line');
  await keyboard.press('Enter');
  await visitor.hears('first line\nsecond line');
  await visitor.page.locator('#connect-toggle').focus();
  await keyboard.press('Enter');
  await visitor.sees('#state', 'Disconnected');
  await keyboard.press('Enter');
  await visitor.sees('#state', /^Connected over /);
  await visitor.close();
});

test('a message that is too long is refused in words, and kept', { skip }, async () => {
  const visitor = await enter({ name: 'ann', room: 'long', transport: 'websocket' });
  for (const transport of ['websocket', 'long_poll']) {
    await visitor.change(transport, TRANSPORTS[transport]);
    await visitor.page.getByLabel('Your message').fill('x'.repeat(70_000));
    await visitor.page.getByRole('button', { name: 'Send' }).click();
    await visitor.sees('#say-error', /^Not sent: .*limit/);
    assert.equal((await visitor.page.getByLabel('Your message').inputValue()).length, 70_000);
    await visitor.say(`shorter over ${transport}`);
    await visitor.hears(`shorter over ${transport}`);
    await visitor.sees('#say-error', '');
  }
  await visitor.close();
});
