/**
 * Compression with clients that are not ours: ws and fetch of Node, curl, and Chromium.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { launch, skip } from '../browser.js';
import { everyLaneHears, openLanes, sayInLanes } from '../lanes.js';
import { startServer } from '../server.js';
import { until } from '../until.js';

const TEXTS = ['once more and once more', 'once more and once more', '再说一遍，还是这一句'];

const servers = {};
let browser;
before(async () => {
  servers.shared = await startServer('--compress');
  servers.context = await startServer('--compress=context');
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  for (const server of Object.values(servers)) await server.stop();
});

async function say(server, room) {
  for (const text of TEXTS) {
    const body = JSON.stringify({ from: 'ann', text });
    const answer = await fetch(`${server.url}/rooms/${room}/messages`, { method: 'POST', body });
    assert.equal(answer.status, 201);
  }
}

const texts = (lines) => lines.filter(Boolean).map((line) => JSON.parse(line).text);

for (const how of ['shared', 'context']) {
  test(`ws agrees on permessage-deflate and speaks both ways (${how})`, async () => {
    const address = `${servers[how].url.replace('http', 'ws')}/rooms/ws-${how}/ws?after=0`;
    // The threshold is what ws leaves uncompressed by default.
    const socket = new WebSocket(address, { perMessageDeflate: { threshold: 0 } });
    const heard = [];
    socket.on('message', (data) => heard.push(data.toString()));
    await once(socket, 'open');
    assert.match(socket.extensions, /permessage-deflate/);
    await say(servers[how], `ws-${how}`);
    for (const text of TEXTS) socket.send(JSON.stringify({ from: 'ben', text }));
    await until('all events are heard', () => heard.length === 2 * TEXTS.length);
    assert.deepEqual(texts(heard), [...TEXTS, ...TEXTS]);
    socket.close();
    await once(socket, 'close');
  });
}

test('fetch of Node reads polls and streams in both codings', async () => {
  await say(servers.shared, 'node');
  for (const coding of ['gzip', 'br']) {
    const options = { headers: { 'accept-encoding': coding } };
    const poll = await fetch(`${servers.shared.url}/rooms/node/poll?after=0`, options);
    assert.equal(poll.headers.get('content-encoding'), coding);
    assert.equal(poll.headers.get('vary'), 'accept-encoding');
    assert.deepEqual((await poll.json()).events.map((event) => event.text), TEXTS);
    const abort = new AbortController();
    const stream = await fetch(`${servers.shared.url}/rooms/node/stream?after=0`, { ...options, signal: abort.signal });
    assert.equal(stream.headers.get('content-encoding'), coding);
    const decoder = new TextDecoder();
    let received = '';
    for await (const piece of stream.body) {
      received += decoder.decode(piece, { stream: true });
      // Nothing more comes, and the stream goes on: each event was flushed.
      if (received.split('\n').length > TEXTS.length) break;
    }
    assert.deepEqual(texts(received.split('\n')), TEXTS, coding);
    abort.abort();
  }
});

test('curl --compressed reads a stream to its end', async () => {
  const server = await startServer('--compress');
  await say(server, 'curl');
  const curl = spawn('curl', ['--silent', '--show-error', '--compressed', '-N', `${server.url}/rooms/curl/stream?after=0`]);
  let received = '';
  let complaints = '';
  curl.stdout.on('data', (data) => (received += data));
  curl.stderr.on('data', (data) => (complaints += data));
  const exited = once(curl, 'exit');
  await until('curl shows each event at once', () => received.split('\n').length > TEXTS.length);
  // The end of the coding comes with the goodbye.
  await server.stop();
  assert.deepEqual([await exited, complaints], [[0, null], '']);
  assert.deepEqual(texts(received.split('\n')), TEXTS);
});

test('Chromium agrees on permessage-deflate and reads compressed streams', { skip }, async () => {
  const page = await browser.newPage();
  await page.goto(`${servers.context.url}/healthz`);
  const seen = page.evaluate(async (count) => {
    const events = { socket: [], sse: [] };
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/rooms/page/ws?after=0`);
    const source = new EventSource('/rooms/page/sse?after=0');
    socket.onmessage = ({ data }) => events.socket.push(JSON.parse(data).text);
    source.onmessage = ({ data }) => events.sse.push(JSON.parse(data).text);
    await new Promise((resolve) => (socket.onopen = resolve));
    globalThis.isOpen = true;
    while (events.socket.length < count || events.sse.length < count) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { ...events, extensions: socket.extensions };
  }, TEXTS.length);
  await page.waitForFunction(() => globalThis.isOpen);
  await say(servers.context, 'page');
  const { socket, sse, extensions } = await seen;
  assert.match(extensions, /permessage-deflate/);
  assert.deepEqual([socket, sse], [TEXTS, TEXTS]);
  const poll = await page.evaluate(async () => {
    const answer = await fetch('/rooms/page/poll?after=0');
    return [answer.headers.get('content-encoding'), (await answer.json()).next];
  });
  assert.deepEqual(poll, ['gzip', TEXTS.length]);
  await page.close();
});

test('lanes of a server that compresses hear all, and their wire is in view', { skip }, async () => {
  const visitor = await openLanes(browser, `${servers.shared.url}/classroom`);
  await sayInLanes(visitor, 'packed and heard');
  await everyLaneHears(visitor, 'packed and heard');
  assert.ok((await visitor.page.locator('.arrow').count()) > 0);
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('lanes of a server that compresses can decline', { skip }, async () => {
  const visitor = await openLanes(browser, `${servers.shared.url}/classroom`);
  const { page } = visitor;
  assert.equal(await page.locator('#compress').inputValue(), 'on');
  const declined = page.waitForResponse((answer) => /\/poll\?.*compress=0/.test(answer.url()));
  await page.locator('#compress').selectOption('off');
  await sayInLanes(visitor, 'as it is');
  assert.equal((await (await declined).allHeaders())['content-encoding'], undefined);
  await everyLaneHears(visitor, 'as it is');
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test('a server that does not compress offers no choice', { skip }, async () => {
  const server = await startServer();
  const visitor = await openLanes(browser, `${server.url}/classroom`);
  assert.ok(!(await visitor.page.locator('#compress').isVisible()));
  await visitor.close();
  await server.stop();
});
