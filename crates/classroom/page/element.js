/**
 * Making elements. What came over the wire goes in as text, never as markup.
 */

const SVG = 'http://www.w3.org/2000/svg';

/** An element with a class, a text and children. */
export function element(name, className = '', text = '', ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== '') made.textContent = text;
  made.append(...children);
  return made;
}

/** An SVG element with its attributes. */
export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export const byId = (id) => document.getElementById(id);

/** 1234567 as people read it. */
export function count(n) {
  return n.toLocaleString('en', { maximumFractionDigits: 0 }).replaceAll(',', '\u202f');
}

/** Milliseconds as people read them. */
export function millis(ms) {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/**
 * What share of all bytes is overhead, and what share is the handshake, which is a part of it; as texts.
 * @param {...{payload: number, overhead: number, setup: number}} ways
 */
export function shares(...ways) {
  const sum = (key) => ways.reduce((all, way) => all + way[key], 0);
  const percent = (part, whole) => `${whole ? Math.round((100 * part) / whole) : 0} %`;
  const overhead = sum('overhead');
  const all = overhead + sum('payload');
  return { overhead: percent(overhead, all), setup: percent(sum('setup'), all) };
}

/** Fills a select with `[value, words]` pairs; keeps what was chosen. */
export function options(select, pairs, chosen) {
  const keep = select.value || String(chosen);
  select.replaceChildren(...pairs.map(([value, words]) => new Option(words, value)));
  select.value = keep;
}
