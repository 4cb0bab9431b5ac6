"""What the shop's platform posts, and what others post in its name: believed, known when it comes again, on disk
before it is acknowledged.  run_hooks.py PROGRAM"""
import hashlib
import json
import os
import random
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from shop import Buyer, World

world = World(sys.argv[1]).start()
shop, server = world.shop, world.server
event, sign, post = shop.event, shop.sign, world.post
maya = Buyer(world, "buyer-open")
ORDER = "576461413030001001"




def hooks(kind, result):
    return world.metric(f'tenstep_shop_hooks_total{{kind="{kind}",result="{result}"}}')


def forged():
    chance = random.Random(7)
    body = event(1, {"order_id": ORDER, "order_status": "CANCEL", "update_time": 1}, 1)
    good = sign(body)
    forgeries = [(body, None), (body, ""), (body, good.upper()), (body, good[:-1]), (body, good + "0"),
                 (body, "Bearer " + good), (body, sign(body, secret="x" * 43)), (body, sign(body, key="other")),
                 (body + b" ", good), (body[:-1], good), (json.dumps(json.loads(body)).replace(" ", "").encode(), good),
                 (body, hashlib.sha256((shop.key + shop.secret).encode() + body).hexdigest())]
    for _ in range(300):
        changed = bytearray(body)
        changed[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        forgeries.append((bytes(changed), good))
    for number, (text, authorization) in enumerate(forgeries):
        status, answer = post(text, authorization)
        assert (status, answer) == (401, b""), (number, status, answer)
    assert hooks("other", "refused") == len(forgeries)


def taken_and_repeated():
    body = event(1, {"order_id": ORDER, "order_status": "DELIVERED", "update_time": 1}, 2)
    for _ in range(3):
        assert post(body, sign(body)) == (200, b"")
    assert (hooks("order", "taken"), hooks("order", "repeated")) == (1, 2)
    assert post(body, sign(body), path="/channels/tiktok") == (200, b"")
    assert hooks("order", "repeated") == 3
    server.kill()
    server.start()
    assert post(body, sign(body)) == (200, b"")
    assert (hooks("order", "taken"), hooks("order", "repeated")) == (0, 1)


def other_kinds():
    for n, (kind, data) in enumerate([(64, {}), (65, {}), (5, {"x": 1}), (99, {}), (6, {"message": "x"}),
                                      (7, {"message": "x", "expiration_time": str(int(time.time()) + 864000)})]):
        body = event(kind, data, 100 + n)
        assert post(body, sign(body)) == (200, b"")
    assert "the seller has taken the consent back" in server.log() and "the seller's consent ends" in server.log()
    assert '"days":9' in server.log() or '"days":10' in server.log()


def unreadable():
    for body in (b"", b"{", b"[]", b"{}", b'{"type":"1"}', b'{"type":1,"type":14}', b"\xff", b'{"type":14}',
                 b'{"type":14,"data":{"sender":{"role":"BUYER"}}}'):
        status, _ = post(body, sign(body))
        assert status == 200, (body, status)
    assert post(b"", sign(b""), method="GET")[0] == 405
    assert post(b"x" * (1 << 20) + b"x", sign(b""))[0] == 413
    assert post(b"{}", sign(b"{}"), path="/channels/nobody")[0] == 404


def never_there():
    """What was announced and is in no list is waited for, longer and longer; what the list has is read meanwhile."""
    maya.say("hello")
    shop.webhooks(False)
    shop.admin("misbehave", operation="orders.detail", act="slow", count=2, ms=2500)
    read = 'tenstep_channel_events_total{channel="tiktok",result="read"}'
    before = world.metric(read)
    shop.say("buyer-open", "order 576461413030001002")
    world.until(lambda: world.metric(read) > before)
    body = shop.told_of(maya.conversation, ("7400000000000000099", "BUYER", "TEXT", {"content": "hello?"}), 300)
    assert post(body, sign(body)) == (200, b"")
    assert world.metric('tenstep_channel_events_total{channel="tiktok",result="announced"}') > 0
    maya.wait("576461413030001002")
    time.sleep(24)  # it was looked for after 2, 5 and 15 s; the next time is in a minute
    maya.say("order 576461413030001003", "576461413030001003", timeout=45)
    shop.webhooks(True)


def replayed_message():
    """A week of the same message is one message."""
    maya.say("hello there")
    message = [m for m in shop.messages(maya.conversation) if m[1] == "BUYER"][-1]
    before = world.metric('tenstep_messages_total{channel="tiktok",direction="in"}')
    for n in range(20):
        body = shop.told_of(maya.conversation, message, 200 + n)
        assert post(body, sign(body)) == (200, b"")
    time.sleep(2.5)
    assert world.metric('tenstep_messages_total{channel="tiktok",direction="in"}') == before
    assert not maya.new_texts()


def refused_by_the_platform():
    """Nobody may write there any more: the post is a dead letter, and a person finds a card."""
    ivy = Buyer(world, "buyer-new")
    ivy.say("I want to talk to a person", "bringing in a person")
    shop.pass_time("40d")
    _, cards = world.desk("GET", "/desk/cards")
    card = [c for c in cards["cards"] if c["card"].get("buyer")][-1]
    for what, more in (("claim", {"version": card["version"]}), ("reply", {"text": "Hello, Mai here.", "id": "1"}),
                       ("back", {})):
        assert world.desk("POST", f"/desk/cards/{card['id']}/{what}", {"person": "Mai", **more})[0] == 200, what
    def is_told():
        cards = world.desk("GET", "/desk/cards")[1]["cards"]
        return any("does not get what is said here" in c["card"].get("summary", "") for c in cards)

    end = time.monotonic() + 15
    while not (world.metric('tenstep_channel_dead_letters{channel="tiktok"}') and is_told()):
        assert time.monotonic() < end, server.log()[-2000:]
        time.sleep(0.1)


tap.case("webhooks: 312 forgeries are refused", forged)
tap.case("webhooks: one that is signed is taken once, after a kill too", taken_and_repeated)
tap.case("webhooks: consent and kinds of no concern are noted", other_kinds)
tap.case("webhooks: what is signed and unreadable is not asked for again", unreadable)
tap.case("webhooks: what is announced and never there holds up nobody", never_there)
tap.case("webhooks: a message that comes twenty times is one", replayed_message)
tap.case("buyer chat: what the platform does not take is a dead letter and a card", refused_by_the_platform)
tap.case("webhooks: both programs end well", world.end)
tap.finish()
