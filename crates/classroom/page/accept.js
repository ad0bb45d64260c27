/**
 * Sec-WebSocket-Key to Sec-WebSocket-Accept, step by step (RFC 6455, section
 * 1.3), computed here and compared with what the server sent.
 *
 * SHA-1 is written out because browsers offer `crypto.subtle` only to pages
 * that came over https, and a classroom's page did not.
 */

import { element } from './element.js';
import { pick, t } from './texts.js';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** SHA-1 of some bytes (RFC 3174): twenty bytes. */
function sha1(bytes) {
  const length = bytes.length;
  const words = new Uint32Array(((length + 8) >> 6) * 16 + 16);
  bytes.forEach((byte, index) => (words[index >> 2] |= byte << (24 - 8 * (index % 4))));
  words[length >> 2] |= 0x80 << (24 - 8 * (length % 4));
  words[words.length - 1] = length * 8;
  const hash = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const rotate = (word, by) => (word << by) | (word >>> (32 - by));
  for (let block = 0; block < words.length; block += 16) {
    const schedule = new Uint32Array(80);
    schedule.set(words.subarray(block, block + 16));
    for (let i = 16; i < 80; i += 1) {
      schedule[i] = rotate(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16], 1);
    }
    let [a, b, c, d, e] = hash;
    for (let i = 0; i < 80; i += 1) {
      const [mix, constant] = round(i, b, c, d);
      const next = (rotate(a, 5) + mix + e + constant + schedule[i]) >>> 0;
      [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
    }
    [a, b, c, d, e].forEach((word, index) => (hash[index] += word));
  }
  return Array.from(hash).flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]);
}

function round(i, b, c, d) {
  if (i < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (i < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (i < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

/** The answer that a key asks for. */
function acceptFor(key) {
  const hash = sha1(Array.from(key + GUID, (letter) => letter.charCodeAt(0)));
  return { hash, accept: btoa(String.fromCharCode(...hash)) };
}

/** The steps for the handshake of this item, or null if it is none. */
export function acceptSteps(item) {
  const text = item.passes.flatMap(({ parts }) => parts).map(({ data }) => data).join('');
  const header = (name) => new RegExp(`^${name}: *(.*?)\r$`, 'im').exec(text)?.[1];
  const key = header('Sec-WebSocket-Key');
  const sent = header('Sec-WebSocket-Accept');
  if (!key) return null;
  const { hash, accept } = acceptFor(key);
  const hex = hash.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const same = accept === sent;
  const steps = [
    [pick(['the browser’s key: 16 random bytes in base64', '浏览器的密钥：16 个随机字节的 base64']), key],
    [pick(['a constant from RFC 6455 behind it', '后接 RFC 6455 规定的常量']), key + GUID],
    [pick(['SHA-1 of that, 20 bytes', '其 SHA-1，共 20 字节']), hex],
    [pick(['in base64', '再做 base64']), accept],
  ];
  const lines = steps.map(([words, value]) => element('li', '', '', element('span', '', words), element('code', '', value)));
  const verdict = element('p', same ? 'verdict same' : 'verdict', `${same ? '✓' : '✗'} ${t(same ? 'equal' : 'unequal')}`);
  const received = element('p', '', '', `${t('received')}: `, element('code', 'sent', sent ?? '–'));
  const view = element('section', 'accept', '', element('h3', '', t('accept')), element('ol', '', '', ...lines), received, verdict);
  view.querySelector('li:last-child code').classList.add('computed');
  return view;
}
