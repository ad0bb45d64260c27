/**
 * The countdown that the teacher sets and everybody sees.
 */

import { byId } from './element.js';
import { t } from './texts.js';

const MINUTES = [1, 2, 3, 5, 10, 15, 20, 30];
/** How long "time is up" stays. */
const UP_MS = 60_000;

/** Minutes and seconds that are left. */
export const clockLeft = (ms) => {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** What is left, in one element; and the teacher's controls for it, where the page has them. */
export class Countdown {
  #box;
  #channel;
  #endsAt = null;

  /**
   * @param {HTMLElement} box where it stands
   * @param {import('./channel.js').Channel} channel
   */
  constructor(box, channel) {
    this.#box = box;
    this.#channel = channel;
    byId('count-start')?.addEventListener('click', () => channel.send({ kind: 'countdown', seconds: 60 * Number(byId('count-minutes').value) }));
    byId('count-stop')?.addEventListener('click', () => channel.send({ kind: 'countdown', seconds: null }));
    setInterval(() => this.#show(), 250);
  }

  /** What everybody was told. */
  state({ ends_at }) {
    this.#endsAt = ends_at;
    this.#show();
  }

  /** Writes the words anew, in the language of the page. */
  words() {
    const select = byId('count-minutes');
    if (select) {
      const keep = select.value || '5';
      select.replaceChildren(...MINUTES.map((n) => new Option(t('minutes', { n }), n)));
      select.value = keep;
    }
    this.#show();
  }

  #show() {
    const left = this.#endsAt === null ? -Infinity : this.#endsAt - (performance.now() - this.#channel.offset);
    const words = left > 0 ? clockLeft(left) : left > -UP_MS ? t('timeUp') : '';
    if (this.#box.textContent !== words) this.#box.textContent = words;
    this.#box.hidden = !words;
    this.#box.classList.toggle('up', left <= 0);
  }
}
