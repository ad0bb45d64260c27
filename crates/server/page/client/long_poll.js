/**
 * Long poll: ask, and be answered when there is something or the hold is over;
 * then ask again at once.
 *
 * The mirror of the server's transport/long_poll.rs. A message arrives as soon
 * as it is said, and an idle reader costs one exchange per hold. Between an
 * answer and the next question the server has nobody to answer: what is said
 * in that moment waits in the log, and `after` fetches it.
 */

/** What the network may add to the hold before we call the exchange broken. */
const GRACE_MS = 10_000;

/** Every browser that can load this module can poll. */
export const possible = () => typeof fetch === 'function';

/**
 * Reads until the exchange fails or the link is ended.
 * @param {import('./link.js').Link} link
 */
export async function read(link) {
  // The first question is not held: it shows at once whether this way is open.
  let hold = 0;
  for (;;) {
    link.heardBatch(await link.ask('long-poll', { hold }, hold * 1000 + GRACE_MS));
    hold = link.hold;
  }
}
