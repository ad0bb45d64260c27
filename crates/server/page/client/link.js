/**
 * Link: what a transport file gets for one attempt to read.
 *
 * It knows addresses and the reader's place; it does not know which transport
 * uses it. A transport calls `opened()` once it is sure that events get
 * through, then `heard()` for each message, and throws when it breaks.
 */

import { goodAnswer } from './room.js';

/** One attempt: made when a transport is opened, dropped when it breaks. */
export class Link {
  /** When it opened (`performance.now()`); 0 before that. */
  openedAt = 0;
  /** Set by a transport that can carry drafts itself: `(draft) => void`. */
  speak = null;

  /**
   * @param {import('./connect.js').Connection} connection whose place we read from
   * @param {object} settings
   * @param {import('./room.js').Room} settings.room
   * @param {Record<string, string>} settings.presence `name` and `person`, or nothing
   * @param {number} settings.interval of short polling, in seconds
   * @param {number} settings.hold of long polling, in seconds
   * @param {boolean} settings.automatic whether another transport could be tried
   * @param {AbortSignal} settings.signal ends the attempt
   * @param {() => void} settings.onOpened
   * @param {(message: object) => void} settings.onHeard
   */
  constructor(connection, settings) {
    this.connection = connection;
    Object.assign(this, settings);
  }

  /**
   * Where to read on from.
   *
   * Until the link is open we ask for the last event that we know once more.
   * It must come at once, so its coming proves that nothing on the way holds
   * events back, and its time stamp that the room is still the same one. The
   * connection drops it, as it drops everything up to its place.
   */
  get after() {
    const { place } = this.connection;
    return this.openedAt || place === null ? place : Math.max(0, place - 1);
  }

  /**
   * Whether to wait for a first event before trusting this way: only when
   * there is another way to try, and an event that is sure to come.
   */
  get mustProve() {
    return this.automatic && (this.connection.place > 0 || 'name' in this.presence);
  }

  /**
   * The address of one of the room's readings, as a string. The place names the log
   * that it is of; which that is, we ask when we do not know it yet.
   */
  address(reading, query = {}) {
    const { epoch } = this.connection;
    const place = epoch ? `${this.after}-${epoch}` : this.after;
    const after = this.after === null ? {} : { after: place };
    const asks = epoch && this.after !== null ? {} : { epoch: 1 };
    // No script can change Accept-Encoding, or what a WebSocket offers: the address says it.
    const { compress } = this.room;
    const packed = compress === null ? {} : { compress: Number(compress) };
    return this.room.address(reading, { ...this.presence, ...after, ...asks, ...packed, ...query });
  }

  /** GETs a reading; a refusal becomes an Error with the server's own words. */
  async fetch(reading, query) {
    const request = { signal: this.signal, cache: 'no-store', headers: this.room.headers };
    return goodAnswer(await fetch(this.address(reading, query), request));
  }

  /** GETs a batch: the whole of one polling exchange. */
  async ask(reading, query, limitMs) {
    const answer = this.fetch(reading, query).then((response) => response.json());
    return this.within(limitMs, answer);
  }

  /** Gives back what `promise` gives, or breaks the link after `limitMs`. */
  async within(limitMs, promise) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`nothing came for ${Math.round(limitMs / 1000)} s`)),
        limitMs,
      );
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The transport is sure that events get through. */
  opened() {
    if (this.openedAt || this.signal.aborted) return;
    this.openedAt = performance.now();
    this.onOpened();
  }

  /** A message came: an event of the log, or a word about the connection. */
  heard(message) {
    if (!this.signal.aborted) this.onHeard(message);
  }

  /** The answer to a poll came. */
  heardBatch({ events, next, epoch }) {
    this.opened();
    if (epoch) this.heard({ kind: 'gap', epoch, next: events.length ? events[0].seq - 1 : next });
    for (const event of events) this.heard(event);
    this.heard({ kind: 'gap', next });
  }
}
