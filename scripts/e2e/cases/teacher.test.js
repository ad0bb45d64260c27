/**
 * The teacher's panel, and that it is the teacher's alone.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { launch, skip, TRANSPORTS, Visitor } from '../browser.js';
import { openLanes } from '../lanes.js';
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

test('the teacher moves everybody and back, and nothing is lost', { skip }, async () => {
  const teacher = await openLanes(browser, classroom.teacher);
  const ann = await Visitor.open(browser, classroom.url);
  await ann.enter({ name: 'ann', transport: 'websocket' });
  await teacher.page.getByRole('tab', { name: 'Teacher' }).click();
  await teacher.page.locator('#class-rate').selectOption('10');
  await teacher.page.locator('#class-talk').click();
  const numbers = async () => (await ann.heard()).filter((text) => /^\d+ the quick/.test(text)).map((text) => parseInt(text, 10));
  await until('the talker talks', async () => (await numbers()).length > 3);
  for (const [name, words] of Object.entries(TRANSPORTS)) {
    await teacher.page.getByRole('radio', { name: words }).check();
    await ann.sees('#state', `Connected over ${words}`);
    const so = (await numbers()).length;
    await until(`more is heard over ${name}`, async () => (await numbers()).length > so + 2);
  }
  // And back to what each had chosen.
  await teacher.page.getByRole('radio', { name: 'own choice' }).check();
  await ann.sees('#state', 'Connected over WebSocket');
  await teacher.page.locator('#class-talk').click();
  await teacher.sees('#class-talk', 'Start talker');
  const heard = await numbers();
  assert.deepEqual(heard, Array.from(heard, (_, index) => heard[0] + index));

  // The panel knows who is here and what it cost; strangers to the token do not.
  await until('ann is in the list', async () => (await teacher.page.locator('#people').textContent()).includes('ann'));
  const cost = teacher.page.locator('#class tr[data-lane="websocket"] td').nth(1);
  await until('requests are counted', async () => Number(await cost.textContent()) > 0);

  // The totals begin anew when the teacher says so.
  await teacher.page.locator('#reset-class').click();
  const polls = teacher.page.locator('#class tr[data-lane="long_poll"] td').nth(1);
  await until('the totals are small again', async () => Number(await polls.textContent()) < 10);

  await teacher.page.locator('#clear').click();
  await until('ann’s log is empty', async () => (await ann.heard()).length === 0);
  await ann.say('after the clearing');
  await ann.hears('after the clearing');
  assert.deepEqual([...teacher.complaints, ...ann.complaints], []);
  await teacher.close();
  await ann.close();
});

test('readers of server-sent events are counted by themselves', { skip }, async () => {
  const teacher = await openLanes(browser, classroom.teacher);
  const ann = await Visitor.open(browser, classroom.url);
  await ann.enter({ name: 'ann', transport: 'sse' });
  await teacher.page.getByRole('tab', { name: 'Teacher' }).click();
  const people = (name) => teacher.page.locator(`#class tr[data-lane="${name}"] td`).first();
  // The page's own lanes are nobody.
  await until('ann over SSE', async () => (await people('sse').textContent()) === '1');
  await until('nobody over the plain stream', async () => (await people('http_stream').textContent()) === '0');
  const line = teacher.page.locator('#people li', { hasText: 'ann' });
  assert.equal(await line.locator('.way').textContent(), 'Server-sent events');
  await ann.change('http_stream', 'HTTP stream');
  await until('ann over the plain stream', async () => (await people('http_stream').textContent()) === '1');
  await until('nobody over SSE', async () => (await people('sse').textContent()) === '0');
  await teacher.close();
  await ann.close();
});

test('whoever has no token teaches nobody', async () => {
  for (const token of [undefined, 'f'.repeat(32)]) {
    const socket = new WebSocket(`${classroom.url.replace('http', 'ws')}/classroom/channel`);
    const said = [];
    socket.on('message', (data) => said.push(...JSON.parse(data)));
    await until('the channel greets', () => said.some(({ kind }) => kind === 'hello'));
    assert.doesNotMatch(JSON.stringify(said), /token/);
    if (token) socket.send(JSON.stringify({ kind: 'teach', token }));
    socket.send(JSON.stringify({ kind: 'move', lane: 'short_poll' }));
    await until('it is refused', () => said.some(({ kind }) => kind === 'error'));
    socket.send('not JSON');
    socket.send(JSON.stringify({ kind: 'ping', n: 1 }));
    await until('it goes on', () => said.some(({ kind }) => kind === 'pong'));
    assert.equal(said.find(({ kind }) => kind === 'state').state.moved, null);
    assert.equal(said.filter(({ kind }) => kind === 'class').length, 0);
    socket.close();
  }
});
