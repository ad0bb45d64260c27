/**
 * The lanes, side by side: what is said arrives in each, and what it cost is right.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, skip } from '../browser.js';
import { allConnected, book, everyLaneHears, lane, LANES, openLanes, sayInLanes } from '../lanes.js';
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

test('typed once, it arrives in each lane', { skip }, async () => {
  // Here the ladders move.
  const visitor = await openLanes(browser, lanesUrl(), { view: { reducedMotion: 'no-preference' } });
  for (const through of LANES) {
    await visitor.page.locator('#through').selectOption(through);
    await sayInLanes(visitor, `through ${through}`);
    await everyLaneHears(visitor, `through ${through}`);
  }
  for (const name of LANES) {
    assert.match(await lane(visitor, name).locator('.latency').textContent(), /^[\d.]+ m?s$/);
    await until(`${name} has arrows`, async () => (await lane(visitor, name).locator('.arrow').count()) > 0);
  }
  // A port for each lane: the browser's limit of six connections is for each of them.
  const ports = await visitor.page.locator('.port').allTextContents();
  assert.equal(new Set(ports).size, LANES.length);
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('the bytes shown in a lane are those at the server', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl());
  // Each lane's token, by which the server's books know it.
  const persons = {};
  visitor.page.on('request', (request) => note(request.url()));
  visitor.page.on('websocket', (socket) => note(socket.url()));
  function note(address) {
    const { port, searchParams } = new URL(address);
    if (searchParams.has('person')) persons[port] = searchParams.get('person');
  }
  await visitor.page.reload();
  await until('each lane has asked', () => Object.keys(persons).length === LANES.length);
  await sayInLanes(visitor, 'counted');
  await everyLaneHears(visitor, 'counted');
  // Nothing more is to happen: lanes off, and what is under way ends.
  for (const name of LANES) await lane(visitor, name).getByRole('checkbox').uncheck();
  for (const name of LANES) {
    const port = (await lane(visitor, name).locator('.port').textContent()).slice(1);
    const shown = async () => {
      const books = {};
      for (const cell of await lane(visitor, name).locator('[data-book]').all()) {
        books[await cell.getAttribute('data-book')] = Number((await cell.textContent()).replace(/\D/g, ''));
      }
      return books;
    };
    await until(`${name} shows what the server counted`, async () => {
      const kept = await (await fetch(`${classroom.url}/classroom/books?person=${persons[port]}`)).json();
      const seen = await shown();
      return (
        kept.requests > 0 && kept.down.payload > 0 &&
        seen.requests === kept.requests && seen.empty === kept.empty && seen.connections === kept.connections &&
        seen['up-payload'] === kept.up.payload && seen['up-overhead'] === kept.up.overhead &&
        seen['down-payload'] === kept.down.payload && seen['down-overhead'] === kept.down.overhead
      );
    });
  }
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('a delay by the teacher is felt in every lane', { skip }, async () => {
  const teacher = await openLanes(browser, classroom.teacher);
  await teacher.page.locator('#delay').selectOption('250');
  await until('the lanes come back', async () => {
    await sayInLanes(teacher, `slow ${Date.now()}`);
    const late = await Promise.all(LANES.map((name) => lane(teacher, name).locator('.latency').textContent()));
    const ms = late.map((text) => parseFloat(text) * (text.endsWith(' ms') ? 1 : 1000));
    await new Promise((later) => setTimeout(later, 500));
    return ms.every((one) => one >= 250);
  });
  await teacher.page.locator('#delay').selectOption('0');
  await sayInLanes(teacher, 'quick again');
  await everyLaneHears(teacher, 'quick again');
  await teacher.close();
});

test('a proxy that buffers keeps a stream back, and neither a poll nor a WebSocket', { skip }, async () => {
  const teacher = await openLanes(browser, classroom.teacher);
  const path = teacher.page.locator('#path');
  const last = (name) => lane(teacher, name).locator('.last').textContent();
  await path.selectOption('buffers');
  await until('what buffers is told', async () => (await lane(teacher, 'http_stream').getAttribute('data-state')) !== 'connected');
  await until('the others are back', async () => {
    const states = await Promise.all(['short_poll', 'long_poll', 'websocket'].map((name) => lane(teacher, name).getAttribute('data-state')));
    return states.every((state) => state === 'connected');
  });
  await sayInLanes(teacher, 'behind a buffer');
  for (const name of ['short_poll', 'long_poll', 'websocket']) {
    await until(`${name} hears it`, async () => (await last(name)).includes('behind a buffer'));
  }
  for (const name of ['http_stream', 'sse']) assert.ok(!(await last(name)).includes('behind a buffer'), name);
  await path.selectOption('open');
  await allConnected(teacher);
  await everyLaneHears(teacher, 'behind a buffer');
  await teacher.close();
});

test('headers of one\'s own cost a preflight, and then their weight each time', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl());
  await visitor.page.locator('#headers').selectOption('heavy');
  await until('the browser asks first', async () => (await book(visitor, 'short_poll', 'preflights')) > 0);
  const [requests, bytes] = [await book(visitor, 'short_poll', 'requests'), await book(visitor, 'short_poll', 'up-overhead')];
  await until('some heavy polls', async () => (await book(visitor, 'short_poll', 'requests')) >= requests + 3);
  const each = ((await book(visitor, 'short_poll', 'up-overhead')) - bytes) / ((await book(visitor, 'short_poll', 'requests')) - requests);
  assert.ok(each > 2000, `${each} bytes up for each poll`);
  await visitor.close();
});

test('in Chinese', { skip }, async () => {
  const visitor = await openLanes(browser, `${lanesUrl()}?lang=zh`);
  await visitor.sees('#tab-wire', '线路字节');
  assert.equal(await visitor.page.locator('html').getAttribute('lang'), 'zh-CN');
  assert.equal(await lane(visitor, 'short_poll').locator('h2').textContent(), '短轮询');
  await visitor.page.locator('#lang').click();
  await visitor.sees('#tab-wire', 'The wire');
  await visitor.close();
});

test('a classroom that was started anew is found again', { skip }, async () => {
  let own = await startClassroom();
  try {
    const visitor = await openLanes(browser, `${own.url}/classroom`);
    await sayInLanes(visitor, 'before');
    await everyLaneHears(visitor, 'before');
    await own.stop('SIGKILL');
    await visitor.sees('#state', 'no classroom: trying again');
    // The lanes may connect before the page hears that the classroom is another one, and is loaded anew.
    await visitor.page.evaluate(() => (globalThis.isOld = true));
    own = await own.again();
    await until('the page is loaded anew', () => visitor.page.evaluate(() => !globalThis.isOld).catch(() => false));
    await allConnected(visitor);
    await sayInLanes(visitor, 'after');
    await everyLaneHears(visitor, 'after');
    await until('books of the new one', async () => (await book(visitor, 'websocket', 'requests')) > 0);
    await visitor.close();
  } finally {
    await own.stop('SIGKILL');
  }
});

test('by keyboard alone', { skip }, async () => {
  const visitor = await openLanes(browser, classroom.teacher);
  const { page } = visitor;
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement.id);
  async function tabTo(id) {
    for (let step = 0; (await focused()) !== id; step += 1) {
      assert.ok(step < 60, `Tab never comes to #${id}`);
      await keyboard.press('Tab');
    }
  }
  await tabTo('text');
  await keyboard.type('typed');
  await keyboard.press('Enter');
  await everyLaneHears(visitor, 'typed');
  await page.locator('#tab-lanes').focus();
  await keyboard.press('ArrowRight');
  assert.equal(await focused(), 'tab-wire');
  await keyboard.press('Tab');
  await until('the list is reached', async () => {
    if (await page.evaluate(() => document.activeElement.matches('#wire-list .line'))) return true;
    await keyboard.press('Tab');
    return false;
  });
  await keyboard.press('Enter');
  assert.ok((await page.locator('#wire-shown .run').count()) > 0);
  await page.locator('#tab-wire').focus();
  await keyboard.press('ArrowRight');
  assert.equal(await focused(), 'tab-teacher');
  await tabTo('class-talk');
  await keyboard.press('Enter');
  await visitor.sees('#class-talk', 'Stop talker');
  await keyboard.press('Enter');
  await visitor.sees('#class-talk', 'Start talker');
  await page.locator('#join').focus();
  await keyboard.press('Enter');
  await page.locator('#join-box[open]').waitFor();
  await keyboard.press('Escape');
  assert.equal(await page.locator('#join-box').isHidden(), true);
  await visitor.close();
});

test('Socket.IO and SockJS are a sixth and a seventh lane, at the push of a button', { skip }, async () => {
  const visitor = await openLanes(browser, lanesUrl(), { view: { viewport: { width: 1024, height: 768 } } });
  const { page } = visitor;
  const LIBRARIES = ['socket_io', 'sockjs'];
  const spoken = [];
  page.on('websocket', (socket) => {
    const note = ({ payload }) => spoken.push([new URL(socket.url()).pathname.split('/')[1], payload]);
    socket.on('framesent', note);
    socket.on('framereceived', note);
  });
  await page.getByRole('button', { name: 'Libraries' }).click();
  await until('both are connected', async () => {
    const there = LIBRARIES.map((name) => page.locator(`.lane[data-lane="${name}"][data-state="connected"]`).count());
    return (await Promise.all(there)).every((count) => count === 1);
  });
  for (const through of [...LIBRARIES, 'websocket']) {
    await page.locator('#through').selectOption(through);
    await sayInLanes(visitor, `through ${through}`);
    for (const name of [...LANES, ...LIBRARIES]) {
      await until(`${name} hears it`, async () => (await lane(visitor, name).locator('.last').textContent()).includes(`through ${through}`));
    }
  }
  // What travels is the libraries' own protocol, and the server's books know it.
  const has = (path, frame) => spoken.some(([where, payload]) => where === path && frame.test(payload));
  for (const frame of [/^0\{"sid"/, /^40\{\}$/, /^421\["message",\{/, /^431\[\{"seq":/, /^42\["message",\{"seq":/]) {
    assert.ok(has('socket.io', frame), `${frame} in ${JSON.stringify(spoken)}`);
  }
  for (const frame of [/^o$/, /^\["\{\\"from/, /^a\["\{\\"seq/]) {
    assert.ok(has('sockjs', frame), `${frame} in ${JSON.stringify(spoken)}`);
  }
  for (const name of LIBRARIES) {
    await until(`${name} has bytes`, async () => (await book(visitor, name, 'down-overhead')) > 0 && (await book(visitor, name, 'down-payload')) > 0);
    await until(`${name} has arrows`, async () => (await lane(visitor, name).locator('.arrow').count()) > 0);
  }
  const edges = await page.locator('#lanes .lane').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
  assert.equal(edges.length, LANES.length + LIBRARIES.length);
  assert.ok(Math.max(...edges) <= 1024, String(edges));
  await page.getByRole('button', { name: 'Libraries' }).click();
  assert.equal(await page.locator('#lanes .lane').count(), LANES.length);
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});
