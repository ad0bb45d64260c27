/**
 * One chat, any transport: `connect({ room, name, transport })`.
 *
 *     const connection = connect({
 *       room: 'hall',
 *       name: 'ann',
 *       transport: 'auto',
 *       onEvent: (event) => console.log(event.seq, event.from, event.text),
 *     });
 *     await connection.say('hello');
 *     connection.use('long_poll'); // in mid-chat: nothing lost, nothing doubled
 *     connection.close();
 *
 * The idea is the server's: a room is a numbered log and a reader owns a place
 * in it. All that a connection must keep is that one number. Whatever breaks,
 * and whichever transport comes next, it asks for what came after its place
 * and drops what it has seen already. Reading order: `options.js`, this file, `choose.js`,
 * `link.js`, the seven transports of about 30 lines each and the two libraries, then `speak.js` and
 * `room.js`.
 */

import { delayBefore, pause } from './backoff.js';
import { Choice, TRANSPORTS } from './choose.js';
import { Link } from './link.js';
import { DEFAULTS } from './options.js';
import { Path } from './path.js';
import { Refused, Room } from './room.js';
import { Speaker } from './speak.js';
import { randomToken } from './token.js';

/** A transport has this long to open before it counts as not let through. */
const OPEN_LIMIT_MS = 5_000;
/** A connection that lasted this long starts its back-off afresh. */
const CALM_MS = 5_000;
/** One that lasted this long has proved that the network lets it through. */
const HELD_MS = 30_000;

/** Joins a room. @param {import('./options.js').Options} options @returns {Connection} */
export function connect(options) {
  return new Connection(options);
}

/** Why an attempt was ended by ourselves: no failure of the transport. */
class Ended extends Error {}

/** A reader's place in a room, kept over every transport. */
export class Connection {
  /** The last seq seen; null before the first. */
  place;
  /** Which log that place is of; null before we were told. */
  epoch = null;
  /** @type {import('./options.js').State} */
  state = { state: 'closed', transport: '', away: false };

  #options;
  #room;
  #presence;
  #choice;
  #path = new Path();
  #attempt = new AbortController();
  #link = null;
  #lastAt = null;
  #closed = false;
  #speaker;

  constructor(options) {
    this.#options = { ...DEFAULTS, ...options };
    this.#presence = options.name
      ? { name: options.name, person: options.person ?? randomToken() }
      : {};
    const url = options.url ?? globalThis.location.origin;
    const person = this.#presence.person ?? options.person;
    this.#room = new Room(url, options.room, { person, headers: options.headers, compress: options.compress });
    this.#speaker = new Speaker(this.#room, options.name ?? options.from);
    this.place = options.after ?? null;
    this.use(this.#options.transport);
    this.#run();
  }

  /** What was tried, the latest last. */
  get path() {
    return this.#path.steps;
  }

  /** Changes the transport; the place stays. */
  use(transport) {
    this.#choice = new Choice(transport, (name) => {
      Object.assign(this.#path.begin(name), { result: 'missing', why: new Error('not in this browser') });
    });
    this.#attempt.abort(new Ended());
  }

