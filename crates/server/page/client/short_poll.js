/**
 * Short poll: ask each interval; the answer comes at once and is often empty.
 *
 * The mirror of the server's transport/short_poll.rs. An exchange ends when it
 * is answered, so there is nothing to keep open and nothing to break: what it
 * costs instead is one exchange per interval, whether anybody spoke or not, and
 * a message waits half an interval on average before we ask for it.
 */

import { pause } from './backoff.js';

/** How long a plain answer may take before we call the exchange broken. */
const LIMIT_MS = 10_000;

/** Every browser that can load this module can poll. */
export const possible = () => typeof fetch === 'function';

/**
 * Reads until the exchange fails or the link is ended.
 * @param {import('./link.js').Link} link
 */
export async function read(link) {
  for (;;) {
    const asked = performance.now();
    link.heardBatch(await link.ask('poll', { interval: link.interval }, LIMIT_MS));
    // A slow answer is taken off the wait, or the interval would creep.
    await pause(link.interval * 1000 - (performance.now() - asked), link.signal);
  }
}
