/**
 * The library's own client of SockJS 1.6, unmodified, in a room of ours.
 *
 *     node sockjs.js websocket|xhr-streaming|eventsource|xhr-polling URL SHORT_URL
 */

import assert from 'node:assert/strict';
import SockJS from 'sockjs-client';
import { assertComplete, people, plainReaders, post, restart, run, soon, until } from './plain.js';

const [way, url, shortUrl] = process.argv.slice(2);
let rooms = 0;
const freshRoom = () => `${way}-${(rooms += 1)}`;

/** A client whose events are collected in `heard`, all else in `told`. */
function client(room, query = {}, server = url) {
  const socket = new SockJS(`${server}/sockjs/${room}?${new URLSearchParams(query)}`, null, { transports: way });
  Object.assign(socket, { heard: [], told: [], beats: 0 });
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    (message.seq && message.kind !== 'said' ? socket.heard : socket.told).push(message);
  };
  socket.onheartbeat = () => (socket.beats += 1);
  socket.closed = new Promise((resolve) => (socket.onclose = resolve));
  return socket;
}

async function connected(socket) {
  await until('it connects', () => socket.readyState === SockJS.OPEN);
  assert.equal(socket.transport, way);
  return socket;
}

const say = (socket, text, tag) => socket.send(JSON.stringify({ from: 'ann', text, tag }));

async function historyComesFirst() {
  const room = freshRoom();
  for (const text of ['one', 'two', 'three']) await post(url, room, text);
  const ann = await connected(client(room, { name: 'ann' }));
  await until('history and the own join', () => ann.heard.length === 4);
  assert.deepEqual(ann.heard.map(({ text }) => text), ['one', 'two', 'three', undefined]);
  const ben = await connected(client(room, { after: 3 }));
  await until('what comes after the place', () => ben.heard.length === 1);
  ann.close();
  ben.close();
}

async function whatIsSaidIsAnswered() {
  const room = freshRoom();
  const ann = await connected(client(room, { name: 'ann', ack: 1 }));
  say(ann, 'hello "you" </script>', 't1');
  await until('an answer', () => ann.told.length === 1);
  assert.deepEqual(ann.told[0], { kind: 'said', seq: 2, tag: 't1' });
  await until('the own message', () => ann.heard.some(({ text }) => text === 'hello "you" </script>'));
  ann.send('no draft');
  await until('a refusal', () => ann.told.length === 2);
  assert.deepEqual([ann.told[1].kind, ann.told[1].code], ['error', 'not_a_draft']);
  say(ann, 'still here');
  await until('the next message', () => ann.heard.some(({ text }) => text === 'still here'));
  ann.close();
}

async function presenceIsKnown() {
  const room = freshRoom();
  const ann = await connected(client(room, { name: 'ann' }));
  const ben = await connected(client(room, { name: 'ben' }));
  await until('ann sees ben', () => ann.heard.some(({ kind, from, online }) => kind === 'join' && from === 'ben' && online === 2));
  assert.equal((await people(url, room)).online, 2);
  ben.close();
  await until('ann sees ben leave', () => ann.heard.some(({ kind, from }) => kind === 'leave' && from === 'ben'));
  ann.close();
}

async function aThousandMessagesInOrder() {
  const room = freshRoom();
  const plain = plainReaders(url, room);
  const library = [await connected(client(room, { name: 'ann', after: 0 })), await connected(client(room, { name: 'ben', after: 0 }))];
  for (let count = 0; count < 500; count += 1) {
    say(library[0], `from ann ${count}`);
    await post(url, room, `from plain ${count}`);
  }
  // Two joins as well.
  const last = 1002;
  for (const { way, heard, error } of [...plain, ...library.map(({ heard }) => ({ way: 'library', heard }))]) {
    await until(`all at ${way}; ${error}`, () => heard.length >= last);
    assertComplete(heard, 1, last);
  }
  const own = library[1].heard.filter(({ kind, from }) => kind === 'message' && from === 'ann');
  assert.deepEqual(own.map(({ text }) => text), Array.from({ length: 500 }, (_, index) => `from ann ${index}`));
  for (const reader of plain) reader.close();
  for (const socket of library) socket.close();
}

async function aLongAnswerIsEndedAndGoesOn() {
  const room = freshRoom();
  const ann = await connected(client(room, { name: 'ann' }));
  const text = 'x'.repeat(2000);
  // More than two answers of 128 KiB.
  for (let count = 0; count < 200; count += 1) await post(url, room, text);
  await until('all of it', () => ann.heard.length >= 201);
  assertComplete(ann.heard, 1, 201);
  assert.equal((await people(url, room)).online, 1);
  ann.close();
}

async function aPlaceBeyondTheLogIsTold() {
  const room = freshRoom();
  for (let count = 0; count < 70; count += 1) await post(shortUrl, room, `${count}`);
  const ann = await connected(client(room, { after: 5 }, shortUrl));
  await until('what the log keeps', () => ann.heard.length === 50);
  assert.deepEqual(ann.told, [{ kind: 'gap', missed: 15, next: 20 }]);
  assertComplete(ann.heard, 21, 70);
  ann.close();
}

async function aRestartIsTold() {
  const room = freshRoom();
  const ann = await connected(client(room, { name: 'ann' }));
  await post(url, room, 'before');
  await until('what was said before', () => ann.heard.length === 2);
  await restart();
  await soon('it is told', ann.closed);
  const again = await connected(client(room, { name: 'ann', after: 0 }));
  say(again, 'after');
  await until('what was said after', () => again.heard.some(({ text }) => text === 'after'));
  again.close();
}

await run([
  historyComesFirst,
  whatIsSaidIsAnswered,
  presenceIsKnown,
  aThousandMessagesInOrder,
  aLongAnswerIsEndedAndGoesOn,
  aPlaceBeyondTheLogIsTold,
  aRestartIsTold,
]);
