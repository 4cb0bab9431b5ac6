"""A tab of a buyer's browser, written from adapters/widget/PROTOCOL.md alone.  It keeps a strict eye on
the server: whatever the protocol promises and the server breaks goes to `faults`."""
import json
import random
import selectors
import socket
import struct
import time

from server import identity
from ws import CLOSE, PONG, Parser, frame


class Browser:
    """What the tabs of one browser share: localStorage."""

    def __init__(self, port, buyer=None):
        self.port = port
        self.token = None
        self.buyer = buyer
        self.left = []  # queues of tabs that are gone
        self.room = 18.0  # messages that may go out now: a little less than the server lets in, for
        self.room_at = 0.0  # a tab that has several under way would be overtaken by itself

    def may_send(self, now):
        self.room = min(18.0, self.room + 80 * (now - self.room_at))
        self.room_at = now
        if self.room < 1:
            return False
        self.room -= 1
        return True


class Message:
    def __init__(self, id, body):
        self.id = id
        self.body = body
        self.sent = 0  # connections it was written to
        self.on_wire = False  # of this connection
        self.ack = None
        self.refused = None


class Tab:
    def __init__(self, browser, sender, window=1, chance=None, from_start=False):
        self.browser = browser
        self.sender = sender
        self.window = window
        self.chance = chance or random.Random(sender)
        self.count = 0
        self.queue = []  # not settled, in order
        self.settled = {}
        self.posts = {}
        self.first = self.last = 0 if from_start else None
        self.sock = None
        self.ready = False
        self.next_try = 0
        self.hold_until = 0
        self.held = 0  # refusals that ask for patience
        self.welcomes = 0
        self.known_false = 0
        self.faults = []
        self.errors = []
        self.closes = []
        self.gone = False
        self.name = ""
        self.out = b""

    # --- what the buyer does ---

    def write(self, kind, **body):
        self.count += 1
        message = Message(f"{self.sender}:{self.count}", {"t": kind, **body})
        self.queue.append(message)
        return message

    def say(self, text):
        return self.write("say", text=text)

    def press(self, post, choice):
        return self.write("press", post=post, choice=choice)

    def in_flight(self):
        return sum(m.on_wire for m in self.queue)

    def leave(self):
        """The tab is closed or reloaded: what was not acknowledged stays in localStorage."""
        self.browser.left.extend(self.queue)
        self.queue = []
        self.gone = True
        self.disconnect()

    def adopt(self):
        for message in self.browser.left:
            message.on_wire = False
        self.queue = self.browser.left + self.queue
        self.browser.left = []

    # --- the connection ---

    def fault(self, what):
        self.faults.append(f"tab {self.sender}: {what}")

    def disconnect(self, wait=0.0):
        if self.sock:
            self.sock.close()
        self.sock = None
        self.ready = False
        self.out = b""
        for m in self.queue:
            m.on_wire = False
        self.next_try = time.monotonic() + wait

    def connect(self):
        self.parser = Parser()
        try:
            self.sock = socket.create_connection(("127.0.0.1", self.browser.port), 5)
        except OSError:
            self.sock = None
            self.next_try = time.monotonic() + self.chance.uniform(0.005, 0.02)
            return
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.setblocking(False)
        host = f"127.0.0.1:{self.browser.port}"
        self.put(self.parser.request(host, origin=f"http://{host}"))

    def put(self, data):
        self.out += data
        self.push()

    def push(self):
        try:
            while self.out and self.sock:
                self.out = self.out[self.sock.send(self.out):]
        except BlockingIOError:
            pass
        except OSError:
            pass  # reading finds the end

    def put_frame(self, body):
        self.put(frame(json.dumps(body, ensure_ascii=False)))

    def tick(self, now):
        if self.gone:
            return
        if not self.sock:
            if now >= self.next_try:
                self.connect()
            return
        if self.out:
            self.push()
        self.flush(now)

    def flush(self, now):
        if not self.ready or now < self.hold_until:
            return
        room = self.window - self.in_flight()
        for m in self.queue:
            if room <= 0:
                return
            if m.on_wire:
                continue
            if self.window > 1 and not self.browser.may_send(now):
                return
            m.on_wire = True
            m.sent += 1
            room -= 1
            self.put_frame({**m.body, "id": m.id})

    def readable(self):
        ended = False
        try:
            while self.sock:
                data = self.sock.recv(65536)
                if not data:
                    ended = True
                    break
                for event in self.parser.feed(data):
                    self.take(event)
        except BlockingIOError:
            return
        except OSError:
            ended = True
        if ended:
            self.closes.append(1006)
            self.disconnect(self.chance.uniform(0.002, 0.02))

    def take(self, event):
        kind = event[0]
        if kind == "open":
            hello = {"t": "hello", "v": 1, "lang": "en"}
            if self.browser.token:
                hello["token"] = self.browser.token
            if self.last is not None:
                hello["after"] = self.last
            if self.browser.buyer:
                hello["identity"] = identity(self.browser.buyer)
            self.put_frame(hello)
        elif kind == "text":
            body = json.loads(event[1])
            getattr(self, "on_" + body["t"], self.on_unknown)(body)
        elif kind == "ping":
            self.put(frame(event[1], PONG))
        elif kind == "close":
            self.closes.append(event[1])
            self.put(frame(struct.pack("!H", 1000), CLOSE))
            self.disconnect(self.chance.uniform(0.002, 0.02))
        elif kind == "refused":
            self.fault(f"the upgrade was refused with {event[1]}")
            self.disconnect(0.05)

    # --- what the server says ---

    def on_unknown(self, f):
        self.fault(f"a frame of an unknown kind: {f}")

    def on_welcome(self, f):
        if self.ready:
            self.fault("welcomed twice in one connection")
        self.welcomes += 1
        if "token" in f:
            if self.browser.token and self.browser.token != f["token"]:
                self.fault(f"another token than the one that was given, known {f.get('known')}")
            self.browser.token = f["token"]
        if f.get("known") is False:
            self.known_false += 1
            self.fault("the conversation was not known any more")
        posts = f["posts"]
        if len(posts) > 50:
            self.fault(f"{len(posts)} posts in a welcome")
        if self.last is not None and f["last"] < self.last:
            self.fault(f"the last post is {f['last']}, and {self.last} was seen")
        self.name = f.get("name", "")
        self.expected = f["last"]
        for p in posts:
            self.see(p)
        self.ready = True
        self.flush(time.monotonic())


    def on_post(self, f):
        self.see(f)

    def see(self, p):
        n = p["n"]
        if self.last is not None and n <= self.last:
            self.fault(f"post {n} came again (last was {self.last})")
        elif self.last is not None and n != self.last + 1:
            self.fault(f"post {n} came after {self.last}")
        if self.first is None:
            self.first = n
        p = {k: v for k, v in p.items() if k != "t"}
        if n in self.posts and self.posts[n] != p:
            self.fault(f"post {n} changed: {self.posts[n]} {p}")
        self.last = max(n, self.last or 0)
        self.posts[n] = p
        if self.seen:
            self.seen(p)

    seen = None

    def find(self, id):
        return next((m for m in self.queue if m.id == id), None)

    def on_ack(self, f):
        m = self.find(f["id"])
        if m is None:
            self.fault(f"an ack for what was not waiting: {f}")
            return
        if not m.on_wire:
            self.fault(f"an ack for what was not sent in this connection: {f}")
        if f["n"] == 0 and m.sent < 2:
            self.fault(f"an ack without a number for a first sending: {f}")
        m.ack = f["n"]
        self.settle(m)

    def on_refused(self, f):
        m = self.find(f["id"])
        if m is None:
            self.fault(f"a refusal of what was not waiting: {f}")
            return
        if f.get("wait"):
            m.on_wire = False
            self.held += 1
            self.hold_until = time.monotonic() + f["wait"] / 1000
            return
        m.refused = f["code"]
        self.settle(m)

    def settle(self, m):
        self.queue.remove(m)
        self.settled[m.id] = m
        self.flush(time.monotonic())

    def on_error(self, f):
        self.errors.append(f["code"])

    def on_typing(self, f):
        if f["who"] not in ("bot", "person"):
            self.fault(f"who types? {f}")

    def on_owner(self, f):
        self.owner = f["owner"]

    def on_older(self, f):
        self.paged = f

    def on_pong(self, f):
        self.pongs = getattr(self, "pongs", 0) + 1

    def on_forgotten(self, f):
        self.forgotten = True



