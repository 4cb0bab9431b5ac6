"""A buyer says yes to a cancellation, and the server is killed (SIGKILL) at the n-th system call from there on, for
every n in turn; then it is started again.  The shop's own ledger has one cancellation, and the buyer is told that it
was done.  run_cancel_kill.py PROGRAM [--every N] [--from N] [--result FILE]"""
import argparse
import datetime
import os
import re
import shutil
import subprocess
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from shop import Buyer, World

BUYER = "buyer-open"
DONE = re.compile(r"is cancelled")
NOT_DONE = re.compile(r"(was|has) not (been )?cancelled|cannot be cancelled|has not been cancelled")
MOST = 5000  # system calls; far more than a cancellation takes

arguments = argparse.ArgumentParser()
arguments.add_argument("program")
arguments.add_argument("--every", type=int, default=1)
arguments.add_argument("--from", type=int, default=1, dest="first")
arguments.add_argument("--most", type=int, default=MOST)
arguments.add_argument("--result")
options = arguments.parse_args()


class Tracer:
    """strace at the running server; kills it at its @n-th system call, or only counts (None)."""

    def __init__(self, server, n):
        self.out = os.path.join(server.scratch, "strace.out")
        how = ["-e", f"inject=all:signal=SIGKILL:when={n}"] if n else []
        self.process = subprocess.Popen(
            ["strace", "-f", "-qq", "-p", str(server.process.pid), "-o", self.out, *how],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while self.tracer_of(server) == "0":
            assert time.monotonic() < end and self.process.poll() is None, "strace does not take hold"
            time.sleep(0.002)

    @staticmethod
    def tracer_of(server):
        with open(f"/proc/{server.process.pid}/status") as f:
            return re.search(r"TracerPid:\s+(\d+)", f.read()).group(1)

    def let_go(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(20)
        with open(self.out, errors="replace") as f:
            return sum(1 for line in f if "(" in line)


def new_order(shop):
    made = shop.admin("order", buyer=BUYER, goods="dress-m")
    shop.step(made["number"], "pay")
    shop.step(made["number"], "release")
    return made["order_id"]


def told(buyer, order, since):
    """What was said about the order."""
    buyer.new_texts()
    words = [t for who, t in buyer.transcript[since:] if who == "shop" and order in t]
    return [t for t in words if DONE.search(t)], [t for t in words if NOT_DONE.search(t)]


def wait_for_word(world, buyer, order, since, timeout):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        done, refused = told(buyer, order, since)
        if done or refused:
            return done, refused
        if not world.server.is_up():
            return [], []
        time.sleep(0.05)
    return [], []


def cancel_once(world, buyer, n, counts):
    """One order; the number of system calls that were seen."""
    order = new_order(world.shop)
    buyer.say(f"cancel order {order}", "Why would you like to cancel it")
    buyer.say("skip", "Shall I cancel")
    since = len(buyer.transcript)
    tracer = Tracer(world.server, n)
    buyer.last = "yes"
    world.shop.say(BUYER, "yes")
    done, refused = wait_for_word(world, buyer, order, since, 60)
    killed = not world.server.is_up() or not (done or refused)
    calls = tracer.let_go()
    if n and killed:
        world.server.process.wait(20)
        counts["kills"] += 1
        world.server.start()
        done, refused = wait_for_word(world, buyer, order, since, 90)
    effects = [e for e in world.shop.effects("cancellation") if e["order_id"] == order]
    counts["decisions"] += 1
    counts["effects"] += len(effects)
    assert len(effects) == 1, f"call {n}: cancelled {len(effects)} times"
    assert done and not refused, f"call {n}: the buyer was told {done + refused}\n{world.server.log()[-2000:]}"
    return calls


def run(world, buyer, counts):
    most = cancel_once(world, buyer, None, counts)
    counts["system calls of one"] = most
    for n in range(options.first, min(most, options.most) + 1, options.every):
        tap.case(f"killed at system call {n}", cancel_once, world, buyer, n, counts)
        if not world.server.is_up():
            world.server.start()


def main():
    if not shutil.which("strace"):
        tap.skip("a cancellation, killed at each system call", "no strace")
        tap.finish()
    counts = {"decisions": 0, "kills": 0, "effects": 0}
    began = time.monotonic()
    world = World(options.program).start()
    buyer = Buyer(world, BUYER)
    buyer.say("hello")
    run(world, buyer, counts)
    tap.result(counts["kills"] > 0, "the kills hit a server that was alive", counts)
    world.end()
    if options.result:
        with open(options.result, "w") as f:
            f.write(f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC: {tap.failed} of {tap.n} "
                    f"checks failed\n")
            for name, count in counts.items():
                f.write(f"{name}: {count}\n")
            f.write(f"every: {options.every}\nseconds: {time.monotonic() - began:.0f}\n")
    tap.finish()


main()
