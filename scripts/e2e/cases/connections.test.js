/**
 * The lesson of the six connections: on one port readers starve, with a port
 * each none does, and WebSockets are counted by themselves.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip } from '../browser.js';
import { allConnected, everyLaneHears, sayInLanes } from '../lanes.js';
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

const sheet = () => openSheet(browser, classroom, 'six-connections');
const ofCheck = ({ page }, index, what) => page.locator('.checks li').nth(index).locator(what);

test('of eight streams two starve on one port, and none on two', { skip }, async () => {
  const visitor = await sheet();
  const one = await measure(visitor, 0, 8);
  // Who believes that all hear it is wrong, not close.
  assert.deepEqual([one.measured, one.verdict], [6, 'far']);
  assert.equal(await ofCheck(visitor, 0, '.crowd .heard').count(), 6);
  assert.equal(await ofCheck(visitor, 0, '.crowd .waiting').count(), 2);
  const two = await measure(visitor, 1, 8);
  assert.deepEqual([two.measured, two.verdict], [8, 'right']);
  assert.equal(await ofCheck(visitor, 1, '.crowd .waiting').count(), 0);
  // The lanes, a port each, are back and none waits for another.
  await allConnected(visitor);
  await sayInLanes(visitor, 'to each lane');
  await everyLaneHears(visitor, 'to each lane');
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('a draft waits for held polls to let it through', { skip }, async () => {
  const visitor = await sheet();
  const { measured } = await measure(visitor, 2, 5000);
  // The hold began a moment before the draft was wanted, and a busy machine is late.
  assert.ok(measured > 4_000, `${measured} ms`);
  await allConnected(visitor);
  await visitor.close();
});

test('WebSockets are not among the six, and have a limit of their own', { skip }, async () => {
  const visitor = await sheet();
  const few = await measure(visitor, 3, 8);
  assert.deepEqual([few.measured, few.verdict], [8, 'right']);
  const many = await measure(visitor, 4, 300);
  // How many is the browser's own limit, which a version may change: far more
  // than six, and whoever is connected hears.
  assert.ok(many.measured > 60 && many.measured <= 300, `${many.measured} sockets`);
  assert.equal(await ofCheck(visitor, 4, '.crowd .heard').count(), many.measured);
  assert.equal(await ofCheck(visitor, 4, '.crowd .open').count(), 0);
  await allConnected(visitor);
  await visitor.close();
});

test('a crowd that is stopped leaves, and its lane comes back', { skip }, async () => {
  const visitor = await sheet();
  const { page } = visitor;
  await page.locator('#predict-2').fill('5000');
  await page.locator('.predict button').nth(2).click();
  await until('the polls are held', async () => (await ofCheck(visitor, 2, '.crowd .open').count()) === 6);
  await page.getByRole('button', { name: 'Stop' }).click();
  await visitor.sees('.checks li:nth-child(3) .came', 'Stopped.');
  await allConnected(visitor);
  await sayInLanes(visitor, 'after the crowd');
  await everyLaneHears(visitor, 'after the crowd');
  await visitor.close();
});
