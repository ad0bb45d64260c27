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
import { count, element, shares } from './element.js';
import { Ladder } from './ladder.js';
import { Latencies, shown } from './latencies.js';
import { serverName } from './servers.js';
import { Spark } from './spark.js';
import { t } from './texts.js';

/** What is counted in numbers. */
const COUNTS = ['requests', 'empty', 'preflights', 'connections'];

/** One lane, and the part of the page that shows it. */
export class Lane {
  /** Tells this lane's exchanges from all others. */
  person = randomToken();
  connection = null;
  /** When events began to get through (`performance.now()`); what was said before is history to this lane. */
  openedAt = Infinity;
  /** How late messages were since the lane opened or was reset. */
  latencies = new Latencies();

  #facts;
  #settings;
  #onHeard;
  #state;
  #version;
  #spoken = {};
  #last;
  #latency;
  #median;
  #share;
  /** What had been counted when the figures were last reset. */
  #base = null;
  #cells = {};
  #meters = {};
  #toggle;

  /**
   * @param {{lane: string, port: number}} facts
   * @param {string} room
   * @param {object} settings `interval`, `hold`, `headers` and `compress`; changed by `tune`
   * @param {(lane: Lane, event: object) => import('./latencies.js').Late | null} onHeard told of each message; how long ago it was said, or null where that is no latency of this lane
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

  /**
   * Reads the room on from where it was left, or from `head`. A lane has no
   * name: five lanes are not five people, and take no place in the room.
   * @param {number | null} [head] the newest event's number, for a lane that was never on
   */
  start(head = null) {
    this.connection = connect({
      ...this.#settings,
      url: this.url,
      room: this.room,
      from: t('viaLane', { way: t(this.name) }),
      person: this.person,
      transport: this.name,
      after: this.connection?.place ?? head,
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

  /** Says over which version the newest request came, if that was HTTP/2, and which of several servers it reads from. */
  speaks({ type, stream, server, what }) {
    if (type !== 'exchange') return;
    // What is said may go to another server than what is read comes from.
    this.#spoken = { stream, server: what.read ? server : this.#spoken.server };
    this.#showSpoken();
  }

  /** Forgets the server that it was seen to read from, if that one does not serve any more. */
  serving(lives) {
    if (lives[this.#spoken.server] !== 'here') this.#spoken.server = undefined;
    this.#showSpoken();
  }

  /** What the server's sockets counted, less what they had counted at the last reset. */
  books(totals) {
    this.totals = totals;
    const since = (key) => totals[key] - (this.#base?.[key] ?? 0);
    for (const key of COUNTS) this.#cells[key].textContent = count(since(key));
    const ways = ['up', 'down'].map((way) => {
      const base = this.#base?.[way];
      const [payload, overhead, setup] = ['payload', 'overhead', 'setup'].map((key) => totals[way][key] - (base?.[key] ?? 0));
      this.#meters[way]({ payload, overhead });
      return { payload, overhead, setup };
    });
    const { overhead, setup } = shares(...ways);
    this.#share.replaceChildren(element('span', '', t('shareOf', { overhead })), ' ', element('span', '', t('shareSetup', { setup })));
    this.#share.title = t('shareHint');
    if (!totals.down.tls) return;
    const [up, down] = ['up', 'down'].map((way) => count(totals[way].tls - (this.#base?.[way].tls ?? 0)));
    const sealed = element('span', 'sealed', t('shareTls', { up, down }));
    sealed.title = t('shareTlsHint');
    this.#share.append(' ', sealed);
  }

  /** Begins all figures anew. */
  reset() {
    this.#base = this.totals ?? null;
    this.latencies.clear();
    this.spark.clear();
    this.#latency.textContent = '–';
    this.#showMedian();
    if (this.totals) this.books(this.totals);
  }

  /** Writes the words anew, in the language of the page. */
  words() {
    for (const [key, words] of this.#words) words.textContent = t(key);
    this.element.ariaLabel = t(this.name);
    if (this.connection) this.#showState(this.connection.state);
    if (this.totals) this.books(this.totals);
    this.#showMedian();
    this.#showSpoken();
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
    this.#version = element('span', 'version');
    const head = element('div', 'lane-head', '', title, on, element('p', 'sub', '', this.#state, port, this.#version));

    this.#latency = element('strong', 'latency', '–');
    this.#last = element('p', 'last');
    this.#last.dir = 'auto';
    this.#median = element('p', 'median');
    this.#share = element('p', 'shares');
    const figure = element('div', 'figure', '', this.#latency, this.spark.element);
    const about = this.#text('latency', 'span', 'unseen');
    figure.append(about);

    const numbers = element('dl', 'numbers');
    for (const key of COUNTS) {
      this.#cells[key] = element('dd', '', '0');
      this.#cells[key].dataset.book = key;
      numbers.append(element('div', '', '', this.#text(key, 'dt'), this.#cells[key]));
    }
    const heads = element('p', 'meter heads', '', element('span'), this.#text('payload'), this.#text('overhead', 'span', 'of-overhead'));
    heads.ariaHidden = 'true';
    const meters = element('div', 'meters', '', heads, this.#meter('up', '↑'), this.#meter('down', '↓'), this.#share);
    const ends = element('p', 'ends-names', '', this.#text('browser'), this.#text('server'));
    const picture = element('div', 'picture', '', ends, this.ladder.element);
    box.append(head, figure, this.#median, this.#last, numbers, meters, picture);
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
    const late = this.#onHeard(this, event);
    if (late === null) return;
    this.#latency.textContent = shown(late);
    this.spark.add(Math.max(0, late.ms));
    this.latencies.add(late);
    this.#showMedian();
  }

  #showMedian() {
    const { median, count: n } = this.latencies;
    this.#median.textContent = n ? t(n === 1 ? 'medianOfOne' : 'medianOf', { median: shown(median), n }) : t('noMedian');
    this.#median.dataset.ms = n ? median.ms : '';
    this.#median.dataset.count = n;
  }

  #showSpoken() {
    const { stream, server } = this.#spoken;
    const words = [stream ? 'HTTP/2' : '', server === undefined ? '' : serverName(server)];
    this.#version.textContent = words.filter(Boolean).join(' · ');
  }

  #showState({ state, why }) {
    if (state !== 'connected') this.openedAt = Infinity;
    else if (this.openedAt === Infinity) this.openedAt = performance.now();
    this.element.dataset.state = state;
    // Who is refused is told why; what merely broke comes back by itself.
    this.#state.textContent = why?.code ? sentence(why) : t(state);
    this.#toggle.checked = state !== 'closed';
  }
}
