"""Conversations that nobody has written in for long, on every channel, and uploads that no message named: the buyers
write by a clock that is 200 days back, then the server is started by ours.  run_keep.py PROGRAM CLOCK [--seed N] [--only CASE]

CLOCK is clock.c as a library."""
import argparse
import json
import os
import random
import re
import shutil
import sqlite3
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, "..", "serve"), os.path.join(here, "..", "messengers")]
import tap
from tap import until
from server import Server, identity
from talk import open_chat
from telegram import SECRET, TOKEN, Telegram, bring

arguments = argparse.ArgumentParser()
arguments.add_argument("program")
arguments.add_argument("clock")
arguments.add_argument("--seed", type=int, default=1)
arguments.add_argument("--only", default="")
options = arguments.parse_args()
chance = random.Random(options.seed)

DAY = 24 * 3600
LONG_AGO = -200 * DAY
PNG = b"\x89PNG\r\n\x1a\n" + b"CANARYpicture" * 20
DESK = "the-desk-of-these-tests-and-of-nobody"
DIRECT = "a-secret-of-these-tests-and-of-nobody"
RASA = "a-token-of-these-tests-and-of-nobody"
telegram = Telegram()


def new_server(keep=None, data=None):
    return Server(options.program, data=data, config={
        "keep": {"conversations": "180d", **(keep or {})}, "desk": {"token": {"file": "desk"}},
        "directline": {"secret": {"file": "direct"}}, "rasa": {"token": {"file": "rasa"}},
        "channels": {"shop_bot": {"platform": "telegram", "token": {"file": "bot.token"}, "secret": {"file": "bot.secret"},
                                  "api": telegram.address}}},
        secrets={"desk": DESK, "direct": DIRECT, "rasa": RASA, "bot.token": TOKEN, "bot.secret": SECRET})


