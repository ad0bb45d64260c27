/**
 * The chat page: the form, the composer and the words for the connection.
 *
 * It joins the client library (client/connect.js) to the drawing (view.js) and
 * is the only file that knows both of them.
 */

import { IN_WORDS } from './client/choose.js';
import { connect } from './client/connect.js';
import { fillIn, remember } from './recall.js';
import * as view from './view.js';

const ABOUT = {
  auto: 'The best that your browser and network let through.',
  short_poll: 'Asks each second, and is often told that there is nothing.',
  long_poll: 'Asks, and the server keeps the question until it has an answer.',
  http_stream: 'Asks once; the answer never ends and carries a line per event.',
  sse: 'The same stream, read by the browser itself.',
  websocket: 'One connection, both ways, a frame per event.',
};

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
  text.placeholder = `Message as ${entered.name}`;
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
  if (newLog) return view.addBreak('The server started anew: its numbers begin again here.');
  const events = missed === 1 ? '1 event' : `${missed} events`;
  view.addBreak(`${events} were dropped by the server before you could read them.`);
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
  const way = IN_WORDS[state.transport];
  const words = {
    connecting: `Connecting over ${way}…`,
    connected: `Connected over ${way}`,
    waiting: state.away ? 'Server away' : 'Reconnecting…',
    closed: 'Disconnected',
  };
  const pill = byId('state');
  pill.dataset.state = state.state;
  pill.textContent = words[state.state];
  const closed = state.state === 'closed';
  byId('connect-toggle').textContent = closed ? 'Connect' : 'Disconnect';
  byId('connect-toggle').classList.toggle('main', closed);
  byId('leave').hidden = !closed;
  byId('panel-toggle').hidden = closed;
  clearInterval(countdown);
  if (state.state === 'connected') nowConnected();
  if (state.state === 'waiting') nowWaiting(state);
  if (closed) nowClosed();
}

function nowConnected() {
  if (wasAway) {
    banner('back', 'The server is back.', 'You are connected again.');
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
  if (!away) {
    // The first try of a connection has its own words in the path.
    if (wasConnected && !wasAway) banner('away', 'The connection broke.', `${why}.`);
    return;
  }
  banner('away', 'The server has gone away.', 'Your place in the chat is kept.');
  const due = performance.now() + retryInMs;
  const retry = byId('retry');
  // On the button, outside of what a screen reader is told by itself.
  const tick = () => {
    const left = Math.max(0, Math.ceil((due - performance.now()) / 1000));
    retry.textContent = left ? `Try now (${left} s)` : 'Trying…';
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
    byId('say-error').textContent = `Not sent: ${error.message}.`;
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
  document.querySelector(`[data-about="${select.id}"]`).textContent = ABOUT[select.value];
}

for (const select of document.querySelectorAll('[data-transports]')) {
  for (const [name, words] of Object.entries(IN_WORDS)) select.add(new Option(words, name));
}
fillIn(form);
about(byId('first-transport'));
