/**
 * What the lanes' figures count: deliveries since the lane opened, measured alike
 * in every lane, by a page that is nobody in the room.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip, Visitor } from '../browser.js';
import { book, everyLaneHears, lane, LANES, openLanes, sayInLanes } from '../lanes.js';
import { startClassroom } from '../server.js';
import { until } from '../until.js';

const PUSHED = ['http_stream', 'sse', 'websocket'];

let classroom;
let browser;
before(async () => {
  classroom = await startClassroom('--people', '2');
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  await classroom.stop();
});
const lanesUrl = () => `${classroom.url}/classroom`;

/** What a lane says of its latencies. */
async function median(visitor, name) {
  const { ms, count } = await lane(visitor, name).locator('.median').evaluate(({ dataset }) => ({ ...dataset }));
  return { ms: Number(ms), count: Number(count) };
}

test('who joins late is shown no delivery of what was said before', { skip }, async () => {
  const first = await openLanes(browser, lanesUrl());
  for (const text of ['one', 'two', 'three']) {
    await sayInLanes(first, text);
    await everyLaneHears(first, text);
  }
  // Old enough to be told from a delivery on any machine.
  await new Promise((later) => setTimeout(later, 3_000));
  const late = await openLanes(browser, lanesUrl());
  await sayInLanes(late, 'now');
  await everyLaneHears(late, 'now');
  for (const name of LANES) {
    await until(`${name} counts one message`, async () => (await median(late, name)).count === 1);
    const { ms } = await median(late, name);
    assert.ok(ms < 2_900, `${name}: ${ms} ms`);
    // One event's JSON and what tells the log's epoch, not four events.
    const payload = await book(late, name, 'down-payload');
    assert.ok(payload > 0 && payload < 350, `${name}: ${payload} bytes of payload`);
    await until(`${name} counts four in the first page`, async () => (await median(first, name)).count === 4);
  }
  await Promise.all([first.close(), late.close()]);
});

test('a latency by two clocks is never less than nothing, and says what it may be wrong by', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl());
  const told = await visitor.page.evaluate(async () => {
    const { lateness, shown, Latencies } = await import('/classroom/latencies.js');
    // The page may be younger than the 400 ms below.
    const lane = { name: 'sse', openedAt: -1_000 };
    const others = { of: () => undefined };
    const heardAfter = (ms, clockError) => lateness(lane, { at: performance.now() - ms - 5 }, others, { unixOffset: 5, clockError });
    const all = new Latencies();
    for (const ms of [-8, 2, 40]) all.add({ ms, error: 10 });
    return {
      below: shown(heardAfter(-3, 12)),
      above: shown(heardAfter(400, 12)).startsWith('<'),
      negative: heardAfter(-3, 12).ms < 0,
      impossible: heardAfter(-30, 12),
      median: shown(all.median),
      alone: shown({ ms: 0.4, error: 0 }),
    };
  });
  assert.deepEqual(told, { below: '< 12 ms', above: false, negative: true, impossible: null, median: '< 10 ms', alone: '0.4 ms' });
  await visitor.close();
});

test('a lane that was off counts nothing of what was said meanwhile', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl());
  await lane(visitor, 'sse').getByRole('checkbox').uncheck();
  await sayInLanes(visitor, 'meanwhile');
  await until('the others hear it', async () => (await median(visitor, 'websocket')).count === 1);
  await new Promise((later) => setTimeout(later, 1_500));
  await lane(visitor, 'sse').getByRole('checkbox').check();
  await everyLaneHears(visitor, 'meanwhile');
  assert.equal((await median(visitor, 'sse')).count, 0);
  await sayInLanes(visitor, 'again here');
  await everyLaneHears(visitor, 'again here');
  await until('it counts again', async () => (await median(visitor, 'sse')).count === 1);
  await visitor.close();
});

/** The medians of the pushed lanes over thirty messages, which are counted from zero. */
async function mediansOfThirty(visitor) {
  await visitor.page.locator('#reset').click();
  for (let number = 1; number <= 30; number += 1) {
    await sayInLanes(visitor, `message ${number}`);
    await until('it is heard', async () => (await median(visitor, 'websocket')).count >= number);
  }
  await until('all hear the last', async () => {
    const all = await Promise.all(PUSHED.map((name) => median(visitor, name)));
    return all.every(({ count }) => count === 30);
  });
  return Promise.all(PUSHED.map(async (name) => (await median(visitor, name)).ms));
}

test('thirty messages: the three pushed lanes are as quick as each other', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl());
  const told = [];
  // A busy machine makes one lane or another slow; a lane that is slow by itself
  // is so each time.
  for (let round = 0; round < 3; round += 1) {
    const medians = await mediansOfThirty(visitor);
    const [least, most] = [Math.min(...medians), Math.max(...medians)];
    told.push(`${medians.join(', ')} ms`);
    // A ratio, because the machine may be slow; and what no eye sees is no difference.
    if (most / least < 1.3 || most - least < 4) return visitor.close();
  }
  assert.fail(`${PUSHED.join()}: ${told.join('; ')}`);
});

test('what a lane’s own socket carried up is not among its latencies', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl());
  await visitor.page.locator('#through').selectOption('websocket');
  await sayInLanes(visitor, 'by socket');
  await everyLaneHears(visitor, 'by socket');
  await until('another counts it', async () => (await median(visitor, 'sse')).count === 1);
  assert.equal((await median(visitor, 'websocket')).count, 0);
  await visitor.close();
});

test('figures are reset, and the overhead says what of it is the handshake', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl());
  await sayInLanes(visitor, 'before');
  await everyLaneHears(visitor, 'before');
  const shares = lane(visitor, 'websocket').locator('.shares');
  await until('the handshake has a share', async () => /^overhead \d+ % \(handshake [1-9]\d* %\)$/.test(await shares.textContent()));
  assert.ok((await book(visitor, 'websocket', 'up-overhead')) > 100);
  await visitor.page.locator('#reset').click();
  assert.equal(await book(visitor, 'websocket', 'up-overhead'), 0);
  assert.equal(await book(visitor, 'websocket', 'requests'), 0);
  assert.equal((await median(visitor, 'websocket')).count, 0);
  assert.equal(await lane(visitor, 'websocket').locator('.latency').textContent(), '–');
  await sayInLanes(visitor, 'after');
  await everyLaneHears(visitor, 'after');
  await until('what comes later is counted', async () => (await book(visitor, 'websocket', 'down-payload')) > 0);
  // The handshake was before.
  assert.match(await shares.textContent(), /\(handshake 0 %\)$/);
  await visitor.close();
});

test('pages of lanes are nobody, and take no place in the room', { skip }, async () => {
  const pages = await Promise.all([1, 2, 3].map(() => openLanes(browser, lanesUrl())));
  const teacher = await openLanes(browser, classroom.teacher);
  const ann = await Visitor.open(browser, classroom.url);
  await ann.enter({ name: 'ann', transport: 'websocket' });
  const ben = await Visitor.open(browser, classroom.url);
  await ben.enter({ name: 'ben', transport: 'long_poll' });
  await ann.seesPeople('ann', 'ben');
  await teacher.page.getByRole('tab', { name: 'Teacher' }).click();
  await teacher.sees('#online', '2');
  assert.doesNotMatch(await ann.page.locator('#entries').textContent(), /stream|poll/i);
  await Promise.all([...pages, teacher, ann, ben].map((one) => one.close()));
});
