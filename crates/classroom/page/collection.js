/**
 * What students handed in, on the teacher's panel: a table for each lesson, the
 * key to its closing questions, and a file to take away.
 *
 * A name is what a student typed: it is put in as text, and in the file no cell
 * begins with what a spreadsheet would take for a formula.
 */

import { byId, element, options } from './element.js';
import { pick, t } from './texts.js';

/** A number as people read it. */
const digits = (value) => (value === null || value === undefined ? '–' : String(Number(value.toPrecision(4))));

/** One cell of a CSV file (RFC 4180), harmless to a spreadsheet. */
export function cell(value) {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = typeof value === 'number' || !/^[\s]*[=+\-@\t\r]/.test(text) ? text : `'${text}`;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length / 2) - 1)] ?? null;
}

/** The teacher's collection of predictions. */
export class Collection {
  #channel;
  #lessons = [];
  #shown = null;
  #key = null;

  constructor(channel) {
    this.#channel = channel;
    byId('sheets-lesson').addEventListener('change', () => this.#ask());
    byId('sheets-csv').addEventListener('click', () => this.#save());
    byId('sheets-key').addEventListener('toggle', ({ target }) => {
      if (target.open) this.#channel.send({ kind: 'key', lesson: this.#lesson });
    });
  }

  /** Which lessons there are. */
  open(lessons) {
    this.#lessons = lessons;
  }

  /** Whether this page is the teacher's. */
  teaches(teaches) {
    if (teaches) this.#ask();
  }

  get #lesson() {
    return byId('sheets-lesson').value;
  }

  #ask() {
    this.#shown = null;
    this.#key = null;
    byId('sheets-key').open = false;
    if (this.#lesson) this.#channel.send({ kind: 'sheets', lesson: this.#lesson });
    this.#show();
  }

  /** The sheets of the lesson that was asked for. */
  show(message) {
    if (message.lesson !== this.#lesson) return;
    this.#shown = message;
    this.words();
  }

  /** The key that was asked for. */
  key({ lesson, key }) {
    if (lesson !== this.#lesson) return;
    this.#key = key;
    this.#show();
  }

  /** Writes everything anew, in the language of the page. */
  words() {
    const counts = this.#shown?.counts ?? {};
    const words = ({ name, title: { en, zh } }) => [name, `${pick([en, zh])}${counts[name] ? ` (${counts[name]})` : ''}`];
    options(byId('sheets-lesson'), this.#lessons.map(words), this.#lessons[0]?.name ?? '');
    this.#show();
  }

  #show() {
    byId('sheets-key-text').textContent = this.#key ? pick(this.#key) : '';
    const lesson = this.#lessons.find(({ name }) => name === this.#lesson);
    const sheets = this.#shown?.sheets ?? [];
    byId('sheets-none').hidden = sheets.length > 0;
    byId('sheets-csv').disabled = !sheets.length;
    if (!lesson) return;
    const scope = (cells, name) => Object.assign(cells, { scope: name });
    const heads = ['name', 'time'].map((key) => scope(element('th', '', t(key)), 'col'));
    lesson.checks.forEach(({ ask: { en, zh }, unit }, index) => {
      const head = scope(element('th', '', `${index + 1} (${t(`unit ${unit}`).replace(/^unit /, '')})`), 'col');
      head.title = pick([en, zh]);
      heads.push(head);
    });
    heads.push(element('td', '', '', element('span', 'unseen', t('remove'))));
    const rows = sheets.map((sheet) => this.#row(sheet, lesson));
    const middle = lesson.checks.map(({ id }) => {
      const of = (key) => median(sheets.map(({ answers }) => answers[id]?.[key]).filter((value) => typeof value === 'number'));
      return element('td', '', `${digits(of('predicted'))} → ${digits(of('measured'))}`);
    });
    const foot = element('tr', '', '', scope(element('th', '', t('middle')), 'row'), element('td'), ...middle, element('td'));
    byId('sheets').replaceChildren(
      element('caption', '', t('sheetsCaption')),
      element('thead', '', '', element('tr', '', '', ...heads)),
      element('tbody', '', '', ...rows),
      ...(sheets.length ? [element('tfoot', '', '', foot)] : []),
    );
  }

  #row({ number, name, at, answers }, { name: lesson, checks }) {
    const remove = element('button', 'small', '×');
    Object.assign(remove, { type: 'button', ariaLabel: t('removeSheet', { name: name || t('anonymous') }) });
    remove.addEventListener('click', () => this.#channel.send({ kind: 'remove_sheet', lesson, number }));
    const head = element('th', name ? '' : 'nobody', name || t('anonymous'));
    Object.assign(head, { scope: 'row', dir: 'auto' });
    const time = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    const cells = checks.map(({ id }) => {
      const answer = answers[id];
      return element('td', '', answer ? `${digits(answer.predicted)} → ${digits(answer.measured)}` : '–');
    });
    return element('tr', '', '', head, element('td', '', time), ...cells, element('td', '', '', remove));
  }

  #save() {
    const { lesson, sheets } = this.#shown;
    const { checks } = this.#lessons.find(({ name }) => name === lesson);
    const heads = checks.flatMap(({ id, unit }) => [`${id}_predicted (${unit})`, `${id}_measured (${unit})`]);
    const lines = sheets.map(({ name, at, answers }) => {
      const values = checks.flatMap(({ id }) => [answers[id]?.predicted, answers[id]?.measured]);
      return [name, new Date(at).toISOString(), ...values];
    });
    const csv = [['name', 'handed_in', ...heads], ...lines].map((line) => line.map(cell).join(',')).join('\r\n');
    // The mark at the beginning lets spreadsheets read Chinese names.
    const file = new Blob(['\ufeff', csv, '\r\n'], { type: 'text/csv;charset=utf-8' });
    const link = element('a');
    Object.assign(link, { href: URL.createObjectURL(file), download: `predictions-${lesson}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
  }
}
