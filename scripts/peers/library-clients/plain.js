/**
 * Plain clients, for the same room as a library's client, and what checks share.
 */

import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

/** Nothing here takes this long unless it is broken, busy machine or not. */
const LIMIT_MS = 30_000;

/** Waits until `fits()` is true; fails with `what` otherwise. */
export async function until(what, fits) {
  const begun = Date.now();
  while (!fits()) {
    if (Date.now() - begun > LIMIT_MS) throw new Error(`it did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits for `promise`, within the limit. */
export function soon(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not happen: ${what}`)), LIMIT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Says something by POST; gives back its number. */
export async function post(url, room, text, from = 'plain') {
  const response = await fetch(`${url}/rooms/${room}/messages`, {
    method: 'POST',
    body: JSON.stringify({ from, text }),
  });
  assert.equal(response.status, 201);
  return (await response.json()).seq;
}

/** Who is in a room. */
export async function people(url, room) {
  return (await fetch(`${url}/rooms/${room}/people`)).json();
}

/** Checks that the numbers of `events` go from `first` to `last` without a hole or a double. */
export function assertComplete(events, first, last) {
  const wanted = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  assert.deepEqual(events.map(({ seq }) => seq), wanted);
}

/** A plain reader of each kind; each collects events in `heard`. */
export function plainReaders(url, room) {
  return [polls('poll', 'after='), polls('long-poll', 'hold=1&after='), lines('stream'), lines('sse'), socket()];

  function polls(way, query) {
    const reader = { way, heard: [], close: () => (reader.closed = true) };
    (async () => {
      let place = 0;
      while (!reader.closed) {
        const answer = await fetch(`${url}/rooms/${room}/${way}?${query}${place}`);
        const { events, next } = await answer.json();
        reader.heard.push(...events);
        place = next;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })().catch((error) => (reader.error = error));
    return reader;
  }

  function lines(way) {
    const end = new AbortController();
    const reader = { way, heard: [], close: () => end.abort() };
    (async () => {
      const answer = await fetch(`${url}/rooms/${room}/${way}?after=0`, { signal: end.signal });
      const decoder = new TextDecoder();
      let rest = '';
      for await (const piece of answer.body) {
        const parts = (rest + decoder.decode(piece, { stream: true })).split('\n');
        rest = parts.pop();
        for (const part of parts) {
          const json = way === 'sse' ? /^data: (.*)/.exec(part)?.[1] : part;
          if (json) reader.heard.push(JSON.parse(json));
        }
      }
    })().catch((error) => (reader.error = error));
    return reader;
  }

  function socket() {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/rooms/${room}/ws?after=0`);
    const reader = { way: 'ws', heard: [], close: () => ws.close() };
    ws.on('message', (data) => reader.heard.push(JSON.parse(data)));
    ws.on('error', (error) => (reader.error = error));
    return reader;
  }
}

const asked = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Has the server restarted, by whoever started this program; resolves once it is back. */
export async function restart() {
  console.log('RESTART');
  assert.equal((await soon('the server is restarted', asked.next())).value, 'done');
}

/** Runs checks one after the other; the process ends with 1 at the first that fails. */
export async function run(checks) {
  for (const check of checks) {
    const begun = Date.now();
    try {
      await check();
    } catch (error) {
      console.log(`FAILED: ${check.name}: ${error?.stack ?? error}`);
      process.exit(1);
    }
    console.log(`passed: ${check.name} (${Date.now() - begun} ms)`);
  }
  console.log('ALL PASSED');
  process.exit(0);
}
