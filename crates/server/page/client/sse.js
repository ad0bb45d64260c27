/**
 * Server-sent events: the HTTP stream again, read by the browser's EventSource.
 *
 * The same file on the server, transport/http_stream.rs: only the text around
 * an event differs (`id:` and `data:` fields, WHATWG HTML section 9.2).
 * EventSource can reconnect by itself, with `Last-Event-ID`. We close it at the
 * first break instead, so that all transports come back by the same rules and
 * our place stays ours when the transport changes.
 */

/** Needs EventSource. */
export const possible = () => typeof EventSource === 'function';

/**
 * Reads until either side leaves.
 * @param {import('./link.js').Link} link
 */
export function read(link) {
  return new Promise((_, reject) => {
    const source = new EventSource(link.address('sse'));
    const end = (error) => {
      source.close();
      reject(error);
    };
    source.onopen = () => {
      if (!link.mustProve) link.opened();
    };
    source.onmessage = ({ data }) => {
      link.opened();
      link.heard(JSON.parse(data));
    };
    // EventSource does not tell scripts what went wrong.
    source.onerror = () => end(new Error('the event stream broke'));
    link.signal.addEventListener('abort', () => end(link.signal.reason), { once: true });
  });
}
