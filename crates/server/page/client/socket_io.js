/**
 * Socket.IO 5 over a WebSocket, as far as one room needs it: no library, and no polls before.
 *
 * Engine.IO puts a digit before each packet (0 open, 1 close, 2 ping, 3 pong, 4 message), and
 * Socket.IO another one behind a 4 (0 connect, 2 event, 3 acknowledgement, 4 refused). An event is
 * `42["message",{…},"7"]`. A draft with a number before its list is answered by `43` and that number.
 */

import { readOver } from './library.js';

export { possible } from './library.js';

/**
 * Reads until either side leaves.
 * @param {import('./link.js').Link} link
 */
export function read(link) {
  return readOver(link, () => '/socket.io/', { EIO: 4, transport: 'websocket' }, (socket) => {
    /** The tags of drafts that are not answered, by their numbers. */
    const asked = new Map();
    let drafts = 0;

    function speak(draft) {
      asked.set((drafts += 1), draft.tag);
      socket.send(`42${drafts}${JSON.stringify(['message', draft])}`);
    }

    function hear(packet) {
      const [, kind, number, json] = /^(4?.)(\d*)(.*)$/su.exec(packet);
      switch (kind) {
        case '2':
          return socket.send('3');
        case '0':
          // The address says who we are and what we want.
          return socket.send('40{}');
        case '40':
          return 'open';
        case '42':
          return link.heard(JSON.parse(json)[1]);
        case '43':
          return answered(Number(number), JSON.parse(json)[0]);
        case '44':
          throw new Error(JSON.parse(json).message);
        case '1':
        case '41':
          return socket.close();
        default:
          return undefined;
      }
    }

    /** The answer to a draft, as a frame of the plain WebSocket says it. */
    function answered(draft, said) {
      link.heard({ kind: said.error ? 'error' : 'said', tag: asked.get(draft), ...said });
      asked.delete(draft);
    }

    return { hear, speak };
  });
}
