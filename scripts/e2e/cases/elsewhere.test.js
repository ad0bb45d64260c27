/**
 * A page from another site, in a real browser: it neither joins nor listens
 * nor speaks, unless the server allows its origin; then it may use the client
 * library.
 */

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { launch, skip, TRANSPORTS, Visitor } from '../browser.js';
import { startServer } from '../server.js';

let elsewhere;
let browser;
before(async () => {
  elsewhere = http.createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>elsewhere</title>'));
  await new Promise((ready) => elsewhere.listen(0, '127.0.0.1', ready));
  if (!skip) browser = await launch();
});
after(async () => {
  await browser?.close();
  elsewhere.closeAllConnections();
  elsewhere.close();
});
const origin = () => `http://127.0.0.1:${elsewhere.address().port}`;

test('a page from elsewhere is kept out', { skip }, async () => {
  const server = await startServer();
  const visitor = await Visitor.open(browser, origin());
  const room = `${server.url}/rooms/hall`;
  await fetch(`${room}/messages`, { method: 'POST', body: '{"from":"ann","text":"among us"}' });
  const came = await visitor.page.evaluate(async (at) => {
    const got = (promise) => promise.then((value) => `got ${value}`, () => 'nothing');
    const read = (what, more) => got(fetch(`${at}/${what}`, more).then((response) => response.text()));
    const opens = (Kind, what) =>
      new Promise((done) => {
        const source = new Kind(`${at}/${what}`);
        source.onopen = () => done('open');
        source.onerror = () => done('nothing');
      });
    return Promise.all([
      read('poll?name=eve'),
      read('people'),
      // Simple requests, which a browser sends without asking first.
      read('messages', { method: 'POST', body: '{"from":"eve","text":"x"}' }),
      read('messages', { method: 'POST', body: '{"from":"eve","text":"x"}', mode: 'no-cors' }),
      opens(EventSource, 'sse?name=eve'),
      opens(WebSocket, 'ws?name=eve'),
    ]);
  }, room);
  // An answer to no-cors comes, and is opaque: its text is empty.
  assert.deepEqual(came, ['nothing', 'nothing', 'nothing', 'got ', 'nothing', 'nothing']);
  assert.deepEqual(await (await fetch(`${room}/people`)).json(), { online: 0, people: [] });
  const { events } = await (await fetch(`${room}/poll?after=0`)).json();
  assert.deepEqual(events.map(({ text }) => text), ['among us']);
  await visitor.close();
  await server.stop();
});

test('a page that is allowed chats over each transport', { skip }, async () => {
  const server = await startServer('--allow-origin', origin());
  const visitor = await Visitor.open(browser, origin());
  for (const transport of Object.keys(TRANSPORTS)) {
    const heard = await visitor.page.evaluate(
      async ({ url, transport }) => {
        const { connect } = await import(`${url}/page/client/connect.js`);
        return new Promise((done) => {
          const connection = connect({
            url,
            transport,
            room: 'hall',
            name: 'friend',
            onState: ({ state }) => state === 'connected' && connection.say(`over ${transport}`),
            onEvent: ({ text }, mine) => {
              if (!mine) return;
              connection.close();
              done(text);
            },
          });
        });
      },
      { url: server.url, transport },
    );
    assert.equal(heard, `over ${transport}`);
  }
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
  await server.stop();
});
