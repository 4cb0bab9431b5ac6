"""The server is killed (SIGKILL) again and again while buyers write: nothing is lost, doubled or out of
order.  run_kill.py PROGRAM [--messages N] [--kills N] [--cancels N] [--seed N] [--result FILE]"""
import argparse
import collections
import datetime
import os
import random
import sqlite3
import sys
import time

import tap
from server import Server
from tab import Browser, Loop, Tab, choices_of, settle_all, text_of, transcript

sys.setswitchinterval(0.0005)

WORDS = ["hello", "where is my order?", "how long does a refund take?", "show my orders", "can I return a lamp?",
         "pls cacel my order", "no", "thanks", "what can you do?", "Wo ist mein Paket? äöü", "I changed my mind",
         "where is my refund?", "A-1101", "naïve 注文 🙂", "the first one", "what do you know about delivery?"]

arguments = argparse.ArgumentParser()
arguments.add_argument("program")
arguments.add_argument("--messages", type=int, default=150)
arguments.add_argument("--kills", type=int, default=15)
arguments.add_argument("--cancels", type=int, default=4)
arguments.add_argument("--seed", type=int, default=1)
arguments.add_argument("--result")
options = arguments.parse_args()
chance = random.Random(options.seed)


class Killer:
    """Chooses the moment: some time after a message went out, with one still under way."""

    def __init__(self, server):
        self.server = server
        self.kills = self.busy = self.alive = self.early = 0

    def strike(self, in_flight):
        self.alive += self.server.is_up()
        self.busy += self.server.is_up() and in_flight > 0
        self.kills += 1
        self.server.kill()
        if chance.random() < 0.1:  # and once more before it is there
            self.server.start(wait=False)
            time.sleep(chance.uniform(0, 0.03))
            self.early += self.server.is_up()
            self.server.kill()
        self.server.start()


def write_something(tab):
    n, choices = choices_of(tab)
    if choices and chance.random() < 0.25:
        tab.press(n, chance.choice(choices)["id"])
    else:
        tab.say(f"{chance.choice(WORDS)} ({tab.sender} {tab.count + 1})" if chance.random() < 0.5
                else chance.choice(WORDS))


def check_transcript(name, posts, tabs):
    """What is stored against what the tabs wrote, were told and saw."""
    wrong = []
    n = len(posts)
    if sorted(posts) != list(range(1, n + 1)):
        wrong.append(f"the numbers are not 1..{n}: {sorted(posts)}")
    ids = [posts[i]["id"] for i in sorted(posts) if posts[i]["who"] == "buyer"]
    wrong += [f"{id} is there {times} times" for id, times in collections.Counter(ids).items() if times > 1]
    written = {id: m for t in tabs for id, m in t.settled.items()}
    wrong += [f"nobody wrote {id}" for id in ids if id not in written]
    at = {posts[i]["id"]: i for i in posts if posts[i]["who"] == "buyer"}
    for id, m in written.items():
        if m.refused:
            if m.refused != "bad_choice" or m.body["t"] != "press":
                wrong.append(f"{id} was refused: {m.refused} {m.body}")
        elif id not in at:
            wrong.append(f"{id} was acknowledged as {m.ack} and is lost")
        elif m.ack and m.ack != at[id]:
            wrong.append(f"{id} was acknowledged as {m.ack} and is post {at[id]}")
        elif m.body["t"] == "say" and text_of(posts[at[id]]) != m.body["text"]:
            wrong.append(f"{id} is {text_of(posts[at[id]])!r}, written was {m.body['text']!r}")
    last = collections.Counter()
    for id in ids:
        sender, k = id.split(":")
        if int(k) <= last[sender]:
            wrong.append(f"{id} came after {sender}:{last[sender]}")
        last[sender] = int(k)
    for t in tabs:
        if not t.posts:
            continue
        seen = sorted(t.posts)
        end = n if not t.gone else seen[-1]
        if seen != list(range(seen[0], end + 1)):
            wrong.append(f"tab {t.sender} saw {seen[:3]}..{seen[-3:]} ({len(seen)}) of {n}")
        wrong += [f"tab {t.sender} saw post {i} as {t.posts[i]}, it is {posts[i]}" for i in seen
                  if i in posts and t.posts[i] != posts[i]]
    tap.result(not wrong, f"{name}: stored once, in order, and each tab saw all of it",
               "\n".join(wrong))
    return n


