/**
 * Waiting for what must come to pass: never for a time.
 */

import { setTimeout as wait } from 'node:timers/promises';

/** Longest wait for anything; generous, for a busy machine. */
export const LIMIT_MS = 30_000;

/** Time from one look to the next; looking costs the processors that others wait for. */
const [FIRST_MS, MOST_MS] = [20, 160];

/** Waits until `look` gives something truthy, and gives that back. */
export async function until(what, look, limitMs = LIMIT_MS) {
  const started = Date.now();
  for (let pause = FIRST_MS; ; pause = Math.min(2 * pause, MOST_MS)) {
    const last = await look();
    if (last) return last;
    if (Date.now() - started > limitMs) throw new Error(`still not so after ${limitMs} ms: ${what}`);
    await wait(pause);
  }
}
