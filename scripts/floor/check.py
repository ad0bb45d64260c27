#!/usr/bin/env python3
"""Checks a floor server over real sockets: `check.py PROGRAM [FLAG ...]`.

Standard library only. Every wait is for a condition, with a generous bound.
"""

import atexit
import base64
import json
import os
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
import time

PATIENCE = 120


class Server:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)  # also when a check fails
        line = self.process.stdout.readline()
        scheme, host, port = re.fullmatch(r"listening on (https?)://([\d.]+):(\d+)\n", line).groups()
        self.address = (host, int(port))
        self.tls = None
        if scheme == "https":
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE

    def connect(self, receive_buffer=None):
        connection = socket.socket()
        connection.settimeout(PATIENCE)
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.connect(self.address)
        return self.tls.wrap_socket(connection) if self.tls else connection

    def ends_well(self):
        return self.process.wait(PATIENCE) == 0


class Http:
    """One keep-alive connection."""

    def __init__(self, server, receive_buffer=None):
        self.socket = server.connect(receive_buffer)
        self.file = self.socket.makefile("rb")

    def send(self, method, path, body=None, headers=""):
        body = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        length = f"content-length: {len(body)}\r\n" if body else ""
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\nhost: floor\r\n{headers}{length}\r\n".encode() + body)

    def head(self):
        status = int(self.file.readline().split()[1])
        headers = {}
        while (line := self.file.readline().strip()):
            name, value = line.decode().split(":", 1)
            headers[name] = value.strip()
        return status, headers

    def answer(self):
        status, headers = self.head()
        return status, json.loads(self.file.read(int(headers["content-length"])))

    def ask(self, *request, **more):
        self.send(*request, **more)
        return self.answer()

    def chunk(self):
        size = int(self.file.readline(), 16)
        data = self.file.read(size)
        assert self.file.read(2) == b"\r\n"
        return data

    def frame(self):
        first, second = self.file.read(2)
        assert second < 128, "a server's frame is not masked"
        extra = {126: 2, 127: 8}.get(second)
        size = int.from_bytes(self.file.read(extra), "big") if extra else second
        return first, self.file.read(size)

    def say_frame(self, data, first=0x81, masked=True):
        mask = os.urandom(4)
        size = len(data)
        extra = 0 if size < 126 else 2 if size < 65536 else 8
        short = {0: size, 2: 126, 8: 127}[extra] | (0x80 if masked else 0)
        head = bytes([first, short]) + (size.to_bytes(extra, "big") if extra else b"")
        masked_data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)) if masked else data
        self.socket.sendall(head + (mask if masked else b"") + masked_data)

    def upgrade(self, room, query="after=latest"):
        key = "dGhlIHNhbXBsZSBub25jZQ=="
        self.send("GET", f"/rooms/{room}/ws?{query}",
                  headers=f"connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: {key}\r\n"
                          "sec-websocket-version: 13\r\n")
        status, headers = self.head()
        assert status == 101, status
        # The example of RFC 6455, section 1.3.
        assert headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        return self


def draft(text, **more):
    return {"from": "ann", "text": text, **more}


def check_answers(server):
    http = Http(server)
    assert http.ask("GET", "/healthz")[0] == 200
    assert http.ask("POST", "/rooms/a/messages", draft("h\u00e9 \"q\" \\ \U0001f600", tag="t")) == (201, {"seq": 1})
    assert http.ask("POST", "/rooms/a/messages", draft("two")) == (201, {"seq": 2})
    status, batch = http.ask("GET", "/rooms/a/poll")
    first, second = batch["events"]
    assert (status, batch["next"], batch["missed"]) == (200, 2, 0)
    assert list(first) == ["seq", "kind", "from", "text", "tag", "at"]
    assert first["text"] == "h\u00e9 \"q\" \\ \U0001f600" and first["tag"] == "t" and "tag" not in second
    assert http.ask("GET", "/rooms/a/poll?after=1")[1]["events"] == [second]
    assert http.ask("GET", "/rooms/a/poll?after=latest")[1] == {"events": [], "next": 2, "missed": 0}
    assert http.ask("GET", "/rooms/a/long-poll?after=1&hold=9")[1]["events"] == [second]
    began = time.monotonic()
    assert http.ask("GET", "/rooms/a/long-poll?after=2&hold=0.3")[1]["events"] == []
    assert time.monotonic() - began >= 0.25
    for status, *request in [
        (400, "GET", "/rooms/a/poll?after=x"), (404, "GET", "/nothing"), (404, "GET", "/rooms/a%20b/poll"),
        (404, "GET", "/rooms/a/nothing"), (405, "DELETE", "/rooms/a/poll"), (426, "GET", "/rooms/a/ws"),
        (400, "POST", "/rooms/a/messages", b"{"), (400, "POST", "/rooms/a/messages", {"from": "a"}),
        (400, "POST", "/rooms/a/messages", draft("")), (400, "POST", "/rooms/a/messages", draft("x", z="y")),
        (400, "POST", "/rooms/a/messages", b'{"from":"a","text":"\xff"}'),
        (400, "POST", "/rooms/a/messages", b'{"from":"a","text":"\\x"}'),
    ]:
        answer = http.ask(*request)
        assert answer[0] == status and answer[1]["error"], (request, answer)


