/**
 * The controls above the lanes, and the page's own talker.
 */

import { byId, options } from './element.js';
import { filler } from './filler.js';
import { t } from './texts.js';

const SECONDS = (value) => `${value} s`;
const INTERVALS = [0.1, 0.25, 0.5, 1, 2, 5];
const HOLDS = [1, 5, 25, 60];
const RATES = [0, 0.5, 1, 2, 5, 10];
const SIZES = [1, 20, 100, 500, 2000, 8000];
const DELAYS = [0, 10, 25, 50, 100, 250, 500];
const PATHS = ['open', 'buffers', 'cuts'];

/** What each profile adds to every fetch. */
const PROFILES = {
  plain: {},
  api: { authorization: `Bearer ${'a1B2c3D4'.repeat(32)}`, 'x-request-id': '5f0c2f1e-1d7a-4a52-9c1e-6b8b1c2d3e4f' },
  heavy: { 'x-padding': 'x'.repeat(2000) },
};

/** `[value, words]` for a rate of talking. */
export const rates = () => RATES.map((rate) => [rate, rate ? t('perSecond', { value: rate }) : t('off')]);
export const sizes = () => SIZES.map((size) => [size, t('bytes', { value: size })]);

/**
 * Sets the controls up.
 * @param {{settings: (changes: object) => void, talk: (text: string) => void, delay: (ms: number) => void, path: (path: string) => void, http2: (on: boolean) => void}} on
 */
export function controls(on) {
  let timer = 0;
  let number = 0;
  const value = (id) => Number(byId(id).value);
  const change = (id, act) => byId(id).addEventListener('change', act);

  change('interval', () => on.settings({ interval: value('interval') }));
  change('hold', () => on.settings({ hold: value('hold') }));
  change('headers', () => {
    byId('headers-hint').hidden = byId('headers').value === 'plain';
    on.settings({ headers: PROFILES[byId('headers').value] });
  });
  // What the server does anyway is not asked for: a lane's addresses stay as short as they are.
  let usual = false;
  const compress = () => {
    const wanted = byId('compress').value === 'on';
    return wanted === usual ? null : wanted;
  };
  change('compress', () => on.settings({ compress: compress() }));
  change('delay', () => on.delay(value('delay')));
  change('path', () => on.path(byId('path').value));
  change('http2', () => on.http2(byId('http2').value === 'on'));
  // A browser speaks HTTP/2 only under TLS.
  let sealed = false;
  const http2Hint = () => (sealed ? 'http2Hint' : 'http2NoTls');
  const http2Choices = () => (sealed ? [['off', t('off')], ['on', t('laneOn')]] : [['off', t('needsTls')]]);
  for (const id of ['rate', 'size']) change(id, talk);

  function talk() {
    clearInterval(timer);
    const rate = value('rate');
    if (!rate) return;
    timer = setInterval(() => on.talk(filler((number += 1), value('size'))), 1000 / rate);
  }

  return {
    /** What is set. */
    settings: () => ({ interval: value('interval') || 1, hold: value('hold') || 25, headers: {}, compress: compress() }),
    /** What the server does with lanes that say nothing of compression; null where it has none. */
    compress(does) {
      usual = does === true;
      byId('compress').value = usual ? 'on' : 'off';
      byId('compress').closest('label').hidden = does === null;
    },
    /** Sets the poll interval, as a person would; gives back what was set before. */
    set({ interval }) {
      const before = { interval: value('interval') };
      if (before.interval !== interval) {
        byId('interval').value = interval;
        on.settings({ interval });
      }
      return before;
    },
    /** Only the teacher's delay, path and version of HTTP count: the lanes are everybody's. */
    teaches(teaches) {
      byId('delay').disabled = !teaches;
      byId('path').disabled = !teaches;
      byId('http2').disabled = !teaches || !sealed;
    },
    /** Whether the lanes are under TLS. */
    sealed(is) {
      sealed = is;
      byId('http2-hint').dataset.text = http2Hint();
    },
    /** Shows whether the lanes offer HTTP/2. */
    http2(on) {
      byId('http2').value = on ? 'on' : 'off';
    },
    /** Shows the delay that the lanes have. */
    delay(ms) {
      const select = byId('delay');
      if (![...select.options].some((option) => Number(option.value) === ms)) {
        select.add(new Option(`${ms} ms`, ms));
      }
      select.value = ms;
    },
    /** Shows what stands in the path of the lanes. */
    path(path) {
      byId('path').value = path;
    },
    words() {
      options(byId('interval'), INTERVALS.map((s) => [s, SECONDS(s)]), 1);
      options(byId('hold'), HOLDS.map((s) => [s, SECONDS(s)]), 25);
      options(byId('rate'), rates(), 0);
      options(byId('size'), sizes(), 20);
      options(byId('headers'), Object.keys(PROFILES).map((name) => [name, t(name)]), 'plain');
      options(byId('compress'), ['off', 'on'].map((key) => [key, t(key === 'on' ? 'compressed' : 'off')]), 'off');
      options(byId('delay'), DELAYS.map((ms) => [ms, ms ? `${ms} ms` : t('off')]), 0);
      options(byId('path'), PATHS.map((path) => [path, t(path)]), 'open');
      options(byId('http2'), http2Choices(), 'off');
      byId('http2').title = t(http2Hint());
    },
  };
}
