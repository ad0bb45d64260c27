/**
 * The chat page: the form, the composer and the words for the connection.
 *
 * It joins the client library (client/connect.js) to the drawing (view.js) and
 * is the only file that knows both of them.
 */

import { connect } from './client/connect.js';
import { reason, sentence } from './reasons.js';
import { fillIn, remember } from './recall.js';
import { fill, t } from './texts.js';
import * as view from './view.js';
import { WAYS } from './ways.js';
import { lang, switchBy } from './words.js';

const CHOICES = ['auto', ...WAYS.map(({ name }) => name), 'iframe', 'jsonp'];

/** The history has come by then. */
const HISTORY_MS = 1_000;
/** How long the good news stays. */
const BACK_MS = 6_000;
/** Shown while we are not connected and cannot know. */
const NOBODY = { online: '–', people: [] };
/** People are asked for at most this often, however many come and go. */
const PEOPLE_MS = 250;

const byId = (id) => document.getElementById(id);
const form = byId('enter');
const text = byId('text');

/** @type {import('./client/connect.js').Connection | null} */
let connection = null;
/** The room, name and transport we last connected with. */
let entered = null;

// --- Entering and leaving.

function start(after = null) {
  connection = connect({
    room: entered.room,
    name: entered.name,
    transport: byId('transport').value,
    after,
    onEvent: hear,
    onState: showState,
    onGap: showGap,
    onPath: view.showPath,
  });
}

form.addEventListener('submit', (submit) => {
  submit.preventDefault();
  entered = Object.fromEntries(new FormData(form));
  remember(entered);
  byId('transport').value = entered.transport;
  about(byId('transport'));
  view.clearLog();
  view.showPeople(NOBODY);
  byId('where').textContent = entered.room;
  words();
  // A screen reader is not told the whole history, only what comes after it.
  byId('log').ariaLive = 'off';
  show('chat');
  start();
  text.focus();
});

byId('connect-toggle').addEventListener('click', () => {
  // The place outlives the connection: what is said meanwhile is not lost.
  if (connection?.state.state === 'closed') start(connection.place);
  else connection?.close();
});

byId('leave').addEventListener('click', () => {
  connection = null;
  byId('leave').hidden = true;
  show('enter');
  byId('name').focus();
});

byId('transport').addEventListener('change', ({ target }) => {
  about(target);
  if (connection?.state.state !== 'closed') connection?.use(target.value);
});

byId('first-transport').addEventListener('change', ({ target }) => about(target));
byId('retry').addEventListener('click', () => connection?.retry());
addEventListener('online', () => connection?.retry());

// A page that is put aside (a closed tab, the back button) leaves the room; one
// that is brought back from the browser's memory comes in again.
addEventListener('pagehide', () => connection?.close());
addEventListener('pageshow', ({ persisted }) => {
  if (persisted && connection) start(connection.place);
});

function show(name) {
  document.body.dataset.view = name;
  byId('enter-view').hidden = name !== 'enter';
  byId('chat-view').hidden = name !== 'chat';
  for (const id of ['where', 'state', 'panel-toggle', 'connect-toggle']) {
    byId(id).hidden = name !== 'chat';
  }
  openPanel(false);
}

// --- Hearing.

function hear(event, mine) {
  view.addEvent(event, mine);
  if (mine) view.toEnd();
  if (event.kind !== 'message') refreshPeople();
}

function showGap({ missed, newLog }) {
  if (newLog) return view.addBreak(t('newLog'));
  view.addBreak(missed === 1 ? t('oneMissed') : t('manyMissed', { n: missed }));
}

let peopleTimer = 0;

function refreshPeople() {
  if (peopleTimer) return;
  const asking = connection;
  peopleTimer = setTimeout(async () => {
    peopleTimer = 0;
    try {
      const people = await asking.people();
      if (asking === connection && asking.state.state === 'connected') view.showPeople(people);
    } catch {
      // The connection notices by itself when the server is away.
    }
  }, PEOPLE_MS);
}

// --- The state of the connection, in words.

let wasConnected = false;
let wasAway = false;
let countdown = 0;
let hiding = 0;

function showState(state) {
  byId('state').dataset.state = state.state;
  stateInWords(state);
  const closed = state.state === 'closed';
  byId('connect-toggle').classList.toggle('main', closed);
  byId('leave').hidden = !closed;
  byId('panel-toggle').hidden = closed;
  clearInterval(countdown);
  if (state.state === 'connected') nowConnected();
  if (state.state === 'waiting') nowWaiting(state);
  if (closed) nowClosed();
}

