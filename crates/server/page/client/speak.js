/**
 * Speaking: takes drafts to the server, over the socket where there is one and
 * by POST where there is none, and tells each draft's author what became of it.
 */

import { Refused } from './room.js';
import { randomToken } from './token.js';

/** A draft that was on its way when the socket broke may still show up. */
const LATE_MS = 10_000;
/** A text this long may be beyond what a server takes. On a socket that ends the socket; by POST it is only refused. */
const LONG_TEXT = 16 * 1024;

/** The drafts of one connection. */
export class Speaker {
  /** Drafts on a socket that wait for their answer, oldest first, by tag. */
  #waiting = new Map();
  /** What our tags begin with: it tells our events from those of a namesake. */
  #mine = `${randomToken()}-`;
  #count = 0;

  /**
   * @param {import('./room.js').Room} room
   * @param {string} from the speaker's name
   */
  constructor(room, from) {
    this.room = room;
    this.from = from;
  }

  /**
   * Says something.
   * @param {string} text
   * @param {((draft: object) => void) | undefined} socket sends a draft, if a socket is open
   * @param {string} [tag] one of our own when left out
   * @returns {Promise<number>} its seq, once the server has taken it
   */
  say(text, socket, tag = `${this.#mine}${(this.#count += 1)}`) {
    const draft = { from: this.from, text, tag };
    if (!socket || text.length > LONG_TEXT) return this.room.post(draft);
    return new Promise((resolve, reject) => {
      this.#waiting.set(tag, { resolve, reject });
      socket(draft);
    });
  }

  /** Whether an event came from us. */
  isMine({ tag }) {
    return tag?.startsWith(this.#mine) ?? false;
  }

  /** The server took this draft: it said so, or the event came back. */
  taken(tag, seq) {
    this.#waiting.get(tag)?.resolve(seq);
    this.#waiting.delete(tag);
  }

  /** The server refused a draft: drafts are answered in order, so the oldest. */
  refused(said) {
    const [tag, draft] = this.#waiting.entries().next().value ?? [];
    draft?.reject(new Refused(said));
    this.#waiting.delete(tag);
  }

  /**
   * The socket is gone. Each draft that was not answered was said or was not;
   * if it was, it comes back as an event as soon as we are connected again.
   */
  socketGone() {
    for (const [tag, { reject }] of this.#waiting) {
      setTimeout(() => {
        reject(new Error('the connection broke before the server answered'));
        this.#waiting.delete(tag);
      }, LATE_MS);
    }
  }

  /** Nobody waits any longer. */
  close() {
    for (const { reject } of this.#waiting.values()) reject(new Error('disconnected'));
    this.#waiting.clear();
  }
}
