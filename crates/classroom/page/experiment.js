/**
 * A lesson's sheet above the lanes: predict, measure, compare, hand in. An answer
 * is folded away until its prediction was measured or handed in.
 */

import { element } from './element.js';
import { HandIn } from './hand-in.js';
import { measure } from './measure.js';
import { pick, t } from './texts.js';

/** A number as people read it. */
function digits(value) {
  const places = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 1 : 4;
  return String(Number(value.toFixed(places)));
}

/** How near a prediction came; the same bounds as in `wirebench lab`. */
export function verdict(answer, measured, { right, close }) {
  const within = (share) => Math.abs(answer - measured) <= share * Math.abs(measured) + 1e-9;
  return within(right) ? 'right' : within(close) ? 'close' : 'far';
}

/** The sheet of one lesson. */
export class Experiment {
  #box;
  #desk;
  #sheet = null;
  #teaches = false;
  /** @type {HandIn | null} */
  #handIn = null;
  /** What was predicted and measured, by check. */
  #rows = [];
  /** @type {AbortController | null} */
  #running = null;

  /**
   * @param {HTMLElement} box where it stands
   * @param {import('./measure.js').Desk} desk
   */
  constructor(box, desk) {
    this.#box = box;
    this.#desk = desk;
  }

  /** Opens the sheet of a lesson, by its name. */
  async open(lesson) {
    const answer = await fetch(`/lessons/${encodeURIComponent(lesson)}/lanes.json`);
    if (!answer.ok) return;
    this.#sheet = await answer.json();
    this.#rows = this.#sheet.checks.map((check) => ({ check, answer: '', measured: null, handed: false, progress: undefined, picture: null, why: '' }));
    this.#handIn = new HandIn(lesson, () => this.#rows, (message) => this.#desk.order(message), () => this.words());
    this.words();
  }

  /** Some experiments need what only the teacher may do. */
  teaches(teaches) {
    this.#teaches = teaches;
    this.words();
  }

  /** The sheet was taken. */
  handedIn(message) {
    this.#handIn?.taken(message);
  }

  /** The sheet was refused. */
  refused(message) {
    this.#handIn?.refused(message);
  }

  /** Writes everything anew, in the language of the page. */
  words() {
    this.#box.hidden = !this.#sheet;
    if (!this.#sheet) return;
    const { name, title, question, command, whole } = this.#sheet;
    const back = element('a', 'button', t('backToLesson'));
    back.href = `/lessons/${name}/${pick(['en', 'zh'])}`;
    const close = element('button', '', t('closeBox'));
    close.type = 'button';
    close.addEventListener('click', () => this.#close());
    const localized = ({ en, zh }) => pick([en, zh]);
    const head = element('div', 'sheet-head', '', element('h2', '', localized(title)), back, close);
    const lines = this.#rows.map((row, index) => this.#line(row, index, localized));
    const more = element('p', 'hint', '', t(whole ? 'byCommand' : 'restByCommand'), ' ', element('code', '', command + pick(['', ' --lang zh'])));
    this.#box.ariaLabel = localized(title);
    this.#box.replaceChildren(head, element('p', 'question', localized(question)), element('ol', 'checks', '', ...lines), this.#handIn.element(), more);
  }

  #line(row, index, localized) {
    const { check, measured, handed } = row;
    const id = `predict-${index}`;
    const label = element('label', 'ask', localized(check.ask));
    label.htmlFor = id;
    const input = element('input');
    Object.assign(input, { id, type: 'number', step: 'any', value: row.answer, disabled: measured !== null || handed });
    const button = element('button', 'main', t(row.progress === undefined ? 'measure' : 'stopMeasuring'));
    button.type = 'button';
    button.hidden = !check.lanes;
    const may = () => input.value !== '' && (!this.#running || row.progress !== undefined);
    button.disabled = !may();
    input.addEventListener('input', () => {
      row.answer = input.value;
      button.disabled = !may();
      this.#handIn.changed();
    });
    button.addEventListener('click', () => (this.#running ? this.#running.abort() : this.#measure(row)));
    const form = element('div', 'predict', '', input, element('span', 'unit', localizedUnit(check.unit)), button);
    const line = element('li', '', '', label, form);
    row.shown = element('p', 'came', '');
    row.shown.role = 'status';
    line.append(row.shown);
    if (measured !== null) this.#came(line, row, localized);
    else if (row.why) row.shown.textContent = t(row.why);
    else if (!check.lanes) this.#byCommand(line, row, localized);
    else this.#showProgress(row);
    if (row.picture) row.shown.before(row.picture.element);
    row.picture?.words();
    return line;
  }

  #came(line, { check, answer, measured, shown }, localized) {
    const how = verdict(Number(answer), measured, check);
    line.dataset.verdict = how;
    const figure = element('b', 'measured', `${digits(measured)} ${localizedUnit(check.unit)}`);
    shown.append(`${t('youMeasured')} `, figure, ` · ${t(how)}`);
    line.append(element('p', 'because', localized(check.because)));
  }

  /** What no browser can measure: folded until the prediction is handed in. */
  #byCommand(line, { check, handed, answer, shown }, localized) {
    if (!handed) {
      shown.textContent = t('noBrowser');
      return;
    }
    if (check.expected !== null) {
      const how = verdict(Number(answer), check.expected, check);
      line.dataset.verdict = how;
      shown.append(`${t('expected')} `, element('b', 'measured', `${digits(check.expected)} ${localizedUnit(check.unit)}`), ` · ${t(how)}`);
    } else shown.textContent = t('measuredByLab');
    line.append(element('p', 'because', localized(check.because)));
  }

  #showProgress({ progress, shown }) {
    if (progress === undefined) return;
    const bar = element('progress');
    bar.ariaLabel = t('measuring');
    if (progress !== null) bar.value = progress;
    shown.replaceChildren(bar, ` ${t('measuring')}`);
  }

  async #measure(row) {
    this.#running = new AbortController();
    Object.assign(row, { why: '', progress: null, picture: null });
    this.words();
    // The button that was pressed is another one now.
    this.#box.querySelectorAll('.predict button')[this.#rows.indexOf(row)].focus();
    try {
      const value = await this.#figure(row);
      row.measured = value === null ? null : value * row.check.times;
      if (value === null) row.why = 'nothingCame';
    } catch (error) {
      row.why = error.message === 'nothingCame' ? 'nothingCame' : 'stopped';
    }
    this.#running = null;
    row.progress = undefined;
    this.words();
    if (row.measured !== null && row.handed) this.#handIn.send();
  }

  /** Measures with everybody's lanes; what would disturb the class, in a room of one's own. */
  async #figure(row) {
    const plan = row.check.lanes;
    const onProgress = (progress, picture) => {
      if (picture) row.shown.before(picture.element);
      row.picture = picture ?? row.picture;
      row.progress = progress;
      this.#showProgress(row);
    };
    const { signal } = this.#running;
    if (this.#teaches || !disturbs(plan)) return measure(plan, this.#desk, signal, onProgress);
    const own = this.#desk.own(plan);
    onProgress(null, own.picture);
    try {
      return await measure(plan, { ...own, heartbeat: this.#desk.heartbeat }, signal, onProgress);
    } finally {
      own.close();
    }
  }

  #close() {
    this.#running?.abort();
    this.#sheet = null;
    this.words();
  }
}

/** What only the teacher may do to everybody's lanes. */
const disturbs = ({ delay, talk }) => delay !== undefined || talk?.by === 'server';

/** Units are words of `lesson.toml`; those that are English have a text. */
const localizedUnit = (unit) => t(`unit ${unit}`).replace(/^unit /, '');