def start(server, clock=0):
    server.environment = {**os.environ, "LD_PRELOAD": options.clock, "TENSTEP_TEST_CLOCK": str(clock),
                          "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    return server.start()


def trust(server, days=4):
    """The date has gone on for days up to now; the server is stopped."""
    now = int(time.time() * 1000)
    with sqlite3.connect(os.path.join(server.data, "server", "store.db")) as store:
        store.execute("insert into cursor(name, value) values ('calendar', ?) on conflict(name) do update set"
                      " value = excluded.value", (f"{now} {now - days * DAY * 1000}",))
    store.close()


def metric(server, name):
    found = re.search(rf"^{name} (\d+)", server.get("/metrics")[1], re.M)
    return int(found.group(1)) if found else 0


def left_of(server, word="CANARY"):
    """The files of the data folder that have these bytes."""
    found = []
    for folder, _, names in os.walk(server.data):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                if word.encode() in f.read() or word in path:
                    found.append(os.path.relpath(path, server.data))
    return sorted(found)


# --- buyers ---

def rasa(server, sender, text):
    status, _, body = server.http("POST", "/webhooks/rest/webhook", json.dumps({"sender": sender, "message": text}),
                                  {"content-type": "application/json", "authorization": "Bearer " + RASA})
    assert status == 200, (status, body)
    return json.loads(body)


def direct(server, method, path, token, body=None):
    status, _, answer = server.http(method, "/v3/directline/conversations" + path, json.dumps(body) if body else "",
                                    {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    return status, answer


def upload(server, token, name):
    status, _, body = server.http("POST", "/chat/upload", PNG, {"Authorization": "Bearer " + token, "X-File-Name": name})
    assert status == 201, (status, body)
    return json.loads(body)["file"]


def press(server, label, **who):
    """A button of the newest post that has any."""
    talk, welcome = open_chat(server, **who)
    post = [post for post in welcome["posts"] if post.get("choices")][-1]
    ids = [c["id"] for c in post["choices"] if label.lower() in c["label"].lower()]
    assert ids, f"no button '{label}': {post}"
    talk.put(t="press", id=f"p:{post['n']}", post=post["n"], choice=ids[0])
    assert talk.next("ack", "refused")["t"] == "ack"
    talk.drop()


class Website:
    """An anonymous buyer with a picture."""

    def __init__(self, server):
        talk, welcome = open_chat(server)
        self.token = welcome["token"]
        talk.say("CANARYwebsite what can you do?")
        talk.put(t="file", id="t:99", file=upload(server, self.token, "CANARYnamed.png"))
        assert talk.next("ack", "refused")["t"] == "ack"
        upload(server, self.token, "CANARYstray.png")
        talk.drop()

    def comes_back(self, server):
        talk, welcome = open_chat(server, token=self.token, after=1)
        assert not welcome["posts"] or welcome["posts"][0]["who"] == "bot", welcome
        assert "CANARY" not in json.dumps(welcome), welcome
        assert welcome["known"] is False and welcome["token"] != self.token, welcome
        assert talk.say("hello") >= 1
        talk.drop()


def buyer_of(name, clock=0):
    return identity(name, age=-clock)


class SignedIn:
    def __init__(self, server):
        talk, welcome = open_chat(server, identity=buyer_of("buyer-open", LONG_AGO))
        talk.say("CANARYsigned my orders please")
        talk.drop()

    def comes_back(self, server):
        talk, welcome = open_chat(server, identity=buyer_of("buyer-open"))
        assert "CANARY" not in json.dumps(welcome), welcome
        talk.say("hello")
        talk.drop()


class DirectLine:
    def __init__(self, server):
        status, begun = direct(server, "POST", "", DIRECT)
        begun = json.loads(begun)
        self.path, self.token = "/" + begun["conversationId"], begun["token"]
        self.say(server, "CANARYdirect hello")

    def say(self, server, text):
        status, body = direct(server, "POST", self.path + "/activities", self.token,
                              {"type": "message", "from": {"id": "u"}, "text": text})
        assert status == 200, (status, body)

    def comes_back(self, server):
        """Its token is long over; with the secret there is nothing to be seen of what was."""
        status, body = direct(server, "GET", self.path + "/activities", DIRECT)
        assert status in (200, 403, 404) and b"CANARY" not in body, (status, body)


class Rasa:
    def __init__(self, server):
        assert rasa(server, "anna", "CANARYrasa hello")

    def comes_back(self, server):
        assert rasa(server, "anna", "hello")


class OnTelegram:
    def __init__(self, server):
        assert bring(server, telegram.message(7, text="CANARYtelegram hello"))[0] == 200
        self.said = len(telegram.wait(7, 1))
        telegram.settle(7)
        self.said = len(telegram.of(7))

    def comes_back(self, server):
        assert bring(server, telegram.message(7, text="hello"))[0] == 200
        telegram.wait(7, self.said + 1)


class Waits:
    """For news of a refund, or for a person: not over."""

    def __init__(self, server):
        who = {"identity": buyer_of("buyer-refund", LONG_AGO)}
        talk, _ = open_chat(server, **who)
        talk.say("where is my refund?")
        talk.drop()
        press(server, "A-1201", **who)
        press(server, "Write to me", **who)
        talk, welcome = open_chat(server)
        self.token = welcome["token"]
        talk.say("I want to talk to a person, HELD")
        talk.drop()
        if not self.cards(server):
            press(server, "person", token=self.token)
        until(lambda: self.cards(server))

    @staticmethod
    def cards(server):
        status, _, body = server.http("GET", "/desk/cards", None, {"Authorization": "Bearer " + DESK})
        return json.loads(body)["cards"]

    def stays(self, server):
        assert self.cards(server), "nobody waits for a person any more"
        talk, welcome = open_chat(server, token=self.token)
        assert "HELD" in json.dumps(welcome), welcome
        talk.drop()
        talk, welcome = open_chat(server, identity=buyer_of("buyer-refund"))
        assert "A-1201" in json.dumps(welcome), welcome
        talk.drop()


GOES = [Website, SignedIn, DirectLine, Rasa, OnTelegram]


def all_channels():
    server = new_server()
    try:
        start(server, LONG_AGO)
        buyers = [kind(server) for kind in GOES]
        waits = Waits(server)
        assert left_of(server)
        assert server.stop() == 0
        trust(server)
        start(server)
        until(lambda: metric(server, "tenstep_conversations_removed_total") == len(GOES))
        until(lambda: "conversations were removed" in server.log())
        assert left_of(server) == [], left_of(server)
        # The demo shop has paid the refund meanwhile, and the buyer was told when the server came back.
        assert metric(server, "tenstep_conversations_held") == 1
        assert "CANARY" not in server.log(True)
        waits.stays(server)
        for buyer in buyers:
            buyer.comes_back(server)
        assert server.stop() == 0
        assert not server.sanitizer_report(), server.sanitizer_report()
    finally:
        server.remove()


def a_tab_is_open():
    """The page still shows it: it is told, and begins anew."""
    server = new_server()
    try:
        start(server, LONG_AGO)
        talk, welcome = open_chat(server)
        talk.say("CANARYtab hello")
        talk.drop()
        assert server.stop() == 0
        trust(server)
        start(server)
        talk, welcome = open_chat(server, token=welcome["token"])
        assert talk.next("forgotten", timeout=30)
        assert talk.closed() == 1000
        assert server.stop() == 0
    finally:
        server.remove()


def killed(many=240):
    """Again and again while they go: in the end all are gone with every byte, and who waits is there."""
    server = new_server()
    try:
        start(server, LONG_AGO)
        waits = Waits(server)
        for k in range(many):
            assert rasa(server, f"buyer{k}", f"CANARY{k} hello, what can you do?")
        website = Website(server)
        assert server.stop() == 0
        trust(server)
        kills = 0
        for _ in range(40):
            start(server)
            until(lambda: metric(server, "tenstep_conversations_removed_total") > 0 or not left_of(server))
            time.sleep(chance.uniform(0, 0.25))
            if not left_of(server):
                break
            server.kill()
            kills += 1
        assert kills >= 5, kills
        if not server.is_up():
            start(server)
        until(lambda: not left_of(server))
        waits.stays(server)
        website.comes_back(server)
        assert server.stop() == 0
        assert not server.sanitizer_report(), server.sanitizer_report()
    finally:
        server.remove()


def wrong_clock():
    """Set to next year by mistake, while the server is off or while it runs."""
    server = new_server()
    try:
        start(server)
        assert rasa(server, "anna", "CANARYclock hello")
        assert server.stop() == 0
        trust(server)
        start(server, 300 * DAY)
        time.sleep(2)
        assert "the date has leapt" in server.log()
        assert server.stop() == 0
        start(server)
        time.sleep(1)
        assert left_of(server)
        assert metric(server, "tenstep_conversations_removed_total") == 0
        assert server.stop() == 0
        assert left_of(server)
    finally:
        server.remove()


def by_default():
    """Without a word about it conversations stay; uploads that no message named do not."""
    server = new_server()
    try:
        server.configure({"rasa": {"token": {"file": "rasa"}}})
        with open(server.config_path) as f:
            config = json.load(f)
        with open(server.config_path, "w") as f:
            json.dump({k: v for k, v in config.items() if k != "keep"}, f)
        start(server, LONG_AGO)
        website = Website(server)
        assert server.stop() == 0
        files = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(server.data, "server", "files"))
                 for name in names]
        assert len(files) == 4, files
        for path in files:
            os.utime(path, (time.time() - 2 * DAY,) * 2)
        trust(server)
        start(server)
        until(lambda: metric(server, "tenstep_uploads_removed_total") == 1)
        left = [path for path in files if os.path.exists(path)]
        assert len(left) == 2, left
        assert left_of(server, "CANARYstray") == []
        talk, welcome = open_chat(server, token=website.token)
        assert "CANARYwebsite" in json.dumps(welcome), welcome
        talk.drop()
        assert server.stop() == 0
    finally:
        server.remove()


for name in ("all_channels", "a_tab_is_open", "killed", "wrong_clock", "by_default"):
    if options.only in ("", name):
        tap.case("kept for a time: " + name.replace("_", " "), globals()[name])
tap.finish()
