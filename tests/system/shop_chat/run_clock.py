"""The server's clock is set wrong while a message of ours is on its way, and put right: the platform refuses what was
signed meanwhile, and the buyer gets the message all the same, once.  run_clock.py PROGRAM CLOCK

CLOCK is ../keep/clock.c as a library."""
import os
import re
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from shop import Buyer, World

world = World(sys.argv[1])
shop, server = world.shop, world.server
said = os.path.join(server.scratch, "clock")
WRONG = [("ten minutes ahead", 600, "buyer-open"), ("ten minutes behind", -600, "buyer-mixed"),
         ("two days ahead", 2 * 86400, "buyer-refund")]


def set_clock(by_s):
    with open(said + ".new", "w") as f:
        f.write(str(by_s))
    os.replace(said + ".new", said)


def letters():
    return world.desk("GET", "/desk/channels")[1]["letters"]


def codes_of_sends():
    return [r.get("code") for r in shop.requests() if r["operation"] == "messages.send"]


def is_said(by_s, log):
    """By how much; the two clocks are not read in the same second."""
    told = re.findall(r"this machine's clock is (\d+) s (ahead|behind)", log)
    return any(abs(int(s) - abs(by_s)) <= 2 and (way == "ahead") == (by_s > 0) for s, way in told)


def begin():
    set_clock(0)
    server.environment = {**os.environ, "LD_PRELOAD": sys.argv[2], "TENSTEP_TEST_CLOCK": said,
                          "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    world.start()


def is_sent_when_the_clock_is_right(buyer, by_s):
    """The first try is one too many; before the second the clock is wrong."""
    shop.admin("misbehave", operation="messages.send", act="429", count=1)
    before, log = len(codes_of_sends()), len(server.log())
    buyer.last = "hello there"
    shop.say(buyer.name, buyer.last)
    world.until(lambda: len(codes_of_sends()) > before)
    set_clock(by_s)
    try:
        world.until(lambda: 36009004 in codes_of_sends()[before:])
    finally:
        set_clock(0)
    assert not letters(), letters()
    got = buyer.wait()
    assert len(got) == len(set(got)), got
    assert is_said(by_s, server.log()[log:]), server.log()[log:][-3000:]
    assert not letters(), letters()
    assert not world.desk("GET", "/desk/cards")[1]["cards"]


tap.case("a server starts", begin)
for name, by_s, buyer in WRONG:
    tap.case(f"a message that is on its way when the clock is {name} arrives when it is right",
             is_sent_when_the_clock_is_right, Buyer(world, buyer), by_s)
tap.case("both programs end well", world.end)
tap.finish()
