"""A chat over Tornado's WebSocketHandler: a set of handlers for each room, and a loop
that writes to each of them.

    server.py [PORT]      8096 unless another is given
"""

import asyncio
import collections
import os
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

ROOMS = collections.defaultdict(set)


class Chat(WebSocketHandler):
    def check_origin(self, origin):
        return True

    def open(self, room):
        self.set_nodelay(True)
        self.room = ROOMS[room]
        self.room.add(self)

    def on_message(self, message):
        for other in self.room:
            other.write_message(message)

    def on_close(self):
        self.room.discard(self)


async def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8096
    sockets = bind_sockets(port, "127.0.0.1", backlog=4096)
    HTTPServer(Application([(r"/rooms/([\w-]+)/ws", Chat)])).add_sockets(sockets)
    address, pid = f"http://127.0.0.1:{sockets[0].getsockname()[1]}", os.getpid()
    print(f"listening on {address}")
    print(f"process {pid}: wirebench run scenarios/peers/tornado.toml --target {address} --target-pid {pid}", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
