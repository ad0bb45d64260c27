/**
 * Saying, and how long it takes to be heard.
 */

import { Room } from '/page/client/room.js';
import { randomToken } from '/page/client/token.js';

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

  /** Says something through a lane; gives back its tag once it was taken. */
  async through(lane, text) {
    const tag = this.#begin();
    await this.#byName(lane).connection.say(text, tag);
    return tag;
  }

  /** Says something past the lanes, next to the server. */
  async beside(text) {
    const tag = this.#begin();
    await this.#room.post({ from: 'lab', text, tag });
    return tag;
  }

  /** How long ago we said this event, in milliseconds; null if others did. */
  since({ tag }) {
    const at = this.#said.get(tag);
    return at === undefined ? null : performance.now() - at;
  }

  #begin() {
    const tag = `${this.#tags}${(this.#count += 1)}`;
    this.#said.set(tag, performance.now());
    if (this.#said.size > MOST) this.#said.delete(this.#said.keys().next().value);
    return tag;
  }
}
