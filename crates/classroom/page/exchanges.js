/**
 * What the tap saw, put together again: exchanges and frames, each with the
 * bytes that it carried. Bounded; the oldest go first.
 */

import { wayNamed } from '/page/ways.js';

/** Kept for each lane. */
const MOST = 250;

/**
 * @typedef {object} Item an HTTP exchange, or one WebSocket frame
 * @property {string} key
 * @property {string} lane
 * @property {number} conn
 * @property {number} [stream] the number of its stream, on HTTP/2
 * @property {number} [server] the number of the server that has its connection, where there are several
 * @property {'exchange'|'frame'} type
 * @property {object|string} what what a request is about
 * @property {string} title
 * @property {number} at
 * @property {{up: number, down: number}} bytes all that it carried, each way
 * @property {{dir: string, at: number, parts: object[]}[]} passes
 */

/** All lanes' items, by the token of the lane's person. */
export class Exchanges {
  /** @type {Map<string, Item>} */
  #byKey = new Map();
  #lanes = new Map();
  #onItem;
  #onPass;

  /** @param onItem told of each new item; @param onPass of bytes that passed */
  constructor(onItem, onPass) {
    this.#onItem = onItem;
    this.#onPass = onPass;
  }

  /** The items of one lane, oldest first. */
  of(lane) {
    return this.#lanes.get(lane) ?? [];
  }

  /** One item. */
  get(key) {
    return this.#byKey.get(key);
  }

  /** A request came. */
  asked(lane, { conn, exchange, stream, server, at, method, target, what }) {
    this.#add({
      key: `${conn}:${exchange}`,
      lane,
      conn,
      stream,
      server,
      type: 'exchange',
      what,
      method,
      title: `${method} ${target.split('?')[0].split('/').at(-1)}`,
      at,
      passes: [],
      bytes: { up: 0, down: 0 },
    });
  }

  /** Bytes passed that are accounted for. */
  passed(lane, { conn, exchange, frame, dir, at, parts }) {
    const key = frame ? `${conn}:${exchange}:${dir}:${frame}` : `${conn}:${exchange}`;
    if (frame && !this.#byKey.has(key)) {
      const what = { frame: dir };
      const { stream, server } = this.#byKey.get(`${conn}:${exchange}`) ?? {};
      this.#add({ key, lane, conn, stream, server, type: 'frame', what, title: '', at, passes: [], bytes: { up: 0, down: 0 } });
    }
    const item = this.#byKey.get(key);
    if (!item) return;
    const pass = { dir, at, parts };
    item.passes.push(pass);
    for (const part of parts) item.bytes[dir] += part.len;
    // A stream goes on for hours: its head and its latest chunks are kept.
    if (item.passes.length > 40) item.passes.splice(2, 1);
    this.#onPass(item, pass);
  }

  /** An exchange is over, though its connection goes on. */
  ended(lane, { conn, exchange, at }) {
    const item = this.#byKey.get(`${conn}:${exchange}`);
    if (item) item.closedAt ??= at;
  }

  /** A connection is over, and with it what was still open on it. */
  closed(lane, { conn, at }) {
    for (const item of this.of(lane)) if (item.conn === conn) item.closedAt ??= at;
  }

  #add(item) {
    this.#byKey.set(item.key, item);
    const items = this.#lanes.get(item.lane) ?? [];
    items.push(item);
    // An open stream is kept, however old.
    if (items.length > MOST) {
      const oldest = items.findIndex((other) => !isOpenStream(other));
      for (const gone of items.splice(Math.max(0, oldest), 1)) this.#byKey.delete(gone.key);
    }
    this.#lanes.set(item.lane, items);
    this.#onItem(item);
  }
}

/** What ends an exchange that reads a room (`immediate`, `held`, `open`); undefined for others. */
export const exchangeOf = ({ what }) => wayNamed(what?.read)?.exchange;

/** Whether an exchange goes on for as long as both sides stay. */
export function isOpenStream(item) {
  return exchangeOf(item) === 'open' && item.closedAt === undefined;
}

/** What belongs to the connection and not to the exchange that it stands with. */
const isBeside = ({ layer }) => layer === 'tls' || layer === 'h2_control';

/** The parts of a pass that belong to its exchange. */
export const partsOf = ({ parts }) => parts.filter((part) => !isBeside(part));

/** Whether a pass asks nothing and answers nothing, as frames of HTTP/2 that belong to the connection. */
export const isControl = ({ parts }) => parts.every(isBeside) && parts.some(({ layer }) => layer === 'h2_control');

/** What most of a pass was for. */
export function purposeOf({ parts }) {
  // A handshake stands with the first request that follows it, and is not what that is for.
  const told = partsOf({ parts });
  const those = told.length ? told : parts;
  const order = ['deliver', 'say', 'presence', 'ack', 'close', 'heartbeat', 'setup', 'empty'];
  return order.find((purpose) => those.some((part) => part.purpose === purpose)) ?? 'setup';
}
