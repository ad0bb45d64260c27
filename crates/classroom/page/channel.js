/**
 * The channel to the classroom: what is on the wire, what the books say, what
 * the teacher wants. A WebSocket of its own on the main port, not counted.
 */

import { delayBefore } from '/page/client/backoff.js';

/** How often we compare clocks. */
const CLOCK_MS = 5_000;

/** Keeps a channel open; `onMessage` gets each message, `onState` true or false. */
export class Channel {
  /** `performance.now()` minus the classroom's clock, in milliseconds. */
  offset = 0;
  /** `performance.now()` minus the Unix time that events carry. */
  unixOffset = 0;
  /** By how much `unixOffset` may be wrong, in milliseconds. */
  clockError = 0;

  #socket = null;
  #failures = 0;
  #bestRoundTrip = Infinity;
  #onMessage;
  #onState;
  #greeting = [];

  constructor(onMessage, onState = () => {}) {
    this.#onMessage = onMessage;
    this.#onState = onState;
    this.#open();
    setInterval(() => this.#ping(), CLOCK_MS);
  }

  /** Says something now; and again whenever the channel has to be opened anew. */
  greet(message) {
    this.#greeting.push(message);
    this.send(message);
  }

  send(message) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #open() {
    // A browser that lacks it still chats; it only cannot be moved.
    if (typeof WebSocket !== 'function') return this.#onState(false);
    const address = new URL('/classroom/channel', location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const socket = (this.#socket = new WebSocket(address));
    socket.onopen = () => {
      this.#failures = 0;
      this.#bestRoundTrip = Infinity;
      for (const message of this.#greeting) this.send(message);
      this.#ping();
      this.#onState(true);
    };
    socket.onmessage = ({ data }) => {
      for (const message of JSON.parse(data)) {
        if (message.kind === 'pong') this.#pong(message);
        else this.#onMessage(message);
      }
    };
    socket.onclose = () => {
      this.#onState(false);
      setTimeout(() => this.#open(), delayBefore(this.#failures));
      this.#failures += 1;
    };
  }

  #ping() {
    this.send({ kind: 'ping', n: performance.now() });
  }

  /** The quickest answer tells most about the difference of two clocks. */
  #pong({ n, clock }) {
    const now = performance.now();
    if (now - n > this.#bestRoundTrip * 1.5) return;
    this.#bestRoundTrip = Math.min(this.#bestRoundTrip, now - n);
    const middle = (now + n) / 2;
    this.offset = middle - clock.at;
    this.unixOffset = middle - clock.unix;
    // The server read its clock somewhere between, and events carry whole milliseconds.
    this.clockError = (now - n) / 2 + 1;
  }
}
