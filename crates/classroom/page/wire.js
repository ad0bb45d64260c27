/**
 * The wire view: any exchange or frame, with the bytes that the server's socket
 * carried, each in the colour and under the name of its account.
 */

import { acceptSteps } from './accept.js';
import { bytesView, explainBox, legend } from './bytes.js';
import { byId, count, element, millis } from './element.js';
import { isOpenStream, purposeOf } from './exchanges.js';
import { frameView } from './frame.js';
import { explainPurpose, OPCODES } from './explain.js';
import { serverName } from './servers.js';
import { fill, pick, t } from './texts.js';

/** Lines of the list. */
const LISTED = 80;

/** The list of exchanges, and the one that is shown. */
export class Wire {
  #exchanges;
  #lanes;
  #lane = 'websocket';
  #key = null;
  /** When what was clicked passed: of a stream, one chunk among many. */
  #at = null;
  #due = 0;
  #asHex = false;

  /**
   * @param {import('./exchanges.js').Exchanges} exchanges
   * @param {() => string[]} lanes the names of all lanes
   */
  constructor(exchanges, lanes) {
    this.#exchanges = exchanges;
    this.#lanes = lanes;
    byId('wire-list').addEventListener('click', ({ target }) => {
      const key = target.closest('[data-key]')?.dataset.key;
      if (key) this.choose(key);
    });
    byId('wire-follow').addEventListener('change', () => this.#later());
  }

  /** There is a new item. */
  added(item) {
    if (item.lane !== this.#lane) return;
    if (byId('wire-follow').checked && isTelling(item)) this.#key = item.key;
    this.#later();
  }

  /** More of an item is known. */
  changed(item) {
    if (item.lane === this.#lane) this.#later();
  }

  /** Shows one item, and stops following the newest. */
  choose(key, { scroll = false, at } = {}) {
    const item = this.#exchanges.get(key);
    if (!item) return;
    byId('wire-follow').checked = false;
    this.#key = key;
    this.#at = at;
    this.#lane = item.lane;
    this.words();
    if (!scroll) return;
    document.querySelector('#wire-list [aria-current]')?.scrollIntoView({ block: 'nearest' });
    byId('wire-shown').focus({ preventScroll: true });
    document.querySelector('.pass[data-chosen]')?.scrollIntoView({ block: 'center' });
  }

  /** Writes everything anew, in the language of the page. */
  words() {
    const chips = this.#lanes().map((name) => {
      const chip = element('button', 'chip', t(name));
      chip.type = 'button';
      chip.dataset.lane = name;
      chip.ariaPressed = String(name === this.#lane);
      chip.addEventListener('click', () => {
        this.#lane = name;
        this.#key = this.#exchanges.of(name).filter(isTelling).at(-1)?.key ?? null;
        this.words();
      });
      return chip;
    });
    byId('wire-lanes').replaceChildren(...chips);
    this.#draw();
  }

  /** Once per picture, and not while nobody looks. */
  #later() {
    if (this.#due || byId('view-wire').hidden) return;
    this.#due = setTimeout(() => {
      this.#due = 0;
      this.#draw();
    }, 200);
  }

  #draw() {
    this.#drawList();
    this.#drawShown();
  }

  #drawList() {
    const all = this.#exchanges.of(this.#lane);
    // What is still open stays in sight, however old: the handshake above all.
    const items = all.filter((item, index) => index >= all.length - LISTED || isOpenStream(item)).reverse();
    const list = byId('wire-list');
    const had = list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    list.replaceChildren(...items.map((item) => element('li', '', '', this.#line(item))));
    if (had) list.querySelector(`[data-key="${CSS.escape(had)}"]`)?.focus();
  }

  #line(item) {
    const purpose = item.passes.length ? purposeOf({ parts: item.passes.flatMap(({ parts }) => parts) }) : 'asked';
    const size = `↑${count(item.bytes.up)} ↓${count(item.bytes.down)}`;
    const line = element(
      'button',
      `line p-${purpose}`,
      '',
      element('span', 'when', `${(item.at / 1000).toFixed(3)} s`),
      element('b', '', titleOf(item)),
      element('span', 'purpose', explainPurpose(purpose).name),
      element('span', 'size', size),
    );
    line.type = 'button';
    line.dataset.key = item.key;
    if (item.key === this.#key) line.ariaCurrent = 'true';
    return line;
  }

  #drawShown() {
    const shown = byId('wire-shown');
    const item = this.#key && this.#exchanges.get(this.#key);
    const state = item ? `${item.key} ${item.bytes.up} ${item.bytes.down} ${this.#asHex} ${this.#at} ${document.documentElement.lang}` : '';
    // Drawing it again would take away what is being read or clicked.
    if (shown.dataset.state === state && state) return;
    shown.dataset.state = state;
    if (!item) {
      shown.replaceChildren(element('p', 'hint', t('chooseOne')));
      return;
    }
    const head = element('div', 'wire-head', '', element('h2', '', `${t(item.lane)} · ${titleOf(item)}`), this.#modes());
    const server = item.server === undefined ? [] : [serverName(item.server)];
    const stream = item.stream ? [t('stream', { n: item.stream })] : [];
    const about = [t('connection', { n: item.conn }), ...server, ...stream, millis(lasted(item)), t('bothWays', item.bytes)].join(' · ');
    const explain = explainBox();
    const ways = element('div', 'ways', '', ...this.#ways(item, explain));
    shown.replaceChildren(head, element('p', 'hint about', about), legend(item), ways);
    if (item.type === 'frame') shown.append(frameView(item, explain));
    const accept = item.what?.read === 'websocket' && acceptSteps(item);
    if (accept) shown.append(accept);
    shown.append(explain);
    fill(shown);
  }

  #modes() {
    const modes = [['asText', false], ['asHex', true]].map(([words, hex]) => {
      const mode = element('button', 'chip', t(words));
      mode.type = 'button';
      mode.ariaPressed = String(this.#asHex === hex);
      mode.addEventListener('click', () => {
        this.#asHex = hex;
        this.#draw();
      });
      return mode;
    });
    return element('div', 'chips', '', ...modes);
  }

  #ways(item, explain) {
    return ['up', 'down'].flatMap((dir) => {
      const passes = item.passes.filter((pass) => pass.dir === dir);
      const missing = !passes.length && item.type === 'exchange' && dir === 'up';
      if (!passes.length && !missing) return [];
      const title = element('h3', '', t(dir === 'up' ? 'upWay' : 'downWay'));
      const body = missing ? [element('p', 'hint', t('pending'))] : passes.map((pass) => this.#pass(pass, item, explain));
      return [element('section', 'way', '', title, ...body)];
    });
  }

  #pass(pass, item, explain) {
    const view = bytesView(pass, item, this.#asHex, explain);
    if (pass.at === this.#at && item.passes.length > 2) view.dataset.chosen = '';
    return view;
  }
}

/** Files and preflights are no part of what is being taught most of the time. */
const isTelling = ({ what }) => what !== 'preflight' && what !== 'presence';

function titleOf(item) {
  if (item.type === 'exchange') return item.title;
  const head = item.passes[0]?.parts.find(({ layer }) => layer === 'ws_head');
  const name = OPCODES[(head?.data.charCodeAt(0) ?? 0) & 15];
  return `${item.what.frame === 'up' ? '↑' : '↓'} ${name ? pick(name) : ''}`;
}

function lasted(item) {
  const last = item.passes.at(-1)?.at ?? item.at;
  return last - item.at;
}
