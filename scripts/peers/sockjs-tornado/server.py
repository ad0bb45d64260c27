"""A chat over sockjs-tornado: a set of connections for each room, and its own broadcast.
The first message of a connection names its room.

    server.py [PORT]      8097 unless another is given
"""

import asyncio
import collections
import json
import os
import sys

from sockjs.tornado import SockJSConnection, SockJSRouter
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

ROOMS = collections.defaultdict(set)


class Chat(SockJSConnection):
    room = None

    def on_message(self, message):
        if self.room is None:
            self.room = ROOMS[json.loads(message)["room"]]
            self.room.add(self)
            self.send('{"joined":true}')
        else:
            self.broadcast(self.room, message)

    def on_close(self):
        if self.room is not None:
            self.room.discard(self)


async def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8097
    sockets = bind_sockets(port, "127.0.0.1", backlog=4096)
    HTTPServer(Application(SockJSRouter(Chat, "/chat").urls)).add_sockets(sockets)
    address, pid = f"http://127.0.0.1:{sockets[0].getsockname()[1]}", os.getpid()
    print(f"listening on {address}")
    print(f"process {pid}: wirebench run scenarios/peers/sockjs-tornado.toml --target {address} --target-pid {pid}", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
