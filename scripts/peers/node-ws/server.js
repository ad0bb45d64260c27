// A chat on Node as most would write it: a set of sockets for each room, and a
// loop that sends to each of them. The `ws` package does WebSockets; streams
// and polls are Node's own http module, with a log of 200 messages behind polls.
//
//     node server.js [PORT]      8092 unless another is given
import http from 'node:http';
import { WebSocketServer } from 'ws';

const KEPT = 200;
const HOLD_MS = 25_000;

class Room {
  sockets = new Set();
  streams = new Set();
  waiting = new Set();
  log = [];
  last = 0;

  say(text) {
    this.last += 1;
    this.log.push(text);
    if (this.log.length > KEPT) this.log.shift();
    for (const socket of this.sockets) socket.send(text);
    for (const stream of this.streams) stream.write(`id: ${this.last}\ndata: ${text}\n\n`);
    for (const poll of this.waiting) poll.answer();
    this.waiting.clear();
  }

  // What was said after number `after`, and the number to go on from.
  after(after) {
    const first = this.last - this.log.length;
    const messages = this.log.slice(Math.max(0, after - first));
    return `{"messages":[${messages.join(',')}],"next":${this.last}}`;
  }
}

const rooms = new Map();

function room(name) {
  if (!rooms.has(name)) rooms.set(name, new Room());
  return rooms.get(name);
}

function json(response, status, text) {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

function say(request, response, here) {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    here.say(Buffer.concat(pieces).toString());
    json(response, 201, `{"seq":${here.last}}`);
  });
}

function stream(response, here) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  here.streams.add(response);
  response.on('close', () => here.streams.delete(response));
}

function longPoll(response, here, after) {
  if (after < here.last) return json(response, 200, here.after(after));
  const poll = { answer };
  const timer = setTimeout(() => { here.waiting.delete(poll); answer(); }, HOLD_MS);
  function answer() {
    clearTimeout(timer);
    json(response, 200, here.after(after));
  }
  here.waiting.add(poll);
  response.on('close', () => { clearTimeout(timer); here.waiting.delete(poll); });
}

// /rooms/ROOM/WAY
function target(request) {
  const url = new URL(request.url, 'http://localhost');
  const [, , name, way] = url.pathname.split('/');
  return { here: room(name), way, after: Number(url.searchParams.get('after') ?? 0) };
}

const server = http.createServer((request, response) => {
  const { here, way, after } = target(request);
  if (request.method === 'POST' && way === 'messages') say(request, response, here);
  else if (way === 'sse') stream(response, here);
  else if (way === 'poll') json(response, 200, here.after(after));
  else if (way === 'long-poll') longPoll(response, here, after);
  else json(response, 404, '{"error":"no such address"}');
});

new WebSocketServer({ server }).on('connection', (socket, request) => {
  const { here } = target(request);
  here.sockets.add(socket);
  socket.on('message', (data) => here.say(data.toString()));
  socket.on('close', () => here.sockets.delete(socket));
  socket.on('error', () => here.sockets.delete(socket));
});

// A poller may be silent for longer than Node's default of five seconds.
server.keepAliveTimeout = 0;
server.listen({ port: Number(process.argv[2] ?? 8092), host: '127.0.0.1', backlog: 4096 }, () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  console.log(`listening on ${address}`);
  console.log(`process ${process.pid}: wirebench run scenarios/peers/node-ws.toml --target ${address} --target-pid ${process.pid}`);
});
