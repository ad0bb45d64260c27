/**
 * The teacher's panel: who is here, what it costs, and what everybody does.
 */

import { WAYS, wayOf } from '/page/ways.js';
import { rates, sizes } from './controls.js';
import { byId, count, element, options, shares } from './element.js';
import { lang, t } from './texts.js';

const MOVES = ['', ...WAYS.map(({ name }) => name)];
/** People listed by name. */
const MOST_PEOPLE = 300;

const laneOf = (person) => wayOf(person)?.name ?? person.transport;

/** The teacher's panel. */
export class Teacher {
  #channel;
  #state = null;
  #class = null;

  constructor(channel) {
    this.#channel = channel;
    byId('move').addEventListener('change', ({ target }) => {
      channel.send({ kind: 'move', lane: target.value || null });
    });
    byId('class-talk').addEventListener('click', () => this.#talk(!this.#talking));
    for (const id of ['class-rate', 'class-size']) {
      byId(id).addEventListener('change', () => this.#talking && this.#talk(true));
    }
    byId('reset-class').addEventListener('click', () => channel.send({ kind: 'reset' }));
    byId('clear').addEventListener('click', () => channel.send({ kind: 'clear' }));
    byId('pardon').addEventListener('click', () => channel.send({ kind: 'pardon' }));
    byId('rooms').addEventListener('submit', (event) => {
      event.preventDefault();
      const words = byId('rooms-named').value.split(/[\s,，、]+/).filter(Boolean);
      const named = words.length ? words.filter((word) => word !== '-') : null;
      channel.send({ kind: 'rooms', named });
    });
  }

  show(teaches) {
    this.teaches = teaches;
  }

  /** What everybody was told. */
  state(state) {
    this.#state = state;
    this.#showState();
  }

  /** Who is here, and what each transport carried. */
  class({ lanes, people }) {
    this.#class = { lanes, people };
    if (!byId('view-teacher').hidden) this.#showClass();
  }

  words() {
    const legend = byId('move').querySelector('legend');
    const chosen = this.#state?.moved ?? '';
    const choices = MOVES.map((lane) => {
      const radio = element('input');
      Object.assign(radio, { type: 'radio', name: 'move', value: lane, checked: lane === chosen });
      return element('label', 'choice', '', radio, element('span', '', t(lane || 'auto')));
    });
    byId('move').replaceChildren(legend, ...choices);
    options(byId('class-rate'), rates().slice(1), 1);
    options(byId('class-size'), sizes(), 100);
    this.#showState();
    this.#showClass();
  }

  get #talking() {
    return (this.#state?.talker.per_second ?? 0) > 0;
  }

  #talk(on) {
    const per_second = on ? Number(byId('class-rate').value) : 0;
    this.#channel.send({ kind: 'talk', per_second, bytes: Number(byId('class-size').value) });
  }

  #showState() {
    byId('class-talk').textContent = t(this.#talking ? 'stop' : 'start');
    byId('class-talk').ariaPressed = String(this.#talking);
    for (const radio of byId('move').querySelectorAll('input')) {
      radio.checked = radio.value === (this.#state?.moved ?? '');
    }
  }

  #showClass() {
    if (!this.#class) return;
    const { lanes, people } = this.#class;
    this.#showTotals(lanes, people);
    byId('online').textContent = people.online;
    this.#showPeople(people.people.slice(0, MOST_PEOPLE));
  }

  /** A line for each person is kept: a button may have the focus. */
  #showPeople(people) {
    const list = byId('people');
    const known = new Map([...list.children].map((line) => [line.dataset.key, line]));
    const lines = people.map((person) => {
      const key = [person.id, person.muted, laneOf(person), lang()].join(' ');
      return known.get(key) ?? this.#line(person, key);
    });
    const same = lines.length === list.children.length && lines.every((line, index) => line === list.children[index]);
    if (!same) list.replaceChildren(...lines);
  }

  #line(person, key) {
    const { id, name, muted } = person;
    const order = (order, word) => {
      const button = element('button', 'small', t(word));
      Object.assign(button, { type: 'button', ariaLabel: t(`${word}Name`, { name }) });
      button.addEventListener('click', () => this.#channel.send({ kind: 'person', id, order }));
      return button;
    };
    const orders = element(
      'span',
      'person-orders',
      '',
      muted ? order('unmute', 'unmute') : order('mute', 'mute'),
      order('send_out', 'sendOut'),
      order('ban', 'ban'),
    );
    const line = element('li', muted ? 'muted' : '', '', element('b', '', name), element('span', 'way', t(laneOf(person))), orders);
    line.dataset.key = key;
    return line;
  }

  #showTotals(lanes, people) {
    const single = (key) => heading(t(key), 'col', { rowSpan: 2 });
    const double = (key) => heading(t(key), 'colgroup', { colSpan: 2 });
    const first = [...['transport', 'people', 'requests', 'empty'].map(single), double('up'), double('down'), single('perRequest'), single('handshakeShare')];
    const second = ['payload', 'overhead', 'payload', 'overhead'].map((key) => heading(t(key), 'col'));
    const head = element('thead', '', '', element('tr', '', '', ...first), element('tr', '', '', ...second));
    const rows = lanes.filter(({ lane, requests }) => lane || requests).map((line) => row(line, people));
    byId('class').replaceChildren(head, element('tbody', '', '', ...rows));
  }
}

const heading = (words, scope, more) => Object.assign(element('th', '', words), { scope, ...more });

function row({ lane, requests, empty, up, down }, { people }) {
  const here = people.filter((person) => laneOf(person) === lane).length;
  const { overhead, setup } = shares(up, down);
  const name = element('th', '', t(lane ?? 'none'));
  name.scope = 'row';
  const cells = [lane ? count(here) : '–', count(requests), count(empty), count(up.payload), count(up.overhead), count(down.payload), count(down.overhead)];
  const bar = element('span', 'share', '', element('i'));
  bar.firstChild.style.width = `${100 - parseInt(overhead, 10)}%`;
  const last = element('td', 'with-bar', '', overhead, bar);
  const handshake = element('td', '', setup);
  const made = element('tr', '', '', name, ...cells.map((cell) => element('td', '', cell)), last, handshake);
  if (lane) made.dataset.lane = lane;
  return made;
}
