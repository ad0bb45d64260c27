/**
 * WebSocket: upgrade once; a frame each, and speak on the same socket.
 *
 * The mirror of the server's transport/websocket.rs. The one transport on which
 * drafts travel the way events came: with `ack=1` the server answers each with
 * `{"kind":"said"}` or, when it refuses one, `{"kind":"error"}`.
 */

import { closeInWords } from './close.js';

/** Needs WebSocket. */
export const possible = () => typeof WebSocket === 'function';

/**
 * Reads until either side leaves.
 * @param {import('./link.js').Link} link
 */
export function read(link) {
  return new Promise((_, reject) => {
    const address = link.address('ws', { ack: 1 }).replace(/^http/, 'ws');
    const socket = new WebSocket(address);
    socket.onopen = () => {
      link.speak = (draft) => socket.send(JSON.stringify(draft));
      link.opened();
    };
    socket.onmessage = ({ data }) => link.heard(JSON.parse(data));
    socket.onclose = ({ code, reason }) => {
      link.speak = null;
      reject(new Error(closeInWords(code, reason)));
    };
    link.signal.addEventListener(
      'abort',
      () => {
        // The closing handshake may take a while, and we are done here.
        link.speak = null;
        socket.onmessage = null;
        socket.close();
        reject(link.signal.reason);
      },
      { once: true },
    );
  });
}
