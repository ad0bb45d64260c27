/**
 * Clients that we did not write hold one conversation through the server:
 * curl, the W3C EventSource interface (in Node and in Chromium) and npm `ws`.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { EventSource } from 'eventsource';
import WebSocket from 'ws';
import { launch, skip } from '../browser.js';
import { startServer } from '../server.js';
import { until } from '../until.js';

const run = promisify(execFile);

let server;
before(async () => (server = await startServer()));
after(() => server.stop());

/** curl with a limit on time, so that a broken server fails a test and does not hang it. */
async function curl(...options) {
  const { stdout } = await run('curl', ['--silent', '--show-error', '--fail', '--max-time', '20', ...options]);
  return stdout;
}

const texts = (events) => events.filter(({ kind }) => kind === 'message').map(({ text }) => text);

test('curl, EventSource and ws hold one conversation', async () => {
  const room = `${server.url}/rooms/foreign`;

  const source = new EventSource(`${room}/sse?name=source`);
  const bySource = [];
  source.onmessage = ({ data, lastEventId }) => {
    const event = JSON.parse(data);
    assert.equal(lastEventId, String(event.seq));
    bySource.push(event);
  };
  await once(source, 'open');

  const socket = new WebSocket(`${room.replace('http', 'ws')}/ws?name=socket&ack=1`);
  const bySocket = [];
  const answers = [];
  socket.on('message', (data, binary) => {
    assert.equal(binary, false);
    const message = JSON.parse(data);
    (message.kind === 'said' ? answers : bySocket).push(message);
  });
  await once(socket, 'open');

  const said = JSON.parse(
    await curl('--json', JSON.stringify({ from: 'curl', text: 'from curl' }), `${room}/messages`),
  );
  assert.equal(typeof said.seq, 'number');
  await until('both hear curl', () =>
    [bySource, bySocket].every((events) => texts(events).includes('from curl')),
  );

  socket.send(JSON.stringify({ from: 'socket', text: 'from ws: \u{1f44b} 你好', tag: 't1' }));
  await until('ws is answered', () => answers.some(({ tag }) => tag === 't1'));
  const wanted = ['from curl', 'from ws: \u{1f44b} 你好'];
  await until('EventSource hears ws', () => texts(bySource).length === 2);
  assert.deepEqual(texts(bySource), wanted);
  await until('ws hears itself', () => texts(bySocket).length === 2);
  assert.deepEqual(texts(bySocket), wanted);

  const polled = JSON.parse(await curl(`${room}/poll?after=0`));
  assert.deepEqual(texts(polled.events), wanted);
  assert.equal(polled.missed, 0);
  const held = JSON.parse(await curl(`${room}/long-poll?after=${polled.next - 1}&hold=10`));
  assert.equal(held.events.length, 1);

  const { online, people } = JSON.parse(await curl(`${room}/people`));
  assert.equal(online, 2);
  assert.deepEqual(people.map(({ name }) => name).sort(), ['socket', 'source']);

  // A stream read by curl: it stays open, so curl ends it, and says so.
  const stream = await run('curl', ['--silent', '--no-buffer', '--max-time', '1', `${room}/stream?after=0`])
    .then(({ stdout }) => stdout, ({ stdout }) => stdout);
  const lines = stream.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  assert.deepEqual(texts(lines), wanted);

  // Numbers without holes: each saw the whole log from where it came in.
  for (const events of [bySource, bySocket]) {
    events.forEach(({ seq }, index) => assert.equal(seq, events[0].seq + index));
  }
  source.close();
  socket.close();
  await once(socket, 'close');
});

test('an EventSource that comes back misses nothing', async () => {
  const cable = await cableTo(server.url);
  const room = `${cable.url}/rooms/return`;
  const say = (text) =>
    fetch(`${server.url}/rooms/return/messages`, { method: 'POST', body: JSON.stringify({ from: 'ann', text }) });
  const heard = [];
  const source = new EventSource(`${room}/sse`);
  try {
    source.onmessage = ({ data }) => heard.push(JSON.parse(data).text);
    await say('one');
    await until('the first', () => heard.length === 1);
    cable.cut();
    await say('two');
    // It comes back by itself, with Last-Event-ID, as the standard has it.
    await until('the second', () => heard.includes('two'));
    assert.deepEqual(heard, ['one', 'two']);
  } finally {
    source.close();
    cable.close();
  }
});

/** A way to the server that can be cut in the middle. */
async function cableTo(address) {
  const { hostname, port } = new URL(address);
  const sockets = new Set();
  const between = net.createServer((near) => {
    const far = net.connect(port, hostname);
    for (const [socket, other] of [[near, far], [far, near]]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => other.destroy());
    }
    near.pipe(far).pipe(near);
  });
  await new Promise((ready) => between.listen(0, '127.0.0.1', ready));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: `http://127.0.0.1:${between.address().port}`,
    cut,
    close() {
      cut();
      between.close();
    },
  };
}

test("a browser's own EventSource and WebSocket, unaided", { skip }, async () => {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const heard = await page.evaluate(async () => {
      const room = `${location.origin}/rooms/unaided`;
      const source = new EventSource(`${room}/sse?name=browser`);
      await new Promise((open) => (source.onopen = open));
      const both = new Promise((done) => {
        const texts = [];
        source.onmessage = ({ data }) => {
          const { kind, text } = JSON.parse(data);
          if (kind === 'message') texts.push(text);
          if (texts.length === 2) done(texts);
        };
      });
      const socket = new WebSocket(`${room.replace('http', 'ws')}/ws`);
      await new Promise((open) => (socket.onopen = open));
      // Who came in is told on it as well: only what was said is waited for.
      await new Promise((said) => {
        socket.onmessage = ({ data }) => JSON.parse(data).kind === 'message' && said();
        socket.send(JSON.stringify({ from: 'browser', text: 'one' }));
      });
      await fetch(`${room}/messages`, {
        method: 'POST',
        body: JSON.stringify({ from: 'browser', text: 'two' }),
      });
      return both;
    });
    assert.deepEqual(heard, ['one', 'two']);
  } finally {
    await browser.close();
  }
});
