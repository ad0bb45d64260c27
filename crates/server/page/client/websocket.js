/**
 * WebSocket: upgrade once; a frame each, and speak on the same socket.
 *
 * The mirror of the server's transport/websocket.rs. The one transport on which
 * drafts travel the way events came: with `ack=1` the server answers each with
 * `{"kind":"said"}` or, when it refuses one, `{"kind":"error"}`.
 */

import { endWith } from './close.js';

export { possible } from './close.js';

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
    endWith(link, socket, reject);
  });
}
