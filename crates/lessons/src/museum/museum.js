/**
 * The page: two handshakes as rows of bytes, one row for each line. A byte opens under
 * its row. Left and right go from byte to byte, up and down from row to row.
 */

const element = (tag, of = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), of);
  made.append(...children);
  return made;
};

const unhex = (text) => (text.replace(/\s/g, '').match(/../g) ?? []).map((pair) => parseInt(pair, 16));
const isHex = (text, count) => new RegExp(`^[0-9a-f]{${count * 2}}$`, 'i').test(text.replace(/\s/g, ''));
const isKey = (text) => /^[!-~]([ -~]*[!-~])?$/.test(text);

const DRAFT_1 = { key1: '4 @1  46546xW%0l 1 5', key2: '12998 5 Y3 1  .P00', key3: hex(bytesOfText('^n:ds[4U')) };
const DRAFT_2 = {
  key1: '18x 6]8vM;54 *(5:  {   U1]8  z [  8',
  key2: '1_ tx7X d  <  nw  334J702) 7]o}` 0',
  key3: hex(bytesOfText('Tm[K T2u')),
};
const RFC = { nonce: hex(bytesOfText('the sample nonce')) };

const HANDSHAKES = {
  hixie76: {
    fields: [['key1', isKey, 'latin'], ['key2', isKey, 'latin'], ['key3', (text) => isHex(text, 8), 8]],
    examples: [[WORDS.draft1, () => DRAFT_1], [WORDS.draft2, () => DRAFT_2],
      [WORDS.fresh, () => ({ key1: madeUp(), key2: madeUp(), key3: hex(randomBytes(8)) })]],
    made: ({ key1, key2, key3 }) => hixie76({ key1, key2, key3: unhex(key3) }),
  },
  rfc6455: {
    fields: [['nonce', (text) => isHex(text, 16), 16]],
    examples: [[WORDS.rfc, () => RFC], [WORDS.freshOne, () => ({ nonce: hex(randomBytes(16)) })]],
    made: ({ nonce }) => rfc6455({ nonce: unhex(nonce) }),
  },
};

/** One byte, as a button. */
function cell(one, at, offset, byte) {
  const button = element('button', { type: 'button', tabIndex: -1 },
    element('span', { className: 'unseen' }, `${WORDS.byte} ${offset}: `),
    element('b', {}, shown(byte)), ' ', element('small', {}, byte.toString(16).padStart(2, '0')));
  button.className = `byte ${roleOf(one, at)}`;
  button.setAttribute('aria-expanded', 'false');
  return button;
}

/** What opens under a row: the byte in every form, what it is, and the steps. */
function opened(handshake, side, one, at, offset, byte) {
  const { about, text, steps } = explained(handshake, side, one, at);
  const forms = [[WORDS.byte, offset], ['0x', byte.toString(16).padStart(2, '0')], [WORDS.decimal, byte],
    [WORDS.binary, bits(byte)], [WORDS.character, shown(byte)]];
  const panel = element('div', { className: 'opened' },
    element('p', { className: 'forms' }, ...forms.map(([name, value]) => element('span', {}, `${name} `, element('b', {}, String(value))))));
  for (const said of [text, about]) if (said) panel.append(element('p', {}, said));
  const list = element('dl', { className: 'steps' });
  for (const [name, value] of steps) list.append(element('dt', {}, name), element('dd', {}, value));
  if (steps.length > 0) panel.append(list);
  panel.setAttribute('role', 'status');
  return panel;
}

/** All rows of one direction. */
function message(handshake, side) {
  const lines = handshake[side];
  if (!lines) return [element('p', { className: 'refused' }, WORDS.refused)];
  let offset = 0;
  const rows = lines.map((one) => {
    const row = element('div', { className: 'row' });
    (one.bytes ?? bytesOfText(one.text)).forEach((byte, at) => {
      const [here, button] = [offset, cell(one, at, offset, byte)];
      button.open = () => opened(handshake, side, one, at, here, byte);
      row.append(button);
      offset += 1;
    });
    row.setAttribute('role', 'group');
    row.setAttribute('aria-label', one.name?.trim() || WORDS[side]);
    return row;
  });
  rows[0].firstChild.tabIndex = 0;
  return [element('h3', {}, WORDS[side], element('small', {}, ` ${WORDS.bytes(offset)}`)), ...rows];
}

