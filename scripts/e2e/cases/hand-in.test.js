/**
 * Predictions: typed on a phone, handed in, collected on the teacher's panel, and
 * kept harmless.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { launch, skip } from '../browser.js';
import { openLanes } from '../lanes.js';
import { startClassroom } from '../server.js';
import { measure, openSheet } from '../sheet.js';
import { until } from '../until.js';

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

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

/** The teacher's panel, with the sheets of a lesson. */
async function collected(lesson) {
  const teacher = await openLanes(browser, classroom.teacher);
  await teacher.page.locator('#tab-teacher').click();
  await teacher.page.locator('#sheets-lesson').selectOption(lesson);
  return teacher;
}

async function handIn({ page }, name) {
  await page.locator('#hand-in-name').fill(name);
  await page.locator('.hand-in button').click();
  await until('it was taken', async () => /Handed in:/.test(await page.locator('.hand-in-state').textContent()));
}

test('a lesson that no browser can measure is predicted, handed in, and then opens', { skip }, async () => {
  const student = await openSheet(browser, classroom, 'ten-thousand', { view: PHONE });
  const { page } = student;
  assert.equal(await page.locator('.because').count(), 0);
  assert.equal(await page.locator('.hand-in button').isDisabled(), true);
  await page.locator('#predict-0').fill('4');
  await page.locator('#predict-1').fill('2.5');
  await handIn(student, 'Ann');
  // What was not predicted stays folded.
  assert.equal(await page.locator('.because').count(), 2);
  assert.equal(await page.locator('.checks li').first().getAttribute('data-verdict'), 'right');
  assert.equal(await page.locator('#predict-0').isDisabled(), true);
  assert.equal(await page.locator('#predict-2').isDisabled(), false);

  const teacher = await collected('ten-thousand');
  const rows = teacher.page.locator('#sheets tbody tr');
  await until('the sheet is there', async () => (await rows.count()) === 1);
  assert.deepEqual(await rows.first().locator('th').textContent(), 'Ann');
  assert.deepEqual((await rows.first().locator('td').allTextContents()).slice(1, 4), ['4 → –', '2.5 → –', '–']);
  await Promise.all([student.close(), teacher.close()]);
});

test('what would disturb the class is measured over lanes of one’s own', { skip }, async () => {
  const watcher = await openLanes(browser, `${classroom.url}/classroom`);
  const student = await openSheet(browser, classroom, 'three-transits', { view: PHONE });
  const { measured, line } = await measure(student, 0, 100);
  assert.ok(measured >= 100, `${measured} ms`);
  // The lane is there, with its ladder; nobody else heard anything or was slowed down.
  assert.ok((await line.locator('.own-lane .arrow').count()) > 0);
  assert.equal(await watcher.page.locator('.lane .median[data-count="0"]').count(), 5);
  assert.equal(await watcher.page.locator('#delay').inputValue(), '0');
  await handIn(student, '');
  const teacher = await collected('three-transits');
  const row = teacher.page.locator('#sheets tbody tr').first();
  await until('both numbers are there', async () => /^100 → \d/.test((await row.locator('td').nth(1).textContent()) ?? ''));
  assert.equal(await row.locator('th').textContent(), 'anonymous');
  assert.deepEqual([...student.complaints, ...teacher.complaints], []);
  await Promise.all([watcher.close(), student.close(), teacher.close()]);
});

test('a talker of one’s own talks in one’s own room', { skip }, async () => {
  const student = await openSheet(browser, classroom, 'batching');
  const { measured } = await measure(student, 0, 0.0125);
  assert.ok(measured > 0.01 && measured < 0.1, `${measured} polls per message`);
  assert.equal(await student.page.locator('#lanes .median[data-count="0"]').count(), 5);
  await student.close();
});

