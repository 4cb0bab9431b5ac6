"""Somebody of the shop answers a buyer in Seller Center: the conversation is theirs, and the assistant is silent until it
is handed back.  Its own messages, which have the same sender, are never taken for theirs.  run_agents.py PROGRAM"""
import os
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from shop import Buyer, World

world = World(sys.argv[1]).start()
shop, server = world.shop, world.server
noah = Buyer(world, "buyer-mixed")
AGENT = "Juniper & Finch"  # as the platform names all who answer for this shop


def takeovers():
    return world.metric('tenstep_channel_events_total{channel="tiktok",result="agent"}')


def cards():
    return world.desk("GET", "/desk/cards")[1]["cards"]


def hand_back():
    card = cards()[0]["id"]
    done = world.command("inbox", "back", str(card), "--person", AGENT)
    assert done.returncode == 0, done
    noah.wait("Is there anything else")


def our_own():
    """Read again and again, by webhook and list, while the assistant talks."""
    for words in ("hello there", "show my orders", "what is your return policy", "hello"):
        noah.say(words)
    time.sleep(5)
    assert takeovers() == 0 and not cards()


def our_own_unclear():
    """Of some of them nobody told us the id."""
    for act in ("done_close", "no_json", "swallow", "500"):
        shop.admin("misbehave", operation="messages.send", act=act, count=1)
        shop.say("buyer-mixed", "hello")
        time.sleep(0.5)
    noah.wait(timeout=60)
    world.until(lambda: world.metric('tenstep_channel_waiting{channel="tiktok"}') == 0, 60)
    time.sleep(5)
    assert takeovers() == 0 and not cards()


def our_own_after_a_kill():
    shop.admin("misbehave", clear=True)
    shop.admin("misbehave", operation="messages.send", act="slow", count=1, ms=1500)
    shop.say("buyer-mixed", "show my orders")
    time.sleep(1)
    server.kill()
    server.start()
    noah.wait(timeout=60)
    time.sleep(5)
    assert takeovers() == 0 and not cards()


def somebody_answers():
    noah.new_texts()
    shop.say("buyer-mixed", "Hi, this is Mai, let me look into it.", role="CUSTOMER_SERVICE")
    world.until(lambda: [c["person"] for c in cards()] == [AGENT])
    card = cards()[0]
    assert card["queue"] == "seller_center" and card["state"] == "person", card
    noah.new_texts()
    shop.say("buyer-mixed", "show my orders")
    time.sleep(4)
    said = noah.new_texts()
    assert not any("orders" in text for text in said), said
    assert takeovers() == 1


def handed_back():
    hand_back()
    noah.say("show my orders", "orders")
    time.sleep(4)
    assert takeovers() == 1 and not cards()


def a_webhook_comes_late():
    """Of a message that the list brought already: who had the conversation before it has it no more."""
    shop.webhooks(False)
    shop.admin("misbehave", operation="orders.detail", act="slow", count=2, ms=3000)
    read = 'tenstep_channel_events_total{channel="tiktok",result="read"}'
    before = world.metric(read)
    shop.say("buyer-mixed", "order 576461413030001302")
    message = [m for m in shop.messages(noah.conversation) if m[1] == "BUYER"][-1]
    world.until(lambda: world.metric(read) > before)
    body = shop.told_of(noah.conversation, message, 1)
    assert world.post(body, shop.sign(body)) == (200, b"")
    assert world.metric('tenstep_channel_events_total{channel="tiktok",result="announced"}') > 0
    noah.wait("Order 576461413030001302 of ")
    time.sleep(4)
    assert takeovers() == 1 and not cards()
    shop.webhooks(True)


def without_webhooks():
    """Found when the conversation is read, before what the buyer wrote after it is heard."""
    shop.webhooks(False)
    noah.new_texts()
    shop.say("buyer-mixed", "Mai again.", role="CUSTOMER_SERVICE")
    shop.say("buyer-mixed", "show my orders")
    world.until(lambda: [c["person"] for c in cards()] == [AGENT])
    time.sleep(3)
    said = noah.new_texts()
    assert not any("newest first" in text for text in said), said
    shop.webhooks(True)
    hand_back()


def who_waits_is_taken_over():
    """The card that waits at the desk is theirs; one that a person has at the desk stays with that person."""
    noah.say("I want to talk to a person", "bringing in a person")
    assert [c["state"] for c in cards()] == ["waiting"], (cards(), noah.transcript[-8:])
    shop.say("buyer-mixed", "I am here.", role="CUSTOMER_SERVICE")
    world.until(lambda: [c["person"] for c in cards()] == [AGENT])
    hand_back()
    noah.say("I want to talk to a person", "bringing in a person")
    card = cards()[0]["id"]
    assert world.command("inbox", "claim", str(card), "--person", "Mai").returncode == 0
    shop.say("buyer-mixed", "Me too.", role="CUSTOMER_SERVICE")
    time.sleep(5)
    assert [c["person"] for c in cards()] == ["Mai"]


tap.case("agents: our own messages are nobody's", our_own)
tap.case("agents: nor are those whose sending ended without an answer", our_own_unclear)
tap.case("agents: nor those of before a kill", our_own_after_a_kill)
tap.case("agents: who answers in Seller Center has the conversation", somebody_answers)
tap.case("agents: until it is handed back", handed_back)
tap.case("agents: also when a webhook comes late", a_webhook_comes_late)
tap.case("agents: found without a webhook", without_webhooks)
tap.case("agents: a card that waits is theirs, one that somebody has is not", who_waits_is_taken_over)
tap.case("agents: both programs end well", world.end)
tap.finish()
