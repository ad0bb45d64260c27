/**
 * Choosing: which transport to try, and when to give one up for the next.
 *
 * A transport is out when the browser lacks it, or when it fails although the
 * server can be reached: then something between us and the server does not let
 * it through. A server that is away says nothing about any transport.
 */

import * as http_stream from './http_stream.js';
import * as iframe from './iframe.js';
import * as jsonp from './jsonp.js';
import * as long_poll from './long_poll.js';
import * as short_poll from './short_poll.js';
import * as socket_io from './socket_io.js';
import * as sockjs from './sockjs.js';
import * as sse from './sse.js';
import * as websocket from './websocket.js';

/** Every transport by its name: `possible()` and `read(link)` each. Libraries are spoken only where they are named. */
export const TRANSPORTS = { short_poll, long_poll, http_stream, sse, websocket, iframe, jsonp, socket_io, sockjs };

/** From the cheapest per message to the one that passes everywhere. */
const BEST_FIRST = ['websocket', 'http_stream', 'sse', 'long_poll', 'short_poll', 'iframe', 'jsonp'];

/** How often one that did work may break, server in reach, before it is out. */
const STRIKES = 2;

/** Goes down the list of transports for one connection. */
export class Choice {
  #candidates;
  #strikes = 0;

  /**
   * @param {string} wanted a transport's name, or `auto`
   * @param {(name: string) => void} onMissing told of each the browser lacks
   */
  constructor(wanted, onMissing) {
    this.automatic = wanted === 'auto';
    if (!this.automatic && !TRANSPORTS[wanted]) {
      throw new TypeError(`no transport is called "${wanted}"; try auto`);
    }
    this.#candidates = this.automatic ? BEST_FIRST.filter(fit) : [wanted];

    function fit(name) {
      // What holds back one kind of stream holds back the other, so SSE is
      // only a way out for a browser that cannot read a fetch piece by piece.
      if (name === 'sse' && http_stream.possible()) return false;
      const here = TRANSPORTS[name].possible();
      if (!here) onMissing(name);
      return here;
    }
  }

  /** The name of the transport to use now. */
  get current() {
    return this.#candidates[0];
  }

  /** The current transport held for a while: forget what was against it. */
  held() {
    this.#strikes = 0;
  }

  /**
   * The current transport failed although the server can be reached.
   * @param {boolean} wasOpen whether it had worked before it failed
   * @returns {boolean} whether another transport is current now
   */
  failed(wasOpen) {
    this.#strikes += wasOpen ? 1 : STRIKES;
    if (this.#strikes < STRIKES || this.#candidates.length === 1) return false;
    this.#candidates.shift();
    this.#strikes = 0;
    return true;
  }
}
