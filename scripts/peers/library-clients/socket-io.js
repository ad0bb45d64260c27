/**
 * The library's own client of Socket.IO 4, unmodified, in a room of ours.
 *
 *     node socket-io.js polling|websocket|upgrade URL SHORT_URL
 *
 * URL is a server whose log keeps all that is said here, SHORT_URL one whose
 * log keeps 50 events.
 */

import assert from 'node:assert/strict';
import { io } from 'socket.io-client';
import { assertComplete, people, plainReaders, post, restart, run, soon, until } from './plain.js';

const [way, url, shortUrl] = process.argv.slice(2);
const transports = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] }[way];
const KINDS = ['message', 'join', 'leave'];
let rooms = 0;
const freshRoom = () => `${way}-${(rooms += 1)}`;

/** A client whose events are collected in `heard`, gaps in `gaps`. */
function client(auth, { server = url, ...options } = {}) {
  const socket = io(server, { transports, auth, forceNew: true, reconnectionDelay: 200, ...options });
  socket.heard = [];
  socket.gaps = [];
  socket.connects = 0;
  for (const kind of KINDS) {
    socket.on(kind, (event, offset) => {
      assert.equal(event.kind, kind);
      assert.equal(offset, String(event.seq));
      socket.heard.push(event);
    });
  }
  socket.on('gap', (gap) => socket.gaps.push(gap));
  socket.on('connect', () => (socket.connects += 1));
  return socket;
}

/** Waits until a client is connected, and has changed to a WebSocket where it should. */
async function connected(socket) {
  await until('it connects', () => socket.connected);
  if (way === 'upgrade') await until('it changes over', () => socket.io.engine.transport.name === 'websocket');
  return socket;
}

/** Breaks a client's connection without a word, and keeps it away. */
async function broken(socket) {
  const gone = new Promise((resolve) => socket.once('disconnect', resolve));
  socket.io.reconnection(false);
  socket.io.engine.close();
  await soon('a break', gone);
}

async function historyComesFirst() {
  const room = freshRoom();
  for (const text of ['one', 'two', 'three']) await post(url, room, text);
  const ann = await connected(client({ room, name: 'ann' }));
  await until('history and the own join', () => ann.heard.length === 4);
  assert.deepEqual(ann.heard.map(({ text }) => text), ['one', 'two', 'three', undefined]);
  assert.deepEqual([ann.heard[3].kind, ann.heard[3].from], ['join', 'ann']);
  const ben = await connected(client({ room, after: 3 }));
  await until('what comes after the place', () => ben.heard.length === 1);
  ann.disconnect();
  ben.disconnect();
}

async function anAcknowledgementIsTheNumber() {
  const room = freshRoom();
  const ann = await connected(client({ room, name: 'ann' }));
  const { seq } = await soon('an answer', ann.emitWithAck('message', 'hello'));
  await until('the own message', () => ann.heard.some((event) => event.seq === seq && event.text === 'hello'));
  const tagged = await soon('an answer', ann.emitWithAck('message', { text: 'again', tag: 't1' }));
  assert.deepEqual(tagged, { seq: seq + 1, tag: 't1' });
  const refused = await soon('an answer', ann.emitWithAck('message', ''));
  assert.equal(refused.code, 'no_text');
  const unknown = await soon('an answer', ann.emitWithAck('dance', 1));
  assert.equal(unknown.code, 'no_such_event');
  const told = new Promise((resolve) => ann.on('refused', resolve));
  ann.emit('message', { text: 5 });
  assert.equal((await soon('a refusal', told)).code, 'not_a_draft');
  ann.disconnect();
}

async function presenceIsKnown() {
  const room = freshRoom();
  const ann = await connected(client({ room, name: 'ann' }));
  const ben = await connected(client({ room, name: 'ben' }));
  await until('ann sees ben', () => ann.heard.some(({ kind, from, online }) => kind === 'join' && from === 'ben' && online === 2));
  const listed = await soon('the list', ann.emitWithAck('people'));
  assert.deepEqual(listed.people.map(({ name }) => name), ['ann', 'ben']);
  assert.deepEqual(listed.people[0].transport, way === 'polling' ? 'long_poll' : 'websocket');
  ben.disconnect();
  await until('ann sees ben leave', () => ann.heard.some(({ kind, from }) => kind === 'leave' && from === 'ben'));
  assert.equal((await people(url, room)).online, 1);
  ann.disconnect();
}

