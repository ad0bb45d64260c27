/**
 * The classroom: lanes side by side, the wire in view, the teacher's panel, and
 * what anybody on the class's network may try.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { launch, skip, TRANSPORTS, Visitor } from '../browser.js';
import { startClassroom } from '../server.js';
import { until } from '../until.js';

const LANES = Object.keys(TRANSPORTS);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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

/** Opens the classroom page and waits until every lane is connected. */
async function openLanes(url = `${classroom.url}/classroom`, options = {}) {
  const visitor = await Visitor.open(browser, url, options);
  visitor.name = 'lanes';
  await until('all lanes are connected', async () =>
    (await visitor.page.locator('.lane[data-state="connected"]').count()) === LANES.length,
  );
  return visitor;
}

const lane = (visitor, name) => visitor.page.locator(`.lane[data-lane="${name}"]`);
const lastIn = async (visitor, name) => (await lane(visitor, name).locator('.last').textContent()) ?? '';

async function everyLaneHears(visitor, text) {
  await until(`every lane hears ${text}`, async () => {
    const last = await Promise.all(LANES.map((name) => lastIn(visitor, name)));
    return last.every((line) => line.includes(text));
  });
}

async function sayInLanes(visitor, text) {
  await visitor.page.locator('#text').fill(text);
  await visitor.page.locator('#text').press('Enter');
}

test('typed once, it arrives in each lane', { skip }, async () => {
  const visitor = await openLanes();
  for (const through of LANES) {
    await visitor.page.locator('#through').selectOption(through);
    await sayInLanes(visitor, `through ${through}`);
    await everyLaneHears(visitor, `through ${through}`);
  }
  for (const name of LANES) {
    assert.match(await lane(visitor, name).locator('.latency').textContent(), /^[\d.]+ m?s$/);
    assert.ok((await lane(visitor, name).locator('.arrow').count()) > 0, `${name} has no arrows`);
  }
  // A port for each lane: the browser's limit of six connections is for each of them.
  const ports = await visitor.page.locator('.port').allTextContents();
  assert.equal(new Set(ports).size, LANES.length);
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('the bytes shown in a lane are those at the server', { skip }, async () => {
  const visitor = await openLanes();
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

test('the wire view shows the handshake, and computes the right accept', { skip }, async () => {
  const visitor = await openLanes();
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
  const visitor = await openLanes();
  const { page } = visitor;
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

test('the teacher moves everybody and back, and nothing is lost', { skip }, async () => {
  const teacher = await openLanes(classroom.teacher);
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

  await teacher.page.locator('#clear').click();
  await until('ann’s log is empty', async () => (await ann.heard()).length === 0);
  await ann.say('after the clearing');
  await ann.hears('after the clearing');
  assert.deepEqual([...teacher.complaints, ...ann.complaints], []);
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

test('a page sees its own bytes only', { skip }, async () => {
  const one = await openLanes();
  const two = await openLanes();
  await sayInLanes(one, 'mine alone');
  await everyLaneHears(two, 'mine alone');
  await two.page.getByRole('tab', { name: 'The wire' }).click();
  // It was said on the other page's socket: here it only comes down.
  await until('it came down', async () => (await two.page.locator('#wire-list .line', { hasText: '↓ text' }).count()) > 0);
  assert.equal(await two.page.locator('#wire-list .line', { hasText: '↑ text' }).count(), 0);
  await one.close();
  await two.close();
});

test('hostile names and texts do no harm', { skip }, async () => {
  const visitor = await openLanes(classroom.teacher);
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
  for (const path of ['/', '/classroom', '/classroom/main.js']) {
    const answer = await fetch(`${classroom.url}${path}`);
    assert.doesNotMatch(answer.headers.get('content-security-policy') ?? 'unsafe-', /unsafe-/, path);
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

test('a delay by the teacher is felt in every lane', { skip }, async () => {
  const teacher = await openLanes(classroom.teacher);
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

test('headers of one\'s own cost a preflight, and then their weight each time', { skip }, async () => {
  const visitor = await openLanes();
  const book = async (name, key) =>
    Number((await lane(visitor, name).locator(`[data-book="${key}"]`).textContent()).replace(/\D/g, ''));
  await visitor.page.locator('#headers').selectOption('heavy');
  await until('the browser asks first', async () => (await book('short_poll', 'preflights')) > 0);
  const [requests, bytes] = [await book('short_poll', 'requests'), await book('short_poll', 'up-overhead')];
  await until('some heavy polls', async () => (await book('short_poll', 'requests')) >= requests + 3);
  const each = ((await book('short_poll', 'up-overhead')) - bytes) / ((await book('short_poll', 'requests')) - requests);
  assert.ok(each > 2000, `${each} bytes up for each poll`);
  await visitor.close();
});

test('in Chinese', { skip }, async () => {
  const visitor = await openLanes(`${classroom.url}/classroom?lang=zh`);
  await visitor.sees('#tab-wire', '线上字节');
  assert.equal(await visitor.page.locator('html').getAttribute('lang'), 'zh-CN');
  assert.equal(await lane(visitor, 'short_poll').locator('h2').textContent(), '短轮询');
  await visitor.page.locator('#lang').click();
  await visitor.sees('#tab-wire', 'The wire');
  await visitor.close();
});

test('axe-core finds nothing serious', { skip }, async () => {
  for (const colorScheme of ['light', 'dark']) {
    for (const viewport of [{ width: 1600, height: 900 }, { width: 390, height: 844 }]) {
      const visitor = await openLanes(classroom.teacher, { view: { colorScheme, viewport } });
      const { page } = visitor;
      await sayInLanes(visitor, 'for axe');
      await everyLaneHears(visitor, 'for axe');
      // Playwright may, where the page's own scripts may not.
      const find = async (where) => {
        const { violations } = await page.evaluate(`(() => { ${axe}; return axe.run(document, { resultTypes: ['violations'] }); })()`);
        const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
        const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(' ')}`);
        assert.deepEqual(told, [], `${where}, ${colorScheme}, ${viewport.width}`);
      };
      await find('lanes');
      await page.getByRole('tab', { name: 'The wire' }).click();
      await page.locator('#wire-list .line', { hasText: '↑ text' }).first().click();
      await find('wire');
      await page.getByRole('tab', { name: 'Teacher' }).click();
      await until('the table is there', async () => (await page.locator('#class tr').count()) > 3);
      await find('teacher');
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false);
      await visitor.close();
    }
  }
});