def check_streams(server):
    """One says, all hear: all of it, in order, once, on every transport."""
    speaker = Http(server)
    websocket = Http(server).upgrade("s")
    ndjson, sse, poll = Http(server), Http(server), Http(server)
    ndjson.send("GET", "/rooms/s/stream?after=latest")
    assert ndjson.head()[1]["content-type"] == "application/x-ndjson"
    sse.send("GET", "/rooms/s/sse?after=latest")
    assert sse.head()[1]["content-type"] == "text/event-stream"
    texts = [random.choice("abc") * random.choice([1, 99, 200, 5000, 65536]) for _ in range(60)]
    place = 0
    for seq, text in enumerate(texts, 1):
        poll.send("GET", f"/rooms/s/long-poll?after={place}&hold=110")
        if seq % 2:
            speaker.ask("POST", "/rooms/s/messages", draft(text))
        else:
            websocket.say_frame(json.dumps(draft(text)).encode())
        opcode, data = websocket.frame()
        event = json.loads(data)
        assert opcode == 0x81 and (event["seq"], event["text"]) == (seq, text)
        assert ndjson.chunk() == data + b"\n"
        assert sse.chunk() == b"id: %d\ndata: %s\n\n" % (seq, data)
        batch = poll.answer()[1]
        assert batch == {"events": [event], "next": seq, "missed": 0}
        place = batch["next"]
    sse = Http(server)
    sse.send("GET", "/rooms/s/sse", headers=f"last-event-id: {place - 1}\r\n")
    sse.head()
    assert sse.chunk().startswith(b"id: %d\n" % place)


def check_websocket_control(server):
    websocket = Http(server).upgrade("c", "after=latest&ack=1")
    websocket.say_frame(b"hello", 0x89)
    assert websocket.frame() == (0x8A, b"hello")
    websocket.say_frame(json.dumps(draft("x", tag="t7")).encode())
    replies = sorted((json.loads(websocket.frame()[1]) for _ in range(2)), key=lambda reply: reply["kind"])
    assert replies[0]["kind"] == "message" and replies[1] == {"kind": "said", "seq": 1, "tag": "t7"}
    websocket.say_frame(b"no draft")
    assert json.loads(websocket.frame()[1])["kind"] == "error"
    websocket.say_frame(b"\x03\xe8", 0x88)
    assert websocket.frame() == (0x88, b"\x03\xe8")
    for first, masked, code in [(0x82, True, 1003), (0x01, True, 1003), (0x81, False, 1002)]:
        websocket = Http(server).upgrade("c")
        websocket.say_frame(b"xyz", first, masked)
        assert websocket.frame() == (0x88, code.to_bytes(2, "big"))
        assert websocket.file.read() == b""


