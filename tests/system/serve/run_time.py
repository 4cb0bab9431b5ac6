"""What happens by itself also happens when the server was down at its moment: timers of a conversation, and
news that a buyer was promised.  run_time.py PROGRAM [--seed N]"""
import argparse
import concurrent.futures
import os
import random
import shutil
import sqlite3
import time
import traceback

import tap
from server import Server
from tab import Browser, Loop, Tab, choices_of, text_of, transcript

arguments = argparse.ArgumentParser()
arguments.add_argument("program")
arguments.add_argument("--seed", type=int, default=1)
options = arguments.parse_args()
chance = random.Random(options.seed)
root = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))


class Buyer:
    def __init__(self, server, buyer):
        self.tab = Tab(Browser(server.port, buyer), "t")
        self.loop = Loop([self.tab])

    def act(self, message):
        good = self.loop.run(lambda: message.ack and any(
            n > message.ack and p["who"] == "bot" for n, p in self.tab.posts.items()), 20)
        assert good, f"no answer to {message.body}: {self.tab.faults} {self.tab.errors}"
        self.loop.quiet(0.1)

    def say(self, text):
        self.act(self.tab.say(text))

    def press(self, label):
        n, choices = choices_of(self.tab)
        ids = [c["id"] for c in choices if c["label"].startswith(label)]
        assert ids, f"no button {label}: {choices}"
        self.act(self.tab.press(n, ids[0]))

    def away(self):
        self.tab.disconnect()
        self.loop.tabs = []

    def back(self):
        self.tab.next_try = 0
        self.loop.tabs = [self.tab]
        assert self.loop.run(lambda: self.tab.ready, 20), self.tab.faults

    def hears(self, words, timeout=45):
        return self.loop.run(lambda: self.times(words), timeout)

    def times(self, words):
        return sum(words in text_of(p) for p in self.tab.posts.values() if p["who"] == "bot")


def end(server, buyer, words):
    """Nothing but the words, once, in the transcript and on the screen."""
    buyer.loop.quiet(1.5)
    posts, more = transcript(buyer.tab.browser)
    assert posts == buyer.tab.posts, (sorted(posts), sorted(buyer.tab.posts))
    assert sorted(posts) == list(range(1, len(posts) + 1)), sorted(posts)
    said = [text_of(p) for _, p in sorted(posts.items())]
    assert sum(words in s for s in said) == 1, said
    assert not buyer.tab.faults and not more, (buyer.tab.faults, more)
    assert server.stop() == 0
    assert not server.sanitizer_report(), server.sanitizer_report()


def bring_forward(server):
    """The shop pays the refund of A-1201 out while the server is down."""
    shop = sqlite3.connect(os.path.join(server.data, "server", "shop.db"))
    with shop:
        n = shop.execute("update due set at = (select number from meta where name = 'now')"
                         " where what = 'refund_pay' and order_number = 'A-1201'").rowcount
    shop.close()
    assert n == 1, "the demo shop has no refund to pay"


def promised(server):
    buyer = Buyer(server, "buyer-refund")
    buyer.say("where is my refund?")
    buyer.press("A-1201")
    buyer.press("Write to me")
    buyer.news = max(buyer.tab.posts)
    return buyer


def news(how, waits):
    def run():
        server = Server(options.program).start()
        try:
            buyer = promised(server)
            buyer.away()
            server.stop() if how == "stop" else server.kill()
            bring_forward(server)
            for _ in range(6 if how == "kills" else 0):
                server.start()
                time.sleep(chance.uniform(0, 0.3) if chance.random() < 0.5 else chance.uniform(0, 1.3))
                server.kill()
            server.start()
            time.sleep(waits)
            buyer.back()
            assert buyer.loop.run(lambda: any(n > buyer.news for n in buyer.tab.posts), 15), "no news came"
            buyer.loop.quiet(0.5)
            later = [text_of(p) for n, p in buyer.tab.posts.items() if n > buyer.news]
            assert sum("A-1201" in s and "paid" in s for s in later) == 1, later
            end(server, buyer, later[0])
        finally:
            server.remove()
    return run


PARKED = 2  # seconds


def short_content(folder):
    """The shipped content with a buyer who is waited for two seconds, not fifteen minutes."""
    content = os.path.join(folder, "content")
    os.mkdir(content)
    for name in ("flows", "intents"):
        shutil.copytree(os.path.join(root, name), os.path.join(content, name))
    path = os.path.join(content, "flows/guide/05_cancel.json")
    with open(path) as f:
        text = f.read()
    assert '"no_reply 15m"' in text
    with open(path, "w") as f:
        f.write(text.replace('"no_reply 15m"', f'"no_reply {PARKED}s"'))
    return content


def timer(how):
    def run():
        server = Server(options.program)
        try:
            server.options = ["--content", short_content(server.scratch)]
            server.start()
            buyer = Buyer(server, "buyer-open")
            buyer.say("cancel my order")
            asked = max(buyer.tab.posts)
            at = buyer.tab.posts[asked]["at"]
            if how != "alive":
                buyer.away()
                server.kill() if how != "stopped" else server.stop()
            if how == "kills":
                until = time.monotonic() + PARKED + 0.5
                while time.monotonic() < until:
                    server.start()
                    time.sleep(chance.uniform(0, 0.6))
                    server.kill()
            elif how in ("killed", "stopped"):
                time.sleep(PARKED + 0.5)
            if how != "alive":
                server.start()
                if how != "early":
                    time.sleep(1.2)  # nobody is there, and it has to happen all the same
                buyer.back()
            assert buyer.loop.run(lambda: max(buyer.tab.posts) > asked, 20), "nothing happened by itself"
            buyer.loop.quiet(0.5)
            later = [p for n, p in sorted(buyer.tab.posts.items()) if n > asked]
            assert len(later) == 1 and later[0]["who"] == "bot", later
            assert later[0]["at"] - at >= PARKED * 1000 - 50, f"after {later[0]['at'] - at} ms"
            end(server, buyer, text_of(later[0]))
        finally:
            server.remove()
    return run


CASES = [
    ("a timer, with the server up", timer("alive")),
    ("a timer that was due while the server was down", timer("killed")),
    ("a timer that was due while the server was stopped", timer("stopped")),
    ("a timer that is not due yet when the server is back", timer("early")),
    ("a timer around which the server is killed again and again", timer("kills")),
    ("promised news of a time when the server was down", news("kill", 0)),
    ("promised news, nobody there when the server is back", news("stop", 2)),
    ("promised news around which the server is killed again and again", news("kills", 0)),
]


def tried(case):
    try:
        case[1]()
    except Exception:
        return traceback.format_exc(limit=-4)
    return ""


# They mostly wait: several at once.
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    for (name, _), why in zip(CASES, pool.map(tried, CASES)):
        tap.result(not why, name, why)
tap.finish()
