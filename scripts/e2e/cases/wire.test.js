/**
 * The wire view: the bytes of each exchange, explained.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { launch, skip } from '../browser.js';
import { allConnected, everyLaneHears, LANES, openLanes, sayInLanes } from '../lanes.js';
import { startClassroom } from '../server.js';
import { until } from '../until.js';

let classroom;
let browser;
before(async () => {
  classroom = await startClassroom();
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  await classroom.stop();
});
const lanesUrl = () => `${classroom.url}/classroom`;

test('the wire view shows the handshake, and computes the right accept', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl());
  const { page } = visitor;
  await page.getByRole('tab', { name: 'The wire' }).click();
  await page.locator('#wire-list .line', { hasText: 'GET ws' }).click();
  const bytes = await page.locator('#wire-shown .ways').textContent();
  const key = /Sec-WebSocket-Key: ([\w+/=]+)/i.exec(bytes)[1];
  const accept = /Sec-WebSocket-Accept: ([\w+/=]+)/i.exec(bytes)[1];
  const right = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  assert.equal(accept, right);
  assert.equal(await page.locator('.accept .computed').textContent(), right);
  assert.equal(await page.locator('.accept .sent').textContent(), right);
  assert.match(await page.locator('.verdict').textContent(), /^✓/);

  await page.locator('.header', { hasText: 'Sec-WebSocket-Key' }).click();
  assert.match(await page.locator('.explain').textContent(), /16 random bytes/);
  await visitor.close();
});

test('a frame is taken apart bit by bit, and unmasked', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl());
  const { page } = visitor;
  // Without this it is said over a connection that no lane reads, and no lane has the frame.
  await page.locator('#through').selectOption('websocket');
  await sayInLanes(visitor, 'look at <b>this</b> frame');
  await everyLaneHears(visitor, 'look at');
  await page.getByRole('tab', { name: 'The wire' }).click();
  await page.locator('#wire-lanes [data-lane="websocket"]').click();
  await page.locator('#wire-list .line', { hasText: '↑ text' }).first().click();
  const plain = JSON.parse(await page.locator('.plain').textContent());
  assert.equal(plain.text, 'look at <b>this</b> frame');
  const bit = (name) => page.locator('.bit').filter({ has: page.getByText(name, { exact: true }) });
  assert.equal(await bit('FIN').locator('code').textContent(), '1');
  assert.equal(await bit('opcode').locator('.value').textContent(), '1 = text');
  assert.equal(await bit('MASK').locator('code').textContent(), '1');
  await bit('masking key').click();
  assert.match(await page.locator('.explain').textContent(), /XORed/);

  // And in hexadecimal, what was masked stays masked.
  await page.getByRole('button', { name: 'Hex' }).click();
  assert.doesNotMatch(await page.locator('.bytes').textContent(), /look/);

  for (const [name, layer] of [['http_stream', 'chunk'], ['sse', 'text frame'], ['long_poll', 'batch']]) {
    await page.locator(`#wire-lanes [data-lane="${name}"]`).click();
    // The newest long poll is still held; the one before brought the message.
    if (name === 'long_poll') await page.locator('#wire-list .line', { hasText: 'deliver' }).first().click();
    await until(`${name} has a ${layer}`, async () =>
      (await page.locator('.legend').textContent()).includes(layer),
    );
  }
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('a page sees its own bytes only', { skip }, async () => {
  const one = await openLanes(browser, lanesUrl());
  const two = await openLanes(browser, lanesUrl());
  await sayInLanes(one, 'mine alone');
  await everyLaneHears(two, 'mine alone');
  await two.page.getByRole('tab', { name: 'The wire' }).click();
  // It was said on the other page's socket: here it only comes down.
  await until('it came down', async () => (await two.page.locator('#wire-list .line', { hasText: '↓ text' }).count()) > 0);
  assert.equal(await two.page.locator('#wire-list .line', { hasText: '↑ text' }).count(), 0);
  await one.close();
  await two.close();
});

test('a visitor asks for compression, and sees what is in it', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl());
  const { page } = visitor;
  const targets = [];
  page.on('request', (request) => targets.push(request.url()));
  await sayInLanes(visitor, 'before before before before');
  await everyLaneHears(visitor, 'before before');
  // Nothing is said of it until somebody asks.
  assert.ok(!targets.some((target) => target.includes('compress=')), targets.join('\n'));

  await page.locator('#compress').selectOption('on');
  await allConnected(visitor);
  await until('every lane asks anew', () =>
    ['poll', 'long-poll', 'stream', 'sse'].every((way) =>
      targets.some((target) => target.includes(`/${way}?`) && target.includes('compress=1')),
    ),
  );
  const text = 'again '.repeat(25).trim();
  await sayInLanes(visitor, text);
  await everyLaneHears(visitor, text);
  await page.getByRole('tab', { name: 'The wire' }).click();
  for (const name of LANES) {
    await page.locator(`#wire-lanes [data-lane="${name}"]`).click();
    // A stream's line is its request's; of the others, one line has the event.
    const line = { websocket: '↓ text', http_stream: 'GET stream', sse: 'GET sse' }[name] ?? 'deliver';
    await until(`${name} shows what is in it`, async () => {
      await page.locator('#wire-list .line', { hasText: line }).first().click();
      return (await page.locator('#wire-shown .inside').allTextContents()).some((inside) => inside.includes(text));
    });
    const packed = page.locator('#wire-shown .run.l-payload', { has: page.locator('.inside', { hasText: text }) }).first();
    assert.match(await packed.locator('code').first().textContent(), /^[0-9a-f]{2}( [0-9a-f]{2})*$/);
  }
  await page.getByRole('tab', { name: 'Side by side' }).click();
  const asked = targets.length;
  await page.locator('#compress').selectOption('off');
  await until('the lanes ask without it', () =>
    targets.slice(asked).some((target) => target.includes('/stream?') && !target.includes('compress=')),
  );
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});