def check_pieces(server):
    """Requests byte by byte, many at once, and behind a poll that waits."""
    http = Http(server)
    body = json.dumps(draft("slow")).encode()
    for byte in b"POST /rooms/p/messages HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body) + body:
        http.socket.sendall(bytes([byte]))
    assert http.answer() == (201, {"seq": 1})
    for _ in range(300):
        http.send("POST", "/rooms/p/messages", draft("many" * 300))
    assert [http.answer()[1]["seq"] for _ in range(300)] == list(range(2, 302))
    poller = Http(server)
    poller.send("GET", "/rooms/p/long-poll?after=301&hold=110")
    poller.send("GET", "/healthz")
    http.ask("POST", "/rooms/p/messages", draft("wake"))
    assert poller.answer()[1]["next"] == 302
    assert poller.answer() == (200, {})
    assert http.ask("GET", "/rooms/p/poll?after=0")[1]["missed"] == 102
    websocket = Http(server)
    frame = b"\x81" + bytes([0x80 | 25]) + b"\0\0\0\0" + b'{"from":"a","text":"glued"}'[:25]
    websocket.socket.sendall(b"GET /rooms/p/ws?after=latest HTTP/1.1\r\nupgrade: websocket\r\n"
                             b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" + frame)
    assert websocket.head()[0] == 101
    assert json.loads(websocket.frame()[1])["kind"] == "error", "a frame glued to the handshake is read"


def check_slow_readers(server, floods=600):
    """Readers that stop reading hear of a gap later, and hold up nobody."""
    slow = [Http(server, 4096).upgrade("w"), Http(server, 4096), Http(server, 4096)]
    for http, verb in [(slow[1], "stream"), (slow[2], "sse")]:
        http.send("GET", f"/rooms/w/{verb}?after=latest")
        http.head()
    lively, speaker = Http(server).upgrade("w"), Http(server)
    for seq in range(1, floods + 1):
        assert speaker.ask("POST", "/rooms/w/messages", draft("y" * 60000)) == (201, {"seq": seq})
        assert json.loads(lively.frame()[1])["seq"] == seq
    with open(f"/proc/{server.process.pid}/statm", encoding="ascii") as file:
        print(f"  after {floods} x 60 kB to three blocked readers: {int(file.read().split()[1]) * 4} KiB resident")
    reads = [lambda: slow[0].frame()[1], lambda: slow[1].chunk(), lambda: slow[2].chunk().split(b"data: ")[1]]
    for read in reads:
        place = gaps = 0
        while place < floods:
            event = json.loads(read())
            if event["kind"] == "gap":
                assert event["next"] == place + event["missed"]
                gaps += 1
                place = event["next"]
            else:
                assert event["seq"] == place + 1, (event["seq"], place)
                place = event["seq"]
        assert gaps, "the log had moved past this reader"


def check_garbage(server, rounds=400):
    chance = random.Random(7)
    seeds = [
        b"GET /rooms/g/poll?after=latest HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST /rooms/g/messages HTTP/1.1\r\ncontent-length: 27\r\n\r\n{\"from\":\"a\",\"text\":\"hello\"}",
        b"GET /rooms/g/ws HTTP/1.1\r\nupgrade: websocket\r\nsec-websocket-key: " + base64.b64encode(bytes(16))
        + b"\r\n\r\n" + b"\x81\x9b\1\2\3\4" + bytes(b ^ (i % 4 + 1) for i, b in enumerate(b'{"from":"a","text":"hello"}')),
        b"GET /rooms/g/long-poll?after=latest&hold=1 HTTP/1.1\r\n\r\n",
        b"GET /rooms/g/sse HTTP/1.1\r\nlast-event-id: 1\r\n\r\n",
    ]
    for _ in range(rounds):
        data = bytearray(chance.choice(seeds) * chance.choice([1, 1, 3]))
        for _ in range(chance.choice([0, 1, 3, 30])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            data = bytearray(chance.randbytes(chance.choice([1, 10, 1000, 100000])))
        connection = server.connect()
        try:
            connection.sendall(data[:chance.randrange(1, len(data) + 1)] if chance.random() < 0.3 else data)
            connection.setblocking(False)
            connection.recv(65536)
        except OSError:
            pass
        if chance.random() < 0.5:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    for head in [b"x" * 40000, b"GET / HTTP/9\r\n\r\n", b"GET / HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n",
                 b"GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"]:
        http = Http(server)
        http.socket.sendall(head)
        assert http.answer()[0] >= 400
        assert http.file.read() == b"", "and then it ends"
    assert Http(server).ask("GET", "/healthz")[0] == 200


def check_end(server, by_signal):
    websocket, stream, poll = Http(server).upgrade("e"), Http(server), Http(server)
    stream.send("GET", "/rooms/e/stream?after=latest")
    stream.head()
    poll.send("GET", "/rooms/e/long-poll?after=latest&hold=60")
    Http(server).ask("GET", "/healthz")
    server.process.send_signal(signal.SIGTERM) if by_signal else server.process.stdin.close()
    assert websocket.frame() == (0x88, b"\x03\xe9")
    assert stream.chunk() == b""
    assert poll.answer()[1]["events"] == []
    assert server.ends_well(), server.process.returncode


def main():
    command = [sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--threads", "1", "--log", "200", *sys.argv[2:]]
    server = Server(command)
    for check in [check_answers, check_streams, check_websocket_control, check_pieces, check_slow_readers, check_garbage]:
        print(check.__name__.replace("_", " "), flush=True)
        check(server)
    print("check end", flush=True)
    check_end(server, by_signal=True)
    check_end(Server([*command, "--until-stdin-closes"]), by_signal=False)
    print("all well")


if __name__ == "__main__":
    main()
