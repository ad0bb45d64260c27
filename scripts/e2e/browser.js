/**
 * Headless Chromium, and what a person does with the chat page.
 *
 * CHROMIUM names the browser; without it, Debian's places, first that of the
 * engine alone (chromium-headless-shell), which takes less than half of the
 * processor time that a whole one takes for the same page. Where there is none,
 * the tests that need it are skipped aloud; WIREBENCH_REQUIRE=1 (scripts/test
 * sets it) makes that a failure.
 */

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { LIMIT_MS, until } from './until.js';

const PLACES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const CHROMIUM = process.env.CHROMIUM ?? PLACES.find(existsSync) ?? PLACES[0];

/** Why browser tests cannot run, or false: for `test(name, { skip }, …)`. */
export const skip = existsSync(CHROMIUM) ? false : missing();

function missing() {
  const why = `SKIPPED: no Chromium at ${CHROMIUM}; install it (apt-get install chromium-headless-shell) or set CHROMIUM`;
  if (process.env.WIREBENCH_REQUIRE === '1') throw new Error(why);
  console.error(`\n*** ${why} ***\n`);
  return why;
}

/** Starts the browser, with these arguments beside the usual ones. */
export function launch(...more) {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

/** One person in a browser of their own, on the chat page. */
export class Visitor {
  /** What the page complained about: script errors and refusals by the CSP. */
  complaints = [];

  /**
   * Opens the page; `before` runs in it ahead of the page's own scripts. Unless
   * `view` wants motion, lanes are drawn twice a second instead of sixty times,
   * which takes most of a processor where no graphics card helps.
   * @param {import('playwright-core').Browser} browser
   */
  static async open(browser, url, { before, view } = {}) {
    const visitor = new Visitor();
    visitor.context = await browser.newContext({ reducedMotion: 'reduce', ...view });
    visitor.page = await visitor.context.newPage();
    visitor.page.setDefaultTimeout(LIMIT_MS);
    visitor.page.on('pageerror', (error) => visitor.complaints.push(String(error)));
    visitor.page.on('console', (line) => {
      // A server that is away is part of some tests, and Chromium reports each
      // request that failed for it.
      const network = /Failed to load resource|WebSocket connection to|net::ERR_/;
      if (line.type() === 'error' && !network.test(line.text())) visitor.complaints.push(line.text());
    });
    visitor.page.on('dialog', (dialog) => {
      visitor.complaints.push(`a dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    if (before) await visitor.page.addInitScript(before);
    await visitor.page.goto(url);
    return visitor;
  }

  /** Fills in the form and waits until the page says that it is connected. */
  async enter({ name, room = 'hall', transport = 'auto' }) {
    this.name = name;
    const form = this.page.locator('#enter');
    await form.getByLabel('Your name').fill(name);
    await form.getByLabel('Room').fill(room);
    await form.getByLabel('Transport').selectOption(transport);
    await form.getByRole('button', { name: 'Connect' }).click();
    await this.sees('#state', /^Connected over /);
    return this;
  }

  async say(text) {
    await this.page.getByLabel('Your message').fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
  }

  /** Changes the transport in mid-chat. */
  async change(transport, words) {
    await this.page.locator('#transport').selectOption(transport);
    await this.sees('#state', `Connected over ${words}`);
  }

  /** Waits until the element shows this text (a string: exactly; or a pattern). */
  sees(selector, wanted) {
    const fits = (text) => (wanted instanceof RegExp ? wanted.test(text) : text === wanted);
    return until(`${this.name} sees ${wanted} in ${selector}`, async () =>
      fits(((await this.page.locator(selector).textContent()) ?? '').trim()),
    );
  }

  /** Texts of all messages in the log, in their order. */
  heard() {
    return this.page.locator('.message .text').allTextContents();
  }

  /** Waits until the log holds at least this text. */
  hears(text) {
    return until(`${this.name} hears ${text}`, async () => (await this.heard()).includes(text));
  }

  /** Names in the list of people, sorted. */
  async people() {
    return (await this.page.locator('#people .who').allTextContents()).sort();
  }

  /** Waits until exactly these are shown online, in the list and as a count. */
  async seesPeople(...names) {
    const wanted = JSON.stringify([...names].sort());
    await until(`${this.name} sees ${wanted} online`, async () =>
      JSON.stringify(await this.people()) === wanted,
    );
    await this.sees('#panel h2 [data-online]', String(names.length));
  }

  async close() {
    // The engine alone tells a page of no end when its context is closed, but it
    // does so when another page comes: only then does the visitor say goodbye.
    if (!this.page.isClosed()) await this.page.goto('about:blank');
    await this.context.close();
  }
}

/** The transports of the page: their names, and in words. */
export const TRANSPORTS = {
  short_poll: 'Short polling',
  long_poll: 'Long polling',
  http_stream: 'HTTP stream',
  sse: 'Server-sent events',
  websocket: 'WebSocket',
};
