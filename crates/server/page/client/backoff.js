/**
 * Waiting: how long before the next try, and a pause that can be cut short.
 */

const FIRST_MS = 300;
const LONGEST_MS = 15_000;

/**
 * How long to wait before try number `failures` + 1, in milliseconds.
 *
 * Doubles each time, up to a limit; the random half is the important part.
 * When a server with a thousand readers restarts, all thousand lose their
 * connection in the same instant: without jitter they would all return in the
 * same instant too, again and again.
 * @param {number} failures how many tries have failed in a row
 */
export function delayBefore(failures) {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return Math.round(longest * (0.5 + Math.random() / 2));
}

/**
 * Waits `ms`; an abort of `signal` ends the wait with the signal's reason.
 * @param {number} ms
 * @param {AbortSignal} signal
 */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, Math.max(0, ms));
    signal.addEventListener('abort', stop, { once: true });
  });
}
