/**
 * Lanes of one's own: a room that nobody else hears, over lanes whose delay the
 * lesson sets. What would disturb the class, a student does here.
 */

import { Exchanges } from './exchanges.js';
import { Lane } from './lane.js';
import { Saying } from './saying.js';

/** A student's own room and lanes. */
export class Own {
  #facts;
  #channel;
  #heard;
  /** The lanes that were needed so far. */
  #lanes = [];
  /** Lanes whose bytes the classroom does not watch yet. */
  #fresh = [];
  /** @type {import('./figures.js').Figures | null} */
  #figures = null;
  #exchanges = new Exchanges(
    (item) => {
      this.#byName(item.lane)?.ladder.item(item);
      this.#figures?.item(item);
    },
    (item, pass) => {
      this.#byName(item.lane)?.ladder.pass(item, pass);
      this.#figures?.pass(item, pass);
    },
  );

  /**
   * @param {object} facts the classroom's; `own` and `ownRoom` are about this
   * @param {import('./channel.js').Channel} channel
   * @param {(lane: Lane, event: object) => import('./latencies.js').Late | null} heard how late an event is to a lane
   */
  constructor(facts, channel, heard) {
    this.#facts = facts;
    this.#channel = channel;
    this.#heard = heard;
    this.saying = new Saying(facts.ownRoom, (name) => this.#byName(name));
  }

  #byName(name) {
    return this.#lanes.find((lane) => lane.name === name);
  }

  byPerson(person) {
    return this.#lanes.find((lane) => lane.person === person);
  }

  /** A note about what the lanes carry. */
  note(message) {
    const lane = this.byPerson(message.person)?.name;
    if (lane) this.#exchanges[message.kind](lane, message);
  }

  /** The classroom watches the lanes: whoever connects from now on is seen whole. */
  following() {
    // Nobody has spoken in this room but ourselves.
    for (const lane of this.#fresh.splice(0)) lane.start();
  }

  /** The channel was opened anew, and has another room: the lanes of the old one are given up. */
  moved(room) {
    if (room === this.#facts.ownRoom) return;
    this.#facts.ownRoom = room;
    this.saying = new Saying(room, (name) => this.#byName(name));
    for (const lane of this.#lanes.splice(0)) lane.stop();
    this.#fresh.length = 0;
  }

  /** Writes the words anew, in the language of the page. */
  words() {
    this.#lanes.forEach((lane) => lane.words());
  }

  /**
   * What an experiment works with instead of everybody's lanes.
   * @param {object} plan `lanes` of a check
   * @returns {Partial<import('./measure.js').Desk> & {picture: object}}
   */
  desk(plan) {
    const lane = this.#lane(plan);
    const delay_ms = plan.delay ?? 0;
    return {
      lane: () => lane,
      lanes: () => [lane],
      saying: this.saying,
      tune: (settings) => (lane.tune(settings), {}),
      state: () => ({ delay_ms, talker: { per_second: 0, bytes: 1 } }),
      order: (message) => message.kind === 'talk' && this.#channel.send({ ...message, kind: 'own_talk' }),
      watch: (figures) => (this.#figures = figures),
      picture: { element: lane.element, words: () => lane.words() },
      close: () => lane.stop(),
    };
  }

  /** The lane that a plan needs: made when it is first wanted. */
  #lane({ lane: name, delay = 0 }) {
    const facts = this.#facts.own.find((one) => one.lane === name && one.delay === delay);
    if (!facts) throw new Error('nothingCame');
    const found = this.#byName(name);
    if (found) {
      found.turnOn();
      return found;
    }
    const made = new Lane(facts, this.#facts.ownRoom, { interval: 1, hold: 25, headers: {} }, (lane, event) => this.#hear(lane, event), () => {});
    made.element.classList.add('own-lane');
    made.ladder.delay = delay;
    this.#lanes.push(made);
    this.#fresh.push(made);
    this.#channel.greet({ kind: 'follow', persons: [made.person] });
    return made;
  }

  #hear(lane, event) {
    const ours = this.saying.of(event);
    if (this.#figures?.lane === lane.name) this.#figures.hear(ours ? performance.now() - ours.at : null);
    return this.#heard(lane, event);
  }

  /** Draws the present; `now` is the classroom's clock. */
  draw(now) {
    for (const lane of this.#lanes) if (lane.isOn) lane.ladder.draw(now);
  }
}
