"""The client of Socket.IO from PyPI, unmodified, in a room of ours.

    python socket_io.py polling|websocket|upgrade URL SHORT_URL
"""

import sys
import threading
import time
import json
import urllib.request

import socketio

WAY, URL, SHORT_URL = sys.argv[1:4]
TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}[WAY]
LIMIT = 30


def until(what, fits):
    begun = time.monotonic()
    while not fits():
        if time.monotonic() - begun > LIMIT:
            raise AssertionError(f"it did not happen: {what}")
        time.sleep(0.01)


def post(room, text):
    body = json.dumps({"from": "plain", "text": text}).encode()
    with urllib.request.urlopen(f"{URL}/rooms/{room}/messages", body) as answer:
        return json.load(answer)["seq"]


class Client:
    """A client whose events are collected in `heard`."""

    def __init__(self, **auth):
        self.socket = socketio.Client(reconnection_delay=0.2)
        self.heard = []
        self.auth = auth
        for kind in ("message", "join", "leave"):
            self.socket.on(kind, lambda event, offset: self.heard.append(event))
        self.connect()

    def connect(self):
        self.socket.connect(URL, auth=self.auth, transports=TRANSPORTS, wait_timeout=LIMIT)


def chats():
    room = f"python-{WAY}"
    for text in ("one", "two"):
        post(room, text)
    ann, ben = Client(room=room, name="ann"), Client(room=room, name="ben", after=0)
    until("both are there", lambda: len(ann.heard) == 4 and len(ben.heard) == 4)
    answer = ann.socket.call("message", {"text": "h\u00e4llo", "tag": "t"}, timeout=LIMIT)
    assert answer == {"seq": 5, "tag": "t"}, answer
    for count in range(200):
        ann.socket.emit("message", f"from ann {count}")
        post(room, f"from plain {count}")
    until("all of it", lambda: len(ann.heard) >= 405 and len(ben.heard) >= 405)
    # python-engineio hands each message to a thread of its own, so its events
    # may change places on a busy machine. Their order is held by the other clients.
    for client in (ann, ben):
        assert sorted(event["seq"] for event in client.heard) == list(range(1, 406)), client.heard
    people = ben.socket.call("people", timeout=LIMIT)
    assert [person["name"] for person in people["people"]] == ["ann", "ben"], people
    ann.socket.disconnect()
    until("ann leaves", lambda: ben.heard[-1]["kind"] == "leave")
    ben.socket.disconnect()


def who_may_not_come_in_is_told():
    client = socketio.Client(reconnection=False)
    told = []
    client.on("connect_error", told.append)
    try:
        client.connect(URL, auth={}, transports=TRANSPORTS, wait_timeout=LIMIT)
        raise AssertionError("it was let in")
    except socketio.exceptions.ConnectionError:
        pass
    assert "which room" in told[0]["message"], told


def a_restart_is_survived():
    room = f"python-{WAY}-again"
    ann = Client(room=room, name="ann")
    back = threading.Event()
    ann.socket.on("connect", back.set)
    print("RESTART", flush=True)
    assert sys.stdin.readline() == "done\n"
    # python-engineio's writer may miss the end of its connection, and then waits for a packet for as
    # long as a ping may take (30 s) before the client connects anew.
    assert back.wait(2 * LIMIT), "it comes back"
    ann.socket.call("message", "after", timeout=LIMIT)
    until("what was said after", lambda: any(event.get("text") == "after" for event in ann.heard))
    ann.socket.disconnect()


for check in (chats, who_may_not_come_in_is_told, a_restart_is_survived):
    check()
    print(f"passed: {check.__name__}", flush=True)
print("ALL PASSED", flush=True)
