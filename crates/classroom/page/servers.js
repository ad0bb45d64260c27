/**
 * The servers, where a classroom has several over one log: which of them serve,
 * and the teacher's switch for each.
 */

import { byId, element } from './element.js';
import { t } from './texts.js';

/** What a server is called: A, B, and so on. */
export const serverName = (number) => t('serverName', { name: String.fromCharCode(65 + number) });

/** The teacher's list of servers. */
export class Servers {
  #channel;
  /** The life of each: here, ended, starts, failed. */
  #lives = [];
  /** A line for each, kept: a button may have the focus. */
  #lines = [];

  constructor(channel) {
    this.#channel = channel;
  }

  /** What everybody was told. */
  state({ servers }) {
    this.#lives = servers;
    while (this.#lines.length < servers.length) this.#lines.push(this.#line(this.#lines.length));
    byId('servers').replaceChildren(...this.#lines.map(({ box }) => box));
    byId('servers-card').hidden = !servers.length;
    this.words();
  }

  words() {
    const serving = this.#lives.filter((life) => life === 'here').length;
    this.#lives.forEach((life, number) => this.#show(this.#lines[number], serverName(number), life, serving));
    if (!this.#lives.length) return;
    byId('clear').disabled = true;
    byId('clear').title = t('sharedLog');
  }

  #line(number) {
    const [name, life, button] = [element('b'), element('span', 'way'), element('button', 'small')];
    button.type = 'button';
    button.addEventListener('click', () => {
      this.#channel.send({ kind: 'server', number, on: this.#lives[number] !== 'here' });
    });
    const box = element('li', '', '', name, life, button);
    box.dataset.server = number;
    return { box, name, life, button };
  }

  #show({ box, name, life: words, button }, server, life, serving) {
    box.dataset.life = life;
    name.textContent = server;
    words.textContent = t(`server_${life}`);
    const isLast = life === 'here' && serving < 2;
    button.disabled = isLast || life === 'starts';
    button.title = isLast ? t('lastServer') : '';
    button.textContent = t(life === 'here' || life === 'starts' ? 'endServer' : 'startServer', { server });
  }
}
