/**
 * The path: which transports a connection tried, when, and what came of it.
 */

/**
 * @typedef {object} Step
 * @property {string} transport
 * @property {number} at when it was tried, in Unix milliseconds
 * @property {'trying'|'open'|'broke'|'failed'|'missing'|'left'} result
 * @property {number} [tookMs] from the try to its result: opening or failing
 * @property {Error} [why]
 */

/** Steps that are kept. */
const LENGTH = 30;

/** The steps of one connection, the latest last. */
export class Path {
  /** @type {Step[]} */
  steps = [];

  /** Adds a step; its result is filled in by whoever takes it. */
  begin(transport) {
    const step = { transport, at: Date.now(), result: 'trying' };
    this.steps.push(step);
    if (this.steps.length > LENGTH) this.steps.shift();
    return step;
  }
}
