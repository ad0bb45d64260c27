/**
 * The lanes of Socket.IO and SockJS: a sixth and a seventh, only when they are asked for.
 *
 * They go to the port of the WebSocket lane. A browser's limit of six connections to a host is for
 * HTTP alone, and a WebSocket is none once it is open.
 */

import { byId } from './element.js';
import { t } from './texts.js';

/** Their names, which are those of the client's transports. */
const NAMES = ['socket_io', 'sockjs'];

/** The switch of the lanes, and the lanes while it is on. */
export class Libraries {
  #button = byId('libraries');
  #facts = null;
  #make;
  /** @type {import('./lane.js').Lane[] | null} */
  #made = null;
  #on = false;
  #changed;

  /**
   * @param {(facts: {lane: string, port: number}) => import('./lane.js').Lane} make
   * @param {(lanes: import('./lane.js').Lane[], on: boolean, fresh: boolean) => void} changed told which lanes are there from now on or gone, and whether they were made just now
   */
  constructor(make, changed) {
    this.#make = make;
    this.#changed = changed;
    this.#button.addEventListener('click', () => this.#toggle());
  }

  /** The classroom's lanes are known. */
  open(facts) {
    this.#facts = facts.lanes.find(({ lane }) => lane === 'websocket') ?? null;
    this.#button.hidden = !this.#facts;
  }

  /** Writes the words anew, in the language of the page. */
  words() {
    this.#button.title = t('librariesHint');
  }

  #toggle() {
    const fresh = this.#made === null;
    this.#made ??= NAMES.map((lane) => this.#make({ ...this.#facts, lane }));
    this.#on = !this.#on;
    this.#button.ariaPressed = String(this.#on);
    for (const lane of this.#made) {
      if (!this.#on) lane.stop();
      else if (!fresh) lane.turnOn();
    }
    this.#changed(this.#made, this.#on, fresh);
  }
}
