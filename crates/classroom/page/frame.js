/**
 * A WebSocket frame, bit by bit, and its payload unmasked step by step
 * (RFC 6455, section 5.2 and 5.3).
 */

import { explain, numbers, utf8 } from './bytes.js';
import { element } from './element.js';
import { explainBit, OPCODES } from './explain.js';
import { pick, t } from './texts.js';

/** Bytes of a payload that are unmasked step by step. */
const STEPS = 12;

/** What a frame's head says. */
function readHead(bytes) {
  const [first, second] = bytes;
  const short = second & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  let length = extended ? 0 : short;
  for (const byte of bytes.slice(2, 2 + extended)) length = length * 256 + byte;
  return {
    fin: first >> 7,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    masked: second >> 7,
    short,
    extended: bytes.slice(2, 2 + extended),
    length,
  };
}

/** Takes the mask off, or puts it on: it is the same. */
const unmask = (bytes, key) => bytes.map((byte, index) => byte ^ key[index % 4]);

/** The parts of a frame, from its item. */
function partsOf(item) {
  const all = item.passes.flatMap(({ parts }) => parts);
  const of = (layer) => all.filter((part) => part.layer === layer).flatMap(numbers);
  const payload = all.filter(({ layer }) => !/^(ws_|tls|h2_)/.test(layer)).flatMap(numbers);
  return { head: of('ws_head'), key: of('ws_mask'), payload, inside: all.find(({ inside }) => inside)?.inside };
}

/** The frame of this item, explained. */
export function frameView(item, box) {
  const { head, key, payload, inside } = partsOf(item);
  if (head.length < 2) return element('div');
  const said = readHead(head);
  const view = element('section', 'frame', '', element('h3', '', t('frameBits')), bits(said, key, box));
  if (key.length === 4 && payload.length) view.append(element('h3', '', t('unmasking')), steps(payload, key));
  const plain = key.length === 4 ? unmask(payload, key) : payload;
  if (said.opcode === 8 && plain.length >= 2) {
    const reason = utf8(plain.slice(2));
    view.append(element('p', 'plain', `${plain[0] * 256 + plain[1]} ${reason}`));
  } else if (inside) {
    view.append(element('h3', '', t('unpacked')), element('pre', 'plain', utf8(numbers(inside))));
  } else if (key.length === 4 && payload.length) {
    view.append(element('h3', '', t('unmasked')), element('pre', 'plain', utf8(plain)));
  }
  return view;
}

/** A row of fields, as in the RFC's picture, each with its bits and its meaning. */
function bits(said, key, box) {
  const binary = (value, width) => value.toString(2).padStart(width, '0');
  const fields = [
    ['FIN', binary(said.fin, 1), said.fin],
    ['RSV1-3', binary(said.rsv, 3), said.rsv],
    ['opcode', binary(said.opcode, 4), `${said.opcode} = ${pick(OPCODES[said.opcode] ?? ['reserved', '保留'])}`],
    ['MASK', binary(said.masked, 1), said.masked],
    ['length', binary(said.short, 7), said.short],
  ];
  if (said.extended.length) {
    fields.push(['extended length', said.extended.map((byte) => binary(byte, 8)).join(' '), said.length]);
  }
  if (key.length) {
    fields.push(['masking key', key.map((byte) => binary(byte, 8)).join(' '), key.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')]);
  }
  const made = fields.map(([name, pattern, value]) => {
    const { title, text } = explainBit(name);
    const field = element('button', 'bit', '', element('span', 'name', title), element('code', '', pattern), element('span', 'value', String(value)));
    field.type = 'button';
    field.addEventListener('click', () => explain(box, title, text));
    return field;
  });
  return element('div', 'bits', '', ...made);
}

/** masked byte XOR key byte = plain byte, for the first few. */
function steps(payload, key) {
  const hex = (byte) => byte.toString(16).padStart(2, '0');
  const cell = (name, text) => element(name, '', text);
  const row = (name, values) => element('tr', '', '', element('th', '', name), ...values.map((value) => cell('td', value)));
  const some = payload.slice(0, STEPS);
  const plain = unmask(some, key);
  const table = element(
    'table',
    'steps',
    '',
    row(t('byteNumber'), some.map((_, index) => String(index))),
    row(t('masked'), some.map(hex)),
    row(t('xorKey'), some.map((_, index) => hex(key[index % 4]))),
    row(t('plainByte'), plain.map(hex)),
    row('', plain.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·'))),
  );
  for (const header of table.querySelectorAll('th')) header.scope = 'row';
  const scroll = element('div', 'scroll', '', table);
  scroll.tabIndex = 0;
  scroll.role = 'region';
  scroll.ariaLabel = t('unmasking');
  return scroll;
}
