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
   */
  constructor(server, name, { person, headers } = {}) {
    this.base = new URL(`/rooms/${encodeURIComponent(name)}/`, server);
    this.person = person;
    this.headers = headers ?? {};
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

  /** The number of the newest event, asked without being seen; fails when late. */
  async head(limitMs) {
    const { next } = await this.get('poll', { after: 'latest' }, { signal: AbortSignal.timeout(limitMs) });
    return next;
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

/** Passes a good answer on; turns a refusal, `{"error": …}`, into an Error. */
export async function goodAnswer(response) {
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new Error(said.error ?? `the server answered ${response.status}`);
}
