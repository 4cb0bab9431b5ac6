"""A day without a single webhook: the shop's clock is moved on hour by hour, buyers write, refunds move, and the
server is told nothing; in the middle it is killed and is away for two hours itself.  All messages are pulled and
answered once, all news of refunds are told once; then the webhooks come back, late and in a heap, and change nothing.
run_outage.py PROGRAM [--hours N] [--hour SECONDS] [--result FILE]   (a line of the result is added to FILE)"""
import argparse
import os
import re
import sqlite3
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from shop import Buyer, World, free_port

arguments = argparse.ArgumentParser()
arguments.add_argument("program")
arguments.add_argument("--hours", type=int, default=24)
arguments.add_argument("--hour", type=float, default=0.6, help="seconds of the wall that an hour of the shop takes")
arguments.add_argument("--result")
options = arguments.parse_args()

world = World(options.program).start()
shop, server = world.shop, world.server
maya, noah, sofia = Buyer(world, "buyer-open"), Buyer(world, "buyer-mixed"), Buyer(world, "buyer-refund")
DRESS, HEADPHONES, BLANKET = "576461413030001001", "576461413030001202", "576461413030001201"
lost = 0  # tries to post a webhook
asked = []  # numbers of orders that Noah asked about


def quiet(seconds=4.0, timeout=60):
    """Until nobody has been told anything for a while."""
    end, last, since = time.monotonic() + timeout, -1, time.monotonic()
    while time.monotonic() < end:
        n = len(shop.effects("message"))
        if n != last:
            last, since = n, time.monotonic()
        if time.monotonic() - since > seconds:
            return
        time.sleep(0.2)
    raise AssertionError("it does not become quiet")


def texts(buyer):
    return [m[3]["content"] for m in shop.messages(buyer.conversation)
            if m[1] == "CUSTOMER_SERVICE" and m[2] == "TEXT"]


def count(buyer, part):
    return sum(part in text for text in texts(buyer))


def until_answered(order):
    end = time.monotonic() + 90
    while not count(noah, f"Order {order} of ") and time.monotonic() < end:
        time.sleep(0.5)


def before():
    """Promises, while everything still works."""
    maya.say("please cancel the blue dress", "Why would you like to cancel")
    maya.choose("I no longer need it", "Shall I cancel")
    maya.choose("Yes", "I will write when the refund moves")
    for order in (BLANKET, HEADPHONES):
        sofia.say(f"where is my refund for order {order}", "The refund for order " + order)
        sofia.choose("Write to me", "I will write here when the refund moves")
    noah.say("hello there")
    state = world.command("promises", "--json").stdout
    assert all(order in state for order in (DRESS, HEADPHONES, BLANKET)), (state, sofia.transcript)


def one_hour(hour):
    shop.pass_time("1h")
    order = str(576461413030001301 + hour % 30)
    asked.append(order)
    shop.say("buyer-mixed", "order " + order)
    if hour == options.hours // 4:
        shop.step(HEADPHONES, "send_back")
    if hour == options.hours // 3:
        shop.step(HEADPHONES, "receive_back")
    if hour == options.hours * 2 // 3:
        shop.step(DRESS, "pay_out")
    time.sleep(options.hour)


def the_day():
    shop.admin("webhook", address=f"http://127.0.0.1:{free_port()}/nobody")
    taken = [world.metric(f'tenstep_shop_hooks_total{{kind="{k}",result="taken"}}') for k in ("message", "refund")]
    for hour in range(options.hours):
        if hour == options.hours // 2:
            server.kill()
        if hour == options.hours // 2 + 2:
            server.start()
            taken = [0.0, 0.0]
        one_hour(hour)
    until_answered(asked[-1])
    quiet()
    now = [world.metric(f'tenstep_shop_hooks_total{{kind="{k}",result="taken"}}') for k in ("message", "refund")]
    assert now == taken, f"there were webhooks: {taken} {now}"
    with open(os.path.join(shop.data, "shop", "ledger.jsonl")) as f:
        tries = [line for line in f if '"kind":"webhook"' in line]
    global lost
    lost = sum('"status":0' in line for line in tries)
    assert lost >= options.hours, "nothing was lost: no outage"