async function aThousandMessagesInOrder() {
  const room = freshRoom();
  const plain = plainReaders(url, room);
  const library = [
    await connected(client({ room, name: 'ann' })),
    await connected(client({ room, name: 'ben', after: 0 })),
  ];
  const sent = [];
  for (let count = 0; count < 500; count += 1) {
    sent.push(soon('an answer', library[0].emitWithAck('message', `from ann ${count}`)));
    // A client of polls waits for each POST; the others do not.
    if (count % 10 === 9) await Promise.all(sent);
    await post(url, room, `from plain ${count}`);
  }
  const answers = await Promise.all(sent);
  assert.equal(new Set(answers.map(({ seq }) => seq)).size, 500);
  // Two joins as well.
  const last = 1002;
  for (const { way, heard, error } of [...plain, ...library.map(({ heard }) => ({ way: 'library', heard }))]) {
    await until(`all at ${way}, not ${heard.length}; ${error}`, () => heard.length >= last);
    assertComplete(heard, 1, last);
  }
  const own = library[1].heard.filter(({ from }) => from === 'ann' ).filter(({ kind }) => kind === 'message');
  assert.deepEqual(own.map(({ text }) => text), Array.from({ length: 500 }, (_, index) => `from ann ${index}`));
  for (const reader of plain) reader.close();
  for (const socket of library) socket.disconnect();
}

async function aBreakWithinTheLogIsRecovered() {
  const room = freshRoom();
  const ann = await connected(client({ room, name: 'ann' }, { server: shortUrl }));
  await until('the own join', () => ann.heard.length === 1);
  assert.equal(ann.recovered, false);
  const { id } = ann;
  await broken(ann);
  for (let count = 0; count < 20; count += 1) await post(shortUrl, room, `missed ${count}`);
  ann.connect();
  await until('it comes back', () => ann.connects === 2);
  assert.equal(ann.recovered, true);
  assert.equal(ann.id, id);
  await until('what was missed', () => ann.heard.length >= 21);
  assertComplete(ann.heard, 1, 21);
  // Nobody saw it leave.
  assert.equal((await people(shortUrl, room)).online, 1);
  ann.disconnect();
}

async function aBreakBeyondTheLogIsTold() {
  const room = freshRoom();
  const ann = await connected(client({ room, name: 'ann' }, { server: shortUrl }));
  await until('the own join', () => ann.heard.length === 1);
  const { id } = ann;
  await broken(ann);
  for (let count = 0; count < 70; count += 1) await post(shortUrl, room, `missed ${count}`);
  ann.connect();
  await until('it comes back', () => ann.connects === 2);
  assert.equal(ann.recovered, false);
  assert.notEqual(ann.id, id);
  await until('a gap', () => ann.gaps.length === 1);
  assert.equal(ann.gaps[0].kind, 'gap');
  const first = ann.gaps[0].next + 1;
  assert.equal(ann.gaps[0].missed, first - 2);
  const newest = await post(shortUrl, room, 'last');
  await until('what the log keeps', () => ann.heard.at(-1).seq === newest);
  assertComplete(ann.heard.slice(1), first, newest);
  ann.disconnect();
}

async function whoMayNotComeInIsTold() {
  for (const [auth, words, server] of [
    [{}, /which room/],
    [{ room: 'a b' }, /which room/],
    [{ room: 'a', after: -5 }, /auth/],
    [{ room: 'a', name: '' }, /name/],
    [{ room: 'a' }, /Invalid namespace/, `${url}/admin`],
  ]) {
    const socket = client(auth, { server: server ?? url, reconnection: false });
    const error = await soon('a refusal', new Promise((resolve) => socket.on('connect_error', resolve)));
    assert.match(error.message, words);
    socket.disconnect();
  }
}

async function aRestartIsSurvived() {
  const room = freshRoom();
  const ann = await connected(client({ room, name: 'ann' }));
  await post(url, room, 'before');
  await until('what was said before', () => ann.heard.length === 2);
  await restart();
  await until('it comes back', () => ann.connects === 2);
  assert.equal(ann.recovered, false);
  await until('it is told', () => ann.gaps.length === 1);
  const { seq } = await soon('an answer', ann.emitWithAck('message', 'after'));
  await until('what was said after', () => ann.heard.some((event) => event.text === 'after' && event.seq === seq));
  ann.disconnect();
}

await run([
  historyComesFirst,
  anAcknowledgementIsTheNumber,
  presenceIsKnown,
  aThousandMessagesInOrder,
  aBreakWithinTheLogIsRecovered,
  aBreakBeyondTheLogIsTold,
  whoMayNotComeInIsTold,
  aRestartIsSurvived,
]);
