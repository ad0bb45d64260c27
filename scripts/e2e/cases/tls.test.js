/**
 * The chat and its lanes under TLS: https for polls, streams and drafts, wss for the socket.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip, TRANSPORTS, Visitor } from '../browser.js';
import { book, everyLaneHears, lane, openLanes, sayInLanes } from '../lanes.js';
import { startClassroom } from '../server.js';
import { until } from '../until.js';

// The certificate is made on the spot, and nobody vouches for it.
const view = { ignoreHTTPSErrors: true };

let classroom;
let browser;
before(async () => {
  classroom = await startClassroom('--tls');
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  await classroom.stop();
});

test('two people under TLS, over each transport', { skip }, async () => {
  assert.match(classroom.url, /^https:/);
  assert.ok(classroom.printed.some((line) => /^certificate sha256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(line)));
  const ann = await Visitor.open(browser, classroom.url, { view });
  const sockets = [];
  ann.page.on('websocket', (socket) => sockets.push(new URL(socket.url())));
  await ann.enter({ name: 'ann', room: 'sealed' });
  const ben = await Visitor.open(browser, classroom.url, { view });
  await ben.enter({ name: 'ben', room: 'sealed' });
  for (const [transport, words] of Object.entries(TRANSPORTS)) {
    await ann.change(transport, words);
    await ann.say(`over ${words}`);
    await ben.hears(`over ${words}`);
    await ben.say(`heard over ${words}`);
    await ann.hears(`heard over ${words}`);
  }
  const protocols = new Set(sockets.filter(({ pathname }) => pathname.endsWith('/ws')).map(({ protocol }) => protocol));
  assert.deepEqual([...protocols], ['wss:']);
  assert.deepEqual([...ann.complaints, ...ben.complaints], []);
  await ann.close();
  await ben.close();
});

test('the lanes are under TLS, and show what is in the records', { skip }, async () => {
  const visitor = await openLanes(browser, `${classroom.url}/classroom`, { view });
  await sayInLanes(visitor, 'sealed and seen');
  await everyLaneHears(visitor, 'sealed and seen');
  const { page } = visitor;
  assert.ok((await page.locator('.arrow').count()) > 0);
  // Each lane says what TLS adds to it, and that is a part of its overhead.
  for (const name of Object.keys(TRANSPORTS)) {
    const sealed = lane(visitor, name).locator('.sealed');
    await until(`${name} says what TLS adds`, async () => (await sealed.count()) === 1);
    const [, up, down] = /↑([\d\s]+) ↓([\d\s]+) B/.exec(await sealed.textContent());
    const number = (digits) => Number(digits.replace(/\D/g, ''));
    assert.ok(number(up) > 0 && number(up) < (await book(visitor, name, 'up-overhead')), `${name}: ${up}`);
    assert.ok(number(down) > 0 && number(down) < (await book(visitor, name, 'down-overhead')), `${name}: ${down}`);
  }
  assert.match(await page.locator('#foot').textContent(), /sealed/);
  await page.getByRole('tab', { name: 'The wire' }).click();
  await page.locator('#wire-lanes [data-lane="websocket"]').click();
  await page.locator('#wire-list .line', { hasText: '↓ text' }).first().click();
  assert.match(await page.locator('#wire-shown .run.l-tls').first().textContent(), /22 B of TLS/);
  assert.match(await page.locator('#wire-shown').textContent(), /sealed and seen/);
  await page.locator('#wire-shown .run.l-tls .mark').first().click();
  assert.match(await page.locator('.explain').textContent(), /record of TLS/);
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});
