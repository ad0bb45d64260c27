/**
 * Lessons in the browser: predict, measure with the lanes, compare; and commands
 * to copy for what takes a swarm.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip, Visitor } from '../browser.js';
import { allConnected, lane } from '../lanes.js';
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

test('from a lesson to its experiment and back', { skip }, async () => {
  const visitor = await Visitor.open(browser, `${classroom.url}/lessons/two-or-six/en`);
  const { page } = visitor;
  await page.getByRole('link', { name: 'Try it side by side' }).click();
  await allConnected(visitor);
  // Nothing is measured before something was predicted.
  assert.equal(await page.locator('.predict button').first().isDisabled(), true);
  const down = await measure(visitor, 0, 2);
  assert.deepEqual([down.measured, down.verdict], [2, 'right']);
  assert.match(await down.line.locator('.because').textContent(), /FIN and opcode/);
  const up = await measure(visitor, 1, 2);
  assert.deepEqual([up.measured, up.verdict], [6, 'close']);
  const long = await measure(visitor, 2, 800);
  assert.deepEqual([long.measured, long.verdict], [8, 'far']);
  await page.getByRole('link', { name: 'The lesson' }).click();
  await page.getByRole('heading', { name: '2 bytes or 6' }).waitFor();
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('lessons are in the language that was chosen', { skip }, async () => {
  const visitor = await Visitor.open(browser, `${classroom.url}/lessons`);
  const { page } = visitor;
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  await page.locator('#lang').click();
  await page.getByRole('heading', { name: '课程' }).waitFor();
  // From now on every address that names no language is in Chinese; one that names it stays.
  for (const [path, lang] of [['/lessons', 'zh-CN'], ['/lessons/two-or-six', 'zh-CN'], ['/lessons/two-or-six/en', 'en']]) {
    await page.goto(`${classroom.url}${path}`);
    await until(`${path} is in ${lang}`, async () => (await page.getAttribute('html', 'lang')) === lang);
  }
  // The other pages keep to the choice, too.
  await page.goto(`${classroom.url}/`);
  await until('the chat is in Chinese', async () => (await page.getAttribute('html', 'lang')) === 'zh-CN');
  assert.equal(await page.locator('#lessons').getAttribute('href'), '/lessons/zh');
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('what a poll costs is what the wire view shows of one', { skip }, async () => {
  const visitor = await openSheet(browser, classroom, 'poll-cost');
  const { measured } = await measure(visitor, 0, 500);
  const { page } = visitor;
  await page.getByRole('tab', { name: 'The wire' }).click();
  await page.locator('#wire-lanes [data-lane="short_poll"]').click();
  const size = await page.locator('#wire-list .p-empty .size').first().textContent();
  const [up, down] = size.match(/[\d\u202f]+/g).map((number) => Number(number.replace(/\D/g, '')));
  // Places grow a digit longer as the room's numbers do.
  assert.ok(Math.abs(measured - (up + down)) <= 2, `${measured}, but ${size}`);
  await visitor.close();
});

test('the interval is the latency, here too', { skip }, async () => {
  const visitor = await openSheet(browser, classroom, 'interval-latency');
  const { measured, verdict } = await measure(visitor, 0, 250);
  // A busy machine is late, never early: half the interval is at least about this.
  assert.ok(measured > 150, `${measured} ms`);
  assert.notEqual(verdict, null);
  // And everything is as it was before.
  assert.equal(await visitor.page.locator('#interval').inputValue(), '1');
  await visitor.close();
});

test('heartbeats are seen when nobody speaks', { skip }, async () => {
  const visitor = await openSheet(browser, classroom, 'heartbeats');
  const socket = await measure(visitor, 0, 8);
  assert.deepEqual([socket.measured, socket.verdict], [8, 'right']);
  const stream = await measure(visitor, 1, 8);
  assert.equal(stream.measured, 8);
  await visitor.close();
});

test('the teacher measures with everybody’s lanes, and puts their delay back', { skip }, async () => {
  const teacher = await openSheet(browser, classroom, 'three-transits', { teacher: true });
  await teacher.sees('#state', 'you are the teacher');
  const { measured } = await measure(teacher, 0, 100);
  assert.ok(measured >= 100, `${measured} ms`);
  // The delay is taken off again.
  await until('no delay', async () => (await teacher.page.locator('#delay').inputValue()) === '0');
  await allConnected(teacher);
  await teacher.close();
});

test('an experiment can be stopped', { skip }, async () => {
  const visitor = await openSheet(browser, classroom, 'interval-latency');
  const { page } = visitor;
  await page.locator('#predict-1').fill('900');
  await page.locator('.predict button').nth(1).click();
  await page.locator('.checks progress').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await visitor.sees('.checks li:nth-child(2) .came', 'Stopped.');
  assert.equal(await page.locator('#predict-1').inputValue(), '900');
  assert.equal(await lane(visitor, 'short_poll').getAttribute('data-state'), 'connected');
  await page.getByRole('button', { name: 'Close', exact: true }).click();
  assert.equal(await page.locator('#experiment').isHidden(), true);
  await visitor.close();
});

test('a command is copied', { skip }, async () => {
  for (const [lang, words] of [['en', 'Copied'], ['zh', '已复制']]) {
    const visitor = await Visitor.open(browser, `${classroom.url}/lessons/ten-thousand/${lang}`, {
      view: { permissions: ['clipboard-read', 'clipboard-write'] },
    });
    const button = visitor.page.locator('.command button').first();
    await button.click();
    await until('it says so', async () => (await button.textContent()) === words);
    const copied = await visitor.page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^wirebench lab ten-thousand/);
    // A swarm of ten thousand is nothing for a browser, but predictions are typed in the page.
    assert.match(await visitor.page.locator('.try a').getAttribute('href'), /^\/classroom\?lesson=ten-thousand&lang=/);
    assert.equal(await visitor.page.locator('.by-command').count(), 1);
    // What the figures say is folded until somebody opens it.
    assert.equal(await visitor.page.locator('.fold p').first().isVisible(), false);
    await visitor.close();
  }
});
