/**
 * The browser builds of Socket.IO and SockJS, unmodified, in a room with the
 * chat page.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, skip as noBrowser, Visitor } from '../browser.js';
import { startServer } from '../server.js';
import { until } from '../until.js';

const LIBRARIES = new URL('../../peers/library-clients/node_modules/', import.meta.url);
const installed = (path) => readFileSync(new URL(path, LIBRARIES), 'utf8');

/** Why these tests cannot run, or false. */
const skip = noBrowser || (existsSync(LIBRARIES) ? false : missing());

function missing() {
  const why = 'SKIPPED: the libraries are missing; (cd scripts/peers/library-clients && npm ci)';
  if (process.env.WIREBENCH_REQUIRE === '1') throw new Error(why);
  console.error(`\n*** ${why} ***\n`);
  return why;
}

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

/** An empty page of the server's own origin, with a library in it. */
async function pageWith(library) {
  const page = await browser.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  // Whatever the server itself answers without a policy for scripts will do.
  await page.goto(`${server.url}/healthz`);
  await page.addScriptTag({ content: installed(library) });
  return page;
}

/** Has the page's client say and hear, beside a person on the chat page. */
async function chats(page, room, say) {
  const ben = await (await Visitor.open(browser, server.url)).enter({ name: 'ben', room });
  await ben.seesPeople('ann', 'ben');
  await ben.say('from ben </script> "quoted"');
  await page.evaluate(say, 'from the library');
  await ben.hears('from the library');
  await until('the library hears both', () =>
    page.evaluate(() => globalThis.heard.filter((event) => event.kind === 'message').length === 2),
  );
  const texts = await page.evaluate(() => globalThis.heard.filter(({ kind }) => kind === 'message').map(({ text }) => text));
  assert.deepEqual(texts.sort(), ['from ben </script> "quoted"', 'from the library']);
  for (let count = 0; count < 50; count += 1) {
    await fetch(`${server.url}/rooms/${room}/messages`, {
      method: 'POST',
      body: JSON.stringify({ from: 'clerk', text: `${count} ${'x'.repeat(8000)}` }),
    });
  }
  const seqs = () => page.evaluate(() => globalThis.heard.map(({ seq }) => seq));
  await until('the library hears all', async () => (await seqs()).length >= 54);
  const heard = await seqs();
  assert.deepEqual(heard, Array.from(heard, (_, index) => heard[0] + index));
  assert.deepEqual(page.complaints, []);
  await ben.close();
  await page.close();
}

for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
  test(`socket.io-client over ${transports.join(', then ')}`, { skip }, async () => {
    const page = await pageWith('socket.io-client/dist/socket.io.js');
    const room = `sio-${transports.length}-${transports[0]}`;
    await page.evaluate(
      ([transports, room]) => {
        globalThis.heard = [];
        globalThis.socket = globalThis.io({ transports, auth: { room, name: 'ann' } });
        for (const kind of ['message', 'join', 'leave']) globalThis.socket.on(kind, (event) => globalThis.heard.push(event));
      },
      [transports, room],
    );
    await until('it connects', () => page.evaluate(() => globalThis.socket.connected));
    const last = transports.at(-1);
    await until(`it is on ${last}`, async () => (await page.evaluate(() => globalThis.socket.io.engine.transport.name)) === last);
    await chats(page, room, (text) => globalThis.socket.emitWithAck('message', text));
  });
}

const SOCKJS = ['websocket', 'xhr-streaming', 'eventsource', 'htmlfile', 'xhr-polling', 'jsonp-polling'];
for (const transport of SOCKJS) {
  test(`sockjs-client over ${transport}`, { skip }, async () => {
    const page = await pageWith('sockjs-client/dist/sockjs.js');
    const room = `sockjs-${transport}`;
    await page.evaluate(
      ([transport, room]) => {
        globalThis.heard = [];
        const { SockJS } = globalThis;
        globalThis.socket = new SockJS(`${location.origin}/sockjs/${room}?name=ann`, null, { transports: transport });
        globalThis.socket.onmessage = ({ data }) => globalThis.heard.push(JSON.parse(data));
      },
      [transport, room],
    );
    await until('it connects', () => page.evaluate(() => globalThis.socket.readyState === 1));
    assert.equal(await page.evaluate(() => globalThis.socket.transport), transport);
    await chats(page, room, (text) => globalThis.socket.send(JSON.stringify({ from: 'ann', text })));
  });
}
