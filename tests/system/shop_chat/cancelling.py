"""A decision to cancel, in the buyer chat, and what came of it."""
import re
import time

from shop import Buyer

# What each says first: the shop tells buyers apart by that.
BUYERS = {"buyer-open": "hello", "buyer-transit": "hi", "buyer-refund": "good morning"}
DONE = re.compile(r"is cancelled|already cancelled")
NOT_DONE = re.compile(r"(was|has) not (been )?cancelled|cannot be cancelled")
PERSON = re.compile(r"A person finishes it")


def greet(world):
    buyers = [Buyer(world, name) for name in BUYERS]
    for buyer in buyers:
        buyer.say(BUYERS[buyer.name])
    return buyers


def new_order(buyer):
    made = buyer.shop.admin("order", buyer=buyer.name, goods="dress-m")
    buyer.shop.step(made["number"], "pay")
    buyer.shop.step(made["number"], "release")
    return made["order_id"]


def ask(buyer, text, part):
    """After a kill the platform is asked what arrived, or half a minute passes, before more is sent."""
    buyer.last = text
    buyer.new_texts()
    buyer.transcript.append(("buyer", text))
    buyer.shop.say(buyer.name, text)
    buyer.wait(part, 60)


def decide(buyer):
    """An order of its own, up to the yes: (its id, where the transcript stands)."""
    order = new_order(buyer)
    ask(buyer, f"cancel order {order}", "Why would you like to cancel it")
    ask(buyer, "skip", "Shall I cancel")
    buyer.last = "yes"
    return order, len(buyer.transcript)


def told(buyer, order, since):
    """What was said about the order: (that it is done, that it is not, that a person finishes it)."""
    buyer.new_texts()
    words = [t for who, t in buyer.transcript[since:] if who == "shop" and order in t]
    return tuple([t for t in words if kind.search(t)] for kind in (DONE, NOT_DONE, PERSON))


def word_about(buyer, order, since, timeout):
    """The first word that says what became of it, while the server is up."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        done, refused, person = told(buyer, order, since)
        if done or refused or person:
            return done, refused + person
        if not buyer.world.server.is_up():
            break
        time.sleep(0.05)
    return [], []


def effects_of(world, order):
    return sum(e["order_id"] == order for e in world.shop.effects("cancellation"))
