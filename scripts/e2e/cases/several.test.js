/**
 * A classroom with two servers: the teacher ends one, and its readers go on at
 * the other.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { launch, skip as noBrowser, Visitor } from '../browser.js';
import { allConnected, everyLaneHears, lane, LANES, openLanes, sayInLanes } from '../lanes.js';
import { startClassroom } from '../server.js';
import { until } from '../until.js';

const skip = noBrowser || noRedis();

/** Why there is no Redis, or false. */
function noRedis() {
  if (!spawnSync('redis-server', ['--version']).error) return false;
  const why = 'SKIPPED: redis-server is missing; install it (apt-get install redis-server)';
  if (process.env.WIREBENCH_REQUIRE === '1') throw new Error(why);
  console.error(`\n*** ${why} ***\n`);
  return why;
}

let classroom;
let browser;
before(async () => {
  if (skip) return;
  classroom = await startClassroom('--nodes', '2');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await classroom?.stop();
});

test('a server is ended and started again, and nobody misses a message', { skip }, async () => {
  const teacher = await openLanes(browser, classroom.teacher);
  const ann = await Visitor.open(browser, classroom.url);
  await ann.enter({ name: 'ann', transport: 'websocket' });
  const { page } = teacher;
  const seen = () => lane(teacher, 'short_poll').locator('.version').textContent();
  const life = (number, is) => until(`server ${number} is ${is}`, async () =>
    (await page.locator(`#servers [data-server="${number}"]`).getAttribute('data-life')) === is);
  const order = async (number) => {
    await page.getByRole('tab', { name: 'Teacher' }).click();
    await page.locator(`#servers [data-server="${number}"] button`).click();
  };
  await until('the lane says its server', async () => /^server [AB]$/.test(await seen()));
  const said = [];
  const sayAll = async (text) => {
    await page.locator('#tab-lanes').click();
    await allConnected(teacher);
    await sayInLanes(teacher, text);
    said.push(text);
    await everyLaneHears(teacher, text);
    await ann.hears(text);
  };
  await sayAll('by two servers');
  for (const [number, other] of [[0, 'server B'], [1, 'server A']]) {
    await order(number);
    await life(number, 'ended');
    await until('the lane goes on at the other one', async () => (await seen()) === other);
    // The last one cannot be ended.
    assert.ok(await page.locator(`#servers [data-server="${1 - number}"] button`).isDisabled());
    await sayAll(`by ${other} alone`);
    await order(number);
    await life(number, 'here');
    await sayAll(`by two again, after ${other} was alone`);
  }
  assert.deepEqual((await ann.heard()).filter((text) => text.startsWith('by ')), said);
  // What several servers cannot do is not offered.
  await page.getByRole('tab', { name: 'Teacher' }).click();
  assert.ok(await page.locator('#clear').isDisabled());
  await page.locator('#lang').click();
  await teacher.sees('#servers [data-server="0"] b', '服务器 A');
  assert.deepEqual([...teacher.complaints, ...ann.complaints], []);
  assert.equal(await page.locator('.lane').count(), LANES.length);
  await teacher.close();
  await ann.close();
});
