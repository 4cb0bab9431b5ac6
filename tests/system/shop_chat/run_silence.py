"""A conversation that the platform lets nobody write to: nothing is tried there, a person is told once, and sending
works again as soon as the platform allows it.  run_silence.py PROGRAM"""
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
WHY = "the platform lets nobody write in this conversation now"


def sends():
    """Messages that were tried at the platform, whatever came of it."""
    return sum(r["operation"] == "messages.send" for r in shop.requests())


def letters():
    return world.desk("GET", "/desk/channels")[1]["letters"]


def cards():
    return [c for c in world.desk("GET", "/desk/cards")[1]["cards"] if c["queue"] == "delivery"]


def is_listed_as_silent():
    listed = shop.pages("GET", "/customer_service/202309/conversations", "conversations", page_size=20)
    return [c["can_send_message"] for c in listed if c["id"] == noah.conversation] == [False]


def silenced():
    noah.say("hello there")
    assert not letters()
    shop.admin("silence", buyer="buyer-mixed")
    assert is_listed_as_silent()
    time.sleep(2.5)  # the list is read every second


def nothing_is_tried():
    before = sends()
    shop.say("buyer-mixed", "are you there?")
    world.until(letters)
    shop.say("buyer-mixed", "hello?")
    world.until(lambda: len(letters()) >= 2)
    time.sleep(1)
    assert sends() == before, (before, sends())
    assert {one["why"] for one in letters()} == {WHY}, letters()


def a_person_is_told_once():
    got = cards()
    assert len(got) == 1 and got[0]["conversation"] == "tiktok:" + noah.conversation, got
    assert got[0]["card"]["summary"].endswith(WHY), got


def after_a_restart():
    before, n = sends(), len(letters())
    server.kill()
    server.start()
    shop.say("buyer-mixed", "still nobody?")
    world.until(lambda: len(letters()) > n)
    assert sends() == before and len(cards()) == 1


def written_to_again():
    time.sleep(2.5)  # what was answered a moment ago is believed
    n = len(letters())
    shop.admin("silence", buyer="buyer-mixed", on=False)
    noah.new_texts()
    assert noah.say("and now?")
    assert len(letters()) == n, letters()[n:]


def refused_before_we_knew():
    """Silenced a moment ago: the platform refuses it, and is asked about the conversation at once."""
    n = len(letters())
    shop.admin("silence", buyer="buyer-mixed")
    shop.say("buyer-mixed", "one more")
    world.until(lambda: len(letters()) > n)
    shop.say("buyer-mixed", "and one more")
    world.until(lambda: len(letters()) > n + 1)
    assert letters()[0]["why"] == WHY, letters()
    time.sleep(2.5)
    shop.admin("silence", buyer="buyer-mixed", on=False)
    assert noah.say("good bye")


tap.case("silence: the platform lists it", silenced)
tap.case("silence: nothing is tried where nobody may write", nothing_is_tried)
tap.case("silence: a person is told, once", a_person_is_told_once)
tap.case("silence: known after a kill too", after_a_restart)
tap.case("silence: over as soon as the platform says so", written_to_again)
tap.case("silence: a refusal that nobody expected is asked about", refused_before_we_knew)
tap.case("silence: both programs end well", world.end)
tap.finish()
