#!/usr/bin/env python3
"""Holds the ledger of real runs against a packet capture of its own.

    capture.py WIREBENCH [TRANSPORT...]

For each way to read: starts `wirebench serve`, captures what crosses its port on
the loopback interface, runs a few clients against it, puts the TCP streams
together again, and compares, to the byte:
  - all bytes of a direction with the sum of `ledger.csv` (window = whole);
  - the bytes of HTTP heads, chunk framing, WebSocket heads and masks with the
    ledger's layers of these names, by the small parser below, which shares no
    code with wirebench.

Needs the right to capture (root or CAP_NET_RAW). A capture with a hole is taken
again, three times at most. Exits with 1 where a byte differs.
"""
import collections
import csv
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading

ETH_P_ALL, OUTGOING, SO_RCVBUFFORCE = 0x0003, 4, 33
WAYS = {
    "short_poll": ('kind = "short_poll"\ninterval = "200ms"', "short_poll"),
    "long_poll": ('kind = "long_poll"', "long_poll"),
    "ndjson": ('kind = "http_stream"\nframing = "ndjson"', "http_stream"),
    "sse": ('kind = "http_stream"\nframing = "sse"', "http_stream"),
    "websocket": ('kind = "websocket"', "websocket"),
}
SCENARIO = """name = "capture"
question = "Do the accounts hold what crossed the wire?"
motive = "A check of the ledger."
expect = "The same bytes."
[swarm]
clients = 8
ramp = "100ms"
[traffic]
publishers = 1
rate = 20
payload = {{ min = 20, max = 400 }}
settle = "300ms"
measure = "1500ms"
drain = "2s"
[[transport]]
{way}
"""