function stateInWords({ state, transport, away, why }) {
  const waiting = away ? 'serverAway' : why?.code ? 'notLetIn' : 'reconnecting';
  const words = state === 'waiting' ? waiting : state;
  byId('state').textContent = t(words, { way: t(transport) });
  byId('connect-toggle').textContent = t(state === 'closed' ? 'connect' : 'disconnect');
}

function nowConnected() {
  if (wasAway) {
    banner('back', t('back'), t('backMore'));
    hiding = setTimeout(hideBanner, BACK_MS);
  } else {
    hideBanner();
  }
  wasConnected = true;
  wasAway = false;
  setTimeout(() => (byId('log').ariaLive = 'polite'), HISTORY_MS);
  refreshPeople();
}

function nowWaiting({ away, retryInMs, why }) {
  wasAway ||= away;
  if (!away && !why.code) {
    // The first try of a connection has its own words in the path.
    if (wasConnected && !wasAway) banner('away', t('broke'), sentence(why));
    return;
  }
  if (away) banner('away', t('away'), t('awayMore'));
  else banner('away', t('refused'), sentence(why));
  const due = performance.now() + retryInMs;
  const retry = byId('retry');
  // On the button, outside of what a screen reader is told by itself.
  const tick = () => {
    const left = Math.max(0, Math.ceil((due - performance.now()) / 1000));
    retry.textContent = left ? t('tryNowIn', { n: left }) : t('trying');
  };
  tick();
  countdown = setInterval(tick, 250);
}

function nowClosed() {
  wasConnected = false;
  wasAway = false;
  hideBanner();
  openPanel(false);
  view.showPeople(NOBODY);
}

function banner(kind, title, words) {
  clearTimeout(hiding);
  const box = byId('banner');
  box.dataset.kind = kind;
  box.hidden = false;
  byId('retry').hidden = kind !== 'away';
  // Written only when it changes, or a screen reader says it again and again.
  for (const [id, value] of [['banner-title', title], ['banner-text', words]]) {
    if (byId(id).textContent !== value) byId(id).textContent = value;
  }
}

function hideBanner() {
  clearTimeout(hiding);
  byId('banner').hidden = true;
}

// --- Speaking.

byId('say').addEventListener('submit', async (submit) => {
  submit.preventDefault();
  const words = text.value;
  if (!words.trim()) return;
  byId('say-error').textContent = '';
  text.value = '';
  fit();
  try {
    if (connection?.state.state !== 'connected') throw new Error('you are not connected');
    await connection.say(words);
  } catch (error) {
    byId('say-error').textContent = t('notSent', { why: reason(error) });
    // What was typed comes back, unless something else is being typed already.
    if (!text.value) text.value = words;
    fit();
  }
});

text.addEventListener('keydown', (key) => {
  // While a Chinese or Japanese word is being composed, Enter picks it.
  if (key.key !== 'Enter' || key.shiftKey || key.isComposing) return;
  key.preventDefault();
  byId('say').requestSubmit();
});

function fit() {
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight + 2}px`;
}
text.addEventListener('input', fit);

// --- The rest of the page.

byId('newer').addEventListener('click', view.toEnd);

/** Only a narrow window has the panel closed; there it lies over the talk. */
function openPanel(open) {
  byId('panel').dataset.open = open;
  byId('talk').inert = open;
  byId('panel-toggle').ariaExpanded = String(open);
}
byId('panel-toggle').addEventListener('click', () => openPanel(byId('panel').dataset.open !== 'true'));
matchMedia('(max-width: 760px)').addEventListener('change', () => openPanel(false));

function about(select) {
  document.querySelector(`[data-about="${select.id}"]`).textContent = t(`about_${select.value}`);
}

/** Writes all words anew, in the language of the page. */
function words() {
  fill();
  document.title = t('title');
  byId('retry').textContent = t('tryNow');
  byId('lessons').href = `/lessons/${lang()}`;
  for (const select of document.querySelectorAll('[data-transports]')) {
    for (const option of select.options) option.textContent = t(option.value);
    about(select);
  }
  if (entered) text.placeholder = t('messageAs', { name: entered.name });
  view.showTimes();
  if (!connection) return;
  stateInWords(connection.state);
  view.showPath(connection.path);
  refreshPeople();
}

for (const select of document.querySelectorAll('[data-transports]')) {
  for (const name of CHOICES) select.add(new Option(t(name), name));
}
fillIn(form);
switchBy(byId('lang'), words);
words();
