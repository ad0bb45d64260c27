/**
 * The classroom page: lanes side by side, the wire, and the teacher's panel.
 *
 * Reading order: this file joins the others; `lane.js` with `ladder.js` and
 * `spark.js` is one lane; `exchanges.js` keeps what the tap saw and
 * `wire.js` shows it, with `bytes.js`, `frame.js`, `accept.js` and
 * `explain.js`; `libraries.js` adds the lanes of libraries; `experiment.js` is a lesson's sheet, with `measure.js`,
 * `figures.js`, `crowd.js` and `own.js`; `teacher.js` is the panel, and
 * `collection.js` the part of it where predictions are collected, `servers.js` the one for several servers;
 * `countdown.js` and `present.js` are for the front of the class.
 */

import { sentence } from '/page/reasons.js';
import { Channel } from './channel.js';
import { Collection } from './collection.js';
import { controls } from './controls.js';
import { Countdown } from './countdown.js';
import { byId, element, options } from './element.js';
import { Exchanges } from './exchanges.js';
import { Experiment } from './experiment.js';
import { Lane } from './lane.js';
import { Libraries } from './libraries.js';
import { lateness } from './latencies.js';
import { Own } from './own.js';
import { present } from './present.js';
import { BESIDE, Saying } from './saying.js';
import { Servers } from './servers.js';
import { Teacher } from './teacher.js';
import { fill, lang, switchBy, t } from './texts.js';
import { views } from './views.js';
import { Wire } from './wire.js';

/** @type {Lane[]} */
let lanes = [];
let facts = null;
let state = null;
let paused = false;
/** @type {Saying | null} */
let saying = null;
/** @type {import('./figures.js').Figures | null} */
let watching = null;

const exchanges = new Exchanges(
  (item) => {
    const lane = byName(item.lane);
    lane?.ladder.item(item);
    lane?.speaks(item);
    wire.added(item);
    watching?.item(item);
  },
  (item, pass) => {
    byName(item.lane)?.ladder.pass(item, pass);
    wire.changed(item);
    watching?.pass(item, pass);
  },
);
const byName = (name) => lanes.find((lane) => lane.name === name);
const byPerson = (person) => lanes.find((lane) => lane.person === person);

const channel = new Channel(hear, (open) => showState(open ? '' : 'awayState'));
const countdown = new Countdown(byId('countdown'), channel);
const collection = new Collection(channel);
/** @type {Own | null} */
let own = null;
const libraries = new Libraries(
  (of) => new Lane(of, facts.room, { ...tune.settings() }, heard, choose),
  (these, on, fresh) => {
    lanes = [...lanes.filter((lane) => !these.includes(lane)), ...(on ? these : [])];
    // Made just now, they start when the classroom follows them.
    if (fresh) channel.greet({ kind: 'follow', persons: these.map(({ person }) => person) });
    showLanes();
    words();
  },
);
const wire = new Wire(exchanges, () => lanes.map(({ name }) => name));
const teacher = new Teacher(channel);
const servers = new Servers(channel);
const tune = controls({
  settings: (settings) => lanes.forEach((lane) => lane.tune({ ...settings })),
  talk: say,
  delay: (ms) => channel.send({ kind: 'delay', ms }),
  path: (path) => channel.send({ kind: 'path', path }),
  http2: (on) => channel.send({ kind: 'http2', on }),
});
const experiment = new Experiment(byId('experiment'), {
  lane: byName,
  lanes: () => lanes,
  get saying() {
    return saying;
  },
  tune: (settings) => tune.set(settings),
  order: (message) => channel.send(message),
  own: (plan) => own.desk(plan),
  state: () => state,
  watch: (figures) => (watching = figures),
  get heartbeat() {
    return facts.heartbeat;
  },
});

function hear(message) {
  switch (message.kind) {
    case 'hello':
      return hello(message);
    case 'state':
      return showClass(message.state);
    case 'asked':
    case 'passed':
    case 'ended':
    case 'closed':
      return note(message);
    case 'following':
      // They begin at the newest event: what was said before is no delivery to a lane.
      lanes.filter(({ connection }) => !connection).forEach((lane) => lane.start(message.newest));
      return own?.following();
    case 'books':
      for (const [person, totals] of Object.entries(message.books)) (byPerson(person) ?? own?.byPerson(person))?.books(totals);
      return undefined;
    case 'missed':
      return showState('missed', { n: message.notes });
    case 'teacher':
      teacher.show(message.teaches);
      tune.teaches(message.teaches);
      experiment.teaches(message.teaches);
      remember(message.teaches);
      byId('tab-teacher').hidden = !message.teaches;
      collection.teaches(message.teaches);
      return showState(message.teaches ? 'teacherState' : 'wrongToken');
    case 'class':
      return teacher.class(message);
    case 'sheets':
      return collection.show(message);
    case 'key':
      return collection.key(message);
    case 'handed_in':
      return experiment.handedIn(message);
    case 'not_handed_in':
      return experiment.refused(message);
    default:
      return undefined;
  }
}

function note(message) {
  const lane = byPerson(message.person)?.name;
  if (lane) exchanges[message.kind](lane, message);
  else own?.note(message);
}

// --- Opening.

