"""What is too late: the platform's time for answers is over, a day of trying is over.  The program's own clock
is not touched: what it has written down is made older while it is stopped.  run_old.py PROGRAM"""
import json
import os
import sqlite3
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from platform_base import bring as bring_signed
from server import Server
from telegram import SECRET, TOKEN, Telegram, bring
from whatsapp import WhatsApp

DESK = "the-desk-of-these-tests-and-of-nobody"
DAY_MS = 24 * 3600 * 1000
telegram, whatsapp = Telegram(), WhatsApp()
account = whatsapp.account()
account.update({key: {"file": key} for key in whatsapp.secrets})
server = Server(sys.argv[1], config={"desk": {"token": {"file": "desk"}}, "channels": {
    "shop_bot": {"platform": "telegram", "token": {"file": "bot.token"}, "secret": {"file": "bot.secret"},
                 "api": telegram.address}, "whatsapp": account}},
    secrets={"desk": DESK, "bot.token": TOKEN, "bot.secret": SECRET, **whatsapp.secrets})
server.start()


def desk(method, path, body=None):
    status, _, answer = server.http(method, path, json.dumps(body) if body else None, {
        "Authorization": "Bearer " + DESK, "content-type": "application/json"})
    assert status == 200, (path, status, answer)
    return json.loads(answer)


def cards(conversation):
    return [c for c in desk("GET", "/desk/cards")["cards"] if c["conversation"] == conversation]


def letters(conversation):
    return [l["why"] for l in desk("GET", "/desk/channels")["letters"] if l["conversation"] == conversation]


def until(look, seconds=45):
    return tap.until(look, seconds)


def older(what, conversation, ms):
    assert server.stop() == 0
    with sqlite3.connect(os.path.join(server.data, "server", "store.db")) as store:
        changed = store.execute(f"update peer set {what} = {what} - ? where conversation = ?", (ms, conversation)).rowcount
    store.close()
    assert changed == 1
    server.start()


def window():
    """A person answers a day too late: the platform would refuse it, so it is not even sent."""
    peer = "16505551234"
    status, _, _ = bring_signed(server, "whatsapp", *whatsapp.text(peer, "I want to talk to a person"))
    assert status == 200
    until(lambda: whatsapp.texts(peer))
    if not cards("whatsapp:" + peer):
        label = [b for s in whatsapp.shown for b in s[2] if "person" in b[0].lower()][-1]
        bring_signed(server, "whatsapp", *whatsapp.press(peer, label[0], label[1]))
    card = until(lambda: cards("whatsapp:" + peer))[0]
    desk("POST", f"/desk/cards/{card['id']}/claim", {"person": "Anna", "version": card["version"]})
    until(lambda: "Anna has joined" in whatsapp.texts(peer)[-1])
    older("heard_ms", "whatsapp:" + peer, DAY_MS + 60 * 1000)
    n = len(whatsapp.calls)
    desk("POST", f"/desk/cards/{card['id']}/reply", {"person": "Anna", "text": "Sorry for the wait.", "id": "r1"})
    until(lambda: letters("whatsapp:" + peer))
    assert letters("whatsapp:" + peer) == ["the platform's time for answers is over"]
    assert len(whatsapp.calls) == n, whatsapp.calls[n:]
    # The buyer writes again: it is open again.
    bring_signed(server, "whatsapp", *whatsapp.text(peer, "hello?"))
    desk("POST", f"/desk/cards/{card['id']}/reply", {"person": "Anna", "text": "Here I am.", "id": "r2"})
    until(lambda: whatsapp.texts(peer)[-1] == "Here I am.")


def a_day_of_trying():
    telegram.by_chat[1] = ("429", 1)
    assert bring(server, telegram.message(1, text="cancel my order"))[0] == 200
    until(lambda: [c for c in telegram.calls if c[0] == "sendMessage"])
    older("since_ms", "shop_bot:1", DAY_MS + 60 * 1000)
    until(lambda: letters("shop_bot:1"), 20)
    assert "tried for a day: 429" in letters("shop_bot:1")[-1], letters("shop_bot:1")
    assert len(cards("shop_bot:1")) == 1
    del telegram.by_chat[1]
    assert "order number" in telegram.wait(1, 1)[-1]  # the next post has its own day


def is_burst_paced(first):
    """A burst of 30, and 30 a second in all.  A platform that stood still itself saw them closer than they were sent."""
    for chat in range(first, first + 70):
        assert bring(server, telegram.message(chat, text="hello"))[0] == 200
    for chat in range(first, first + 70):
        telegram.wait(chat, 1)
    times = sorted(s[3] for s in telegram.shown if first <= s[0] < first + 70)
    time.sleep(1.5)  # the next burst may be whole again
    return times[69] - times[0] > 1.0 and all(times[i + 61] - times[i] > 0.9 for i in range(len(times) - 61))


def paced():
    """350 ms apart in one chat, too."""
    assert any(is_burst_paced(first) for first in (1000, 3000, 4000))
    bring(server, telegram.message(2000, text="cancel my order"))
    telegram.wait(2000, 2)
    first, second = [s[3] for s in telegram.of(2000)][:2]
    assert second - first > 0.33, second - first


for name in ("window", "a_day_of_trying", "paced"):
    tap.case("too late: " + name.replace("_", " "), globals()[name])
tap.same("too late: no sanitizer report", "", server.sanitizer_report())
server.remove()
tap.finish()