def many_messages():
    server = Server(options.program).start()
    shared = Browser(server.port)
    tabs = [Tab(shared, "one", window=2), Tab(shared, "two", window=3), Tab(shared, "three", window=4)]
    first = tabs[0].say("hello")
    loop = Loop(tabs[:1])
    tap.result(loop.run(lambda: first.ack == 1), "the first message is taken")
    others = [Tab(Browser(server.port, buyer), sender) for buyer, sender in
              [("buyer-open", "maya"), ("buyer-transit", "liam"), ("buyer-refund", "sofia"), ("buyer-mixed", "noah"),
               (None, "anonymous")]]
    for t in others:
        t.say("hello")
    loop = Loop(tabs + others)
    settle_all(loop, tabs + others)
    killer = Killer(server)
    total = options.messages
    written = 1
    reloaded = False
    began = time.monotonic()
    while killer.kills < options.kills or written < total:
        share = total * (killer.kills + 1) // options.kills if killer.kills < options.kills else total
        while written < min(share, total):
            if not reloaded and written > total // 2:
                reloaded = True
                tabs[2].say("what was written just before the reload")
                written += 1
                loop.step(0)
                tabs[2].leave()
                again = Tab(shared, "four", window=3)
                again.adopt()
                tabs.append(again)
                loop.tabs.append(again)
            write_something(chance.choice([t for t in tabs if not t.gone and t.last]
                                          if chance.random() < 0.75 else others))
            written += 1
        everybody = tabs + others
        if killer.kills >= options.kills:
            break
        # Messages are under way: the moment comes.
        delay = chance.choice([0, 0, chance.uniform(0, 0.002), chance.uniform(0, 0.01), chance.uniform(0, 0.03)])
        loop.run(lambda: any(t.in_flight() for t in everybody) or not any(t.queue for t in everybody), 30)
        end = time.monotonic() + delay
        while time.monotonic() < end and any(t.in_flight() for t in everybody):
            loop.step(0.0005)
        if not any(t.in_flight() for t in everybody):
            for t in chance.sample(others + [t for t in tabs if not t.gone and t.last], 2):
                write_something(t)
            loop.run(lambda: any(t.in_flight() for t in everybody), 30)
        killer.strike(sum(t.in_flight() for t in everybody))
    everybody = tabs + others
    quiet = settle_all(loop, everybody, 60)
    loop.quiet(0.5)
    took = time.monotonic() - began
    tap.result(quiet, "every message is acknowledged at the end",
               [(t.sender, [m.id for m in t.queue], t.ready) for t in everybody])
    sent = sum(len(t.settled) for t in everybody)
    held = sum(t.held for t in everybody)
    twice = sum(m.sent > 1 for t in everybody for m in t.settled.values())
    tap.result(sent >= total, f"at least {total} messages were written", sent)
    tap.result(killer.kills >= options.kills and killer.alive >= 0.95 * killer.kills and
               killer.busy >= 0.6 * killer.kills,
               f"the kills hit a living server with messages under way (of {options.kills})",
               f"{killer.kills} kills, {killer.alive} alive, {killer.busy} with messages under way")
    # Chance decides how many: 76 of 100 on an idle machine, 22 beside other work.
    tap.result(twice >= options.kills / 8, "kills came between a message and its acknowledgement",
               f"only {twice} messages had to be sent again")
    faults = [f for t in everybody for f in t.faults]
    tap.result(not faults, "no tab has a fault to report", "\n".join(faults))
    posts, more = transcript(shared)
    n = check_transcript("three tabs and a reload", posts, tabs)
    bot = sum(p["who"] == "bot" for p in posts.values())
    tap.result(bot * 2 >= n * 0.8, "the bot answered all along", f"{bot} of {n} posts are the bot's")
    tap.result(not more, "paging backwards keeps the rules", "\n".join(more))
    for t in others:
        p, more = transcript(t.browser)
        n += check_transcript(t.sender, p, [t])
        faults += more
    status = server.stop()
    tap.same("it stops well", 0, status)
    tap.result(not server.sanitizer_report(), "no sanitizer has anything to say", server.sanitizer_report())
    server.remove()
    return {"messages": sent, "sent again": twice, "asked for patience": held, "kills": killer.kills, "with messages under way": killer.busy,
            "more kills while it started": killer.early, "posts": n, "conversations": 6, "seconds": round(took, 1)}


