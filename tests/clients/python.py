# SPDX-License-Identifier: MIT
"""The Python client of Debian (python3-socketio) against the reference app.

    python3 python.py PORT

A line "ok NAME" or "not ok NAME" for each case, with what went wrong behind
it; status 77 where the client is not installed.
"""

import asyncio
import faulthandler
import socket
import sys
import threading
import time
import traceback

try:
    import aiohttp  # noqa: F401 (the asyncio client needs it)
    import engineio.payload
    import requests  # noqa: F401 (long-polling needs it)
    import socketio
    import websocket  # noqa: F401 (WebSockets need it)
except ImportError as error:
    print(f"{error} (on Debian: python3-socketio python3-requests python3-websocket python3-aiohttp)")
    sys.exit(77)

URL = f"http://localhost:{sys.argv[1]}"
DEADLINE = 15
MODES = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": None}

cases = []

# It refuses to read more packets from one response than this.
engineio.payload.Payload.max_decode_packets = 1000


def case(function):
    cases.append(function)
    return function


class Inbox:
    """What a client was told, in order."""

    def __init__(self):
        self.lines = []
        self.wake = threading.Condition()

    def put(self, *line):
        with self.wake:
            self.lines.append(line)
            self.wake.notify_all()

    def wait(self, *begin):
        """The next line that begins so; it and those before it are taken."""
        end = time.monotonic() + DEADLINE
        with self.wake:
            while True:
                for i, line in enumerate(self.lines):
                    if line[:len(begin)] == begin:
                        del self.lines[:i + 1]
                        return line[len(begin):]
                left = end - time.monotonic()
                if left <= 0 or not self.wake.wait(left):
                    raise AssertionError(f"waited in vain for {begin}; came: {self.lines}")


class Test:
    def __init__(self, mode):
        self.mode = mode
        self.clients = []

    def client(self, namespaces=("/",), auth=None, reconnection=False, url=URL):
        sio = socketio.Client(reconnection=reconnection, reconnection_delay=0.05, randomization_factor=0)
        sio.inbox = Inbox()
        for nsp in namespaces:
            for event in ("connect", "connect_error", "disconnect"):
                sio.on(event, lambda *args, nsp=nsp, event=event: sio.inbox.put(event, nsp, *args), namespace=nsp)
            for event in ("message-back", "room-msg", "all-msg", "broadcast-msg", "binary-msg", "answer", "burst-msg"):
                sio.on(event, lambda *args, nsp=nsp, event=event: sio.inbox.put(event, nsp, *args), namespace=nsp)
        self.clients.append(sio)
        sio.connect(url, transports=MODES[self.mode], namespaces=list(namespaces), auth=auth,
                    wait_timeout=DEADLINE)
        for nsp in namespaces:
            sio.inbox.wait("connect", nsp)
        return sio

    def close(self):
        for sio in self.clients:
            sio.disconnect()
            sio.wait()


def ask(sio, event, *args, namespace="/"):
    return sio.call(event, args if len(args) != 1 else args[0], namespace=namespace, timeout=DEADLINE)


@case
def connects_and_disconnects(t):
    sio = t.client(auth={"key": f"python-{t.mode}"})
    assert sio.connected
    assert sio.transport() == ("polling" if t.mode == "polling" else "websocket"), sio.transport()
    assert sio.get_sid()
    assert ask(sio, "transport") == sio.transport()
    sio.disconnect()
    other = t.client()
    # The client does not wait until its packets have left.
    reason, end = None, time.monotonic() + DEADLINE
    while reason is None and time.monotonic() < end:
        reason = ask(other, "reason", f"python-{t.mode}")
    assert reason in ("client namespace disconnect", "transport close"), reason


@case
def events_come_back(t):
    sio = t.client()
    args = (1, "text äöü€😀", None, True, 1.5, [1, [2]], {"a": {"b": []}}, "")
    sio.emit("message", args)
    assert sio.inbox.wait("message-back", "/") == args
    sio.emit("burst", 500)
    assert [sio.inbox.wait("burst-msg", "/")[0] for _ in range(500)] == list(range(500))


@case
def acks_both_ways(t):
    sio = t.client()
    assert ask(sio, "message-with-ack", "a", 2, {"c": [3]}) == ("a", 2, {"c": [3]})
    assert ask(sio, "message-with-ack") in (None, ())
    sio.on("question", lambda *args: ("yes", list(args)))
    sio.emit("ask", (10000, "one", 2))
    assert sio.inbox.wait("answer", "/") == ("ok", "yes", ["one", 2])
    assert ask(sio, "measure", "€😀") is not None


@case
def bytes_both_ways(t):
    sio = t.client()
    ramp = bytes(i & 255 for i in range(70000))
    args = (b"", b"\x1e\x00\xff", {"list": [ramp, {"n": 1}]}, "text", ramp[:1])
    sio.emit("message", args)
    assert sio.inbox.wait("message-back", "/") == args
    assert ask(sio, "message-with-ack", *args) == args
    assert ask(sio, "binary-ack") == {"ok": True, "bufs": [b"\0\1\2\3", b"\0\1"]}
    sio.on("question", lambda data: {"twice": [data, data]})
    sio.emit("ask", (10000, b"xy"))
    assert sio.inbox.wait("answer", "/") == ("ok", {"twice": [b"xy", b"xy"]})


