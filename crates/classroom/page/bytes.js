/**
 * Bytes on the page: runs of one account each, as text or in hexadecimal.
 *
 * A run has the colour of its layer, and a mark and an underline of its own, so
 * that runs are told apart without colour too.
 */

import { element, millis } from './element.js';
import { explainHeader, explainLayer, explainPurpose } from './explain.js';
import { t } from './texts.js';

/** Marks in front of runs, in the order of the legend. */
const MARKS = {
  payload: '●',
  batch: '◫',
  envelope: '✉',
  text_frame: '¶',
  chunk: '#',
  http_head: 'H',
  ws_head: 'F',
  ws_mask: 'M',
  h2_frame: '2',
  h2_control: 'C',
  tls: 'T',
  unparsed: '?',
};

/** The bytes of a part as numbers. */
export const numbers = ({ data }) => Array.from(data, (letter) => letter.charCodeAt(0));

/** Bytes of UTF-8 as text. */
export const utf8 = (bytes) => new TextDecoder().decode(Uint8Array.from(bytes));

/** Where explanations appear. */
export function explainBox() {
  const box = element('div', 'explain', '', element('p', 'hint', t('explainHint')));
  box.role = 'status';
  return box;
}

/** Shows an explanation: a title and a text. */
export function explain(box, title, text) {
  box.replaceChildren(element('h3', '', title), element('p', '', text));
}

/** One pass: what went through the socket at one moment. */
export function bytesView(pass, item, asHex, box) {
  const when = element('p', 'when', `+ ${millis(Math.max(0, pass.at - item.at))}`);
  const runs = pass.parts.map((part) => run(part, pass.dir, item, asHex, box));
  return element('div', 'pass', '', when, element('div', asHex ? 'bytes hex' : 'bytes', '', ...runs));
}

function run(part, dir, item, asHex, box) {
  const made = element('span', `run l-${part.layer}`);
  const mark = element('button', 'mark', MARKS[part.layer] ?? '?');
  mark.type = 'button';
  mark.ariaLabel = `${explainLayer(part.layer).name}, ${t('bytes', { value: part.len })}`;
  mark.addEventListener('click', () => {
    const { name, text } = explainLayer(part.layer);
    const purpose = explainPurpose(part.purpose);
    explain(box, `${name} · ${purpose.name} · ${t('bytes', { value: part.len })}`, `${text} ${purpose.text}`);
  });
  made.append(mark, ...content(part, dir, item, asHex, box));
  if (part.inside) made.append(unpacked(part.inside));
  if (part.len > part.data.length && part.layer !== 'tls') {
    made.append(element('i', 'cut', t('notShown', { n: part.len - part.data.length })));
  }
  return made;
}

/** What compressed bytes hold: part of no account, because it did not cross the socket so. */
function unpacked(inside) {
  const text = element('code', '', visible(utf8(numbers(inside))));
  const made = element('span', 'inside', '', element('span', 'inside-words', t('inside', { n: inside.len })), text);
  if (inside.len > inside.data.length) made.append(element('i', 'cut', t('notShown', { n: inside.len - inside.data.length })));
  return made;
}

function content(part, dir, item, asHex, box) {
  // Ciphertext says nothing to anybody: how much there is of it, is what counts.
  if (part.layer === 'tls') return [element('code', '', t('record', { n: part.len }))];
  if (part.inside) return [element('code', '', hex(part))];
  if (asHex) return [element('code', '', hex(part))];
  if (part.layer === 'http_head' && !item.stream) return headLines(part, box);
  // A client's payload went over the wire masked; as text it would be noise, as heads of HTTP/2 are.
  if (/^(ws_|h2_|http_head)/.test(part.layer)) return [element('code', '', hex(part))];
  if (part.layer === 'payload' && item.type === 'frame' && dir === 'up') return [element('code', '', hex(part))];
  return [element('code', '', visible(utf8(numbers(part))))];
}

const hex = (part) => numbers(part).map((byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** Line ends are bytes too, and here they are what it is about. */
function visible(text) {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n\n').replace(/\n$/, '');
}

/** A head line by line, each a button that explains it. */
function headLines({ data }, box) {
  const lines = data.split('\r\n');
  const last = lines.pop();
  return [...lines.map(headLine), last].filter(Boolean);

  function headLine(line, index) {
    const end = element('span', 'line-end', '\\r\\n');
    if (!line) return element('span', 'header', '', end);
    const made = element('button', 'header', line);
    made.type = 'button';
    made.append(end);
    const name = index === 0 ? '' : line.split(':')[0].toLowerCase();
    made.addEventListener('click', () => {
      const { title, text } = index === 0 ? explainHeader(line.startsWith('HTTP/') ? ':status' : ':request') : explainHeader(name);
      explain(box, title || line.split(':')[0], `${text} (${t('bytes', { value: line.length + 2 })})`);
    });
    return made;
  }
}

/** Which accounts an item has, with their bytes. */
export function legend(item) {
  const sums = new Map();
  for (const { parts } of item.passes) {
    for (const { layer, len } of parts) sums.set(layer, (sums.get(layer) ?? 0) + len);
  }
  const entries = Object.keys(MARKS).filter((layer) => sums.has(layer)).map((layer) =>
    element(
      'li',
      `l-${layer}`,
      '',
      element('span', 'mark', MARKS[layer]),
      ` ${explainLayer(layer).name} `,
      element('b', '', t('bytes', { value: sums.get(layer) })),
    ),
  );
  const list = element('ul', 'legend', '', ...entries);
  list.ariaLabel = t('legend');
  return list;
}
