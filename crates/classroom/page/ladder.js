/**
 * The ladder: what passes between browser and server, drawn as it happens.
 *
 * Two lines, browser on the left and server on the right; time runs down, and
 * now is at the bottom. Requests and drafts lean one way, answers, chunks and
 * frames the other. A bar on the server's line is a question that it holds.
 */

import { exchangeOf, isControl, purposeOf } from './exchanges.js';
import { svg } from './element.js';

/** Pixels for a second. */
const SECOND = 44;
const MARGIN = 20;
/** A little late, so that what happens is there before its time comes by. */
const LATE_MS = 250;
/** What an arrow leans at least, in pixels; with a delay it leans by it. */
const LEAN = 7;
/** Labels stay this far apart. */
const LABEL_GAP = 16;
/** Arrows kept while nobody looks, and nothing is drawn. */
const MOST = 300;

const y = (at) => (at / 1000) * SECOND;

/** One lane's ladder. */
export class Ladder {
  /** One-way delay of the link, in milliseconds. */
  delay = 0;

  #scroll = svg('g');
  #bars = svg('g', { class: 'bars' });
  #arrows = svg('g');
  /** Above all arrows, so that none strikes a size through. */
  #labels = svg('g');
  #drawn = [];
  #open = new Map();
  #lastLabel = { up: -Infinity, down: -Infinity };
  #width = 0;

  /** @param {(key: string, at?: number) => void} onChoose told which item was clicked, and when it passed */
  constructor(onChoose) {
    this.lines = svg('g', { class: 'ends' });
    this.element = svg('svg', { class: 'ladder', 'aria-hidden': 'true' }, this.lines, this.#scroll);
    this.#scroll.append(this.#bars, this.#arrows, this.#labels);
    this.element.addEventListener('click', ({ target }) => {
      const { key, at } = target.closest('[data-key]')?.dataset ?? {};
      if (key) onChoose(key, at && Number(at));
    });
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  /** Something was asked: a request, leaning right. */
  item(item) {
    if (item.type === 'frame') return;
    this.#arrow(item.key, 'up', item.at, item.what === 'say' ? 'say' : 'asked', item.title);
    if ((exchangeOf(item) ?? 'immediate') === 'immediate') return;
    const bar = svg('rect', { x: this.#server - 3, y: y(item.at), width: 6, height: 0, rx: 3 });
    bar.dataset.key = item.key;
    this.#bars.append(bar);
    this.#open.set(item.key, { bar, item });
    this.#drawn.push({ at: item.at, element: bar, item });
  }

  /** Bytes passed: an answer, a chunk or a frame; or what a request was for. */
  pass(item, pass) {
    if (isControl(pass)) return;
    const purpose = purposeOf(pass);
    const size = pass.parts.reduce((sum, part) => sum + part.len, 0);
    if (pass.dir === 'up' && item.type === 'exchange') {
      const drawn = this.#drawn.find(({ key }) => key === item.key);
      drawn?.element.setAttribute('class', `arrow p-${purpose}`);
      return;
    }
    // A long poll is asked anew at once: the next question's line is below.
    const below = pass.dir === 'down' && exchangeOf(item) !== 'held';
    this.#arrow(item.key, pass.dir, pass.at, purpose, `${size} B`, below);
    if (exchangeOf(item) === 'held' && pass.dir === 'down') this.#end(item.key, pass.at);
  }

  /** Draws the present; `now` is the classroom's clock. */
  draw(now) {
    const height = this.element.clientHeight;
    const bottom = y(now - LATE_MS);
    this.#scroll.setAttribute('transform', `translate(0 ${height - 12 - bottom})`);
    for (const [key, { bar, item }] of this.#open) {
      if (item.closedAt !== undefined) this.#end(key, item.closedAt);
      else bar.setAttribute('height', Math.max(0, bottom - y(item.at)));
    }
    while (this.#drawn.length && y(this.#drawn[0].at) < bottom - height - 60) this.#dropOldest();
  }

  #dropOldest() {
    const old = this.#drawn.shift();
    const open = this.#open.get(old.item?.key);
    // The bar of what is still open reaches down to the present.
    if (open) open.stays = true;
    else old.element.remove();
    old.label?.remove();
  }

  get #server() {
    return this.#width - MARGIN;
  }

  #end(key, at) {
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    open.bar.setAttribute('height', Math.max(2, y(at) - y(open.item.at)));
    if (open.stays) this.#drawn.unshift({ at, element: open.bar });
  }

  #arrow(key, dir, at, purpose, words, below = false) {
    const lean = Math.max(LEAN, y(this.delay));
    const [from, to] = dir === 'up' ? [MARGIN, this.#server] : [this.#server, MARGIN];
    // The times are the server's: what goes up has left the browser before.
    const [start, end] = dir === 'up' ? [y(at) - lean, y(at)] : [y(at), y(at) + lean];
    const back = dir === 'up' ? -7 : 7;
    const line = `M${from} ${start}L${to} ${end}`;
    const head = `M${to + back} ${end - 5}L${to} ${end}L${to + back} ${end + 3}`;
    const arrow = svg('g', { class: `arrow p-${purpose}` });
    Object.assign(arrow.dataset, { key, at });
    arrow.append(svg('path', { class: 'target', d: line }), svg('path', { class: 'line', d: line }), svg('path', { class: 'head', d: head }));
    this.#arrows.append(arrow);
    const label = this.#label(dir, start, words, below);
    this.#drawn.push({ at, element: arrow, label, key: dir === 'up' ? key : '' });
    if (this.#drawn.length > MOST) this.#dropOldest();
  }

  /** What an arrow carries, where there is room for it. */
  #label(dir, start, words, below) {
    if (Math.abs(start - this.#lastLabel[dir]) <= LABEL_GAP) return null;
    this.#lastLabel[dir] = start;
    const x = dir === 'up' ? MARGIN + 8 : this.#server - 8;
    const anchor = dir === 'up' ? 'start' : 'end';
    // On the side where no other's line is.
    const label = svg('text', { x, y: below ? start + 14 : start - 4, 'text-anchor': anchor });
    label.textContent = words;
    this.#labels.append(label);
    return label;
  }

  /** The picture begins anew: its coordinates were those of another width. */
  #resize() {
    const width = this.element.clientWidth;
    if (width === this.#width || width === 0) return;
    this.#width = width;
    this.#arrows.replaceChildren();
    this.#labels.replaceChildren();
    this.#drawn = this.#drawn.filter(({ item }) => item);
    for (const { bar } of this.#open.values()) bar.setAttribute('x', this.#server - 3);
    const end = (x) => svg('line', { x1: x, x2: x, y1: 0, y2: '100%' });
    this.lines.replaceChildren(end(MARGIN), end(this.#server));
  }
}
