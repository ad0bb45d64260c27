/**
 * Texts to say, exactly as long as asked, that begin with a number and cut no word.
 * The server's own talker has the same rules.
 */

import { lang } from './texts.js';

const WORDS = 'the quick brown fox jumps over the lazy dog'.split(' ');
/** The classic of a thousand characters: it needs no spaces. */
const CHARACTERS = [...'天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。寒来暑往，秋收冬藏。'];
/** Words to end with where the next would not fit, by their length less one. */
const ENDS = ['a', 'so', 'and', 'then', 'again'];
/** Bytes of one of the characters in UTF-8. */
const WIDTH = 3;

/** `bytes` bytes of UTF-8. */
export function filler(number, bytes) {
  const text = String(number).slice(0, Math.max(1, bytes));
  const left = Math.max(1, bytes) - text.length;
  return text + (lang() === 'zh' ? chinese(left) : english(left));
}

function english(bytes) {
  let text = '';
  for (let index = 0; ; index += 1) {
    const next = ` ${WORDS[index % WORDS.length]}`;
    const left = bytes - text.length;
    // A space alone would end the text, so that much must not be left.
    if (left < next.length || left - next.length === 1) break;
    text += next;
  }
  const end = ENDS[bytes - text.length - 2];
  return (end ? `${text} ${end}` : text).padEnd(bytes, '.');
}

function chinese(bytes) {
  if (bytes < 1) return '';
  const fits = Math.floor((bytes - 1) / WIDTH);
  const text = Array.from({ length: fits }, (_, index) => CHARACTERS[index % CHARACTERS.length]).join('');
  return ` ${text}${'.'.repeat(bytes - 1 - fits * WIDTH)}`;
}
