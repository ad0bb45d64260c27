// A chat over SockJS: a set of connections for each room, and a loop that writes to
// each of them. The first message of a connection names its room.
//
//     node server.js [PORT]      8095 unless another is given
import http from 'node:http';
import sockjs from 'sockjs';

const rooms = new Map();

function room(name) {
  if (!rooms.has(name)) rooms.set(name, new Set());
  return rooms.get(name);
}

const chat = sockjs.createServer({ log: (severity, line) => severity === 'error' && console.error(line) });
chat.on('connection', (connection) => {
  let here;
  connection.on('data', (message) => {
    if (!here) {
      here = room(JSON.parse(message).room);
      here.add(connection);
      connection.write('{"joined":true}');
      return;
    }
    for (const other of here) other.write(message);
  });
  connection.on('close', () => here?.delete(connection));
});

const server = http.createServer();
chat.installHandlers(server, { prefix: '/chat' });
server.listen({ port: Number(process.argv[2] ?? 8095), host: '127.0.0.1', backlog: 4096 }, () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  console.log(`listening on ${address}`);
  console.log(`process ${process.pid}: wirebench run scenarios/peers/sockjs.toml --target ${address} --target-pid ${process.pid}`);
});
