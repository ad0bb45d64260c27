/**
 * Drawing: what the page shows of messages, people and the way here.
 *
 * Everything that came over the wire is put in with `textContent`: a name or a
 * text is text, whatever it looks like. No function here knows the connection.
 */

import { reason } from './reasons.js';
import { t } from './texts.js';
import { wayOf } from './ways.js';
import { lang } from './words.js';

/** Older entries leave the page, so that a long lesson does not slow it down. */
const MOST_ENTRIES = 1000;
/** People listed by name; the count stays right beyond it. */
const MOST_PEOPLE = 200;
/** Steps shown of the way here. */
const STEPS_SHOWN = 6;
/** How many colours chat.css has for people. */
const COLOURS = 6;

const byId = (id) => document.getElementById(id);

/** An element with a class, a text and children. */
function element(name, className = '', text = '', ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

/** The browser's own way with times, unless the page speaks another language. */
const locale = () => (navigator.language.startsWith(lang()) ? [] : lang());

/** Chinese pages count the hours to 24, whatever the browser's own way is. */
const hours = () => (lang() === 'zh' ? { hourCycle: 'h23' } : {});

function clock(at) {
  const time = element('time');
  time.dateTime = new Date(at).toISOString();
  setClock(time);
  return time;
}

function setClock(time) {
  const when = new Date(time.dateTime);
  time.textContent = when.toLocaleTimeString(locale(), { timeStyle: 'short', ...hours() });
  time.title = when.toLocaleString(locale(), hours());
}

/** Writes the times of the log anew, in the language of the page. */
export function showTimes() {
  document.querySelectorAll('#entries time').forEach(setClock);
}

/** The same colour for the same name, in every browser. */
function avatar(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  const mark = element('span', 'avatar', [...name.trim()][0]?.toUpperCase() ?? '?');
  mark.dataset.colour = sum % COLOURS;
  mark.ariaHidden = 'true';
  return mark;
}

// --- The log.

let lastSpeaker = null;
/** Whether the newest entry is in view, and should stay so. */
let atEnd = true;

byId('log').addEventListener('scroll', ({ target }) => {
  atEnd = target.scrollHeight - target.scrollTop - target.clientHeight < 80;
  if (atEnd) byId('newer').hidden = true;
});
// A banner or a phone's keyboard makes the log lower.
new ResizeObserver(() => atEnd && toEnd()).observe(byId('log'));

/** Adds an event of the log. */
export function addEvent(event, mine) {
  if (event.kind === 'message') addMessage(event, mine);
  else if (event.kind === 'join') addNote(event.from, 'joined', event.at);
  else if (event.kind === 'leave') addNote(event.from, 'left', event.at);
}

function addMessage({ from, text, at, seq }, mine) {
  const speaker = `${mine} ${from}`;
  const entry = element('li', 'message');
  entry.dataset.seq = seq;
  entry.classList.toggle('mine', mine);
  entry.classList.toggle('follows', speaker === lastSpeaker);
  const head = element('p', 'head', '', element('b', 'from', from), ' ', clock(at));
  const body = element('p', 'text', text);
  // Arabic and Hebrew run their own way, whatever surrounds them.
  body.dir = 'auto';
  entry.append(avatar(from), head, body);
  addEntry(entry);
  lastSpeaker = speaker;
}

/** Adds a line about somebody. */
function addNote(name, what, at) {
  const words = element('span', '', t(what));
  words.dataset.text = what;
  addEntry(element('li', 'note', '', element('b', '', name), ' ', words, ' ', clock(at)));
  lastSpeaker = null;
}

/** Adds a line about the log itself. */
export function addBreak(text) {
  addEntry(element('li', 'break', text));
  lastSpeaker = null;
}

function addEntry(entry) {
  const entries = byId('entries');
  entries.append(entry);
  if (entries.childElementCount > MOST_ENTRIES) entries.firstElementChild.remove();
  byId('empty').hidden = true;
  if (atEnd) followSoon();
  else byId('newer').hidden = false;
}

let following = 0;

/** Once per picture, however many entries come: each look at a height costs a layout. */
function followSoon() {
  following ||= requestAnimationFrame(() => {
    following = 0;
    toEnd();
  });
}

/** Scrolls to the newest entry. */
export function toEnd() {
  const log = byId('log');
  log.scrollTop = log.scrollHeight;
  atEnd = true;
  byId('newer').hidden = true;
}

/** Empties the log, for another room. */
export function clearLog() {
  byId('entries').replaceChildren();
  byId('empty').hidden = false;
  lastSpeaker = null;
}

// --- People.

/** Shows who is here. */
export function showPeople({ online, people }) {
  for (const count of document.querySelectorAll('[data-online]')) count.textContent = online;
  byId('people').dataset.none = t('whoIsHere');
  const lines = people.slice(0, MOST_PEOPLE).map(({ name, transport, framing }) => {
    const way = element('span', 'way', t(wayOf({ transport, framing })?.name ?? transport));
    return element('li', '', '', avatar(name), element('span', 'who', name), way);
  });
  const unlisted = online - lines.length;
  if (unlisted > 0) lines.push(element('li', 'more', t('andMore', { n: unlisted })));
  byId('people').replaceChildren(...lines);
}

// --- The way here.

/** Shows which transports were tried, and what became of each. */
export function showPath(path) {
  const lines = path.slice(-STEPS_SHOWN).map((step) => {
    const words = element('span', 'result', t(`step_${step.result}`, { ...step, why: reason(step.why) }));
    const line = element('li', '', '', element('b', '', t(step.transport)), ' ', clock(step.at), words);
    line.dataset.result = step.result;
    return line;
  });
  byId('path').replaceChildren(...lines);
}
