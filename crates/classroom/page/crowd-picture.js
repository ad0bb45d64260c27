/**
 * A crowd as a picture: a square for each reader, and the counts in words.
 */

import { element } from './element.js';
import { t } from './texts.js';

/** More than these are drawn small. */
const MANY = 60;

/** One reader each, in the order in which they asked. */
export class CrowdPicture {
  #squares;
  #caption = element('figcaption', 'crowd-words');
  #kept = false;
  #key;

  /**
   * @param {number} readers
   * @param {string} caption the key of its words
   */
  constructor(readers, caption) {
    this.#key = caption;
    this.#squares = Array.from({ length: readers }, () => element('i', 'waiting'));
    const squares = element('div', readers > MANY ? 'crowd-squares many' : 'crowd-squares', '', ...this.#squares);
    squares.ariaHidden = 'true';
    this.element = element('figure', 'crowd', '', squares, this.#caption);
    this.words();
  }

  /** What became of one; who has heard stays so. */
  set(index, state) {
    const square = this.#squares[index];
    if (this.#kept || square.className === 'heard') return;
    square.className = state;
    this.words();
  }

  /** Nothing changes any more. */
  keep() {
    this.#kept = true;
  }

  /** Writes the words anew, in the language of the page. */
  words() {
    const n = (state) => this.#squares.filter(({ className }) => className === state).length;
    this.#caption.textContent = t(this.#key, { heard: n('heard'), open: n('open') + n('heard'), waiting: n('waiting') });
  }
}