class Loop:
    """Runs tabs, all in one thread, so that a test knows exactly what is under way."""

    def __init__(self, tabs):
        self.tabs = list(tabs)

    def step(self, timeout=0.005):
        now = time.monotonic()
        for tab in self.tabs:
            tab.tick(now)
        selector = selectors.DefaultSelector()
        for tab in self.tabs:
            if tab.sock:
                selector.register(tab.sock, selectors.EVENT_READ, tab)
        if selector.get_map():
            for key, _ in selector.select(timeout):
                key.data.readable()
        else:
            time.sleep(min(timeout, 0.005))
        selector.close()

    def run(self, until, timeout=60):
        end = time.monotonic() + timeout
        while not until():
            if time.monotonic() > end:
                return False
            self.step()
        return True

    def quiet(self, seconds=0.3):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.step()


def settle_all(loop, tabs, timeout=60):
    return loop.run(lambda: all(not t.queue and (t.ready or t.gone) for t in tabs), timeout)


def choices_of(tab):
    """(post, ids) of the newest post with choices."""
    for n in sorted(tab.posts, reverse=True):
        p = tab.posts[n]
        if p["who"] == "bot" and p.get("choices"):
            return n, p["choices"]
    return 0, []


def text_of(post):
    """The words of a post."""
    def inline(x):
        if isinstance(x, str):
            return x
        if "b" in x:
            return x["b"]
        if "a" in x:
            return x["a"]["text"]
        return "\n"

    out = []
    for node in post.get("body", []):
        for line in ([node["p"]] if "p" in node else node.get("ul") or node.get("ol") or []):
            out.append("".join(inline(x) for x in line))
    return "\n".join(out)


def transcript(browser, timeout=60):
    """All posts, fetched backwards by a fresh tab with `older`; and its faults."""
    tab = Tab(Browser(browser.port, browser.buyer), "reader")
    tab.browser.token = browser.token
    loop = Loop([tab])
    if not loop.run(lambda: tab.ready, timeout):
        raise AssertionError(f"no welcome for the reader: {tab.faults} {tab.errors}")
    posts = dict(tab.posts)
    while posts and min(posts) > 1:
        tab.paged = None
        refusals = len(tab.errors)
        tab.put_frame({"t": "older", "before": min(posts)})
        if not loop.run(lambda: tab.paged or len(tab.errors) > refusals, timeout):
            raise AssertionError("no answer to older")
        if not tab.paged:  # long transcripts: the server lets in so many a minute
            loop.quiet(1)
            continue
        before = min(posts)
        numbers = [p["n"] for p in tab.paged["posts"]]
        if not numbers or numbers != list(range(numbers[0], before)):
            tab.fault(f"older before {before} gave {numbers}")
            break
        if tab.paged["older"] != (numbers[0] > 1):
            tab.fault(f"older says {tab.paged['older']} at {numbers[0]}")
        posts.update((p["n"], p) for p in tab.paged["posts"])
    tab.leave()
    return posts, tab.faults