/** Opens a byte under its row, or closes it; one at a time. */
function toggle(around, button) {
  const was = button.getAttribute('aria-expanded') === 'true';
  for (const open of around.querySelectorAll('.opened')) open.remove();
  for (const open of around.querySelectorAll('[aria-expanded="true"]')) open.setAttribute('aria-expanded', 'false');
  if (was) return;
  button.setAttribute('aria-expanded', 'true');
  button.parentElement.after(button.open());
}

/** The byte to which a key leads. */
function neighbour(around, button, key) {
  const all = [...around.querySelectorAll('.byte')];
  const rows = [...around.querySelectorAll('.row')];
  const [at, row] = [all.indexOf(button), rows.indexOf(button.parentElement)];
  const within = [...button.parentElement.children].indexOf(button);
  const beside = (other) => rows[other] && (rows[other].children[within] ?? rows[other].lastChild);
  return { ArrowRight: all[at + 1], ArrowLeft: all[at - 1], ArrowDown: beside(row + 1), ArrowUp: beside(row - 1),
    Home: button.parentElement.firstChild, End: button.parentElement.lastChild }[key];
}

function move(around, event) {
  const button = event.target.closest('.byte');
  const next = button && neighbour(around, button, event.key);
  if (!next) return;
  event.preventDefault();
  for (const byte of around.querySelectorAll('.byte[tabindex="0"]')) byte.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/** A field to write a key into, with what is wrong with it. */
function field(id, name, changed) {
  const input = element('input', { id, spellcheck: false, autocomplete: 'off' });
  const wrong = element('p', { className: 'error', id: `${id}-wrong` });
  input.setAttribute('aria-describedby', wrong.id);
  input.addEventListener('input', changed);
  return { input, wrong, whole: element('p', { className: 'field' }, element('label', { htmlFor: id }, WORDS[name]), input, wrong) };
}

function show(section) {
  const kind = HANDSHAKES[section.dataset.handshake];
  const bytes = element('div', { className: 'bytes' });
  const fields = kind.fields.map(([name, isRight, fault]) => ({ name, isRight, fault, ...field(`${section.dataset.handshake}-${name}`, name, () => draw()) }));
  function draw() {
    let isWhole = true;
    for (const { input, wrong, isRight, fault } of fields) {
      const right = isRight(input.value);
      isWhole &&= right;
      wrong.textContent = right ? '' : typeof fault === 'number' ? WORDS.faults.hex(fault) : WORDS.faults[fault];
    }
    if (!isWhole) return bytes.replaceChildren();
    const handshake = kind.made(Object.fromEntries(fields.map(({ name, input }) => [name, input.value])));
    handshake.keys?.forEach(({ fault }, at) => (fields[at].wrong.textContent = fault ? WORDS.faults[fault] : ''));
    return bytes.replaceChildren(...['request', 'response'].flatMap((side) => message(handshake, side)));
  }
  const choose = (values) => {
    for (const { name, input } of fields) input.value = values[name];
    draw();
  };
  const examples = kind.examples.map(([name, values]) => {
    const button = element('button', { type: 'button' }, name);
    button.addEventListener('click', () => choose(values()));
    return button;
  });
  bytes.addEventListener('click', ({ target }) => target.closest('.byte') && toggle(bytes, target.closest('.byte')));
  bytes.addEventListener('keydown', (event) => move(bytes, event));
  section.append(element('p', { className: 'examples' }, ...examples), ...fields.map(({ whole }) => whole), bytes);
  choose(kind.examples[0][1]());
}

for (const section of document.querySelectorAll('[data-handshake]')) show(section);
