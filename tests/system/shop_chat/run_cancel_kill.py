"""A buyer says yes to a cancellation, and the server is killed (SIGKILL) at the n-th system call from there on, for
every n in turn; then it is started again.  The shop's own ledger has one cancellation, and the buyer is told that it
was done.  run_cancel_kill.py PROGRAM [--every N] [--worlds N] [--result FILE]"""
import argparse
import datetime
import http.client
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from cancelling import BUYERS, decide, effects_of, greet, word_about
from shop import Buyer, World

LONG = 24  # decisions in one world; then another one, for conversations grow

arguments = argparse.ArgumentParser()
arguments.add_argument("program")
arguments.add_argument("--every", type=int, default=1)
arguments.add_argument("--worlds", type=int, default=1, help="so many at once")
arguments.add_argument("--result")
options = arguments.parse_args()
ENOUGH = 6  # decisions in a row that were over before the kill: the end is reached
counts = {"decisions": 0, "kills": 0, "cancellations": 0, "last system call hit": 0}
missed = [0]  # decisions since the last kill
guard = threading.Lock()


class Tracer:
    """strace at the running server; kills it at its @n-th system call, or only counts (None)."""

    def __init__(self, server, n):
        self.out = os.path.join(server.scratch, "strace.out")
        how = ["-e", f"inject=all:signal=SIGKILL:when={n}"] if n else []
        self.process = subprocess.Popen(
            ["strace", "-f", "-qq", "-p", str(server.process.pid), "-o", self.out, *how],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while server.is_up() and self.tracer_of(server) == "0":
            assert time.monotonic() < end, "strace does not take hold"
            time.sleep(0.002)

    @staticmethod
    def tracer_of(server):
        try:
            with open(f"/proc/{server.process.pid}/status") as f:
                return re.search(r"TracerPid:\s+(\d+)", f.read()).group(1)
        except OSError:
            return "gone"

    def let_go(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:  # seen: it waits for ever beside a dead server, which nobody else can bury
            self.process.kill()
            self.process.wait(20)
        with open(self.out, errors="replace") as f:
            return sum(1 for line in f if "(" in line)


def is_alive(server):
    """Asked, not looked at: who was killed a moment ago stands among the processes a while longer, and the next
    buyer would write to nobody.  Nobody traces it any more, so an answer holds."""
    try:
        server.get("/healthz")
        return True
    except (OSError, http.client.HTTPException):
        server.process.wait(20)
        return False


def cancel_once(world, buyer, n):
    """One order; the number of system calls that were seen."""
    order, since = decide(buyer)
    tracer = Tracer(world.server, n)
    buyer.shop.say(buyer.name, "yes")
    done, refused = word_about(buyer, order, since, 60)
    killed = not world.server.is_up() or not (done or refused)
    calls = tracer.let_go()
    killed = killed or not is_alive(world.server)
    if n and killed:
        world.server.process.wait(20)
        world.server.start()
        done, refused = word_about(buyer, order, since, 90)
    effects = effects_of(world, order)
    with guard:
        counts["decisions"] += 1
        counts["cancellations"] += effects
        if n and killed:
            counts["kills"] += 1
            counts["last system call hit"] = max(n, counts["last system call hit"])
        missed[0] = 0 if killed else missed[0] + 1
    assert effects == 1, f"cancelled {effects} times"
    assert done and not refused, f"the buyer was told {done + refused}\n{world.server.log()[-2000:]}"
    return calls


def judge(n, world, buyer):
    why = ""
    try:
        cancel_once(world, buyer, n)
    except Exception as e:
        why = f"{type(e).__name__}: {e}"
    with guard:
        tap.result(not why, f"killed at system call {n}", why)
    if not world.server.is_up():
        world.server.start()


def try_world(points):
    world = World(options.program).start()
    buyers = greet(world)
    for k in range(LONG):
        try:
            n = points.get_nowait()
        except queue.Empty:
            break
        judge(n, world, buyers[k % len(buyers)])
        if missed[0] >= ENOUGH:
            break
    world.end()


def work(points):
    try:
        while not points.empty() and missed[0] < ENOUGH:
            try_world(points)
    except Exception as e:  # else it would end its thread, and be no failure
        with guard:
            tap.result(False, "a world begins and ends as it should", f"{type(e).__name__}: {e}")


def count_calls():
    world = World(options.program).start()
    buyer = Buyer(world, "buyer-open")
    buyer.say("hello")
    most = cancel_once(world, buyer, None)
    world.end()
    return most


def write_result(began):
    with open(options.result, "w") as f:
        f.write(f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC: {tap.failed} of {tap.n} "
                f"checks failed\n")
        for name, count in counts.items():
            f.write(f"{name}: {count}\n")
        f.write(f"seconds: {time.monotonic() - began:.0f}\n")


def main():
    if not shutil.which("strace"):
        tap.skip("a cancellation, killed at each system call", "no strace")
        return
    began = time.monotonic()
    points = queue.Queue()
    for n in range(1, count_calls() + 1, options.every):
        points.put(n)
    missed[0] = 0
    workers = [threading.Thread(target=work, args=(points,)) for _ in range(options.worlds)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    tap.result((points.empty() or missed[0] >= ENOUGH) and counts["kills"] * options.every > 30,
               "the kills went through all of a cancellation", counts)
    if options.result:
        write_result(began)


main()
tap.finish()
