/**
 * SockJS 0.3 over a WebSocket, as far as one room needs it: no library, and no question before what
 * the server can do.
 *
 * The server sends frames of one letter: `o` opens, `h` is a heartbeat, `c` closes, and `a` brings a
 * list of messages. Each message is what a frame of the plain WebSocket carries, as a string.
 */

import { readOver } from './library.js';
import { randomToken } from './token.js';

export { possible } from './library.js';

/**
 * Reads until either side leaves.
 * @param {import('./link.js').Link} link
 */
export function read(link) {
  const session = randomToken().slice(0, 8);
  return readOver(link, (room) => `/sockjs/${room}/000/${session}/websocket`, {}, (socket) => ({
    speak: (draft) => socket.send(JSON.stringify([JSON.stringify(draft)])),
    hear(frame) {
      switch (frame[0]) {
        case 'o':
          return 'open';
        case 'a':
          return JSON.parse(frame.slice(1)).forEach((message) => link.heard(JSON.parse(message)));
        case 'c':
          throw new Error(JSON.parse(frame.slice(1))[1]);
        default:
          return undefined;
      }
    },
  }));
}
