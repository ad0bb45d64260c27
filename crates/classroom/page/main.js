/**
 * The classroom page: lanes side by side, the wire, and the teacher's panel.
 *
 * Reading order: this file joins the others; `lane.js` with `ladder.js` and
 * `spark.js` is one lane; `exchanges.js` keeps what the tap saw and
 * `wire.js` shows it, with `bytes.js`, `frame.js`, `accept.js` and
 * `explain.js`; `teacher.js` is the panel.
 */

import { Channel } from './channel.js';
import { controls } from './controls.js';
import { byId, element, options } from './element.js';
import { Exchanges } from './exchanges.js';
import { Lane } from './lane.js';
import { Teacher } from './teacher.js';
import { fill, lang, setLang, t } from './texts.js';
import { Wire } from './wire.js';

/** What was said by this page lately, by tag: when. */
const said = new Map();
let sayings = 0;
const TAGS = `lanes-${Math.random().toString(36).slice(2, 10)}-`;

/** @type {Lane[]} */
let lanes = [];
let facts = null;
let state = null;
let paused = false;

const exchanges = new Exchanges(
  (item) => {
    byName(item.lane)?.ladder.item(item);
    wire.added(item);
  },
  (item, pass) => {
    byName(item.lane)?.ladder.pass(item, pass);
    wire.changed(item);
  },
);
const byName = (name) => lanes.find((lane) => lane.name === name);
const byPerson = (person) => lanes.find((lane) => lane.person === person);

const channel = new Channel(hear, (open) => showState(open ? '' : 'awayState'));
const wire = new Wire(exchanges, () => lanes.map(({ name }) => name));
const teacher = new Teacher(channel);
const tune = controls({
  settings: (settings) => lanes.forEach((lane) => lane.tune({ ...settings })),
  talk: say,
  delay: (ms) => channel.send({ kind: 'delay', ms }),
});

function hear(message) {
  switch (message.kind) {
    case 'hello':
      return hello(message);
    case 'state':
      return showClass(message.state);
    case 'asked':
    case 'passed':
    case 'closed':
      return note(message);
    case 'following':
      return lanes.filter(({ connection }) => !connection).forEach((lane) => lane.start());
    case 'books':
      for (const [person, totals] of Object.entries(message.books)) byPerson(person)?.books(totals);
      return undefined;
    case 'missed':
      return showState('missed', { n: message.notes });
    case 'teacher':
      teacher.show(message.teaches);
      tune.teaches(message.teaches);
      byId('tab-teacher').hidden = !message.teaches;
      return showState(message.teaches ? 'teacherState' : 'wrongToken');
    case 'class':
      return teacher.class(message);
    default:
      return undefined;
  }
}

function note(message) {
  const lane = byPerson(message.person)?.name;
  if (lane) exchanges[message.kind](lane, message);
}

// --- Opening.

let greetedAt = 0;

function hello({ facts: now, clock }) {
  // A classroom that was started anew has another clock, and perhaps other ports.
  const again = facts !== null;
  if (again && clock.at < greetedAt) return location.reload();
  greetedAt = clock.at;
  if (again) return;
  facts = now;
  setLang(new URLSearchParams(location.search).get('lang') ?? facts.lang);
  const settings = tune.settings();
  lanes = facts.lanes.map((lane) => new Lane(lane, facts.room, { ...settings }, latencyOf, choose));
  byId('lanes').replaceChildren(...lanes.map(({ element: box }) => box));
  // They start when the classroom follows them, so that no byte goes unseen.
  channel.greet({ kind: 'follow', persons: lanes.map(({ person }) => person) });
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token) channel.greet({ kind: 'teach', token });
  words();
}

function showClass(next) {
  state = next;
  for (const lane of lanes) lane.ladder.delay = state.delay_ms;
  tune.delay(state.delay_ms);
  teacher.state(state);
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
  const lane = byName(byId('through').value);
  byId('say-error').textContent = '';
  const tag = `${TAGS}${(sayings += 1)}`;
  said.set(tag, performance.now());
  if (said.size > 500) said.delete(said.keys().next().value);
  try {
    await lane.connection.say(words, tag);
  } catch (error) {
    byId('say-error').textContent = error.message;
  }
}

/** What we said ourselves we know to the millisecond; for others, by both clocks. */
function latencyOf({ tag, at }) {
  const now = performance.now();
  if (said.has(tag)) return now - said.get(tag);
  const late = now - (at + channel.unixOffset);
  // What was said before we came is history.
  return late > -50 && late < 60_000 && channel.unixOffset ? Math.max(0, late) : null;
}

// --- Words and views.

function words() {
  fill();
  byId('lang').textContent = t('other');
  byId('lang').lang = lang() === 'zh' ? 'en' : 'zh-CN';
  const url = facts?.url ?? location.origin;
  byId('join').textContent = t('joinAt', { url: url.replace('http://', '') });
  Object.assign(byId('join-url'), { textContent: url, href: url });
  options(byId('through'), lanes.map(({ name }) => [name, t(name)]), 'websocket');
  Object.assign(byId('lessons'), { href: lang() === 'zh' ? '/lessons/zh' : '/lessons', hidden: !facts?.lessons });
  byId('pause').textContent = t(paused ? 'resume' : 'pause');
  for (const lane of lanes) lane.words();
  tune.words();
  if (state) tune.delay(state.delay_ms);
  wire.words();
  teacher.words();
}

byId('lang').addEventListener('click', () => {
  setLang(lang() === 'zh' ? 'en' : 'zh');
  words();
});

function showState(key, values) {
  byId('state').textContent = key ? t(key, values) : '';
}

const tabs = [...document.querySelectorAll('[role="tab"]')];

function show(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.ariaSelected = String(chosen);
    other.tabIndex = chosen ? 0 : -1;
    byId(other.getAttribute('aria-controls')).hidden = !chosen;
  }
  document.body.dataset.view = tab.id;
  // What nobody looked at was not drawn.
  wire.words();
  teacher.words();
}

for (const tab of tabs) {
  tab.addEventListener('click', () => show(tab));
  tab.addEventListener('keydown', ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    const seen = tabs.filter(({ hidden }) => !hidden);
    if (!step) return;
    const next = seen.at((seen.indexOf(tab) + step) % seen.length);
    show(next);
    next.focus();
  });
}

function choose(key, at) {
  show(byId('tab-wire'));
  wire.choose(key, { scroll: true, at });
}

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
  }
  requestAnimationFrame(tick);
}
requestAnimationFrame(tick);

addEventListener('pagehide', () => lanes.forEach((lane) => lane.stop()));
addEventListener('pageshow', ({ persisted }) => persisted && lanes.forEach((lane) => lane.start()));

show(tabs[0]);
words();
