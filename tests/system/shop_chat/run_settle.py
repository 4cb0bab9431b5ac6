"""What the assistant could not find out for a day is left to a person, who settles it by name.  (The day is not waited
for: it is written into the store.)  run_settle.py PROGRAM"""
import contextlib
import os
import sqlite3
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from cancelling import new_order
from shop import Buyer, World

world = World(sys.argv[1]).start()
shop, server = world.shop, world.server
maya = Buyer(world, "buyer-open")


def store(statement, *values):
    db = sqlite3.connect(os.path.join(server.data, "server", "store.db"))
    with contextlib.closing(db), db:
        return db.execute(statement, values).fetchall()


def left_to_a_person():
    """A cancellation without an answer: its order, and the card of the conversation."""
    order = new_order(maya)
    shop.admin("misbehave", operation="cancellations.create", act="swallow", count=0)
    maya.say(f"cancel order {order}", "Why would you like to cancel it")
    maya.say("skip", "Shall I cancel")
    maya.say("yes", "I do not know yet")
    server.kill()
    shop.admin("misbehave", clear=True)
    store("update effect set state = 'human', next = null, untold = 1, doubt = 1 where state in ('sent', 'unknown')")
    server.start()
    maya.wait("A person finishes it now")
    cards = world.desk("GET", "/desk/cards")[1]["cards"]
    return order, cards[-1]["id"]


def inbox(*words):
    return world.command("inbox", *map(str, words), "--person", "Mai")


def done():
    maya.say("hello there")
    order, card = left_to_a_person()
    assert f"To settle orders.cancel {order}" in inbox("show", card).stdout, inbox("show", card)
    before = len(shop.effects("cancellation"))
    result = inbox("settle", card, "done")
    assert result.returncode == 0, result
    assert any(f"what you asked for order {order} is done" in text for text in maya.wait("We have looked"))
    assert len(shop.effects("cancellation")) == before
    again = inbox("settle", card, "done")
    assert again.returncode == 1 and "nothing of this conversation" in again.stderr, again


def refused():
    """While a person has the conversation the bot is silent: told when it is handed back.  It may be decided again."""
    order, card = left_to_a_person()
    assert inbox("claim", card).returncode == 0
    maya.wait("joined")
    assert inbox("settle", card, "so").returncode == 1
    assert inbox("settle", card, "refused", "--because", "It was packed already.").returncode == 0
    assert inbox("reply", card, "One moment.").returncode == 0
    assert not any("We have looked" in text for text in maya.wait("One moment."))
    assert inbox("back", card).returncode == 0
    told = maya.wait("We have looked")
    assert any(f"order {order} was not done. It was packed already." in text for text in told), told
    maya.say(f"cancel order {order}", "Why would you like to cancel it")
    maya.say("skip", "Shall I cancel")
    maya.say("yes", "is cancelled")


def the_end():
    server.stop()
    found = [line for (text,) in store("select evidence from effect") for line in text.splitlines() if "found by" in line]
    assert len(found) == 2 and found[0].endswith(": ok, found by Mai"), found
    assert found[1].endswith(": refused, found by Mai"), found
    world.end()


tap.case("settle: done, said by name, and the buyer is told", done)
tap.case("settle: refused, told when it is handed back, and decided again", refused)
tap.case("settle: who found what out is written down", the_end)
tap.finish()
