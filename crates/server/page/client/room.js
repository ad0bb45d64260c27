/**
 * A room's addresses, and the plain questions that every transport shares.
 */

/** One room of one server. */
export class Room {
  /**
   * @param {string | URL} server
   * @param {string} name
   * @param {object} [us]
   * @param {string} [us.person] our token, which goes with every request
   * @param {Record<string, string>} [us.headers] sent with every fetch
   * @param {boolean | null} [us.compress] what readings say of compression
   */
  constructor(server, name, { person, headers, compress } = {}) {
    this.base = new URL(`/rooms/${encodeURIComponent(name)}/`, server);
    this.person = person;
    this.headers = headers ?? {};
    this.compress = compress ?? null;
  }

  /** The address of something in the room, with its query. */
  address(what, query = {}) {
    const url = new URL(what, this.base);
    const us = this.person ? { person: this.person } : {};
    for (const [key, value] of Object.entries({ ...us, ...query })) url.searchParams.set(key, value);
    return url.href;
  }

  /** GETs something and gives back its JSON. */
  async get(what, query, options) {
    const request = { cache: 'no-store', headers: this.headers, ...options };
    const response = await fetch(this.address(what, query), request);
    return (await goodAnswer(response)).json();
  }

  /** The number of the newest event; fails when late. `as` is who asks: nobody, or one who wants in. */
  async head(limitMs, as = {}) {
    const { next } = await this.get('poll', { after: 'latest', ...as }, { signal: AbortSignal.timeout(limitMs) });
    return next;
  }

  /** The number of the newest event and the epoch of its log; otherwise as `head`. */
  log(limitMs, as = {}) {
    return this.get('poll', { after: 'latest', epoch: 1, ...as }, { signal: AbortSignal.timeout(limitMs) });
  }

  /** Says a draft by POST; gives back its seq. */
  async post(draft) {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.headers },
      body: JSON.stringify(draft),
    };
    return (await (await goodAnswer(await fetch(this.address('messages'), request))).json()).seq;
  }

  /** Says that a person is gone. */
  leave(person) {
    const address = this.address('leave', { person });
    // A beacon is sent even when the page is being closed.
    if (globalThis.navigator?.sendBeacon?.(address)) return;
    fetch(address, { method: 'POST', keepalive: true }).catch(() => {});
  }
}

/** What the server refused. Whoever is refused got through: no transport is to blame. */
export class Refused extends Error {
  /**
   * @param {object} said the server's JSON
   * @param {string} said.error in its own words
   * @param {string} said.code the same in one word, for a page in another language
   * @param {number} [said.limit] the limit that was reached
   */
  constructor({ error, code, limit }) {
    super(error);
    Object.assign(this, { code, limit });
  }
}

/** Passes a good answer on; turns a refusal, `{"error": …}`, into an Error. */
export async function goodAnswer(response) {
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  if (said.code) throw new Refused(said);
  throw new Error(`the server answered ${response.status}`);
}
