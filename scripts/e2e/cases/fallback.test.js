/**
 * The automatic choice: what a browser lacks or a network holds back is passed
 * over, the next best is taken, and the page shows the path.
 */

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { launch, skip, Visitor } from '../browser.js';
import { startServer } from '../server.js';

let server;
let browser;
before(async () => {
  server = await startServer();
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.stop();
});

/** Enters with the automatic choice and says and hears something. */
async function chats(visitor, room, words) {
  await visitor.enter({ name: 'ann', room });
  await visitor.sees('#state', `Connected over ${words}`);
  await visitor.seesPeople('ann');
  await visitor.say('still here');
  await visitor.hears('still here');
  return visitor.page.locator('#path li').allTextContents();
}

const without = {
  WebSocket: { takeAway: 'delete window.WebSocket', words: 'HTTP stream' },
  'WebSocket and ReadableStream': {
    takeAway: 'delete window.WebSocket; delete window.ReadableStream',
    words: 'Server-sent events',
  },
  'WebSocket, ReadableStream and EventSource': {
    takeAway: 'delete window.WebSocket; delete window.ReadableStream; delete window.EventSource',
    words: 'Long polling',
  },
  'WebSocket, bodies that can be read in pieces, and EventSource': {
    takeAway: 'delete window.WebSocket; delete Response.prototype.body; delete window.EventSource',
    words: 'Long polling',
  },
};

for (const [what, { takeAway, words }] of Object.entries(without)) {
  test(`a browser without ${what}`, { skip }, async () => {
    const visitor = await Visitor.open(browser, server.url, { before: takeAway });
    const path = await chats(visitor, 'lacking', words);
    assert.match(path[0], /WebSocket.*not in this browser/);
    assert.match(path.at(-1), /open after \d+ ms/);
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });
}

test('a socket that is closed without a code', { skip }, async () => {
  const before = `window.WebSocket = class {
    constructor() { setTimeout(() => this.onclose({ code: 1005, reason: '' })); }
    close() {}
  }`;
  for (const [lang, words] of Object.entries({ en: 'closed the socket without a code', zh: '没有给出代码' })) {
    const visitor = await Visitor.open(browser, `${server.url}/?lang=${lang}`, { before });
    await visitor.page.locator('#name').fill('ann');
    await visitor.page.locator('#room').fill(`bare-${lang}`);
    await visitor.page.locator('#enter button').click();
    await visitor.sees('#path', new RegExp(words));
    await visitor.close();
  }
});

/**
 * A network in the way: a proxy that passes plain exchanges on and treats the
 * rest as told. `hold` is the longest it lets a request wait, in milliseconds.
 */
async function proxy({ websocket = true, buffered = false, hold = 0 }) {
  const target = new URL(server.url);
  const inner = http.createServer((request, response) => {
    const { url, method, headers } = request;
    const onward = http.request({ host: target.hostname, port: target.port, path: url, method, headers });
    if (hold) onward.setTimeout(hold, () => onward.destroy());
    request.pipe(onward);
    onward.on('response', (answer) => {
      const pass = () => response.writeHead(answer.statusCode, answer.headers);
      if (!buffered) return answer.pipe(pass());
      // Collects the whole answer first: a stream never gets through.
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => pass().end(Buffer.concat(pieces)));
    });
    onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(504).end()));
    response.on('close', () => onward.destroy());
  });
  inner.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {});
    if (!websocket) return socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    const onward = http.request({
      host: target.hostname,
      port: target.port,
      path: request.url,
      headers: request.headers,
    });
    onward.on('upgrade', (answer, up) => {
      const lines = Object.entries(answer.headers).map(([key, value]) => `${key}: ${value}\r\n`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
      up.on('error', () => {});
      up.pipe(socket).pipe(up);
    });
    onward.on('error', () => socket.destroy());
    onward.end(head);
  });
  await new Promise((ready) => inner.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${inner.address().port}`,
    close() {
      inner.closeAllConnections();
      inner.close();
    },
  };
}

const networks = {
  'that lets everything through': { way: {}, words: 'WebSocket', steps: 1 },
  'that blocks WebSocket': { way: { websocket: false }, words: 'HTTP stream', steps: 2 },
  'that blocks WebSocket and buffers streams': {
    way: { websocket: false, buffered: true },
    words: 'Long polling',
    steps: 3,
  },
};

for (const [what, { way, words, steps }] of Object.entries(networks)) {
  test(`a network ${what}`, { skip }, async () => {
    const between = await proxy(way);
    try {
      const visitor = await Visitor.open(browser, between.url);
      const path = await chats(visitor, 'between', words);
      assert.equal(path.length, steps, path.join('\n'));
      for (const step of path.slice(0, -1)) assert.match(step, /failed after \d+ ms/);
      await visitor.close();
    } finally {
      between.close();
    }
  });
}

test('a network that lets only short exchanges through', { skip }, async () => {
  const between = await proxy({ websocket: false, buffered: true, hold: 1000 });
  try {
    const visitor = await Visitor.open(browser, between.url);
    await visitor.enter({ name: 'ann', room: 'short' });
    // Long polling opens, for its first question is not held, and then breaks.
    await visitor.sees('#state', 'Connected over Short polling');
    await visitor.say('still here');
    await visitor.hears('still here');
    await visitor.close();
  } finally {
    between.close();
  }
});
