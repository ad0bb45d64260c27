/**
 * WebSockets over HTTP/2 (RFC 8441) as Chromium opens them under TLS, and clients that do not know
 * them. The server's own account says which version carried a message.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { launch, skip, Visitor } from '../browser.js';
import { startAlone } from '../server.js';

// The certificate is made on the spot, and nobody vouches for it.
const view = { ignoreHTTPSErrors: true };

let folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
});
after(() => rm(folder, { recursive: true }));

/** Runs `chat` against a server under TLS, and gives back a count of elements in its account. */
async function accountOf(name, chat) {
  const file = join(folder, `${name}.json`);
  const server = await startAlone('--tls', '--ledger', file);
  try {
    await chat(server.url);
  } finally {
    await server.stop();
  }
  const ledger = JSON.parse(await readFile(file, 'utf8'));
  assert.deepEqual([ledger.difference, ledger.unparsed], [0, []]);
  return (direction, purpose, layer) => {
    const is = (entry) => entry.direction === direction && entry.purpose === purpose && entry.layer === layer;
    return ledger.accounts.find(is)?.count ?? 0;
  };
}

/** Two people chat by WebSocket in browsers of their own. */
async function twoChat(browser, url) {
  const visitors = [];
  for (const name of ['ann', 'ben']) {
    const visitor = await Visitor.open(browser, url, { view });
    visitors.push(await visitor.enter({ name, room: 'tunnel', transport: 'websocket' }));
  }
  const [ann, ben] = visitors;
  await ann.sees('#state', 'Connected over WebSocket');
  await ann.say('from ann');
  await ben.hears('from ann');
  await ben.say('from ben');
  await ann.hears('from ben');
  assert.deepEqual([...ann.complaints, ...ben.complaints], []);
  for (const visitor of visitors) await visitor.close();
}

test('Chromium chats by WebSocket on the connection that brought the page', { skip }, async () => {
  const browser = await launch();
  const count = await accountOf('http2', (url) => twoChat(browser, url));
  await browser.close();
  for (const [direction, purpose] of [['up', 'say'], ['down', 'deliver']]) {
    const heads = count(direction, purpose, 'ws_head');
    assert.ok(heads >= 2, `${heads} frames ${direction}`);
    // A frame of HTTP/2 has at least one of the WebSocket in it.
    const frames = count(direction, purpose, 'h2_frame');
    assert.ok(frames > 0 && frames <= heads, ` frames of HTTP/2,  within`);
  }
});

test('a browser without HTTP/2 chats by WebSocket as before', { skip }, async () => {
  const browser = await launch('--disable-http2');
  const count = await accountOf('http1', (url) => twoChat(browser, url));
  await browser.close();
  assert.ok(count('down', 'deliver', 'ws_head') >= 2);
  assert.equal(count('down', 'deliver', 'h2_frame'), 0);
});

test('ws of Node opens a connection of HTTP/1.1 to the same server', async () => {
  const count = await accountOf('node', async (url) => {
    const address = `${url.replace('https', 'wss')}/rooms/tunnel/ws?after=0`;
    const socket = new WebSocket(address, { rejectUnauthorized: false });
    await once(socket, 'open');
    const heard = once(socket, 'message');
    socket.send(JSON.stringify({ from: 'ann', text: 'hello' }));
    const [event] = await heard;
    assert.equal(JSON.parse(event.toString()).text, 'hello');
    socket.close();
    await once(socket, 'close');
  });
  assert.equal(count('down', 'deliver', 'ws_head'), 1);
  assert.equal(count('down', 'setup', 'h2_frame'), 0);
});
