/**
 * A crowd: many readers of one transport from this one page, to the ports of as
 * many lanes as the experiment says. Who of them hears a message, and how late
 * a draft is that shares their port?
 *
 * Everybody here asks through the browser, so what its connections allow is
 * what is measured: nothing counts to six but the browser.
 */

import { pause } from '/page/client/backoff.js';
import { connect } from '/page/client/connect.js';
import { Room } from '/page/client/room.js';
import { CrowdPicture } from './crowd-picture.js';

/** How often we look. */
const LOOK_MS = 100;
/** When nobody more has connected for so long, nobody more will. */
const CALM_MS = 2_500;
/** Who has not heard by then what others heard at once is left waiting. */
const AT_ONCE_MS = 1_000;
/** Longest wait for those who are connected. */
const LIMIT_MS = 10_000;

/**
 * Does the experiment, and gives back its figure; every lane is as it was afterwards.
 * @param {object} plan `lanes` of a check, with its `crowd`
 * @param {import('./measure.js').Desk} desk
 * @param {AbortSignal} signal
 * @param {(share: null, picture?: CrowdPicture) => void} onProgress
 */
export async function crowd(plan, desk, signal, onProgress) {
  const lanes = lanesOf(plan, desk);
  // A lane's own connection would be one of the six.
  const off = lanes.filter((lane) => lane.isOn);
  off.forEach((lane) => lane.stop());
  let readers = [];
  const picture = new CrowdPicture(plan.crowd.readers, plan.read === 'heard' ? 'crowdHears' : 'crowdHolds');
  onProgress(null, picture);
  try {
    readers = await joined(plan, lanes, picture);
    await settled(readers, signal);
    return plan.read === 'draft_ms'
      ? await draftMs(lanes[0], signal)
      : await heard(readers, desk.saying, signal);
  } finally {
    // What the picture shows is how it was, not how everybody leaves.
    picture.keep();
    readers.forEach(({ connection }) => connection.close());
    off.forEach((lane) => lane.start());
  }
}

/** The lane of the plan and its neighbours, one for each port. */
function lanesOf({ lane, crowd: { ports } }, desk) {
  const all = desk.lanes();
  const first = all.findIndex(({ name }) => name === lane);
  return Array.from({ length: Math.min(ports, all.length) }, (_, index) => all[(first + index) % all.length]);
}

/** Lets everybody join; they need no name, so nobody is told of them. */
async function joined({ lane, crowd: { readers, hold } }, lanes, picture) {
  // Asked past the lanes: whoever comes now reads only what comes next.
  const after = await new Room(location.origin, lanes[0].room).head(LIMIT_MS);
  return Array.from({ length: readers }, (_, index) => {
    const reader = { isOpen: false, texts: new Set() };
    const { url, room } = lanes[index % lanes.length];
    reader.connection = connect({
      url,
      room,
      after,
      transport: lane,
      hold: hold ?? 25,
      onState: ({ state }) => {
        reader.isOpen = state === 'connected';
        picture.set(index, reader.isOpen ? 'open' : 'waiting');
      },
      onEvent: ({ kind, text }) => {
        if (kind !== 'message') return;
        reader.texts.add(text);
        if (text.startsWith(MESSAGE)) picture.set(index, 'heard');
      },
    });
    return reader;
  });
}

const MESSAGE = 'to everybody at once ';

const isOpen = (reader) => reader.isOpen;

/** Waits until all are connected, or until nobody more connects. */
async function settled(readers, signal) {
  let open = -1;
  let changedAt = 0;
  for (;;) {
    const now = readers.filter(isOpen).length;
    if (now === readers.length) return;
    if (now !== open) [open, changedAt] = [now, performance.now()];
    else if (performance.now() - changedAt > CALM_MS) return;
    await pause(LOOK_MS, signal);
  }
}

/** Says one message past the lanes; how many hear it. */
async function heard(readers, saying, signal) {
  const text = MESSAGE + crypto.getRandomValues(new Uint32Array(1))[0];
  const hears = ({ texts }) => texts.has(text);
  const began = performance.now();
  await saying.beside(text);
  const connected = readers.filter(isOpen);
  for (;;) {
    const took = performance.now() - began;
    if (took > LIMIT_MS || (took > AT_ONCE_MS && connected.every(hears))) break;
    await pause(LOOK_MS, signal);
  }
  return readers.filter(hears).length;
}

/** Says a draft to the port that everybody reads from; how long until it is taken. */
async function draftMs({ url, room }, signal) {
  const began = performance.now();
  const draft = new Room(url, room).post({ from: 'lab', text: 'a draft among held requests' });
  const stopped = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  await Promise.race([draft, stopped]);
  return performance.now() - began;
}
