/**
 * How late messages were, and their median, which one slow message does not move.
 */

import { wayNamed } from '/page/ways.js';

/** A message from so long ago, by two clocks, tells of the clocks. */
const LONGEST_MS = 60_000;

/** Latencies that are kept; the oldest go first. */
const MOST = 1000;

/** The latencies of one lane. */
export class Latencies {
  #values = [];

  /** Adds one, in milliseconds. */
  add(ms) {
    this.#values.push(ms);
    if (this.#values.length > MOST) this.#values.shift();
  }

  /** Forgets all of them. */
  clear() {
    this.#values = [];
  }

  /** How many there are. */
  get count() {
    return this.#values.length;
  }

  /** The median in milliseconds; null without any. */
  get median() {
    const sorted = this.#values.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(sorted.length / 2) - 1)] ?? null;
  }
}

/**
 * How late an event is to a lane, in milliseconds; null if that is no latency of the lane.
 * @param {import('./lane.js').Lane} lane
 * @param {object} event
 * @param {import('./saying.js').Saying} saying what this page said itself
 * @param {number} unixOffset of this page's clock to the server's; 0 while it is not known
 */
export function lateness(lane, event, saying, unixOffset) {
  const ours = saying.of(event);
  // What we said ourselves we know to the millisecond; for others, by both clocks.
  const at = ours?.at ?? (unixOffset ? event.at + unixOffset : null);
  // What was said before a lane was open is sent to it as history: no delivery.
  if (at === null || at < lane.openedAt) return null;
  // The socket that carried the draft up is busy with its acknowledgement first.
  if (ours?.lane === lane.name && wayNamed(lane.name)?.carriesDrafts) return null;
  const late = performance.now() - at;
  return late > -50 && late < LONGEST_MS ? Math.max(0, late) : null;
}
