// A chat over Socket.IO 4, as its own guide writes it: a client joins a room, and
// what it says is emitted to the room, itself included.
//
//     node server.js [PORT]      8094 unless another is given
import http from 'node:http';
import { Server } from 'socket.io';

const server = http.createServer();
new Server(server).on('connection', (socket) => {
  socket.on('join', (room) => {
    socket.join(room);
    socket.emit('joined', room);
    socket.on('say', (draft) => socket.nsp.to(room).emit('message', draft));
  });
});

server.listen({ port: Number(process.argv[2] ?? 8094), host: '127.0.0.1', backlog: 4096 }, () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  console.log(`listening on ${address}`);
  console.log(`process ${process.pid}: wirebench run scenarios/peers/socket-io.toml --target ${address} --target-pid ${process.pid}`);
});
