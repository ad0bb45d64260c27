/**
 * How late messages were, and their median, which one slow message does not move.
 */

import { wayNamed } from '/page/ways.js';
import { millis } from './element.js';

/** A message from so long ago, by two clocks, tells of the clocks. */
const LONGEST_MS = 60_000;

/** Latencies that are kept; the oldest go first. */
const MOST = 1000;

/**
 * How late a message was in milliseconds, and by how much that may be wrong at most.
 * @typedef {{ms: number, error: number}} Late
 */

/** A latency as people read it. One below its own error is only known to be less than that. */
export function shown({ ms, error }) {
  return ms < error ? `< ${millis(error)}` : millis(ms);
}

/** The latencies of one lane. */
export class Latencies {
  #values = [];

  /** Adds a {@link Late}. */
  add(late) {
    this.#values.push(late);
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

  /** The median, a {@link Late}; null without any. */
  get median() {
    const sorted = this.#values.toSorted((a, b) => a.ms - b.ms);
    return sorted[Math.max(0, Math.ceil(sorted.length / 2) - 1)] ?? null;
  }
}

/**
 * How late an event is to a lane; null if that is no latency of the lane.
 * @param {import('./lane.js').Lane} lane
 * @param {object} event
 * @param {import('./saying.js').Saying} saying what this page said itself
 * @param {import('./channel.js').Channel} channel which compares this page's clock with the server's
 * @returns {Late | null}
 */
export function lateness(lane, event, saying, { unixOffset, clockError }) {
  const ours = saying.of(event);
  // What we said ourselves we know to the millisecond; for others, by both clocks.
  const at = ours?.at ?? (unixOffset ? event.at + unixOffset : null);
  // What was said before a lane was open is sent to it as history: no delivery.
  if (at === null || at < lane.openedAt) return null;
  // The socket that carried the draft up is busy with its acknowledgement first.
  if (ours?.lane === lane.name && wayNamed(lane.name)?.carriesDrafts) return null;
  const ms = performance.now() - at;
  const error = ours ? 0 : clockError;
  // A message that came before it was said, by more than the clocks may differ, tells of a clock that was set.
  return ms >= -error && ms < LONGEST_MS ? { ms, error } : null;
}
