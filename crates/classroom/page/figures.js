/**
 * Reading a figure off a lane, for a lesson's experiment.
 *
 * Latencies are this page's own clock's; bytes are those that the server's
 * socket counted. Each figure is null until enough was seen.
 */

import { partsOf, purposeOf } from './exchanges.js';

const sum = (values) => values.reduce((all, one) => all + one, 0);
const mean = (values) => (values.length ? sum(values) / values.length : null);

/** The value below which a share `q` of them lies (nearest rank). */
function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}

function deviation(values) {
  const middle = mean(values);
  return values.length > 1 ? Math.sqrt(sum(values.map((one) => (one - middle) ** 2)) / (values.length - 1)) : null;
}

/** What one lane notices from now on. */
export class Figures {
  /** How many messages were heard. */
  heard = 0;

  #latencies = [];
  #items = new Set();
  /** Bytes of each heartbeat, by way. */
  #heartbeats = { up: [], down: [] };

  /** @param {string} lane its name */
  constructor(lane) {
    this.lane = lane;
  }

  /** A message was heard; `late` is null unless the experiment said it. */
  hear(late) {
    this.heard += 1;
    if (late !== null) this.#latencies.push(late);
  }

  /** How many latencies there are. */
  get count() {
    return this.#latencies.length;
  }

  /** There is a new exchange or frame. */
  item(item) {
    if (item.lane === this.lane) this.#items.add(item);
  }

  /** Bytes passed. */
  pass(item, { dir, parts }) {
    if (item.lane !== this.lane) return;
    const beat = partsOf({ parts }).filter(({ purpose }) => purpose === 'heartbeat');
    if (beat.length) this.#heartbeats[dir].push(sum(beat.map(({ len }) => len)));
  }

  /**
   * The figure, as `lesson.toml` names it.
   * @param {string} read
   * @param {number} least how many must have been seen, for figures of bytes
   */
  value(read, least) {
    const enough = (values) => (values.length >= least ? mean(values) : null);
    switch (read) {
      case 'p50_ms':
        return quantile(this.#latencies, 0.5);
      case 'p90_ms':
        return quantile(this.#latencies, 0.9);
      case 'max_ms':
        return quantile(this.#latencies, 1);
      case 'mean_ms':
        return mean(this.#latencies);
      case 'deviation_ms':
        return deviation(this.#latencies);
      case 'empty_bytes':
        return enough(this.#answered('short_poll').filter(isEmpty).map(bothWays));
      case 'setup_bytes':
        return enough(this.#answered('websocket').map(bothWays));
      case 'frame_down':
        return enough(this.#frames('down', 'deliver').map(aroundPayload));
      case 'frame_up':
        return enough(this.#frames('up', 'say').map(aroundPayload));
      case 'heartbeat_bytes':
        return this.#heartbeat(enough);
      case 'polls_per_message':
        return this.heard ? this.#answered('short_poll').length / this.heard : null;
      default:
        return null;
    }
  }

  #answered(read) {
    const carries = ({ passes }, way) => passes.some((pass) => pass.dir === way && partsOf(pass).length);
    return [...this.#items].filter((item) => item.what?.read === read && carries(item, 'up') && carries(item, 'down'));
  }

  #frames(dir, purpose) {
    const fits = ({ what, passes }) => what?.frame === dir && passes.length && purposeOf(passes[0]) === purpose;
    return [...this.#items].filter(fits);
  }

  /** A ping is answered, and both count; a stream's heartbeat is not. */
  #heartbeat(enough) {
    const { up, down } = this.#heartbeats;
    if (this.lane !== 'websocket') return enough(down);
    return enough(up) === null || enough(down) === null ? null : mean(up) + mean(down);
  }
}

/** What formulas know: all but the records of TLS, and frames of HTTP/2 that belong to the connection. */
const allParts = ({ passes }) => passes.flatMap(partsOf);
const bothWays = (item) => sum(allParts(item).map(({ len }) => len));
const isEmpty = (item) => allParts(item).every(({ purpose }) => purpose === 'empty');

function aroundPayload(item) {
  return sum(allParts(item).filter(({ layer }) => layer.startsWith('ws_')).map(({ len }) => len));
}
