/** Shows the figures of the table for what the sliders say, in English or in Chinese. */

const table = JSON.parse(document.getElementById('table').textContent);
// An address may ask for a language (?lang=zh), as those of the other pages may.
const asked = new URLSearchParams(location.search).get('lang') ?? document.documentElement.lang;
let lang = asked.startsWith('zh') ? 1 : 0;

/** The stops of the sliders that are in proportion, beside the numbers with which the page begins. */
const ROUND = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];
const FEW = [1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20];
const FILES = [256, 1024, 4096, 16384, 65536, 262144, 1048576];
const MIB = 1048576;

function withOwn(stops, own) {
  return [...new Set([...stops, own])].sort((one, other) => one - other);
}

const stops = {
  readers: withOwn(ROUND, table.start.readers),
  rooms: withOwn(ROUND, table.start.rooms),
  rate: table.stops.rate,
  payload: table.stops.payload,
  headers: table.stops.headers,
  trip: table.stops.trip,
  reconnects: withOwn([0, ...ROUND.slice(0, 11)], table.start.reconnects),
  tabs: withOwn(FEW, table.start.tabs),
  files: withOwn(FILES, table.start.files),
  workers: withOwn([0, ...ROUND.slice(0, 14)], table.start.workers),
};

/** Returns the stop that is nearest to a number. */
function nearest(list, number) {
  let best = 0;
  list.forEach((stop, index) => {
    if (Math.abs(stop - number) < Math.abs(list[best] - number)) best = index;
  });
  return best;
}

const input = (key) => document.getElementById(key);
const chosen = (key) => stops[key][Number(input(key).value)];

/** Returns what the sliders and choices say. There are no more rooms than readers. */
function said() {
  const readers = chosen('readers');
  const place = (key) => Number(input(key).value);
  return {
    readers,
    rooms: Math.min(chosen('rooms'), readers),
    headers: chosen('headers'),
    reconnects: chosen('reconnects'),
    tabs: chosen('tabs'),
    files: chosen('files'),
    workers: chosen('workers'),
    tls: place('tls'),
    http: place('http'),
    proxy: place('proxy'),
    at: { rate: place('rate'), payload: place('payload'), trip: place('trip'), headers: place('headers') },
  };
}

function cell(row, kind, text, className = '') {
  const made = document.createElement(kind);
  made.textContent = text;
  made.className = className;
  row.append(made);
  return made;
}

/** Begins a line of the table. */
function begun(body, name, unit = '') {
  const row = body.insertRow();
  cell(row, 'th', unit ? `${name}, ${unit}` : name).scope = 'row';
  return row;
}

/** Adds a line of numbers; the smallest of several is marked. */
function line(row, values, missing) {
  const known = values.filter((value) => value !== null);
  // What is shown alike is alike.
  const least = known.length > 1 ? rounded(Math.min(...known)) : null;
  const isTold = known.some((value) => rounded(value) !== least);
  values.forEach((value) => {
    if (value === null) {
      cell(row, 'td', missing, 'words');
      return;
    }
    const text = rounded(value);
    cell(row, 'td', text, isTold && text === least ? 'least' : '');
  });
}

/** Adds a line of what a calibration says: numbers with their intervals, or words. */
function measured(row, values, unit) {
  values.forEach(({ value, within, words }) => {
    if (words) cell(row, 'td', words[lang], 'words');
    else cell(row, 'td', `${rounded(value / unit)} ± ${Math.round(within * 100)} %`);
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
    line(begun(body, name[lang], unit[lang]), values, table.unknown[state.http][lang]);
  });
  const [processors, memory, breaks] = table.others.map(({ name, unit }) => begun(body, name[lang], unit[lang]));
  measured(processors, all.map((way) => way.processors), 1);
  measured(memory, all.map((way) => way.memory), MIB);
  all.forEach((way) => cell(breaks, 'td', way.breaks[lang], 'words'));
  table.plans.forEach(({ name, dated }, index) => {
    const values = all.map((way) => way.bills[index]);
    const row = begun(body, name, `${table.currency} ${table.labels.month[lang]} ${dated}`);
    line(row, values, table.labels.unpriced[lang]);
  });
}

/** Returns the names of what may be chosen. */
function names(key) {
  if (key === 'proxy') return table.proxies.map(({ name }) => name[lang]);
  if (key === 'http') return table.http;
  return table.tls.map(({ name, record }) => (record === null ? table.labels.off[lang] : name));
}

/** Writes the choices in the language of the page; one that ends TLS is none where there is no TLS. */
function offer() {
  table.selections.forEach(({ key, name }) => {
    document.querySelector(`[data-slider="${key}"]`).textContent = name[lang];
    names(key).forEach((text, index) => {
      input(key).options[index].textContent = text;
    });
  });
  const hasTls = table.tls[Number(input('tls').value)].record !== null;
  table.proxies.forEach(({ ends_tls: endsTls }, index) => {
    input('proxy').options[index].disabled = endsTls && !hasTls;
  });
  if (input('proxy').selectedOptions[0].disabled) input('proxy').value = '0';
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
  offer();
  show();
}

table.sliders.forEach(({ key }) => {
  input(key).max = String(stops[key].length - 1);
  input(key).value = String(nearest(stops[key], table.start[key]));
  input(key).addEventListener('input', show);
});
table.selections.forEach(({ key }) => {
  names(key).forEach((_, index) => {
    const option = document.createElement('option');
    option.value = String(index);
    input(key).append(option);
  });
  input(key).value = String(table.start[key]);
  input(key).addEventListener('change', () => {
    offer();
    show();
  });
});
input('lang').addEventListener('click', () => {
  lang = 1 - lang;
  translate();
});
translate();
