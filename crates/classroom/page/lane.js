/**
 * A lane: one transport, joined to the class's room from a port of its own.
 *
 * What it shows comes from two sides. When a message arrived is this page's
 * own to tell; how many requests and bytes that took only the server's sockets
 * know, and `books()` is told what they counted.
 */

import { connect } from '/page/client/connect.js';
import { randomToken } from '/page/client/token.js';
import { sentence } from '/page/reasons.js';
import { count, element, millis } from './element.js';
import { Ladder } from './ladder.js';
import { Spark } from './spark.js';
import { t } from './texts.js';

/** One lane, and the part of the page that shows it. */
export class Lane {
  /** Tells this lane's exchanges from all others. */
  person = randomToken();
  connection = null;

  #facts;
  #settings;
  #onHeard;
  #state;
  #last;
  #latency;
  #cells = {};
  #meters = {};
  #toggle;

  /**
   * @param {{lane: string, port: number}} facts
   * @param {string} room
   * @param {object} settings `interval`, `hold` and `headers`; changed by `tune`
   * @param {(lane: string, event: object) => number | null} onHeard told of each message; how long ago it was said
   * @param {(key: string, at?: number) => void} onChoose an arrow of the ladder was clicked
   */
  constructor(facts, room, settings, onHeard, onChoose) {
    this.name = facts.lane;
    this.#facts = { ...facts, room };
    this.#settings = settings;
    this.#onHeard = onHeard;
    this.ladder = new Ladder(onChoose);
    this.spark = new Spark();
    this.element = this.#build();
    this.words();
  }

  /** Its server, from a port of its own. */
  get url() {
    return `${location.protocol}//${location.hostname}:${this.#facts.port}`;
  }

  get room() {
    return this.#facts.room;
  }

  /** Joins the room, at the place where it was left. */
  start() {
    this.connection = connect({
      ...this.#settings,
      url: this.url,
      room: this.room,
      name: t(this.name),
      person: this.person,
      transport: this.name,
      after: this.connection?.place ?? this.#facts.after ?? null,
      onEvent: (event) => this.#hear(event),
      onState: (state) => this.#showState(state),
    });
  }

  stop() {
    this.connection?.close();
  }

  /** Whether events get through. */
  get isConnected() {
    return this.connection?.state.state === 'connected';
  }

  /** Joins, unless it has. */
  turnOn() {
    if (!this.isOn) this.start();
  }

  /** Leaves and joins anew. */
  again() {
    this.stop();
    this.start();
  }

  /** New settings; asks anew with them. */
  tune(settings) {
    Object.assign(this.#settings, settings);
    if (this.isOn) this.connection.tune(settings);
  }

  get isOn() {
    return this.connection !== null && this.connection.state.state !== 'closed';
  }

  /** What the server's sockets counted. */
  books(totals) {
    for (const key of ['requests', 'empty', 'preflights', 'connections']) {
      this.#cells[key].textContent = count(totals[key]);
    }
    for (const way of ['up', 'down']) this.#meters[way](totals[way]);
    this.totals = totals;
  }

  /** Writes the words anew, in the language of the page. */
  words() {
    for (const [key, words] of this.#words) words.textContent = t(key);
    this.element.ariaLabel = t(this.name);
    if (this.connection) this.#showState(this.connection.state);
    if (this.totals) this.books(this.totals);
    if (!this.#last.dataset.seq) this.#last.textContent = t('nothingYet');
  }

  #words = [];

  #text(key, name = 'span', className = '') {
    const made = element(name, className);
    this.#words.push([key, made]);
    return made;
  }

  #build() {
    const box = element('section', 'lane');
    box.dataset.lane = this.name;
    this.#toggle = element('input');
    this.#toggle.type = 'checkbox';
    this.#toggle.checked = true;
    this.#toggle.addEventListener('change', () => (this.#toggle.checked ? this.start() : this.stop()));
    this.#state = element('span', 'lane-state');
    const port = element('span', 'port', `:${this.#facts.port}`);
    const on = element('label', 'on', '', this.#toggle, this.#text('laneOn', 'span', 'unseen'));
    const title = element('h2', '', '', this.#text(this.name));
    const head = element('div', 'lane-head', '', title, on, element('p', 'sub', '', this.#state, port));

    this.#latency = element('strong', 'latency', '–');
    this.#last = element('p', 'last');
    this.#last.dir = 'auto';
    const figure = element('div', 'figure', '', this.#latency, this.spark.element);
    const about = this.#text('latency', 'span', 'unseen');
    figure.append(about);

    const numbers = element('dl', 'numbers');
    for (const key of ['requests', 'empty', 'preflights', 'connections']) {
      this.#cells[key] = element('dd', '', '0');
      this.#cells[key].dataset.book = key;
      numbers.append(element('div', '', '', this.#text(key, 'dt'), this.#cells[key]));
    }
    const heads = element('p', 'meter heads', '', element('span'), this.#text('payload'), this.#text('overhead', 'span', 'of-overhead'));
    heads.ariaHidden = 'true';
    const meters = element('div', 'meters', '', heads, this.#meter('up', '↑'), this.#meter('down', '↓'));
    const ends = element('p', 'ends-names', '', this.#text('browser'), this.#text('server'));
    const picture = element('div', 'picture', '', ends, this.ladder.element);
    box.append(head, figure, this.#last, numbers, meters, picture);
    return box;
  }

  /** A bar of payload and overhead, with both numbers. */
  #meter(way, sign) {
    const payload = element('b', '', '0');
    const overhead = element('b', '', '0');
    payload.dataset.book = `${way}-payload`;
    overhead.dataset.book = `${way}-overhead`;
    const bar = element('span', 'share', '', element('i'));
    bar.ariaHidden = 'true';
    const line = element(
      'p',
      'meter',
      '',
      this.#text(way, 'span', 'unseen'),
      element('span', 'sign', sign),
      element('span', 'of-payload', '', payload, ' ', this.#text('payload', 'span', 'unseen')),
      element('span', 'of-overhead', '', overhead, ' ', this.#text('overhead', 'span', 'unseen')),
      bar,
    );
    this.#meters[way] = (totals) => {
      payload.textContent = count(totals.payload);
      overhead.textContent = count(totals.overhead);
      const all = totals.payload + totals.overhead;
      bar.firstChild.style.width = `${all ? (100 * totals.payload) / all : 0}%`;
    };
    return line;
  }

  #hear(event) {
    if (event.kind !== 'message') return;
    this.#last.textContent = `${event.from}: ${event.text.slice(0, 200)}`;
    this.#last.dataset.seq = event.seq;
    const late = this.#onHeard(this.name, event);
    if (late === null) return;
    this.#latency.textContent = millis(late);
    this.spark.add(late);
  }

  #showState({ state, why }) {
    this.element.dataset.state = state;
    // Who is refused is told why; what merely broke comes back by itself.
    this.#state.textContent = why?.code ? sentence(why) : t(state);
    this.#toggle.checked = state !== 'closed';
  }
}
