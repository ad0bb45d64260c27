/**
 * The last steps of the fallback: the forever iframe and JSONP polling, for
 * browsers and networks that let nothing else through.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip, Visitor } from '../browser.js';
import { startServer } from '../server.js';

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

const WORDS = { iframe: 'Forever iframe', jsonp: 'JSONP polling' };

for (const [transport, words] of Object.entries(WORDS)) {
  test(`a chat over ${words}`, { skip }, async () => {
    const room = `old-${transport}`;
    const ann = await (await Visitor.open(browser, server.url)).enter({ name: 'ann', room, transport });
    const ben = await (await Visitor.open(browser, server.url)).enter({ name: 'ben', room, transport: 'websocket' });
    await ann.sees('#state', `Connected over ${words}`);
    for (const visitor of [ann, ben]) await visitor.seesPeople('ann', 'ben');
    const hostile = '</script><script>alert(1)</script>\u2028 & "quotes" \\';
    await ann.say('from ann');
    await ben.say(hostile);
    for (const visitor of [ann, ben]) {
      await visitor.hears('from ann');
      await visitor.hears(hostile);
    }
    // In mid-chat to another way and back: nothing lost, nothing doubled.
    await ann.change('long_poll', 'Long polling');
    await ben.say('meanwhile');
    await ann.hears('meanwhile');
    await ann.change(transport, words);
    await ben.say('again');
    await ann.hears('again');
    assert.deepEqual(await ann.heard(), ['from ann', hostile, 'meanwhile', 'again']);
    await ann.page.close({ runBeforeUnload: false });
    await ben.seesPeople('ben');
    assert.deepEqual([...ann.complaints, ...ben.complaints], []);
    await ann.close();
    await ben.close();
  });

  test(`${words} comes back to a server that was away`, { skip }, async () => {
    let other = await startServer();
    const ann = await (await Visitor.open(browser, other.url)).enter({ name: 'ann', transport });
    await other.stop();
    await ann.sees('#state', /Server away|Reconnecting/);
    other = await other.again();
    await ann.sees('#state', `Connected over ${words}`);
    await ann.say('back');
    await ann.hears('back');
    assert.deepEqual(ann.complaints, []);
    await ann.close();
    await other.stop();
  });
}

test('where all else is held back, the iframe is taken, and then scripts', { skip }, async () => {
  for (const [held, words] of [
    [/\/(long-poll\?|poll\?.*interval)/, WORDS.iframe],
    [/\/(iframe\?|long-poll\?|poll\?.*interval)/, WORDS.jsonp],
  ]) {
    const visitor = new Visitor();
    visitor.context = await browser.newContext();
    visitor.page = await visitor.context.newPage();
    visitor.page.on('pageerror', (error) => visitor.complaints.push(String(error)));
    const takeAway = 'delete window.WebSocket; delete window.ReadableStream; delete window.EventSource';
    await visitor.page.addInitScript(takeAway);
    await visitor.page.route(held, (route) => route.abort());
    await visitor.page.goto(server.url);
    await visitor.enter({ name: 'ann', room: 'held-back' });
    await visitor.sees('#state', `Connected over ${words}`);
    await visitor.say('through');
    await visitor.hears('through');
    const path = await visitor.page.locator('#path li').allTextContents();
    assert.match(path.at(-1), /open after \d+ ms/);
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  }
});
