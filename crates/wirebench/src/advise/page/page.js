/** Shows the figures of the table for what the sliders say, in English or in Chinese. */

const table = JSON.parse(document.getElementById('table').textContent);
// An address may ask for a language (?lang=zh), as those of the other pages may.
const asked = new URLSearchParams(location.search).get('lang') ?? document.documentElement.lang;
let lang = asked.startsWith('zh') ? 1 : 0;

/** The stops of the sliders that are in proportion, beside the numbers with which the page begins. */
const ROUND = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];
const BYTES = [0, 50, 100, 200, 500, 1000, 2000, 4000, 8000];

function withOwn(stops, own) {
  return [...new Set([...stops, own])].sort((one, other) => one - other);
}

const stops = {
  readers: withOwn(ROUND, table.start.readers),
  rooms: withOwn(ROUND, table.start.rooms),
  rate: table.stops.rate,
  payload: table.stops.payload,
  headers: withOwn(BYTES, table.start.headers),
  trip: table.stops.trip,
};

/** Returns the stop that is nearest to a number. */
function nearest(list, number) {
  let best = 0;
  list.forEach((stop, index) => {
    if (Math.abs(stop - number) < Math.abs(list[best] - number)) best = index;
  });
  return best;
}

/** Writes a number with about three digits, as the tables of the program do. */
function rounded(value) {
  const size = Math.abs(value);
  if (size < 1e-6) return '0';
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  if (size >= 10) return String(Math.round(value * 10) / 10);
  if (size >= 0.01) return String(Math.round(value * 100) / 100);
  return value.toExponential(1);
}

const input = (key) => document.getElementById(key);
const chosen = (key) => stops[key][Number(input(key).value)];

/** Returns what the sliders say. There are no more rooms than readers. */
function said() {
  const readers = chosen('readers');
  return {
    readers,
    rooms: Math.min(chosen('rooms'), readers),
    headers: chosen('headers'),
    at: {
      rate: Number(input('rate').value),
      payload: Number(input('payload').value),
      trip: Number(input('trip').value),
    },
  };
}

function cell(row, kind, text, className = '') {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = className;
  row.append(made);
  return made;
}

/** Adds a line of the table; the smallest number of several is marked. */
function line(body, name, values, missing) {
  const row = body.insertRow();
  cell(row, 'th', name).scope = 'row';
  const known = values.filter((value) => value !== null);
  // What is shown alike is alike.
  const least = known.length > 1 ? rounded(Math.min(...known)) : null;
  const isTold = known.some((value) => rounded(value) !== least);
  values.forEach((value) => {
    const text = value === null ? missing : rounded(value);
    cell(row, 'td', text, isTold && text === least ? 'least' : '');
  });
}

function show() {
  const state = said();
  table.sliders.forEach(({ key, unit }) => {
    const value = key === 'rooms' ? state.rooms : chosen(key);
    document.getElementById(`${key}-value`).textContent = `${value.toLocaleString('en-US')} ${unit[lang]}`.trim();
  });
  const all = reckon(table, state);
  const shown = document.getElementById('figures');
  shown.replaceChildren();
  const head = shown.createTHead().insertRow();
  cell(head, 'th', table.labels.figure[lang]).scope = 'col';
  table.ways.forEach((way) => {
    const title = cell(head, 'th', way.title[lang]);
    title.scope = 'col';
    title.style.borderTopColor = way.tint;
  });
  const body = shown.createTBody();
  table.figures.forEach(({ name, unit }, index) => {
    const values = all.map((way) => way.figures[index]);
    line(body, unit ? `${name[lang]}, ${unit}` : name[lang], values, table.labels.unknown[lang]);
  });
  table.plans.forEach(({ name, dated }, index) => {
    const values = all.map((way) => way.bills[index]);
    line(body, `${name}, ${table.currency} ${table.labels.month[lang]} ${dated}`, values, table.labels.unpriced[lang]);
  });
}

function translate() {
  document.documentElement.lang = lang ? 'zh-CN' : 'en';
  document.title = table.labels.title[lang];
  input('lang').textContent = table.labels.lang[lang];
  document.querySelectorAll('[data-words]').forEach((element) => {
    element.textContent = table.labels[element.dataset.words][lang];
  });
  table.sliders.forEach(({ key, name }) => {
    document.querySelector(`[data-slider="${key}"]`).textContent = name[lang];
  });
  show();
}

table.sliders.forEach(({ key }) => {
  input(key).max = String(stops[key].length - 1);
  input(key).value = String(nearest(stops[key], table.start[key]));
  input(key).addEventListener('input', show);
});
input('lang').addEventListener('click', () => {
  lang = 1 - lang;
  translate();
});
translate();
