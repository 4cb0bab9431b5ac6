"""The server is killed (SIGKILL) again and again while buyers write by way of a platform, and the platform fails
now and then: nothing is lost, doubled or out of order.  The platform knows its messages again (webhook-id).
run_kills.py PROGRAM [--messages N] [--kills N] [--seed N] [--result FILE]"""
import argparse
import base64
import collections
import datetime
import hashlib
import hmac
import http.client
import json
import os
import random
import sys
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import quiet
import tap
from server import Server

arguments = argparse.ArgumentParser()
arguments.add_argument("program")
arguments.add_argument("--messages", type=int, default=120)
arguments.add_argument("--kills", type=int, default=12)
arguments.add_argument("--seed", type=int, default=1)
arguments.add_argument("--result")
options = arguments.parse_args()
chance = random.Random(options.seed)
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
WORDS = ["hello", "where is my order?", "how long does a refund take?", "can I return a lamp?", "cancel my order",
         "no", "thanks", "what can you do?", "Wo ist mein Paket? äöü", "A-1101", "naïve 注文 🙂", "help"]
CHATS = [f"chat-{i}" for i in range(8)]


def signature(id, timestamp, body):
    return "v1," + base64.b64encode(hmac.new(KEY, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()


class Platform:
    """Shows each message once by its id, in the order in which it came first; fails one in ten."""

    def __init__(self):
        self.lock = threading.Lock()
        self.ids = collections.Counter()
        self.shown = collections.defaultdict(list)
        self.wrong = []
        self.failures = collections.Counter()
        self.failing = True
        platform = self

        class Handler(quiet.Handler):
            def do_POST(self):
                status = platform.take(self.headers, self.rfile.read(int(self.headers["content-length"])))
                if status is None:
                    return
                self.send_response(status)
                self.end_headers()

        self.server = quiet.serve(Handler)

    def take(self, headers, body):
        id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        event = json.loads(body)
        with self.lock:
            if not hmac.compare_digest(signature(id, timestamp, body), headers["webhook-signature"]):
                self.wrong.append("a wrong signature")
            how = chance.choice(["500", "503", "unanswered", "late"]) if self.failing and chance.random() < 0.1 else None
            if event["type"] == "said" and how != "503":  # 503: surely not shown; all else is shown
                if not self.ids[id]:
                    self.shown[event["conversation"]].append((event["n"], event["text"]))
                self.ids[id] += 1
            if how:
                self.failures[how] += 1
        if how == "unanswered":
            return None
        if how == "late":
            time.sleep(0.3)
            return 204
        return int(how) if how else 204


platform = Platform()
server = Server(options.program, config={"channels": {"app": {
    "platform": "hook", "secret": {"file": "hook.secret"}, "url": f"http://127.0.0.1:{platform.server.server_port}/"}}},
    secrets={"hook.secret": SECRET})
server.start()

sent = []  # (chat, id, text), in order, each accepted in the end
counts = collections.Counter()
stop = threading.Event()


def bring(chat, id, text):
    """As a platform brings it: again and again until it is taken."""
    body = json.dumps({"type": "message", "conversation": chat, "text": text}).encode()
    while True:
        timestamp = str(int(time.time()))
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
            connection.request("POST", "/channels/app", body, {
                "content-type": "application/json", "webhook-id": id, "webhook-timestamp": timestamp,
                "webhook-signature": signature(id, timestamp, body)})
            status = connection.getresponse().status
            connection.close()
            if status == 200:
                return
            counts["refused with %d" % status] += 1
        except OSError:
            counts["not answered"] += 1
        except http.client.HTTPException:
            counts["not answered"] += 1
        time.sleep(0.02)


def buyer(chat, messages):
    for i, text in enumerate(messages):
        id = f"{chat}-{i}"
        with platform.lock:
            sent.append((chat, id, text))
        bring(chat, id, text)
        time.sleep(chance.uniform(0, 0.2))


def killer(done):
    while counts["kills"] < options.kills and not done.is_set():
        time.sleep(chance.uniform(0.01, 0.12))
        counts["kills"] += server.is_up()
        server.kill()
        if chance.random() < 0.1:  # and once more before it is there
            server.start(wait=False)
            time.sleep(chance.uniform(0, 0.03))
            server.kill()
            counts["kills while it started"] += 1
        server.start()


start = time.monotonic()
done = threading.Event()
each = options.messages // len(CHATS)
buyers = [threading.Thread(target=buyer, args=(chat, [f"{chance.choice(WORDS)} ({chat} {i})" if chance.random() < 0.3
                                                      else chance.choice(WORDS) for i in range(each)])) for chat in CHATS]
striker = threading.Thread(target=killer, args=(done,))
for thread in buyers:
    thread.start()
striker.start()
for thread in buyers:
    thread.join()
done.set()
striker.join()
platform.failing = False


def all_is_shown():
    """Until the outbox is empty."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        text = server.get("/metrics")[1]
        if 'tenstep_channel_waiting{channel="app"} 0' in text:
            return
        time.sleep(0.1)
    raise AssertionError("something still waits: " + server.log()[-1000:])


tap.case("kills: everything that was said leaves in the end", all_is_shown)


def taken_once():
    """A transcript counts its lines without gaps: those that were not shown are the buyer's."""
    for chat in CHATS:
        numbers = [n for n, _ in platform.shown[chat]]
        written = len([1 for c, _, _ in sent if c == chat])
        assert numbers[-1] == len(numbers) + written, (chat, numbers, written)


def shown_in_order():
    for chat in CHATS:
        numbers = [n for n, _ in platform.shown[chat]]
        assert numbers == sorted(set(numbers)), (chat, numbers)


tap.case("kills: each message was taken once", taken_once)
tap.case("kills: each answer was shown once, in order, by its id", shown_in_order)
server.stop()
tap.result(not platform.wrong, "kills: every signature was right", platform.wrong[:3])
tap.result(counts["kills"] >= options.kills * 0.6, f"kills: {counts['kills']} of {options.kills} happened")
tap.result(sum(platform.failures.values()) > 0, f"kills: the platform failed, too: {dict(platform.failures)}")
tap.same("kills: no sanitizer report", "", server.sanitizer_report())
repeats = sum(n - 1 for n in platform.ids.values())
tap.result(True, f"kills: {len(platform.ids)} messages shown, {repeats} came again and were known by their id")
if options.result:
    with open(options.result, "w") as f:
        print(f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, seed {options.seed}: "
              f"{tap.failed} of {tap.n} checks failed", file=f)
        for name, value in (("messages of buyers", len(sent)), ("brought again", counts["not answered"]),
                            ("kills", counts["kills"]), ("more kills while it started", counts["kills while it started"]),
                            ("failures of the platform", dict(platform.failures)), ("messages shown", len(platform.ids)),
                            ("of them sent again", repeats), ("seconds", round(time.monotonic() - start, 1))):
            print(f"{name}: {value}", file=f)
server.remove()
tap.finish()
