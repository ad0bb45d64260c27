#!/usr/bin/env python3
"""Checks what the bare client counts: `check_client.py FLOOR CLIENT`.

Against a floor server the drafts of each room are asked for afterwards, and the
client's figures are held against them. Against a server that keeps one reader
of one room from hearing anything, just these deliveries must be missing.
Standard library only.
"""

import csv
import http.client
import json
import re
import socket
import socketserver
import subprocess
import sys
import threading

sys.dont_write_bytecode = True  # nothing of this is left beside it

from check import PATIENCE, Http, Server

READERS, ROOMS = 8, 3
# Of eight readers in three rooms.
READERS_IN = {"floor-0": 3, "floor-1": 3, "floor-2": 2}
# What a room hears in a second at 20 a second. A busy machine may miss the last of it.
SAID = range(15, 22)


def figures(client, address, *more):
    """The row that the client prints."""
    command = [client, "--server", address, "--readers", str(READERS), "--warm-up", "0", "--seconds", "1", "--csv", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return next(csv.DictReader(done.stdout.splitlines()))


def said_in(server, room):
    """How many drafts a room has had."""
    return Http(server).ask("GET", f"/rooms/{room}/poll?after=0")[1]["next"]


def check_one_room(floor, client, how):
    server = Server(floor)
    row = figures(client, "%s:%d" % server.address, "--rate", "20", *how)
    said = said_in(server, "floor")
    assert said in SAID, said
    assert (row["rooms"], row["sent"], row["missing"]) == ("1", str(said), "0"), row
    assert int(row["deliveries"]) == said * READERS, row
    server.process.kill()


def check_rooms(floor, client, how):
    """Each room has its rate and its readers, and no draft of another."""
    server = Server(floor)
    row = figures(client, "%s:%d" % server.address, "--rooms", str(ROOMS), "--rate", "20", *how)
    said = {room: said_in(server, room) for room in READERS_IN}
    assert all(count in SAID for count in said.values()), said
    assert (row["rooms"], row["sent"], row["missing"]) == (str(ROOMS), str(sum(said.values())), "0"), row
    assert int(row["deliveries"]) == sum(said[room] * readers for room, readers in READERS_IN.items()), (row, said)
    assert said_in(server, "floor") == 0
    seconds = float(row["to_s"]) - float(row["from_s"])
    assert abs(float(row["deliveries_per_s"]) * seconds / int(row["deliveries"]) - 1) < 0.01, row
    server.process.kill()


def check_in_flight(floor, client):
    """Every room has its own window: none waits for another."""
    server = Server(floor)
    row = figures(client, "%s:%d" % server.address, "--rooms", str(ROOMS), "--in-flight", "2")
    said = {room: said_in(server, room) for room in READERS_IN}
    assert min(said.values()) > 10, said
    assert (row["sent"], row["missing"]) == (str(sum(said.values())), "0"), (row, said)
    server.process.kill()


class Forgetful(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """A server of NDJSON that gives nothing to the first reader of room floor-1."""

    daemon_threads = allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.lock, self.readers, self.said = threading.Lock(), {}, {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A client that has left is none."""


class Answers(socketserver.StreamRequestHandler):
    def handle(self):
        while line := self.rfile.readline():
            method, target, _ = line.decode().split()
            headers = http.client.parse_headers(self.rfile)
            room = re.match("/rooms/([^/]+)/", target)[1]
            with self.server.lock:
                self.take(method, room, headers)

    def take(self, method, room, headers):
        readers = self.server.readers.setdefault(room, [])
        if method == "GET":
            readers.append(self.wfile)
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            return
        event = json.loads(self.rfile.read(int(headers["content-length"])))
        said = self.server.said[room] = self.server.said.get(room, 0) + 1
        line = json.dumps({"seq": said, "kind": "message", **event}, separators=(",", ":")).encode() + b"\n"
        for reader in readers[room == "floor-1":]:
            reader.write(line)
        self.wfile.write(b'HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}')


def check_missing(client):
    """Deliveries that never came are missing, and only those."""
    server = Forgetful()
    row = figures(client, "127.0.0.1:%d" % server.server_address[1],
                  "--transport", "ndjson", "--rooms", str(ROOMS), "--rate", "10")
    said = server.said
    assert int(row["sent"]) == sum(said.values()), (row, said)
    assert int(row["missing"]) == said["floor-1"] > 0, (row, said)
    server.shutdown()


def check_refusals(client):
    for arguments in (["--rooms", "0"], ["--rooms", "9"], ["--rooms", "2", "--path", "/x"]):
        done = subprocess.run([client, "--server", "127.0.0.1:1", "--readers", str(READERS), *arguments],
                              capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 2 and "--rooms" in done.stderr.splitlines()[0], (arguments, done)


def main():
    floor, client = [sys.argv[1], "serve", "--listen", "127.0.0.1:0"], sys.argv[2]
    socket.setdefaulttimeout(PATIENCE)
    for how in (["--transport", "ws"], ["--transport", "ws", "--speak", "ws"], ["--transport", "ndjson"],
                ["--transport", "sse"], ["--transport", "long_poll"]):
        print("client,", " ".join(how), flush=True)
        check_one_room(floor, client, how)
        check_rooms(floor, client, how)
    print("client, in flight, missing, refusals", flush=True)
    check_in_flight(floor, client)
    check_missing(client)
    check_refusals(client)
    print("all well")


if __name__ == "__main__":
    main()
