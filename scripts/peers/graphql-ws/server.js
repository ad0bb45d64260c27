// A chat over GraphQL: a subscription for each reader, a mutation for each
// message, both over one WebSocket by the graphql-transport-ws protocol.
//
//     node server.js [PORT]      8093 unless another is given
import { EventEmitter, on } from 'node:events';
import http from 'node:http';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const schema = buildSchema(`
  type Query { rooms: Int! }
  type Mutation { say(room: String!, text: String!): Boolean! }
  type Subscription { messages(room: String!): String! }
`);

const rooms = new EventEmitter().setMaxListeners(0);

// Listens from the moment of the call, not from the first look.
function messages({ room }) {
  const heard = on(rooms, room);
  return {
    async next() {
      const { done, value } = await heard.next();
      return { done, value: done ? undefined : { messages: value[0] } };
    },
    return: () => heard.return(),
    throw: (error) => heard.throw(error),
    [Symbol.asyncIterator]() { return this; },
  };
}

function say({ room, text }) {
  rooms.emit(room, text);
  return true;
}

const server = http.createServer((request, response) => response.writeHead(404).end());
const sockets = new WebSocketServer({ server, path: '/graphql' });
useServer({
  schema,
  roots: {
    query: { rooms: () => rooms.eventNames().length },
    mutation: { say },
    subscription: { messages },
  },
}, sockets);

server.listen({ port: Number(process.argv[2] ?? 8093), host: '127.0.0.1', backlog: 4096 }, () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  console.log(`listening on ${address}`);
  console.log(`process ${process.pid}: wirebench run scenarios/peers/graphql-ws.toml --target ${address} --target-pid ${process.pid}`);
});