test('names stay text, in the panel and in the file', { skip }, async () => {
  const evil = '=HYPERLINK("http://x")<img src=x onerror=alert(1)>';
  const student = await openSheet(browser, classroom, 'two-or-six');
  await student.page.locator('#predict-0').fill('2');
  await handIn(student, evil);
  const teacher = await collected('two-or-six');
  const { page } = teacher;
  await until('the sheet is there', async () => (await page.locator('#sheets tbody tr').count()) === 1);
  assert.equal(await page.locator('#sheets tbody th').textContent(), evil);
  assert.equal(await page.locator('#sheets img').count(), 0);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#sheets-csv').click()]);
  const csv = await readFile(await download.path(), 'utf8');
  const [head, line] = csv.replace(/^\ufeff/, '').split('\r\n');
  assert.match(head, /^name,handed_in,down_predicted \(bytes\),down_measured \(bytes\),/);
  assert.ok(line.startsWith(`"'=HYPERLINK(""http://x"")<img src=x onerror=alert(1)>",20`), line);
  assert.match(line, /Z,2,,,,,$/);
  // The teacher may take a sheet out.
  await page.locator('#sheets tbody button').click();
  await until('it is gone', async () => (await page.locator('#sheets tbody tr').count()) === 0);
  assert.deepEqual(teacher.complaints, []);
  await Promise.all([student.close(), teacher.close()]);
});

test('the key to the closing questions is the teacher’s', { skip }, async () => {
  const teacher = await collected('handshake');
  await teacher.page.locator('#sheets-key summary').click();
  await until('the key is there', async () => /^1\. .*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/s.test(await teacher.page.locator('#sheets-key-text').textContent()));
  await teacher.close();
});

/** A channel as a program speaks it. */
async function channel() {
  const socket = new WebSocket(`${classroom.url.replace('http', 'ws')}/classroom/channel`);
  const said = [];
  socket.on('message', (data) => said.push(...JSON.parse(data)));
  await until('the channel greets', () => said.some(({ kind }) => kind === 'hello'));
  return { said, send: (message) => socket.send(JSON.stringify(message)), close: () => socket.close() };
}

test('strangers get no sheets and no key, and what does not fit is refused', async () => {
  const stranger = await channel();
  for (const order of [
    { kind: 'sheets', lesson: 'ten-thousand' },
    { kind: 'key', lesson: 'handshake' },
    { kind: 'countdown', seconds: 60 },
    { kind: 'reset' },
    { kind: 'remove_sheet', lesson: 'ten-thousand', number: 1 },
  ]) {
    const refused = stranger.said.filter(({ kind }) => kind === 'error').length;
    stranger.send(order);
    await until(`${order.kind} is refused`, () => stranger.said.filter(({ kind }) => kind === 'error').length === refused + 1);
  }
  const sheet = { lesson: 'poll-cost', token: 'tok', name: '', answers: [{ id: 'plain', predicted: 1 }] };
  for (const [spoilt, code] of [
    [{ lesson: 'no-such' }, 'unfit'],
    [{ answers: [{ id: 'no-such', predicted: 1 }] }, 'unfit'],
    [{ answers: Array(100).fill({ id: 'plain', predicted: 1 }) }, 'unfit'],
    [{ name: 'n'.repeat(1000) }, 'name'],
  ]) {
    stranger.said.length = 0;
    stranger.send({ kind: 'hand_in', sheet: { ...sheet, ...spoilt } });
    await until('it is refused', () => stranger.said.some((one) => one.kind === 'not_handed_in' && one.code === code));
  }
  stranger.send({ kind: 'hand_in', sheet });
  await until('it is taken', () => stranger.said.some(({ kind }) => kind === 'handed_in'));
  // One channel cannot fill the shelf under ever new tokens.
  stranger.said.length = 0;
  stranger.send({ kind: 'hand_in', sheet: { ...sheet, token: 'another' } });
  await until('the second is refused', () => stranger.said.some(({ code }) => code === 'twice'));
  assert.equal(stranger.said.filter(({ kind }) => ['sheets', 'key'].includes(kind)).length, 0);
  stranger.close();
});
