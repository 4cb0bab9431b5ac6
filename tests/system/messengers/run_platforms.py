"""Every platform that has no counterpart of others' making, from both sides: a buyer there cancels an order, presses,
sends pictures, is brought twice, is forged; the platform slows us down, refuses, and hangs up.
run_platforms.py PROGRAM [PLATFORM…]"""
import concurrent.futures
import json
import os
import sys
import time
import traceback

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from chatwoot import Chatwoot
from discord import Discord
from graph import Instagram, Messenger
from line import Line
from platform_base import bring
from server import Server
from slack import Slack
from viber import Viber
from whatsapp import WhatsApp
from zalo import Zalo

DESK = "the-desk-of-these-tests-and-of-nobody"
KINDS = [WhatsApp, Messenger, Instagram, Line, Slack, Discord, Chatwoot, Viber, Zalo]
wanted = sys.argv[2:]
platforms = [kind() for kind in KINDS if not wanted or kind.name in wanted]


def open_server(platform):
    """Each has a server and a demo shop of its own."""
    account = platform.account()
    account.update({key: {"file": key} for key in platform.secrets})
    server = Server(sys.argv[1], config={"channels": {platform.name: account}, "desk": {"token": {"file": "desk"}}},
                    secrets={"desk": DESK, **platform.secrets})
    return server.start()


def give(p, request):
    headers, data = request
    status, _, body = bring(p.tenstep, p.name, headers, data)
    assert status == 200, (status, body, data)
    return body


def say(p, peer, text, n=None):
    before = len(p.texts(peer))
    give(p, p.text(peer, text))
    return p.wait(peer, before + n)[before:] if n else p.settle(peer)[before:]


def press(p, peer, label, n=None):
    """By button; where there were more choices than buttons, by the number in front of the line."""
    before = len(p.texts(peer))
    lines = [line for line in p.texts(peer)[-1].split("\n") if label.lower() in line.lower() and line[:1].isdigit()]
    if lines and not p.of(peer)[-1][2]:
        give(p, p.text(peer, lines[0].split(".")[0]))
    else:
        give(p, p.press(peer, *p.button(peer, label)))
    return p.wait(peer, before + n)[before:] if n else p.settle(peer)[before:]


def metric(p, name):
    for line in p.tenstep.get("/metrics")[1].splitlines():
        if line.startswith(name + " "):
            return float(line.split()[-1])
    return 0.0


def events(p, result):
    return metric(p, f'tenstep_channel_events_total{{channel="{p.name}",result="{result}"}}')


def desk(p, method, path, body=None):
    headers = {"Authorization": "Bearer " + DESK, "content-type": "application/json"}
    status, _, answer = p.tenstep.http(method, path, json.dumps(body) if body is not None else None, headers)
    return status, json.loads(answer)


# --- the cases: each for every platform ---

def cancel(p):
    """By words and by buttons; what is asked has the buttons that fit."""
    peer = p.peer(1)
    assert "order number" in say(p, peer, "pls cacel my order", 2)[-1]
    say(p, peer, "A-1001", 1)
    assert "Why would you like to cancel" in say(p, peer, "maya.okafor@example.com", 2)[-1]
    assert "Shall I cancel order A-1001" in press(p, peer, "by mistake", 1)[-1]
    assert "is cancelled" in press(p, peer, "Yes", 1)[-1]


def again(p):
    """The same event twice, then three at once: one answer."""
    peer, request = p.peer(2), p.text(p.peer(2), "hello")
    for _ in range(2):
        give(p, request)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: give(p, request), range(3)))
    assert len(p.settle(peer)) == 1, p.texts(peer)


def forged(p):
    peer = p.peer(3)
    headers, data = p.text(peer, "hello")
    changed = data.replace(b"hello", b"hullo")
    cut = {k: v[:-1] if "ignature" in k else v for k, v in headers.items()}
    none = {k: v for k, v in headers.items() if "ignature" not in k}
    before = events(p, "signature")
    for h, d in ((headers, changed), (cut, data), (none, data), (headers, data + b" "), (headers, data[1:])):
        assert bring(p.tenstep, p.name, h, d)[0] == 401, (h, d)
    assert events(p, "signature") == before + 5
    time.sleep(0.3)
    assert not p.texts(peer)


