"""A promise that cannot be kept at once: at night, and while a person has the conversation.  run_promises.py PROGRAM"""
import json
import os
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from shop import Buyer, World

world = World(sys.argv[1], promises={"overdue_after": "1s"}).start()
shop, server = world.shop, world.server
maya = Buyer(world, "buyer-open")
DRESS, SHOES = "576461413030001001", "576461413030001002"


def promises(*words):
    done = world.command("promises", "--json", *words)
    return done.returncode, json.loads(done.stdout)


def until(what, timeout=60):
    end = time.monotonic() + timeout
    while not what():
        assert time.monotonic() < end, (promises(), server.log()[-1500:])
        time.sleep(0.1)


def cancel(order, words):
    maya.say("please cancel order " + order, "Why would you like to cancel")
    maya.choose("I no longer need it", "Shall I cancel")
    maya.choose("Yes", words)


def restart(quiet):
    with open(server.config_path) as f:
        config = json.load(f)
    config["promises"].pop("quiet", None)
    if quiet:
        config["promises"]["quiet"] = quiet
    with open(server.config_path, "w") as f:
        json.dump(config, f)
    server.stop()
    server.start()


def at_night():
    """News of the night are told in the morning, once, and nobody is late with them."""
    cancel(DRESS, "I will write when the refund moves")
    now = time.gmtime(time.time() - 60)
    end = time.gmtime(time.time() + 3600)
    restart(f"{now.tm_hour:02}:{now.tm_min:02}-{end.tm_hour:02}:{end.tm_min:02}")
    shop.step(DRESS, "pay_out")
    until(lambda: promises()[1]["promises"][0]["news"])
    time.sleep(3)
    status, listed = promises()
    assert (status, listed["promises"][0]["state"]) == (0, "open") and listed["quiet_until"] > time.time(), listed
    assert not maya.new_texts()
    assert "not written to by night" in world.command("promises").stdout
    assert maya.say("hello again"), "what is asked is answered at night"
    restart(None)
    assert sum("has been paid out" in t for t in maya.wait("has been paid out")) == 1
    assert promises("--all")[1]["promises"][0]["state"] == "kept"


def while_a_person_talks():
    """Overdue, and told as soon as the person has handed back."""
    cancel(SHOES, "I will write when the refund moves")
    maya.say("I want to talk to a person", "bringing in a person")
    card = world.desk("GET", "/desk/cards")[1]["cards"][-1]
    assert world.desk("POST", f"/desk/cards/{card['id']}/claim", {"person": "Mai", "version": card["version"]})[0] == 200
    shop.step(SHOES, "pay_out")
    # Before that it may be overdue for another reason, on a slow machine: the shop was not asked for long.
    until(lambda: promises()[1]["promises"][0].get("why") == "there is news that the buyer was not told")
    status, listed = promises()
    assert (status, listed["overdue"]) == (1, 1), listed
    assert world.metric('tenstep_promises{state="overdue"}') == 1
    assert world.desk("POST", f"/desk/cards/{card['id']}/back", {"person": "Mai"})[0] == 200
    assert sum("has been paid out" in t for t in maya.wait("has been paid out")) == 1
    until(lambda: promises()[0] == 0)
    assert world.metric('tenstep_promises{state="overdue"}') == 0


tap.case("promises: what becomes known at night is told in the morning", at_night)
tap.case("promises: one that waits for a person is overdue, and kept when they hand back", while_a_person_talks)
tap.case("promises: both programs end well", world.end)
tap.finish()
