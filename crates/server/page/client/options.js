/**
 * What can be asked of a connection, and what it says of itself.
 */

/**
 * @typedef {object} Options
 * @property {string} room 1 to 64 of `A-Z a-z 0-9 _ -`
 * @property {string} [name] makes us visible; without it we only listen
 * @property {string} [person] a token of ours, so that two may share a name; it goes with every request
 * @property {string} [from] what we say is said under this name, though nobody sees us; only without `name`
 * @property {string} [url] the server; the page's own when left out
 * @property {string} [transport] a way to read (see `choose.js`), or `auto`
 * @property {number|null} [after] our place; null for all that the room keeps
 * @property {number} [interval] of short polling, in seconds
 * @property {number} [hold] of long polling, in seconds
 * @property {Record<string, string>} [headers] sent with every fetch; EventSource and WebSocket take none
 * @property {boolean|null} [compress] asks the server to compress what we read, or not to; null leaves it to the server
 * @property {(event: object, mine: boolean) => void} [onEvent] each event, in order, once
 * @property {(state: State) => void} [onState]
 * @property {(gap: {missed: number, newLog: boolean}) => void} [onGap] what we shall never see
 * @property {(path: import('./path.js').Step[]) => void} [onPath] what was tried, the latest last
 *
 * @typedef {object} State
 * @property {'connecting'|'connected'|'waiting'|'closed'} state
 * @property {string} transport the one in use, or being tried
 * @property {boolean} away whether the server itself cannot be reached
 * @property {number} [retryInMs] only while waiting
 * @property {Error} [why] only while waiting: what went wrong; with a `code` where the server refused us
 */

/** What is not asked for. */
export const DEFAULTS = { transport: 'auto', interval: 1, hold: 25 };
