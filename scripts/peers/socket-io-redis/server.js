// The chat of ../socket-io over two processes: Node's cluster hands each new connection to the next of
// them, and what one emits reaches the other by Socket.IO's adapter for Redis Streams.
//
//     REDIS=SOCKET node server.js [PORT]      8105 unless another is given; SOCKET is the path of Redis's
import cluster from 'node:cluster';
import http from 'node:http';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

const NODES = 2;

/** Serves in this process. */
function serve() {
  const server = http.createServer();
  const adapter = createAdapter(new Redis(process.env.REDIS));
  new Server(server, { adapter, transports: ['websocket'] }).on('connection', (socket) => {
    socket.on('join', (room) => {
      socket.join(room);
      socket.emit('joined', room);
      socket.on('say', (draft) => socket.nsp.to(room).emit('message', draft));
    });
  });
  server.listen({ port: Number(process.argv[2] ?? 8105), host: '127.0.0.1', backlog: 4096 });
}

/** Starts the processes that serve, and says where once all of them do. */
function start() {
  // Without one of them nothing is measured that was to be.
  cluster.on('exit', () => process.exit(1));
  let listening = 0;
  cluster.on('listening', (_worker, { port }) => {
    listening += 1;
    if (listening < NODES) return;
    const address = `http://127.0.0.1:${port}`;
    console.log(`listening on ${address}`);
    console.log(`process ${process.pid}: wirebench run scenarios/peers/socket-io-redis.toml --target ${address} --target-pid ${process.pid}`);
  });
  for (let node = 0; node < NODES; node += 1) cluster.fork();
}

if (cluster.isPrimary) start();
else serve();