def ignored(p):
    """Echoes, receipts, groups, what a person has, what nobody knows: 200, and the bot is silent."""
    peer = p.peer(4)
    for request in p.noise(peer):
        give(p, request)
    time.sleep(0.5)
    assert not p.texts(peer), p.texts(peer)


def picture(p):
    peer = p.peer(5)
    give(p, p.picture(peer))
    assert p.settle(peer), p.refused


def old_button(p):
    peer = p.peer(6)
    say(p, peer, "cancel my order", 2)
    for payload in ("1.0", "3.99", "999.0", "yes"):
        give(p, p.press(peer, "x", payload if p.name not in ("viber", "zalo") else "\u25b6" + payload))
    assert len(p.settle(peer)) == 2


def signs(p):
    """Nothing of what a buyer writes is taken for the platform's own markup."""
    peer = p.peer(7)
    assert say(p, peer, "<b>&amp; *where* _is_ my `order` 😀 Đơn hàng \\ @everyone https://x.example/a_b")


def long_text(p):
    assert say(p, p.peer(8), "é" * 900)


def slowed_down(p):
    """Told to wait: it waits, then says it once."""
    peer = p.peer(9)
    p.plan = [p.slowed(2), p.slowed(1)]
    start = time.monotonic()
    assert say(p, peer, "hello", 1)
    took = time.monotonic() - start
    assert took > (2.5 if p.name in ("slack", "discord", "chatwoot", "viber", "zalo") else 0.8), took
    assert len(p.settle(peer)) == 1


def refused(p):
    """What cannot be said is a dead letter and a card at the desk; the next thing is said."""
    peer = p.peer(10)
    p.plan = [p.closed()]
    give(p, p.text(peer, "hello"))
    end = time.monotonic() + 6
    while metric(p, f'tenstep_channel_dead_letters{{channel="{p.name}"}}') < 1 and time.monotonic() < end:
        time.sleep(0.05)
    cards = [c for c in desk(p, "GET", "/desk/cards")[1]["cards"] if c["conversation"] == f"{p.name}:{peer}"]
    assert len(cards) == 1, cards


def person(p):
    peer = p.peer(11)
    conversation = f"{p.name}:{peer}"
    say(p, peer, "I want to talk to a person")
    if p.of(peer)[-1][2]:
        give(p, p.press(peer, *p.of(peer)[-1][2][0]))
        p.settle(peer)
    cards = [c for c in desk(p, "GET", "/desk/cards")[1]["cards"] if c["conversation"] == conversation]
    assert cards, p.texts(peer)
    card, n = cards[0], len(p.texts(peer))
    assert desk(p, "POST", f"/desk/cards/{card['id']}/claim", {"person": "Anna", "version": card["version"]})[0] == 200
    assert "Anna" in p.wait(peer, n + 1)[-1]
    assert desk(p, "POST", f"/desk/cards/{card['id']}/reply", {"person": "Anna", "text": "Let me look.", "id": "r1"})[0] == 200
    assert p.wait(peer, n + 2)[-1] == "Let me look.", p.texts(peer)
    give(p, p.text(peer, "thank you"))
    time.sleep(0.7)
    assert len(p.texts(peer)) == n + 2  # the bot is silent


def killed(p):
    """Accepted, then killed: answered after the start."""
    peer = p.peer(12)
    request = p.text(peer, "hello")
    give(p, request)
    p.tenstep.kill()
    p.tenstep.start()
    give(p, request)
    assert 1 <= len(p.wait(peer, 1, 45)) <= 2


def nothing_refused(p):
    """The strict platform took everything that it was not told to refuse."""
    allowed = ("Invalid reply token",) if p.name == "line" else ()
    assert not [r for r in p.refused if json.dumps(r[0]).find(str(allowed)) < 0], p.refused


def secrets_nowhere(p):
    log = p.tenstep.log(True)
    assert not [k for k, s in p.secrets.items() if s in log]


