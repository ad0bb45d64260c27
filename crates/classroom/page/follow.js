/**
 * Added to the chat page in a classroom: the teacher may move everybody to a
 * transport and back, clear the room, and set a countdown. It uses the page as a person would,
 * through its select, and the channel is not counted.
 */

import { addBreak, clearLog } from '/page/view.js';
import { Channel } from './channel.js';
import { Countdown } from './countdown.js';
import { t } from './texts.js';

const selects = ['first-transport', 'transport'].map((id) => document.getElementById(id));
/** What was chosen before the teacher moved everybody; null while nobody is moved. */
let own = null;
let cleared = null;

const box = document.createElement('p');
Object.assign(box, { id: 'countdown', role: 'timer', hidden: true });
document.getElementById('state').before(box);

const channel = new Channel((message) => {
  if (message.kind !== 'state') return;
  obey(message.state);
  countdown.state(message.state);
});

const countdown = new Countdown(box, channel);

function obey(state) {
  if (cleared !== null && state.cleared > cleared) {
    clearLog();
    addBreak(t('cleared'));
  }
  cleared = state.cleared;
  if (state.moved) {
    own ??= selects.map(({ value }) => value);
    move(selects.map(() => state.moved), t('moved', { transport: t(state.moved) }));
  } else if (own) {
    move(own, t('movedBack'));
    own = null;
  }
}

function move(values, words) {
  const before = selects.map(({ value }) => value).join();
  selects.forEach((select, index) => {
    if (select.value === values[index]) return;
    select.value = values[index];
    select.dispatchEvent(new Event('change'));
  });
  if (before !== values.join() && document.body.dataset.view === 'chat') addBreak(words);
}