@case
def rooms_and_broadcasts(t):
    a, b, c = t.client(), t.client(), t.client()
    assert ask(b, "join", "r") == "joined"
    assert ask(a, "to", "r", {"x": 1}, b"\1") == "sent"
    assert b.inbox.wait("room-msg", "/") == ({"x": 1}, b"\1")
    a.emit("all", "every")
    for sio in (a, b, c):
        assert sio.inbox.wait("all-msg", "/") == ("every",)
    assert not [line for line in c.inbox.lines if line[0] == "room-msg"]
    assert ask(a, "broadcast", 7) == "sent"
    for sio in (b, c):
        assert sio.inbox.wait("broadcast-msg", "/") == (7,)
    assert ask(b, "leave", "r") == "left"
    assert ask(a, "room-size", "r") == 0


@case
def namespaces_of_one_connection(t):
    sio = t.client(namespaces=("/", "/custom"))
    assert ask(sio, "message-with-ack", "root") == "root"
    assert ask(sio, "message-with-ack", "custom", namespace="/custom") == "custom"
    sio.emit("message", ("c", b"\2"), namespace="/custom")
    assert sio.inbox.wait("message-back", "/custom") == ("c", b"\2")
    assert ask(sio, "handshake", namespace="/custom")["nsp"] == "/custom"


@case
def auth_is_checked(t):
    sio = t.client(namespaces=("/guarded",), auth={"token": "good"})
    assert ask(sio, "handshake", namespace="/guarded")["auth"] == {"token": "good"}
    refused = socketio.Client(reconnection=False)
    errors = []
    refused.on("connect_error", errors.append, namespace="/guarded")
    t.clients.append(refused)
    try:
        refused.connect(URL, transports=MODES[t.mode], namespaces=["/guarded"], auth={"token": "bad"},
                        wait_timeout=2)
    except socketio.exceptions.ConnectionError:
        pass
    else:
        raise AssertionError("the client was let in")
    assert errors == [{"message": "not authorized", "data": {"code": 401, "hint": ["try", "again"]}}], errors


@case
def comes_back_after_a_lost_connection(t):
    sio = t.client(reconnection=True)
    first = ask(sio, "message-with-ack", "before") and sio.get_sid()
    # Not a disconnect: the transport is gone from one moment to the next.
    if sio.transport() == "websocket":
        sio.eio.ws.sock.shutdown(socket.SHUT_RDWR)
    else:
        requests.post(f"{URL}/socket.io/?EIO=4&transport=polling&sid={sio.eio.sid}", data="1", timeout=DEADLINE)
    sio.inbox.wait("disconnect", "/")
    sio.inbox.wait("connect", "/")
    assert ask(sio, "message-with-ack", "after") == "after"
    assert sio.get_sid() != first


@case
def is_disconnected_by_the_server(t):
    sio = t.client(namespaces=("/", "/custom"))
    sio.emit("leave-me", False, namespace="/custom")
    sio.inbox.wait("disconnect", "/custom")
    assert ask(sio, "message-with-ack", 1) == 1
    sio.emit("leave-me", True)
    sio.inbox.wait("disconnect", "/")


@case
def asyncio_client(t):
    async def play():
        sio = socketio.AsyncClient(reconnection=False)
        back = asyncio.get_running_loop().create_future()
        sio.on("message-back", lambda *args: back.done() or back.set_result(args))
        sio.on("question", lambda data: data * 2)
        await sio.connect(URL, transports=MODES[t.mode], auth={"a": 1}, wait_timeout=DEADLINE)
        assert sio.transport() == ("polling" if t.mode == "polling" else "websocket")
        await sio.emit("message", ("x", b"\0\1", {"y": None}))
        assert await asyncio.wait_for(back, DEADLINE) == ("x", b"\0\1", {"y": None})
        assert await sio.call("message-with-ack", b"\3", timeout=DEADLINE) == b"\3"
        answer = asyncio.get_running_loop().create_future()
        sio.on("answer", lambda *args: answer.set_result(args))
        await sio.emit("ask", (10000, b"ab"))
        assert await asyncio.wait_for(answer, DEADLINE) == ("ok", b"abab")
        await sio.disconnect()

    asyncio.run(play())


def main():
    failed = 0
    for mode in MODES:
        for function in cases:
            name = f"{mode}: {function.__name__.replace('_', ' ')}"
            test = Test(mode)
            faulthandler.dump_traceback_later(8 * DEADLINE, exit=True)
            try:
                function(test)
                print(f"ok {name}", flush=True)
            except Exception:
                failed += 1
                print(f"not ok {name}", flush=True)
                print("    " + traceback.format_exc().replace("\n", "\n    "), flush=True)
            finally:
                test.close()
    sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