CASES = ("cancel", "again", "forged", "ignored", "picture", "old_button", "signs", "long_text", "slowed_down",
         "refused", "person", "killed", "nothing_refused", "secrets_nowhere")


# --- what one platform alone has ---

def hub_challenge(p):
    query = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=" + p.secrets["verify_token"].replace(" ", "%20")
    status, kind, body = bring(p.tenstep, p.name, {}, None, query, "GET")
    assert (status, body) == (200, "1158201444") and kind.startswith("text/plain"), (status, kind, body)
    assert bring(p.tenstep, p.name, {}, None, query[:-1], "GET")[0] == 403


def slack_challenge(p):
    headers, data = p.sign(b'{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV"}')
    assert bring(p.tenstep, p.name, headers, data)[2] == "3eZbrw1aBm2rZgRNFdxV"


def line_reply_then_push(p):
    """The first answer by the reply token, what follows by push."""
    say(p, p.peer(20), "cancel my order", 2)
    assert [s[3].rsplit("/", 1)[1] for s in p.of(p.peer(20))] == ["reply", "push"]


def discord_ping_and_thinking(p):
    assert bring(p.tenstep, p.name, *p.sign(b'{"type":1}'))[2] == '{"type":1}'
    assert json.loads(give(p, p.text(p.peer(20), "hello"))) == {"type": 5}
    p.wait(p.peer(20), 1)
    peer = "400/77"  # in a server: for this one person
    assert json.loads(give(p, p.text(peer, "cancel my order")))["data"]["flags"] == 64
    p.wait(peer, 2)
    other = "400/78"
    give(p, p.text(other, "hello"))
    p.wait(other, 1)
    assert len(p.texts(peer)) == 2


def chatwoot_hands_over(p):
    """A person wanted: the conversation is opened in Chatwoot, and the bot is silent there."""
    peer = p.peer(11)
    assert p.status.get(peer) == "open", p.status
    n = len(p.texts(peer))
    give(p, p.text(peer, "are you there?"))
    time.sleep(0.7)
    assert len(p.texts(peer)) == n and events(p, "person") >= 1


def chatwoot_gives_back(p):
    """Resolved there by a person: the next word is the bot's again."""
    peer = p.peer(21)
    say(p, peer, "I want to talk to a person")
    if p.of(peer)[-1][2]:
        give(p, p.press(peer, *p.of(peer)[-1][2][0]))
        p.settle(peer)
    end = time.monotonic() + 5
    while p.status.get(peer) != "open" and time.monotonic() < end:
        time.sleep(0.05)
    assert p.status.get(peer) == "open"
    p.status[peer] = "resolved"
    give(p, p.resolved(peer))
    p.status[peer] = "pending"
    n = len(p.settle(peer))
    give(p, p.text(peer, "hello"))
    assert len(p.wait(peer, n + 1)) > n and p.status[peer] == "pending", p.status


OWN = {"whatsapp": [hub_challenge], "messenger": [hub_challenge], "instagram": [hub_challenge], "slack": [slack_challenge],
       "line": [line_reply_then_push], "discord": [discord_ping_and_thinking], "chatwoot": [chatwoot_hands_over, chatwoot_gives_back]}

only = os.environ.get("TENSTEP_CASES", "").split()  # for a closer look at some


def all_of(p):
    """(name, what went wrong) of every case."""
    cases = [globals()[c] for c in CASES[:-2]] + OWN.get(p.name, []) + [globals()[c] for c in CASES[-2:]]
    out = []
    p.tenstep = open_server(p)
    for case in cases:
        if only and case.__name__ not in only:
            continue
        try:
            case(p)
            wrong = ""
        except Exception:
            wrong = traceback.format_exc(limit=-4)
        out.append((f"{p.name}: {case.__name__.replace('_', ' ')}", wrong))
    out.append((f"{p.name}: no sanitizer report", p.tenstep.sanitizer_report()))
    p.tenstep.remove()
    return out


with concurrent.futures.ThreadPoolExecutor(len(platforms)) as pool:
    for results in pool.map(all_of, platforms):
        for name, wrong in results:
            tap.result(not wrong, name, wrong)
tap.finish()