def messages_are_answered_once():
    """Who was being answered when the server was killed, and was left alone for longer than a flow waits for the
    shop (8 s, on a slow machine), may hear that instead."""
    cut = asked[options.hours // 2 - 1]
    missed = count(noah, "Our order system does not answer right now") and not count(noah, f"Order {cut} of ")
    for order in asked:
        near = [t[:90] for t in texts(noah) if str(int(order) - 1) in t or order in t or str(int(order) + 1) in t]
        assert count(noah, f"Order {order} of ") == (0 if missed and order == cut else 1), (order, near)
    assert count(noah, "Our order system does not answer right now") == (1 if missed else 0)
    first = [next(i for i, t in enumerate(texts(noah)) if f"Order {order} of " in t) for order in asked
             if not (missed and order == cut)]
    assert first == sorted(first), f"out of order: {first}"


def refunds_are_told_once():
    assert count(maya, f"$29.90 for order {DRESS} has been paid out") == 1, texts(maya)[-3:]
    if options.hours >= 24:
        assert count(sofia, f"for order {BLANKET} has been paid out") == 1, texts(sofia)[-5:]
    news = [t for t in texts(sofia) if HEADPHONES in t and re.search("paid out|is approved", t)]
    assert news and len(news) == len(set(news)), news


def late_webhooks_change_nothing():
    said = {b.name: texts(b) for b in (maya, noah, sofia)}
    shop.admin("webhook", address=f"http://127.0.0.1:{server.port}/shop/webhook")
    for _ in range(4):
        shop.pass_time("30m")
        time.sleep(1.5)
    quiet()
    for buyer in (maya, noah, sofia):
        more = texts(buyer)[len(said[buyer.name]):]
        assert not [t for t in more if t in said[buyer.name]], more
        assert not [t for t in more if "Order 5764" in t], more
    messages_are_answered_once()
    refunds_are_told_once()


def nothing_is_overdue():
    assert world.command("promises").returncode == 0, world.command("promises").stdout
    assert world.metric('tenstep_channel_dead_letters{channel="tiktok"}') == 0


def ids_of_posts(row):
    """Of a row of posts as the store keeps them: adapters/store/journal_row.c."""
    at = 0

    def number(width=4):
        nonlocal at
        at += width
        return int.from_bytes(row[at - width:at], "little")

    def taken():
        nonlocal at
        n = number()
        at += n
        return row[at - n:at]

    assert number(1) == 1, "the format"
    if number(1):
        number(8), number(8), taken()
    for _ in range(number()):
        number(), number(8), number(1), taken()
        mid, _ = taken(), taken()
        if mid:
            yield mid.decode()


def the_store():
    """Each message of a buyer was taken, and nothing else was."""
    written = {m[0] for b in (maya, noah, sofia) for m in shop.messages(b.conversation) if m[1] == "BUYER"}
    server.stop()
    with sqlite3.connect(os.path.join(server.data, "server", "store.db")) as store:
        mids = {row[0] for row in store.execute("select mid from mid")}
        for row in store.execute("select body from posts where who = 'rows' union all select bytes from piece"):
            mids.update(ids_of_posts(row[0]))
    assert {m for m in mids if not m.startswith(("notice ", "sent:"))} == written, (mids ^ written)


began = time.monotonic()
name = f"outage of {options.hours} h"
tap.case(f"{name}: promises are given", before)
tap.case(f"{name}: not one webhook arrives", the_day)
tap.case(f"{name}: {options.hours} messages are answered once, in their order", messages_are_answered_once)
tap.case(f"{name}: what refunds did is told once", refunds_are_told_once)
tap.case(f"{name}: webhooks that come late change nothing", late_webhooks_change_nothing)
tap.case(f"{name}: no promise is overdue, nothing was given up", nothing_is_overdue)
tap.case(f"{name}: each message was taken", the_store)
tap.case(f"{name}: both programs end well", world.end)
seconds = time.monotonic() - began
print(f"# {len(asked)} messages of one buyer, {lost} tries of webhooks in vain, {seconds:.0f} s", flush=True)
if options.result:
    with open(options.result, "a") as f:
        f.write(f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC  hours {options.hours}  messages {len(asked)}  "
                f"tries of webhooks in vain {lost}  kills 1  checks {tap.n}  failed {tap.failed}  {seconds:.0f} s\n")
tap.finish()
