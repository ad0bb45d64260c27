/**
 * One experiment of a lesson, done with the lanes: set up, talk, read off, and
 * put everything back.
 */

import { pause } from '/page/client/backoff.js';
import { crowd } from './crowd.js';
import { Figures } from './figures.js';
import { filler } from './filler.js';

/** How often we look. */
const LOOK_MS = 200;
/** After a change of settings, for what is under way to end. */
const SETTLE_MS = 1_500;
/** How long the last messages may take to be heard. */
const DRAIN_MS = 6_000;
/** Longest wait for a figure, in seconds, if the experiment itself is no longer. */
const PATIENCE_S = 30;

/**
 * @typedef {object} Desk what an experiment works with
 * @property {(name: string) => import('./lane.js').Lane} lane
 * @property {() => import('./lane.js').Lane[]} lanes from left to right
 * @property {import('./saying.js').Saying} saying
 * @property {(settings: object) => object} tune sets `interval`; gives back what was set before
 * @property {(message: object) => void} order what only the teacher may say
 * @property {() => {delay_ms: number, talker: object}} state the classroom's
 * @property {(figures: Figures | null) => void} watch who is told what happens in the lanes
 * @property {number} heartbeat seconds of silence before a heartbeat
 */

/**
 * Does it, and gives back the figure; throws when `signal` is aborted or nothing came.
 * @param {object} plan `lanes` of a check, as in `lesson.toml`
 * @param {Desk} desk
 * @param {AbortSignal} signal
 * @param {(share: number | null, picture?: {element: HTMLElement, words: () => void}) => void} onProgress how much of it is done; null when nobody knows; a crowd has a picture, too
 */
export async function measure(plan, desk, signal, onProgress) {
  if (plan.crowd) return crowd(plan, desk, signal, onProgress);
  const before = desk.tune({ interval: plan.interval ?? 1 });
  const delayBefore = desk.state().delay_ms;
  const delay = plan.delay ?? 0;
  if (delay !== delayBefore) desk.order({ kind: 'delay', ms: delay });
  let quiet = () => {};
  try {
    const lane = desk.lane(plan.lane);
    lane.turnOn();
    onProgress(null);
    await until(() => desk.state().delay_ms === delay && lane.isConnected, signal);
    await pause(SETTLE_MS, signal);
    const figures = new Figures(plan.lane);
    desk.watch(figures);
    // A handshake is seen only when there is a new one.
    if (plan.read === 'setup_bytes') lane.again();
    const talk = talker(plan, desk);
    quiet = talk.stop;
    await watch(figures, plan, desk, signal, onProgress);
    quiet();
    // Who waits longest must not be left out.
    if (plan.seconds) await pause(0, signal).then(() => drained(figures, talk, signal));
    return figures.value(plan.read, plan.least);
  } finally {
    quiet();
    desk.watch(null);
    desk.tune(before);
    if (delay !== delayBefore) desk.order({ kind: 'delay', ms: delayBefore });
  }
}

async function watch(figures, plan, desk, signal, onProgress) {
  const began = performance.now();
  const patience = Math.max(PATIENCE_S, 3 * plan.seconds, 3 * desk.heartbeat);
  for (;;) {
    const seconds = (performance.now() - began) / 1000;
    const found = figures.value(plan.read, plan.least) !== null;
    if (found && seconds >= plan.seconds) return;
    if (seconds > patience) throw new Error('nothingCame');
    onProgress(plan.seconds ? Math.min(1, seconds / plan.seconds) : null);
    await pause(LOOK_MS, signal);
  }
}

/** Starts what is said meanwhile. */
function talker({ talk, lane }, desk) {
  const talking = { said: 0, stop() {} };
  if (!talk) return talking;
  const { per_second, bytes, by } = talk;
  if (by === 'server') {
    const before = desk.state().talker;
    desk.order({ kind: 'talk', per_second, bytes });
    talking.stop = () => desk.order({ kind: 'talk', ...before });
    return talking;
  }
  let timer = 0;
  function next() {
    // Exponential pauses make a Poisson process; 1 - random() is never 0.
    const pauses = by === 'page' ? -Math.log(1 - Math.random()) : 1;
    timer = setTimeout(say, (1000 * pauses) / per_second);
  }
  function say() {
    next();
    const text = filler((talking.said += 1), bytes);
    const saying = by === 'page' ? desk.saying.beside(text) : desk.saying.through(lane, text);
    saying.catch(() => (talking.said -= 1));
  }
  next();
  talking.stop = () => clearTimeout(timer);
  return talking;
}

async function drained(figures, talk, signal) {
  const began = performance.now();
  await until(() => figures.count >= talk.said || performance.now() - began > DRAIN_MS, signal);
}

async function until(is, signal) {
  while (!is()) await pause(LOOK_MS, signal);
}
