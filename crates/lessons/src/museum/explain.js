/** What is said of one byte: a sentence, and the steps of the computation that it is part of. */

const { steps: STEP } = WORDS;

/** The count of a byte among those of its kind: the third digit, the second space. */
function among(one, at, role) {
  const whole = one.bytes ?? bytesOfText(one.text);
  const same = whole.map((_, other) => other).filter((other) => roleOf(one, other) === role);
  return { nth: same.indexOf(at) + 1, of: same.length };
}

/** The steps from a key of hixie-76 to its four bytes. */
function keySteps({ digits, spaces, number, quotient, bytes, fault }) {
  const steps = [[STEP.number, digits || WORDS.none], [STEP.spaces, String(spaces)]];
  if (fault) return [...steps, ['', WORDS.faults[fault]]];
  return [...steps, [STEP.quotient, `${number} ÷ ${spaces} = ${quotient}`], [STEP.four, hex(bytes)]];
}

function hashSteps({ keys, key3, challenge, answer }) {
  if (!answer) return [];
  return [
    [STEP.first, `${keys[0].number} ÷ ${keys[0].spaces} = ${keys[0].quotient} = ${hex(keys[0].bytes)}`],
    [STEP.second, `${keys[1].number} ÷ ${keys[1].spaces} = ${keys[1].quotient} = ${hex(keys[1].bytes)}`],
    [STEP.third, hex(key3)],
    [STEP.joined, hex(challenge)],
    [STEP.md5, hex(answer)],
    [STEP.text, answer.map(shown).join('')],
  ];
}

const acceptSteps = ({ nonce, key, joined, hash, accept }) => [
  [STEP.nonce, hex(nonce)],
  [STEP.base64, key],
  [STEP.guid, joined],
  [STEP.sha1, hex(hash)],
  [STEP.accept, accept],
];

/** A byte as a character, if it has one. */
function shown(byte) {
  if (byte === 0x0d) return '\\r';
  if (byte === 0x0a) return '\\n';
  if (byte === 0x20) return '␣';
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
}

/** What is said of a byte of a handshake. */
function explained(handshake, side, one, at) {
  const role = roleOf(one, at);
  const field = one.name === null ? '' : WORDS.fields[one.name];
  const about = Array.isArray(field) ? field[side === 'request' ? 0 : 1] : field;
  const count = among(one, at, role);
  if (role === 'base64') {
    const nth = count.nth - 1;
    const sextet = one.of.map(bits).join('').slice(nth * 6, nth * 6 + 6).padEnd(6, '0');
    const text = WORDS.roles.base64({ ...count, digit: one.text[at], sextet, from: nth * 6 });
    return { about, text, steps: acceptSteps(handshake) };
  }
  const text = WORDS.roles[role];
  const said = typeof text === 'function' ? text(count) : text;
  if (role.startsWith('key-')) return { about, text: said, steps: keySteps(handshake.keys[one.which]) };
  const steps = role === 'key3' || role === 'answer' ? hashSteps(handshake) : [];
  const ends = one.name === '' && role === 'value' ? '' : said;
  return { about, text: ends, steps };
}
