/**
 * HTTP stream: ask once and read on; a line (NDJSON) each.
 *
 * The mirror of the server's transport/http_stream.rs. The answer never ends:
 * its body is a line per event for as long as both sides stay. An empty line is
 * a heartbeat. A proxy that collects a whole answer before passing it on breaks
 * this way without any error, which is why the first line, and not the answer's
 * head, is what makes the link count as open.
 */

/** Silence after which the stream counts as broken; heartbeats come sooner. */
const SILENCE_MS = 60_000;

/** Needs a response body that can be read while it arrives. */
export const possible = () =>
  typeof ReadableStream === 'function' &&
  typeof TextDecoder === 'function' &&
  'body' in Response.prototype;

/**
 * Reads until either side leaves.
 * @param {import('./link.js').Link} link
 */
export async function read(link) {
  const response = await link.fetch('stream');
  if (!link.mustProve) link.opened();
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await link.within(SILENCE_MS, reader.read());
    if (done) return;
    // Pieces end anywhere, in mid-line and even in mid-character.
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop();
    link.opened();
    for (const line of lines) if (line) link.heard(JSON.parse(line));
  }
}
