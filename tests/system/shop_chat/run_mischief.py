"""Buyers cancel while the platform misbehaves in every way it can, and the server is killed now and then: each order
is cancelled at most once, and each buyer is told what the shop's own ledger says.
run_mischief.py PROGRAM [--rounds N] [--worlds N] [--kills PERCENT] [--seed N] [--result FILE]"""
import argparse
import datetime
import os
import queue
import random
import sys
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from cancelling import decide, effects_of, greet, word_about
from shop import World

ACTS = ["none", "slow", "500", "503", "429", "swallow", "done_close", "done_timeout", "done_500", "late", "wrong_id",
        "truncated", "no_json"]
READS = ["orders.detail", "cancellations.search", "aftersale.eligibility"]
LONG = 24  # decisions in one world; then another one, for conversations grow
WAIT_S = 420  # "not done" is believed after five minutes

arguments = argparse.ArgumentParser()
arguments.add_argument("program")
arguments.add_argument("--rounds", type=int, default=1, help="each misbehaviour so often")
arguments.add_argument("--worlds", type=int, default=4, help="so many at once")
arguments.add_argument("--kills", type=int, default=25, help="in so many of a hundred decisions")
arguments.add_argument("--seed", type=int, default=1)
arguments.add_argument("--result")
options = arguments.parse_args()
counts = {"decisions": 0, "done": 0, "not done": 0, "to a person": 0, "kills": 0}
guard = threading.Lock()


def rules_of(act, chance):
    """The call that changes something is spoilt so, once or more; sometimes what is read too."""
    rules = [f"cancellations.create:{act}:{chance.choice([1, 1, 2, 3])}"]
    if chance.random() < 0.3:
        rules.append(f"{chance.choice(READS)}:{chance.choice(ACTS[1:])}:1")
    return rules


def misbehave(world, rules):
    world.shop.admin("misbehave", clear=True)
    for rule in rules if "none" not in rules[0] else rules[1:]:
        operation, act, count = rule.split(":")
        world.shop.admin("misbehave", operation=operation, act=act, count=int(count))


def kill_soon(world, chance):
    time.sleep(chance.choice([0.0, 0.05, 0.3, 1, 3, 11]))
    world.server.kill()
    world.server.start()


def cancel_once(world, buyer, act, chance):
    world.shop.admin("misbehave", clear=True)
    order, since = decide(buyer)
    misbehave(world, rules_of(act, chance))
    buyer.shop.say(buyer.name, "yes")
    killed = chance.random() * 100 < options.kills
    if killed:
        kill_soon(world, chance)
    done, other = word_about(buyer, order, since, WAIT_S)
    world.shop.admin("misbehave", clear=True)
    effects = effects_of(world, order)
    with guard:
        counts["decisions"] += 1
        counts["kills"] += killed
        counts["done" if done else "not done"] += 1
        counts["to a person"] += any("person finishes" in t for t in other)
    assert effects <= 1, f"cancelled {effects} times"
    assert done or other, f"nobody told the buyer what became of it\n{world.server.log()[-2000:]}"
    assert bool(effects) == bool(done), f"cancelled {effects} times, and the buyer was told {done + other}"
    return order


def judge(world, buyer, act, seed, not_done):
    why = ""
    try:
        order = cancel_once(world, buyer, act, random.Random(seed))
        if not effects_of(world, order):
            not_done.append(order)
    except Exception as e:
        why = repr(e)
    with guard:
        tap.result(not why, f"{act} ({seed})", why)


def work(points):
    while not points.empty():
        world = World(options.program).start()
        buyers = greet(world)
        not_done = []
        for k in range(LONG):
            try:
                act, seed = points.get_nowait()
            except queue.Empty:
                break
            judge(world, buyers[k % len(buyers)], act, seed, not_done)
        late = [order for order in not_done if effects_of(world, order)]
        with guard:
            tap.result(not late, "what was told as not done was not done later either", late)
        world.end()


def main():
    began = time.monotonic()
    points = queue.Queue()
    for round in range(options.rounds):
        for i, act in enumerate(ACTS):
            points.put((act, options.seed + round * len(ACTS) + i))
    workers = [threading.Thread(target=work, args=(points,)) for _ in range(options.worlds)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    tap.result(counts["decisions"] == options.rounds * len(ACTS), "all decisions were made", counts)
    tap.result(counts["to a person"] * 100 <= counts["decisions"], "hardly anybody is passed to a person", counts)
    if options.result:
        with open(options.result, "w") as f:
            f.write(f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, seed {options.seed}: "
                    f"{tap.failed} of {tap.n} checks failed\n")
            for name, count in counts.items():
                f.write(f"{name}: {count}\n")
            f.write(f"seconds: {time.monotonic() - began:.0f}\n")


main()
tap.finish()
