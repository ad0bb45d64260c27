"""A chat over gevent-websocket, as tutorials wrote it: a list of clients, and a loop that
sends to each of them.

    server.py [PORT]      8098 unless another is given
"""

from gevent import monkey

monkey.patch_all()

import collections
import os
import sys

from gevent import socket
from gevent.pywsgi import WSGIServer
from geventwebsocket import WebSocketError
from geventwebsocket.handler import WebSocketHandler

ROOMS = collections.defaultdict(list)


def chat(environ, start_response):
    client = environ.get("wsgi.websocket")
    if client is None:
        start_response("400 Bad Request", [])
        return [b"this address speaks WebSocket"]
    clients = ROOMS[environ["PATH_INFO"]]
    clients.append(client)
    try:
        while True:
            message = client.receive()
            if message is None:
                break
            for other in list(clients):
                try:
                    other.send(message)
                except (WebSocketError, OSError):
                    pass
    except WebSocketError:
        pass
    finally:
        clients.remove(client)
    return []


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8098
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
listener.bind(("127.0.0.1", port))
listener.listen(4096)
server = WSGIServer(listener, chat, handler_class=WebSocketHandler, log=None)
address, pid = f"http://127.0.0.1:{listener.getsockname()[1]}", os.getpid()
print(f"listening on {address}")
print(f"process {pid}: wirebench run scenarios/peers/gevent-websocket.toml --target {address} --target-pid {pid}", flush=True)
server.serve_forever()
