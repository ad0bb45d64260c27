// A server of the Bayeux protocol (CometD's), as Faye's own guide starts it: who
// subscribes to a channel is sent what is published to it.
//
//     node server.js [PORT]      8100 unless another is given
import http from 'node:http';
import faye from 'faye';

const server = http.createServer((request, response) => response.writeHead(404).end());
new faye.NodeAdapter({ mount: '/bayeux', timeout: 25 }).attach(server);

server.listen({ port: Number(process.argv[2] ?? 8100), host: '127.0.0.1', backlog: 4096 }, () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  console.log(`listening on ${address}`);
  console.log(`process ${process.pid}: wirebench run scenarios/peers/bayeux.toml --target ${address} --target-pid ${process.pid}`);
});
