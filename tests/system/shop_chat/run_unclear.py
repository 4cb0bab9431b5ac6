"""Messages whose sending ends without an answer: looked for in the conversation, and sent again only when they are
not there.  The buyer reads each once.  run_unclear.py PROGRAM"""
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
number = iter(range(576461413030001301, 576461413030001330))


def times(order):
    return sum(m[1] == "CUSTOMER_SERVICE" and m[2] == "TEXT" and f"Order {order} of " in m[3]["content"]
               for m in shop.messages(noah.conversation))


def until_shown(order, seconds=60):
    """And nothing else is on its way."""
    end = time.monotonic() + seconds
    while world.metric('tenstep_channel_waiting{channel="tiktok"}') or not times(order):
        assert time.monotonic() < end, (times(order), server.log()[-2000:])
        time.sleep(0.2)


def once(act, **more):
    """@act happens to the answer of the first message that is sent."""
    order = str(next(number))
    shop.admin("misbehave", operation="messages.send", act=act, count=1, **more)
    shop.say("buyer-mixed", "order " + order)
    until_shown(order)
    time.sleep(1)
    assert times(order) == 1, times(order)
    assert world.metric('tenstep_channel_dead_letters{channel="tiktok"}') == 0


def the_same_words():
    """What was shown before is not what may have been shown now."""
    def answers(words):
        return sum(m[1] == "CUSTOMER_SERVICE" and m[2] == "TEXT" and words in m[3]["content"]
                   for m in shop.messages(noah.conversation))

    def ask_for_orders(words, n):
        shop.say("buyer-mixed", "show my orders")
        end = time.monotonic() + 60
        while answers(words) < n or world.metric('tenstep_channel_waiting{channel="tiktok"}'):
            assert time.monotonic() < end, (words, answers(words), noah.new_texts()[-2:], server.log()[-2000:])
            time.sleep(0.2)
        time.sleep(1)
        assert answers(words) == n, answers(words)

    ask_for_orders("Here are ten of your orders", 1)
    ask_for_orders("Which order would you like to see?", 1)
    for n in (2, 3):
        shop.admin("misbehave", operation="messages.send", act="500", count=n - 1)
        ask_for_orders("Which order would you like to see?", n)


def killed():
    """Between the request and the note that it arrived."""
    order = str(next(number))
    shop.admin("misbehave", operation="messages.send", act="slow", count=1, ms=1500)
    shop.say("buyer-mixed", "order " + order)
    time.sleep(1.0)
    server.kill()
    server.start()
    until_shown(order)
    time.sleep(1)
    assert times(order) == 1, times(order)


def killed_and_written_on():
    """What the buyer writes meanwhile moves it to a later page of the messages; nobody of the shop has sent it."""
    order = str(next(number))
    shop.admin("misbehave", operation="messages.send", act="slow", count=1, ms=1500)
    shop.say("buyer-mixed", "order " + order)
    time.sleep(1.0)
    server.kill()
    world.until(lambda: times(order) == 1)  # the shop does it all the same
    for _ in range(25):
        shop.say("buyer-mixed", "thank you")
    server.start()
    until_shown(order, 90)
    once("done_close")
    assert times(order) == 1, times(order)
    assert "a person answers" not in server.log(), server.log()[-2000:]


def killed_while_reading():
    """Away for longer than the shop has for an answer: asked again, and not told that it does not answer."""
    noah.new_texts()
    shop.admin("misbehave", operation="orders.search", act="slow", count=0, ms=2500)
    shop.say("buyer-mixed", "show my orders")
    time.sleep(1.5)
    assert not noah.new_texts()
    server.kill()
    shop.admin("misbehave", clear=True)
    time.sleep(10)
    server.start()
    told = noah.wait("of your orders, newest first")
    assert not any("not answer" in text for text in told), told


noah.say("hello there")
for act in ("done_close", "no_json"):
    tap.case(f"sending: done, and the answer is lost ({act}): shown once", once, act)
for act in ("swallow", "429"):
    tap.case(f"sending: not done ({act}): shown once all the same", once, act)
tap.case("sending: done after we gave up waiting: shown once", once, "done_timeout")
tap.case("sending: not done, and the same was shown before: shown again", the_same_words)
tap.case("sending: killed while it was on its way: shown once", killed)
tap.case("sending: killed then, and much was written since: shown once, and nobody's but ours", killed_and_written_on)
tap.case("reading: killed in the middle and away for 10 s: asked again", killed_while_reading)
tap.case("sending: both programs end well", world.end)
tap.finish()
