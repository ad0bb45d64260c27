/**
 * A running sparkline: the latencies of the latest messages.
 */

import { svg } from './element.js';

const LENGTH = 40;
const WIDTH = 160;
const HEIGHT = 34;

/** One lane's sparkline. */
export class Spark {
  #values = [];
  #line = svg('polyline', { class: 'spark-line' });
  /** Out of the picture until there is a value. */
  #dot = svg('circle', { class: 'spark-dot', r: 3, cx: -9 });

  constructor() {
    this.element = svg(
      'svg',
      { class: 'spark', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      this.#line,
      this.#dot,
    );
  }

  /** Forgets all of them. */
  clear() {
    this.#values = [];
    this.#line.setAttribute('points', '');
    this.#dot.setAttribute('cx', -9);
  }

  /** Adds a latency in milliseconds. */
  add(value) {
    this.#values.push(value);
    if (this.#values.length > LENGTH) this.#values.shift();
    const highest = Math.max(20, ...this.#values) * 1.1;
    const step = (WIDTH - 8) / (LENGTH - 1);
    const from = LENGTH - this.#values.length;
    const points = this.#values.map((ms, index) => [
      4 + (from + index) * step,
      HEIGHT - 4 - (ms / highest) * (HEIGHT - 8),
    ]);
    this.#line.setAttribute('points', points.map((point) => point.map((n) => n.toFixed(1)).join(',')).join(' '));
    const [x, y] = points.at(-1);
    this.#dot.setAttribute('cx', x);
    this.#dot.setAttribute('cy', y);
  }
}
