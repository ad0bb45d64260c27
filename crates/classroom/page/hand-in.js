/**
 * Handing in: what was predicted, and what was measured, under a name or none.
 *
 * The first prediction of each question counts; what is measured later is added
 * to the same sheet. The token that says which sheet is ours stays in this tab.
 */

import { randomToken } from '/page/client/token.js';
import { element } from './element.js';
import { t } from './texts.js';

const KEY = 'wirebench-hand-in';

/** The same token after the page was loaded again. */
function kept(lesson) {
  const key = `${KEY}-${lesson}`;
  try {
    const token = sessionStorage.getItem(key) ?? randomToken();
    sessionStorage.setItem(key, token);
    return token;
  } catch {
    // A browser that keeps nothing hands in anew after a reload.
    return randomToken();
  }
}

/** The form at the end of a sheet. */
export class HandIn {
  #lesson;
  #token;
  #rows;
  #send;
  #changed;
  #name = '';
  #state = '';
  #button = null;

  /**
   * @param {string} lesson
   * @param {() => object[]} rows of the sheet
   * @param {(message: object) => void} send to the classroom
   * @param {() => void} changed writes the sheet anew
   */
  constructor(lesson, rows, send, changed) {
    this.#lesson = lesson;
    this.#token = kept(lesson);
    this.#rows = rows;
    this.#send = send;
    this.#changed = changed;
  }

  /** Builds the form, in the language of the page. */
  element() {
    const name = element('input');
    Object.assign(name, { id: 'hand-in-name', value: this.#name, maxLength: 64, autocomplete: 'nickname' });
    name.addEventListener('input', () => (this.#name = name.value));
    const label = element('label', '', t('handInName'));
    label.htmlFor = 'hand-in-name';
    this.#button = element('button', 'main', t('handIn'));
    this.#button.type = 'submit';
    const form = element('form', 'hand-in', '', label, name, this.#button);
    form.addEventListener('submit', (submit) => {
      submit.preventDefault();
      this.send();
    });
    const said = element('p', 'hand-in-state', this.#state ? t(this.#state) : t('handInHint'));
    said.role = 'status';
    this.changed();
    return element('div', 'hand-in-box', '', form, said);
  }

  /** Something was typed. */
  changed() {
    if (this.#button) this.#button.disabled = !this.#answered().some(({ handed }) => !handed);
  }

  #answered() {
    return this.#rows().filter(({ answer }) => answer !== '' && Number.isFinite(Number(answer)));
  }

  /** Hands in what was predicted so far. */
  send() {
    const answers = this.#answered().map(({ check, answer, measured }) => ({ id: check.id, predicted: Number(answer), measured }));
    if (!answers.length) return;
    for (const row of this.#answered()) row.sent = true;
    this.#send({ kind: 'hand_in', sheet: { lesson: this.#lesson, token: this.#token, name: this.#name, answers } });
  }

  /** The classroom has it: now the answers may be seen. */
  taken({ lesson }) {
    if (lesson !== this.#lesson) return;
    for (const row of this.#rows()) row.handed ||= row.sent === true;
    this.#state = 'handedIn';
    this.#changed();
  }

  /** The classroom refused it. */
  refused({ code }) {
    this.#state = `refused_${code}`;
    this.#changed();
  }
}
