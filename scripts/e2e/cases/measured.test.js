/**
 * Figures that lessons read off the lanes while somebody talks: none is earlier
 * than its formula allows. How much later it may be is a matter of the machine.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip } from '../browser.js';
import { book } from '../lanes.js';
import { startClassroom } from '../server.js';
import { measure, openSheet } from '../sheet.js';
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

/** Opens a lesson's sheet as the teacher, once that is known to the page. */
async function taught(lesson) {
  const visitor = await openSheet(browser, classroom, lesson, { teacher: true });
  await visitor.sees('#state', 'you are the teacher');
  return visitor;
}

test('a poll every two seconds carries some eighty messages', { skip }, async () => {
  const visitor = await taught('batching');
  const { measured } = await measure(visitor, 0, 0.0125);
  // A talker that is late says less, so that more polls go to a message.
  assert.ok(measured > 0.01 && measured < 0.1, `${measured} polls per message`);
  // And everything is as it was before.
  assert.equal(await visitor.page.locator('#interval').inputValue(), '1');
  await visitor.close();
});

test('the handshake is as large as the lane counted it', { skip }, async () => {
  const visitor = await openSheet(browser, classroom, 'handshake');
  const { measured } = await measure(visitor, 0, 500);
  const { page } = visitor;
  await page.getByRole('tab', { name: 'The wire' }).click();
  await page.locator('#wire-lanes [data-lane="websocket"]').click();
  const sizes = await page.locator('#wire-list .line', { hasText: 'GET ws' }).locator('.size').allTextContents();
  const all = sizes.map((size) => {
    const [up, down] = size.match(/[\d\u202f]+/g).map((number) => Number(number.replace(/\D/g, '')));
    return up + down;
  });
  assert.ok(all.includes(measured), `${measured}, but ${all}`);
  await visitor.close();
});

test('the ninetieth percentile and the spread are those of the interval', { skip }, async () => {
  // Two people at once: each counts only what they said themselves.
  const [ann, ben] = await Promise.all([1, 2].map(() => openSheet(browser, classroom, 'interval-latency')));
  const [ninety, spread] = await Promise.all([measure(ann, 1, 900), measure(ben, 2, 289)]);
  // 300 messages at random times: 900 ms and 289 ms, and a wide margin for chance.
  assert.ok(ninety.measured > 750, `${ninety.measured} ms`);
  assert.ok(spread.measured > 200, `${spread.measured} ms`);
  await Promise.all([ann.close(), ben.close()]);
});

test('long polling takes up to three transits, and more than one on average', { skip }, async () => {
  const visitor = await taught('three-transits');
  // With 120 messages, one that found nobody waiting for all but 50 ms is sure to be there.
  const longest = await measure(visitor, 1, 300);
  assert.ok(longest.measured > 250, `${longest.measured} ms`);
  const mean = await measure(visitor, 2, 164);
  assert.ok(mean.measured > 110 && mean.measured < longest.measured, `${mean.measured} ms`);
  assert.ok((await book(visitor, 'long_poll', 'requests')) > 100);
  await visitor.close();
});
