/**
 * What anybody on the class's network may try.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { launch, skip } from '../browser.js';
import { everyLaneHears, openLanes } from '../lanes.js';
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

test('hostile names and texts do no harm', { skip }, async () => {
  const visitor = await openLanes(browser, classroom.teacher);
  const hostile = '<img src=x onerror=window.harmed=1><script>window.harmed=2</script>';
  await fetch(`${classroom.url}/rooms/hall/messages`, {
    method: 'POST',
    body: JSON.stringify({ from: '<b>eve</b>"\'', text: hostile }),
  });
  await everyLaneHears(visitor, hostile);
  await fetch(`${classroom.url}/rooms/hall/poll?name=${encodeURIComponent(hostile.slice(0, 60))}&person=eve&interval=30`);
  await visitor.page.getByRole('tab', { name: 'Teacher' }).click();
  await until('eve is in the list', async () => (await visitor.page.locator('#people').textContent()).includes('<img'));
  await visitor.page.getByRole('tab', { name: 'The wire' }).click();
  await until('it is in the wire view', async () => (await visitor.page.locator('#wire-shown').textContent()).includes('seq'));
  assert.equal(await visitor.page.evaluate(() => window.harmed), undefined);
  assert.equal(await visitor.page.locator('main img, main script, main iframe').count(), 0);
  for (const path of ['/', '/classroom', '/classroom/main.js', '/lessons', '/lessons/poll-cost/zh', '/page/chat.js']) {
    const policy = (await fetch(`${classroom.url}${path}`)).headers.get('content-security-policy') ?? 'unsafe-';
    assert.doesNotMatch(policy, /unsafe-/, path);
    for (const rule of ["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"]) {
      assert.ok(policy.includes(rule), `${path}: ${policy}`);
    }
  }
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('pages from elsewhere neither join nor listen nor speak', async () => {
  const foreign = { headers: { origin: 'http://evil.example' } };
  const room = `${classroom.url}/rooms/hall`;
  const posted = await fetch(`${room}/messages`, { method: 'POST', body: '{"from":"eve","text":"x"}', ...foreign });
  assert.equal(posted.status, 403);
  assert.equal((await fetch(`${room}/poll?name=eve`, foreign)).status, 403);
  assert.equal((await fetch(`${room}/people`, foreign)).headers.get('access-control-allow-origin'), null);
  for (const path of ['rooms/hall/ws', 'classroom/channel']) {
    const socket = new WebSocket(`${classroom.url.replace('http', 'ws')}/${path}`, { origin: 'http://evil.example' });
    const refused = await new Promise((done) => {
      socket.on('open', () => done('open')).on('error', (error) => done(error.message));
    });
    assert.match(refused, /403/, path);
  }
  const allowing = await startClassroom('--allow-origin', 'http://friend.example');
  try {
    const friend = { headers: { origin: 'http://friend.example' } };
    const answer = await fetch(`${allowing.url}/rooms/hall/messages`, { method: 'POST', body: '{"from":"a","text":"x"}', ...friend });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'http://friend.example');
  } finally {
    await allowing.stop();
  }
});

test('too fast, too long, too many: refused in words', async () => {
  const strict = await startClassroom('--people', '2', '--per-second', '2');
  try {
    const room = `${strict.url}/rooms/hall`;
    const say = (text) => fetch(`${room}/messages?person=p1`, { method: 'POST', body: JSON.stringify({ from: 'ann', text }) });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => say(`${n}`)));
    const fast = answers.filter(({ status }) => status === 429);
    assert.ok(fast.length >= 6 && fast.length < 12, `${fast.length} of 12 were too fast`);
    assert.match((await fast[0].json()).error, /wait a moment/);
    assert.equal(fast[0].headers.get('retry-after'), '1');

    const socket = new WebSocket(`${room.replace('http', 'ws')}/ws?ack=1&person=p2`);
    const said = [];
    socket.on('message', (data) => said.push(JSON.parse(data)));
    await new Promise((open) => socket.on('open', open));
    for (let n = 0; n < 12; n += 1) socket.send(JSON.stringify({ from: 'ben', text: `${n}` }));
    await until('the socket is told', () => said.filter(({ kind }) => kind === 'error').length >= 6);
    assert.match(said.find(({ kind }) => kind === 'error').error, /wait a moment/);
    socket.close();

    assert.equal((await say('x'.repeat(20_000))).status, 413);
    for (const name of ['one', 'two']) assert.equal((await fetch(`${room}/poll?name=${name}&person=${name}`)).status, 200);
    const third = await fetch(`${room}/poll?name=three&person=three`);
    assert.equal(third.status, 503);
    assert.match((await third.json()).error, /room is full/);
    // Whoever is in stays in, and whoever only listens may.
    assert.equal((await fetch(`${room}/poll?name=one&person=one`)).status, 200);
    assert.equal((await fetch(`${room}/poll`)).status, 200);
  } finally {
    await strict.stop();
  }
});

test('two hundred at once', async () => {
  const room = `${classroom.url}/rooms/crowd`;
  const sockets = [];
  const heard = Array.from({ length: 100 }, () => []);
  await Promise.all(
    heard.map(async (texts, n) => {
      const socket = new WebSocket(`${room.replace('http', 'ws')}/ws?after=latest&name=s${n}&person=s${n}`);
      sockets.push(socket);
      socket.on('message', (data) => {
        const { kind, text } = JSON.parse(data);
        if (kind === 'message') texts.push(text);
      });
      await new Promise((open, fail) => socket.on('open', open).on('error', fail));
    }),
  );
  const places = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const answer = await fetch(`${room}/poll?name=p${n}&person=p${n}&interval=30&after=latest`);
      assert.equal(answer.status, 200);
      return (await answer.json()).next;
    }),
  );
  const { online } = await (await fetch(`${room}/people`)).json();
  assert.equal(online, 200);
  const wanted = Array.from({ length: 20 }, (_, n) => `to all ${n}`);
  for (const text of wanted) {
    await fetch(`${room}/messages`, { method: 'POST', body: JSON.stringify({ from: 'crier', text }) });
  }
  await until('all sockets hear all', () => heard.every((texts) => texts.length === wanted.length));
  for (const texts of heard) assert.deepEqual(texts, wanted);
  await Promise.all(
    places.map(async (place, n) => {
      const batch = await (await fetch(`${room}/poll?person=p${n}&name=p${n}&after=${place}`)).json();
      const texts = batch.events.filter(({ kind }) => kind === 'message').map(({ text }) => text);
      assert.deepEqual(texts, wanted);
    }),
  );
  for (const socket of sockets) socket.close();
});