class Capture(threading.Thread):
    """Collects the TCP segments of one port, in the order of the wire."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.done, self.segments = port, False, []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20)
        self.socket.bind(("lo", 0))
        self.socket.settimeout(0.3)

    def run(self):
        while True:
            try:
                frame, address = self.socket.recvfrom(1 << 17)
            except TimeoutError:
                if self.done:
                    return
                continue
            # Each packet of the loopback interface is seen going out and coming in.
            if address[2] == OUTGOING and frame[12:14] == b"\x08\x00":
                self.take(frame[14:])

    def take(self, packet):
        head = (packet[0] & 15) * 4
        if packet[9] != 6:
            return
        length = struct.unpack_from(">H", packet, 2)[0]
        source, target, seq = struct.unpack_from(">HHI", packet, head)
        if self.port not in (source, target):
            return
        data = packet[head + (packet[head + 12] >> 4) * 4 : length or None]
        flags = packet[head + 13]
        up = target == self.port
        client = (packet[12:16] if up else packet[16:20], source if up else target)
        self.segments.append((client, up, seq, flags & 2 != 0, data))

    def end(self):
        self.done = True
        self.join()
        self.socket.close()


def streams(segments):
    """Returns the bytes of each connection and direction, or None where one has a hole."""
    first, parts = {}, collections.defaultdict(dict)
    for client, up, seq, syn, data in segments:
        if syn:
            first[client, up] = (seq + 1) & 0xFFFFFFFF
        if data:
            parts[client, up][seq] = max(parts[client, up].get(seq, b""), data, key=len)
    whole = {}
    for which, of in parts.items():
        if which not in first:
            return None
        at, out = 0, bytearray()
        for seq, data in sorted(of.items(), key=lambda part: (part[0] - first[which]) & 0xFFFFFFFF):
            offset = (seq - first[which]) & 0xFFFFFFFF
            if offset > at:
                return None
            out += data[at - offset :]
            at = len(out)
        whole[which] = bytes(out)
    return whole


def head_end(data, at):
    end = data.index(b"\r\n\r\n", at)
    return end + 4


def field(head, name):
    found = re.search(rb"(?im)^" + name + rb":[ \t]*(.*?)\r$", head)
    return found.group(1).lower() if found else None


def frames(data, at, count):
    """Counts heads and masks of the WebSocket frames from `at` on."""
    while at < len(data):
        size, head = data[at + 1] & 127, 2
        if size == 126:
            size, head = struct.unpack_from(">H", data, at + 2)[0], 4
        elif size == 127:
            size, head = struct.unpack_from(">Q", data, at + 2)[0], 10
        mask = 4 if data[at + 1] & 128 else 0
        count["ws_head"] += head
        count["ws_mask"] += mask
        at += head + mask + size
    assert at == len(data), "the last frame is cut"


def chunks(data, at, count):
    """Counts the framing of a chunked body; returns where it ends (RFC 9112, 7.1)."""
    while at < len(data):
        line = data.index(b"\r\n", at) + 2
        size = int(data[at : line - 2].split(b";")[0], 16)
        count["chunk"] += line - at + 2
        at = line + size + 2
        if size == 0:
            break
    return at


def messages(data, count):
    """Counts the layers of one direction of one connection."""
    at = 0
    while at < len(data):
        end = head_end(data, at)
        head = data[at:end]
        count["http_head"] += end - at
        at = end
        upgraded = head.startswith(b"HTTP/1.1 101") or (field(head, b"upgrade") or b"") == b"websocket"
        if upgraded:
            return frames(data, at, count)
        if (field(head, b"transfer-encoding") or b"") == b"chunked":
            at = chunks(data, at, count)
        else:
            at += int(field(head, b"content-length") or 0)
    return None


def of_ledger(out):
    total, layers = collections.Counter(), collections.Counter()
    with open(out / "ledger.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["window"] == "whole" and row["layer"] != "tcp_ip":
                total[row["direction"]] += int(row["bytes"])
                layers[row["direction"], row["layer"]] += int(row["bytes"])
    return total, layers


def one(binary, way, folder):
    """Runs one transport; returns what differs, or None where the capture has a hole."""
    scenario = folder / "capture.toml"
    scenario.write_text(SCENARIO.format(way=WAYS[way][0]), encoding="utf-8")
    server = subprocess.Popen([binary, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        url = re.search(r"http://\S+", line).group(0)
        capture = Capture(int(url.rsplit(":", 1)[1].strip("/")))
        capture.start()
        out = folder / f"out-{way}-{os.urandom(4).hex()}"
        run = subprocess.run([binary, "run", scenario, "--target", url, "--quiet", "--out", out], capture_output=True, text=True)
        capture.end()
    finally:
        server.terminate()
        server.wait(10)
    if not (out / "ledger.csv").exists():
        return [f"the run left no ledger: {run.stderr.strip()[-400:]}"]
    whole = streams(capture.segments)
    if whole is None:
        return None
    total, layers = of_ledger(out)
    differing, compared = [], 0
    for up, direction in ((True, "up"), (False, "down")):
        seen = [data for (_, is_up), data in whole.items() if is_up == up]
        count = collections.Counter()
        for data in seen:
            messages(data, count)
        expected = {"all bytes": (sum(map(len, seen)), total[direction])}
        for layer in ("http_head", "chunk", "ws_head", "ws_mask"):
            expected[layer] = (count[layer], layers[direction, layer])
        for what, (wire, accounts) in expected.items():
            compared += 1
            if wire != accounts:
                differing.append(f"{direction} {what}: {wire} on the wire, {accounts} in the ledger")
    size = sum(map(len, whole.values()))
    print(f"{way}: {len(whole) // 2} connections, {size} bytes captured, {compared} sums compared, {len(differing)} differ")
    return differing


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    binary = os.path.abspath(sys.argv[1])
    bad = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for way in sys.argv[2:] or WAYS:
            for _ in range(3):
                differing = one(binary, way, folder)
                if differing is not None:
                    break
            else:
                differing = [f"{way}: each of three captures has a hole"]
            for complaint in differing:
                print(f"  {complaint}")
            bad = bad or bool(differing)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
