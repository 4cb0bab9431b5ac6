#!/usr/bin/env python3
"""What the server's work costs in instructions, counted by valgrind's callgrind: the same on a busy machine
as on a quiet one, and on any of the same kind.  What the kernel does, and waiting, is not in it.

    tests/bench/instructions.py build/bench [TIMES]

Each line: of the thread that answers, and of all threads.  The rest is at most a few percent from run to run."""
import glob
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system/serve"))
from server import Server, b64
from talk import open_chat

DIRECT, HOOK = "for-the-benchmark-only-0123456789", "for-the-benchmark-only-abcdefghij"
# As bench_serve's: said, or pressed.
SCRIPT = [("hello", None), (None, "order_status"), ("never mind", None), ("what can you do?", None), (None, "cancel_order"),
          ("stop", None), ("how long does shipping take?", None), (None, "order_status"), ("stop", None),
          ("I want to return my dress", None), ("never mind", None), ("thanks", None)]


class Counted(Server):
    """A server under callgrind.  What it did since the last look is asked for while it runs."""

    def start(self, **more):
        self.out_file = os.path.join(self.scratch, "callgrind")
        valgrind = ["valgrind", "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={self.out_file}"]
        return super().start(prefix=valgrind, **more)

    def control(self, what):
        subprocess.run(["callgrind_control", what, str(self.process.pid)], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def instructions(self):
        """Of the thread that answers, of all."""
        for path in glob.glob(self.out_file + ".*"):
            os.remove(path)
        self.control("--dump")
        counts = {}
        for path in glob.glob(self.out_file + ".*"):
            with open(path) as f:
                counts[path] = sum(int(line.split()[1]) for line in f if line.startswith("totals:"))
        return counts[min(counts)], sum(counts.values())


class Chat:
    def __init__(self, server):
        self.talk, _ = open_chat(server)
        self.sender, self.turns, self.question = os.urandom(8).hex(), 0, 0

    def begin(self):
        text, choice = SCRIPT[self.turns % len(SCRIPT)]
        self.turns += 1
        name = f"{self.sender}:{self.turns}"
        if text:
            self.talk.put(t="say", id=name, text=text)
        else:
            self.talk.put(t="press", id=name, post=self.question, choice=choice)

    def end(self):
        lacks = {"ack", "post"}
        while lacks:
            f = self.talk.next("ack", "post", "refused", "error")
            assert f["t"] not in ("refused", "error"), f
            if f["t"] == "post" and f.get("choices"):
                self.question = f["n"]
            if f["t"] == "ack" or f["who"] == "bot":
                lacks.discard(f["t"])


def take_turns(chats, times):
    for _ in range(times // len(chats)):
        for chat in chats:
            chat.begin()
        for chat in chats:
            chat.end()


def post(server, path, body, headers):
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    link.request("POST", path, body, {"Content-Type": "application/json", "Connection": "close", **headers})
    answer = link.getresponse()
    said = answer.read()
    link.close()
    assert answer.status in (200, 201), (answer.status, said)
    return said


def kilobyte(**members):
    return json.dumps({**members, "more": "x" * (1024 - 12 - len(json.dumps(members)))})


def text_of(i):
    return ["hello", "what can you do?", "thanks"][i % 3]


def direct_line(server):
    begun = json.loads(post(server, "/v3/directline/conversations", "", {"Authorization": f"Bearer {DIRECT}"}))
    path = f"/v3/directline/conversations/{begun['conversationId']}/activities"
    return lambda i: post(server, path, kilobyte(type="message", **{"from": {"id": "u"}}, text=text_of(i)),
                          {"Authorization": f"Bearer {begun['token']}"})


def webhook(server):
    def send(i):
        body, name, now = kilobyte(type="message", conversation="one", text=text_of(i)), f"m{i}", int(time.time())
        signed = hmac.new(HOOK.encode(), f"{name}.{now}.{body}".encode(), hashlib.sha256).digest()
        signature = b64(signed).replace("-", "+").replace("_", "/") + "="
        post(server, "/channels/bench", body,
             {"webhook-id": name, "webhook-timestamp": str(now), "webhook-signature": f"v1,{signature}"})
    return send


def show(what, counted, times):
    print(f"{what:34} {counted[0] / times:12,.0f} {counted[1] / times:14,.0f}", flush=True)


def measure(server, what, work, times):
    server.control("--zero")
    work()
    show(what, server.instructions(), times)


def main():
    program, times = os.path.join(os.path.abspath(sys.argv[1]), "tenstep"), int(sys.argv[2]) if sys.argv[2:] else 600
    server = Counted(program, {
        "log": "error", "directline": {"secret": {"file": "direct"}},
        "channels": {"bench": {"platform": "hook", "secret": {"file": "hook"}, "url": "http://127.0.0.1:9/"}},
        "limits": {"connections": 12000, "messages_per_minute": 600000, "connects_per_second": 100000}},
        secrets={"direct": DIRECT, "hook": HOOK})
    Server.start(server)
    server.stop()
    server.port = 0
    print(f"{'instructions':34} {'answering':>12} {'all threads':>14}")
    try:
        server.start()
        show("start, with a store that is there", server.instructions(), 1)
        chats = [Chat(server) for _ in range(10)]
        take_turns(chats, 120)
        measure(server, "a turn over WebSocket", lambda: take_turns(chats, times), times // 10 * 10)
        for what, begin in (("1 KB POST, Direct Line", direct_line), ("1 KB POST, signed webhook", webhook)):
            send, n = begin(server), times // 3
            for i in range(30):
                send(i)
            measure(server, what, lambda: [send(30 + i) for i in range(n)], n)
    finally:
        server.remove()


if __name__ == "__main__":
    main()