function hello({ facts: now, own_room: ownRoom }) {
  // A classroom that was started anew has another room, and perhaps other ports.
  if (facts && facts.id !== now.id) return location.reload();
  if (facts) return own.moved(ownRoom);
  facts = { ...now, ownRoom };
  tune.compress(facts.compress);
  tune.sealed(facts.tls);
  const settings = tune.settings();
  saying = new Saying(facts.room, byName);
  own = new Own(facts, channel, (lane, event) => lateness(lane, event, own.saying, channel));
  collection.open(facts.sheets);
  lanes = facts.lanes.map((lane) => new Lane(lane, facts.room, { ...settings }, heard, choose));
  libraries.open(facts);
  showLanes();
  byId('tab-wire').hidden = !facts.wire;
  byId('totals').hidden = !facts.wire;
  byId('foot').dataset.text = `${facts.wire ? 'foot' : 'footLanes'}${facts.tls ? 'Tls' : ''}`;
  if (!lanes.length) showState('noLanes');
  // They start when the classroom follows them, so that no byte goes unseen.
  channel.greet({ kind: 'follow', persons: lanes.map(({ person }) => person) });
  if (token) channel.greet({ kind: 'teach', token });
  const lesson = new URLSearchParams(location.search).get('lesson');
  if (lesson) experiment.open(lesson);
  words();
}

function showLanes() {
  byId('lanes').replaceChildren(...lanes.map(({ element: box }) => box));
  byId('lanes').classList.toggle('with-libraries', lanes.length > facts.lanes.length);
}

// The teacher may go to a lesson and come back: the token stays with the tab.
const TOKEN = 'wirebench-teacher';
const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? remembered();

function remembered() {
  try {
    return sessionStorage.getItem(TOKEN);
  } catch {
    // A browser that keeps nothing needs the link again.
    return null;
  }
}

function remember(teaches) {
  try {
    if (teaches) sessionStorage.setItem(TOKEN, token);
    else sessionStorage.removeItem(TOKEN);
  } catch {
    // As above.
  }
}

function showClass(next) {
  state = next;
  for (const lane of lanes) {
    lane.ladder.delay = state.delay_ms;
    lane.serving(state.servers);
  }
  tune.delay(state.delay_ms);
  tune.path(state.path);
  tune.http2(state.http2);
  teacher.state(state);
  servers.state(state);
  countdown.state(state);
}

// --- Saying, and how long it takes to be heard.

const text = byId('text');
byId('say').addEventListener('submit', (submit) => {
  submit.preventDefault();
  if (!text.value.trim()) return;
  say(text.value);
  text.value = '';
});

async function say(words) {
  byId('say-error').textContent = '';
  try {
    await saying.through(byId('through').value, words);
  } catch (error) {
    byId('say-error').textContent = sentence(error);
  }
}

/** A lane heard an event; gives back how late that was, if it is a latency of this lane. */
function heard(lane, event) {
  if (watching?.lane === lane.name) {
    const ours = saying.of(event);
    watching.hear(ours ? performance.now() - ours.at : null);
  }
  return lateness(lane, event, saying, channel);
}

// --- Words and views.

function words() {
  fill();
  const url = facts?.url ?? location.origin;
  byId('join').replaceChildren(element('span', 'join-words', `${t('joinAt')} `), url.replace(/^https?:\/\//, ''));
  Object.assign(byId('join-url'), { textContent: url, href: url });
  options(byId('through'), [BESIDE, ...lanes.map(({ name }) => name)].map((name) => [name, t(name)]), BESIDE);
  Object.assign(byId('lessons'), { href: `/lessons/${lang()}`, hidden: !facts?.lessons });
  byId('pause').textContent = t(paused ? 'resume' : 'pause');
  for (const lane of lanes) lane.words();
  libraries.words();
  tune.words();
  if (state) {
    tune.delay(state.delay_ms);
    tune.path(state.path);
    tune.http2(state.http2);
  }
  wire.words();
  teacher.words();
  servers.words();
  experiment.words();
  collection.words();
  countdown.words();
  showState(...said);
}

switchBy(byId('lang'), words);

/** What the page says of itself, kept as a key, so that it can be said in another language. */
let said = ['', {}];

function showState(key, values) {
  said = [key, values];
  byId('state').textContent = key ? t(key, values) : '';
}

const show = views(() => {
  // What nobody looked at was not drawn.
  wire.words();
  teacher.words();
});

function choose(key, at) {
  if (!facts.wire) return;
  show(byId('tab-wire'));
  wire.choose(key, { scroll: true, at });
}

byId('reset').addEventListener('click', () => lanes.forEach((lane) => lane.reset()));
present(byId('present'));
byId('join').addEventListener('click', () => byId('join-box').showModal());

// --- Time.

byId('pause').addEventListener('click', ({ target }) => {
  paused = !paused;
  target.ariaPressed = String(paused);
  target.textContent = t(paused ? 'resume' : 'pause');
});

const calm = matchMedia('(prefers-reduced-motion: reduce)');
let drawnAt = 0;

function tick() {
  const now = performance.now();
  if (!paused && (!calm.matches || now - drawnAt > 500)) {
    drawnAt = now;
    for (const lane of lanes) lane.ladder.draw(now - channel.offset);
    own?.draw(now - channel.offset);
  }
  requestAnimationFrame(tick);
}
requestAnimationFrame(tick);

addEventListener('pagehide', () => lanes.forEach((lane) => lane.stop()));
addEventListener('pageshow', ({ persisted }) => persisted && lanes.forEach((lane) => lane.start()));

show(byId('tab-lanes'));
words();