  /** Changes `interval`, `hold`, `headers` or `compress`, and asks anew; the place stays. */
  tune({ headers, compress, ...changes }) {
    if (headers) this.#room.headers = headers;
    if (compress !== undefined) this.#room.compress = compress;
    Object.assign(this.#options, changes);
    this.#attempt.abort(new Ended());
  }

  /** While waiting to reconnect: try now. */
  retry() {
    if (this.state.state === 'waiting') this.#attempt.abort(new Ended());
  }

  /**
   * Says something; resolves to its seq once the server has taken it.
   * @param {string} text
   * @param {string} [tag] comes back in the event; one of our own when left out
   * @returns {Promise<number>}
   */
  say(text, tag) {
    if (this.#closed) return Promise.reject(new Error('not connected'));
    if (!this.#speaker.from) return Promise.reject(new Error('only who has a name may speak'));
    return this.#speaker.say(text, this.#link?.speak, tag);
  }

  /**
   * Who is in the room.
   * @returns {Promise<{online: number, people: {name: string, transport: string, since: number}[]}>}
   */
  people() {
    return this.#room.get('people');
  }

  /** Leaves the room. The place stays readable, for a later `connect`. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#attempt.abort(new Ended());
    // A poller has no connection whose end would tell that it is gone.
    if (this.#presence.person) this.#room.leave(this.#presence.person);
    this.#speaker.close();
    this.#setState('closed');
  }

  // --- Reading: one attempt after the other until somebody calls close().

  async #run() {
    // An attempt starts after the caller has its connection in hand.
    await null;
    let failures = 0;
    while (!this.#closed) {
      const choice = this.#choice;
      const { error, wasOpen, heldMs } = await this.#try(choice.current);
      if (error instanceof Ended) {
        failures = 0;
        continue;
      }
      if (heldMs > CALM_MS) failures = 0;
      if (heldMs > HELD_MS) choice.held();
      const checked = await this.#untilLetIn(error, failures);
      failures += 1;
      // No strike when it was the server that had been away, or had refused us.
      if (checked === 'let in' && choice.failed(wasOpen)) failures = 0;
    }
  }

  /** Reads over one transport until it breaks; never throws. */
  async #try(transport) {
    const attempt = (this.#attempt = new AbortController());
    const step = this.#path.begin(transport);
    const started = performance.now();
    const took = () => Math.round(performance.now() - started);
    const link = new Link(this, {
      room: this.#room,
      presence: this.#presence,
      interval: this.#options.interval,
      hold: this.#options.hold,
      automatic: this.#choice.automatic,
      signal: attempt.signal,
      onOpened: () => {
        clearTimeout(limit);
        this.#link = link;
        Object.assign(step, { result: 'open', tookMs: took() });
        this.#setState('connected');
      },
      onHeard: (message) => this.#hear(message),
    });
    const limit = setTimeout(
      () => attempt.abort(new Error(`did not open within ${OPEN_LIMIT_MS / 1000} s`)),
      OPEN_LIMIT_MS,
    );
    this.#setState('connecting');
    let error = await TRANSPORTS[transport].read(link).then(
      () => new Error('the server ended the answer'),
      (reason) => reason,
    );
    // An aborted fetch throws its own error; what counts is why we aborted it.
    if (attempt.signal.aborted) error = attempt.signal.reason;
    clearTimeout(limit);
    attempt.abort(error);
    this.#link = null;
    this.#speaker.socketGone();
    const wasOpen = link.openedAt > 0;
    if (error instanceof Ended) step.result = 'left';
    else Object.assign(step, { result: wasOpen ? 'broke' : 'failed', why: error });
    if (!wasOpen) step.tookMs = took();
    this.#options.onPath?.(this.#path.steps);
    return { error, wasOpen, heldMs: wasOpen ? performance.now() - link.openedAt : 0 };
  }

  /**
   * Waits until the server answers a plain question, asked in our name.
   *
   * That one answer tells a broken transport from a server that is away or that
   * refuses us (a WebSocket's handshake hides both from a script), and it tells
   * where the log stands: one that is shorter than our place is not the log
   * that we were reading.
   * @param {Error} why what broke
   * @returns {Promise<'let in'|'was away'|'was refused'|'ended'>}
   */
  async #untilLetIn(why, failures) {
    let result = why instanceof Refused ? 'was refused' : 'let in';
    for (;;) {
      const attempt = (this.#attempt = new AbortController());
      const retryInMs = delayBefore(failures);
      this.#setState('waiting', { why, retryInMs, away: result === 'was away' });
      try {
        await pause(retryInMs, attempt.signal);
      } catch {
        if (this.#closed) return 'ended';
      }
      try {
        const { next, epoch } = await this.#room.log(OPEN_LIMIT_MS, this.#presence);
        this.#hearLog(epoch, next < this.place);
        return result;
      } catch (error) {
        if (this.#closed) return 'ended';
        result = error instanceof Refused ? 'was refused' : 'was away';
        failures += 1;
        why = error;
      }
    }
  }

  // --- Hearing: the only place where our place moves.

  #hear(message) {
    switch (message.kind) {
      case 'gap':
        if (message.epoch) this.#hearLog(message.epoch, message.next < this.place - 1);
        return this.#moveTo(message.next);
      case 'said':
        return this.#speaker.taken(message.tag, message.seq);
      case 'error':
        return this.#speaker.refused(message);
      default:
        return this.#hearEvent(message);
    }
  }

  #hearEvent(event) {
    const { seq, at, tag } = event;
    if (seq === this.place && this.#lastAt !== null && at !== this.#lastAt) {
      // The number we know on an event we do not: the server began anew.
      this.#newLog();
      this.#attempt.abort(new Ended());
      return;
    }
    if (this.place !== null && seq <= this.place) return;
    // Numbers have no holes, so a jump is what the log dropped before we came.
    this.#moveTo(seq - 1);
    this.place = seq;
    this.#lastAt = at;
    const mine = this.#speaker.isMine(event);
    if (mine) this.#speaker.taken(tag, seq);
    this.#options.onEvent?.(event, mine);
  }

  #moveTo(next) {
    if (this.place !== null && next > this.place) {
      this.#options.onGap?.({ missed: next - this.place, newLog: false });
    }
    if (this.place === null || next > this.place) {
      this.place = next;
      this.#lastAt = null;
    }
  }

  /** We are told the log's epoch; `isShorter`: it ends before our place. */
  #hearLog(epoch, isShorter) {
    const isOther = this.epoch === null ? this.place !== null && isShorter : epoch !== this.epoch;
    this.epoch = epoch;
    if (isOther) this.#newLog();
  }

  #newLog() {
    this.place = null;
    this.#lastAt = null;
    this.#options.onGap?.({ missed: 0, newLog: true });
  }

  // --- Telling.

  #setState(state, more = {}) {
    if (this.#closed && state !== 'closed') return;
    this.state = { state, transport: this.#choice.current, away: false, ...more };
    this.#options.onState?.(this.state);
    this.#options.onPath?.(this.#path.steps);
  }
}
