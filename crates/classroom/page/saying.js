/**
 * Saying, and how long it takes to be heard.
 */

import { Room } from '/page/client/room.js';
import { randomToken } from '/page/client/token.js';
import { t } from './texts.js';

/** Through none of the lanes: over a connection that no lane reads, so that all hear it alike. */
export const BESIDE = 'beside';

/** Sayings that are remembered. */
const MOST = 1000;

/** What this page says, through its lanes or past them. */
export class Saying {
  /** When each was said, by tag. */
  #said = new Map();
  #tags = `lanes-${randomToken().slice(0, 8)}-`;
  #count = 0;
  #room;
  #byName;

  /**
   * @param {string} room
   * @param {(name: string) => import('./lane.js').Lane} byName a lane by its name
   */
  constructor(room, byName) {
    // The page's own port: what is said there does not pass the lanes' delay.
    this.#room = new Room(location.origin, room, { person: randomToken() });
    this.#byName = byName;
  }

  /** Says something through a lane, or past all of them; gives back its tag once it was taken. */
  async through(lane, text) {
    if (lane === BESIDE) return this.beside(text, t('besideName'));
    const tag = this.#begin(lane);
    await this.#byName(lane).connection.say(text, tag);
    return tag;
  }

  /** Says something past the lanes, over a connection that none of them reads. */
  async beside(text, from = 'lab') {
    const tag = this.#begin(BESIDE);
    await this.#room.post({ from, text, tag });
    return tag;
  }

  /**
   * When we said this event (`performance.now()`), and through which lane; undefined if others did.
   * @returns {{at: number, lane: string} | undefined}
   */
  of({ tag }) {
    return this.#said.get(tag);
  }

  #begin(lane) {
    const tag = `${this.#tags}${(this.#count += 1)}`;
    this.#said.set(tag, { at: performance.now(), lane });
    if (this.#said.size > MOST) this.#said.delete(this.#said.keys().next().value);
    return tag;
  }
}
