/**
 * The two handshakes: from the keys to every byte that crosses the wire, each with
 * what it is. Nothing here is drawn.
 */

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const bytesOfText = (text) => Array.from(text, (char) => char.charCodeAt(0));
const textOfBytes = (bytes) => bytes.map((byte) => String.fromCharCode(byte)).join('');
const hex = (bytes) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
const bits = (byte) => byte.toString(2).padStart(8, '0');

/** Takes a key of hixie-76 apart; `fault` says why it is none. */
function takenApart(key) {
  const digits = key.replace(/\D/g, '');
  const spaces = key.split(' ').length - 1;
  const number = BigInt(digits || 0);
  const apart = { key, digits, spaces, number };
  if (digits === '') return { ...apart, fault: 'noDigits' };
  if (number > 0xffffffffn) return { ...apart, fault: 'tooLarge' };
  if (spaces === 0) return { ...apart, fault: 'noSpaces' };
  if (number % BigInt(spaces) !== 0n) return { ...apart, fault: 'notDivisible' };
  const quotient = Number(number / BigInt(spaces));
  return { ...apart, quotient, bytes: [24, 16, 8, 0].map((by) => (quotient >>> by) & 0xff) };
}

/** A key as a client of hixie-76 makes one (section 4.1): a product, padding, spaces inside. */
function madeUp() {
  const below = (count) => Math.floor(Math.random() * count);
  const spaces = 1 + below(12);
  const number = (1 + below(Math.floor(0xffffffff / spaces))) * spaces;
  let key = String(number);
  const insert = (what, first, last) => {
    const at = first + below(last - first + 1);
    key = key.slice(0, at) + what + key.slice(at);
  };
  // Printable, and neither a digit nor a space.
  for (let left = 1 + below(12); left > 0; left -= 1) insert(String.fromCharCode(0x3a + below(0x45)), 0, key.length);
  for (let left = spaces; left > 0; left -= 1) insert(' ', 1, key.length - 1);
  return key;
}

const randomBytes = (count) => Array.from({ length: count }, () => Math.floor(Math.random() * 256));

/** A line of a head: its name has the reason, its value may have meanings of its own. */
const line = (name, value, of = {}) => ({ name, text: `${name}: ${value}\r\n`, valueAt: name.length + 2, ...of });
const first = (text) => ({ name: '', text });
const BLANK = { name: '\r\n', text: '\r\n' };
const raw = (bytes, of) => ({ name: null, bytes, ...of });

/** Everything about a handshake of hixie-76 with these keys. */
function hixie76({ key1, key2, key3 }) {
  const keys = [takenApart(key1), takenApart(key2)];
  const request = [
    first('GET /demo HTTP/1.1\r\n'),
    line('Host', 'example.com'),
    line('Connection', 'Upgrade'),
    line('Sec-WebSocket-Key2', key2, { part: 'key', which: 1 }),
    line('Upgrade', 'WebSocket'),
    line('Sec-WebSocket-Key1', key1, { part: 'key', which: 0 }),
    line('Origin', 'http://example.com'),
    BLANK,
    raw(key3, { part: 'key3' }),
  ];
  if (keys.some(({ fault }) => fault)) return { keys, request };
  const challenge = [...keys[0].bytes, ...keys[1].bytes, ...key3];
  const answer = md5(challenge);
  const response = [
    first('HTTP/1.1 101 WebSocket Protocol Handshake\r\n'),
    line('Upgrade', 'WebSocket'),
    line('Connection', 'Upgrade'),
    line('Sec-WebSocket-Origin', 'http://example.com'),
    line('Sec-WebSocket-Location', 'ws://example.com/demo'),
    BLANK,
    raw(answer, { part: 'answer' }),
  ];
  return { keys, key3, challenge, answer, request, response };
}

/** Everything about a handshake of RFC 6455 with this key. */
function rfc6455({ nonce }) {
  const key = base64(nonce);
  const joined = key + GUID;
  const hash = sha1(bytesOfText(joined));
  const accept = base64(hash);
  const request = [
    first('GET /demo HTTP/1.1\r\n'),
    line('Host', 'example.com'),
    line('Upgrade', 'websocket'),
    line('Connection', 'Upgrade'),
    line('Sec-WebSocket-Key', key, { part: 'base64', of: nonce, which: 'nonce' }),
    line('Origin', 'http://example.com'),
    line('Sec-WebSocket-Version', '13'),
    BLANK,
  ];
  const response = [
    first('HTTP/1.1 101 Switching Protocols\r\n'),
    line('Upgrade', 'websocket'),
    line('Connection', 'Upgrade'),
    line('Sec-WebSocket-Accept', accept, { part: 'base64', of: hash, which: 'hash' }),
    BLANK,
  ];
  return { nonce, key, joined, hash, accept, request, response };
}

/** What a byte of a line is: `end`, `name`, `key-digit`, `key-space`, `key-other`, and so on. */
function roleOf(one, at) {
  if (one.part === 'key3' || one.part === 'answer') return one.part;
  if (at >= one.text.length - 2) return 'end';
  if (at < (one.valueAt ?? 0)) return 'name';
  if (one.part === 'base64') return 'base64';
  if (one.part !== 'key') return 'value';
  const char = one.text[at];
  if (char === ' ') return 'key-space';
  return /\d/.test(char) ? 'key-digit' : 'key-other';
}