def shop_of(server):
    return sqlite3.connect(f"file:{os.path.join(server.data, 'server', 'shop.db')}?mode=ro", uri=True)


class Buyer:
    """Cancels A-1001, one step at a time; the server may be killed at each."""

    def __init__(self, server):
        self.tab = Tab(Browser(server.port, "buyer-open"), "maya")
        self.loop = Loop([self.tab])
        self.server = server
        self.kills = 0

    def maybe_kill(self, likely, longest):
        if chance.random() >= likely:
            return
        end = time.monotonic() + chance.choice([0, chance.uniform(0, 0.003), chance.uniform(0, longest)])
        while time.monotonic() < end:
            self.loop.step(0.0002)
        self.server.kill()
        self.server.start()
        self.kills += 1

    def act(self, act, likely=0.3, longest=0.02):
        message = act()
        before = self.tab.last or 0
        self.loop.run(lambda: message.sent or not self.tab.queue)
        self.maybe_kill(likely, longest)
        told = self.loop.run(lambda: message.ack is not None and any(
            n > max(before, message.ack) and p["who"] == "bot" for n, p in self.tab.posts.items()), 20)
        assert told, f"no answer to {message.body}: {message.ack} {self.tab.faults} {list(self.tab.posts.values())[-2:]}"

    def choose(self, id):
        n, choices = choices_of(self.tab)
        assert id in [c["id"] for c in choices], f"no choice {id} in {self.tab.posts.get(n)}"
        return self.tab.press(n, id)


def one_cancel():
    server = Server(options.program).start()
    buyer = Buyer(server)
    try:
        buyer.act(lambda: buyer.tab.say("cancel my order"))
        buyer.act(lambda: buyer.choose("A-1001"))
        buyer.act(lambda: buyer.choose("no_longer_needed"))
        buyer.act(lambda: buyer.choose("yes"), likely=1, longest=0.03)
        buyer.loop.quiet(0.1)
        said = "\n".join(text_of(p) for p in buyer.tab.posts.values() if p["who"] == "bot")
        assert "A-1001 is cancelled" in said, said
        assert "can no longer" not in said and "already" not in said.lower(), said
        buyer.act(lambda: buyer.tab.say("show my orders"), likely=0)
        posts, more = transcript(buyer.tab.browser)
        assert sorted(posts) == list(range(1, len(posts) + 1)) and not more, (sorted(posts), more)
        cards = [o for p in posts.values() for o in (p.get("card") or {}).get("orders", [])]
        told = [o["status"] for o in cards if o["number"] == "A-1001"]
        last = "\n".join(text_of(p) for n, p in posts.items() if n > buyer.tab.last - 3)
        assert told[-1:] == ["CANCELLED"] or "cancelled" in last.lower(), (told, last)
        assert not buyer.tab.faults, buyer.tab.faults
        assert server.stop() == 0
        with shop_of(server) as shop:
            assert shop.execute("select count(*) from cancellation where order_number = 'A-1001'").fetchone() == (1,)
            assert shop.execute("select count(*) from refund where order_number = 'A-1001'").fetchone() == (1,)
            assert shop.execute("select status from orders where number = 'A-1002'").fetchone() != ("CANCELLED",)
        assert not server.sanitizer_report(), server.sanitizer_report()
    finally:
        server.remove()
    return buyer.kills


def cancels():
    kills = 0
    for i in range(options.cancels):
        try:
            kills += one_cancel()
        except Exception as e:
            tap.result(False, f"an order is cancelled once, run {i}", repr(e))
            return kills
    tap.result(True, f"an order is cancelled once, whenever the server dies ({options.cancels} runs)")
    return kills


counts = many_messages()
counts["cancelled orders"] = options.cancels
counts["kills during these"] = cancels()
if options.result:
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    with open(options.result, "w") as f:
        f.write(f"{now}, seed {options.seed}: {tap.failed} of {tap.n} checks failed\n")
        f.writelines(f"{key}: {value}\n" for key, value in counts.items())
tap.finish()
