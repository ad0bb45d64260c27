/**
 * MD5 (RFC 1321), SHA-1 (RFC 3174) and base64 (RFC 4648), of short inputs. Browsers
 * have SHA-1 on secure pages only, and MD5 not at all.
 */

const rotated = (word, by) => (word << by) | (word >>> (32 - by));

/** The input with a 1 bit, zeros, and its length in bits behind it, as blocks of 16 words. */
function blocks(bytes, littleEndian) {
  const length = Math.ceil((bytes.length + 9) / 64) * 64;
  const view = new DataView(new ArrayBuffer(length));
  bytes.forEach((byte, at) => view.setUint8(at, byte));
  view.setUint8(bytes.length, 0x80);
  // No input here is longer than 2^32 bits.
  view.setUint32(littleEndian ? length - 8 : length - 4, bytes.length * 8, littleEndian);
  return Array.from({ length: length / 64 }, (_, block) =>
    Array.from({ length: 16 }, (_, word) => view.getInt32(block * 64 + word * 4, littleEndian)),
  );
}

function bytesOf(words, littleEndian) {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, at) => view.setInt32(at * 4, word, littleEndian));
  return Array.from({ length: view.byteLength }, (_, at) => view.getUint8(at));
}

const MD5_SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
const MD5_SINES = Array.from({ length: 64 }, (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32) | 0);

function md5Step([a, b, c, d], words, step) {
  const round = step >> 4;
  const mixed = [(b & c) | (~b & d), (b & d) | (c & ~d), b ^ c ^ d, c ^ (b | ~d)][round];
  const word = words[[step, 5 * step + 1, 3 * step + 5, 7 * step][round] % 16];
  const sum = (a + mixed + word + MD5_SINES[step]) | 0;
  return [d, (b + rotated(sum, MD5_SHIFTS[round][step % 4])) | 0, b, c];
}

function md5(bytes) {
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476].map((word) => word | 0);
  for (const words of blocks(bytes, true)) {
    let next = state;
    for (let step = 0; step < 64; step += 1) next = md5Step(next, words, step);
    state = state.map((word, at) => (word + next[at]) | 0);
  }
  return bytesOf(state, true);
}

const SHA1_WORDS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

function sha1Step([a, b, c, d, e], word, step) {
  const round = Math.floor(step / 20);
  const mixed = [(b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d), b ^ c ^ d][round];
  return [(rotated(a, 5) + mixed + e + word + SHA1_WORDS[round]) | 0, a, rotated(b, 30), c, d];
}

function sha1(bytes) {
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0].map((word) => word | 0);
  for (const words of blocks(bytes, false)) {
    let next = state;
    for (let step = 0; step < 80; step += 1) {
      if (step >= 16) words[step] = rotated(words[step - 3] ^ words[step - 8] ^ words[step - 14] ^ words[step - 16], 1);
      next = sha1Step(next, words[step], step);
    }
    state = state.map((word, at) => (word + next[at]) | 0);
  }
  return bytesOf(state, false);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(bytes) {
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = bits.match(/.{1,6}/g) ?? [];
  const text = digits.map((digit) => ALPHABET[parseInt(digit.padEnd(6, '0'), 2)]).join('');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
