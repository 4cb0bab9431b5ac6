"""The connection is cut after every single byte, in each direction, of a short chat: nothing is lost,
doubled or out of order.  run_cut.py PROGRAM [--every N] [--seed N] [--result FILE]"""
import argparse
import collections
import datetime
import time

import tap
from proxy import Proxy
from server import Server
from tab import Browser, Loop, Tab, choices_of, text_of, transcript

arguments = argparse.ArgumentParser()
arguments.add_argument("program")
arguments.add_argument("--every", type=int, default=1)
arguments.add_argument("--result")
options = arguments.parse_args()


def chat(proxy, direct_port, timeout=20):
    """hello, a text, a press and what is said to it; (posts that the tab saw, what was wrong)."""
    browser = Browser(proxy.port)
    tab = Tab(browser, "cut", from_start=True)
    loop = Loop([tab])
    wrong = []

    def wait(what, condition):
        if not loop.run(condition, timeout):
            raise AssertionError(f"no {what}: ready {tab.ready}, waiting {[m.id for m in tab.queue]}, "
                                 f"posts {sorted(tab.posts)}, {tab.faults} {tab.errors} {tab.closes}")

    def answered(message):
        at = [n for n, p in tab.posts.items() if p.get("id") == message.id]
        return at and any(n > at[0] and p["who"] == "bot" for n, p in tab.posts.items())

    try:
        said = tab.say("hello")
        wait("answer to a text", lambda: not tab.queue and answered(said))
        n, choices = choices_of(tab)
        pressed = tab.press(n, choices[0]["id"])
        wait("answer to a press", lambda: not tab.queue and answered(pressed))
        # A connection that was only half closed must not have left anything behind either.
        browser.port = direct_port
        posts, more = transcript(browser)
        wrong += more
        ids = [posts[i].get("id") for i in sorted(posts) if posts[i]["who"] == "buyer"]
        if ids != ["cut:1", "cut:2"]:
            wrong.append(f"the buyer's posts are {ids}")
        if sorted(posts) != list(range(1, len(posts) + 1)):
            wrong.append(f"numbers {sorted(posts)}")
        if posts != tab.posts:
            wrong.append(f"seen {sorted(tab.posts)}, stored {sorted(posts)}")
    except AssertionError as e:
        wrong.append(str(e))
    # A connection that breaks before its welcome has arrived may leave an unused token behind: allowed.
    wrong += tab.faults
    tab.leave()
    return [(p["who"], text_of(p)) for _, p in sorted(tab.posts.items())], wrong


server = Server(options.program).start()
proxy = Proxy(server.port)
whole, wrong = chat(proxy, server.port)
tap.result(not wrong and len(whole) >= 4, "the chat as it should be", wrong or whole)
lengths = list(proxy.counts)
began = time.monotonic()
runs = collections.Counter()
for how in ("cut", "reset", "half", "delay"):
    for way, side in enumerate(("to the server", "to the client")):
        step = options.every if how == "cut" else options.every * 4
        if how == "delay":
            step = options.every * 16
        bad = []
        missed = 0
        for n in range(0 if how != "delay" else 1, lengths[way] + 2, step):
            before = proxy.spoiled
            proxy.spoil(**{("to_server", "to_client")[way]: n}, how=how)
            seen, wrong = chat(proxy, server.port)
            missed += proxy.spoiled == before
            if seen != whole:
                wrong = [*wrong, f"saw {seen}"]
            bad += [f"after {n} bytes: {w}" for w in wrong]
            runs[how] += 1
            if len(bad) > 40 or not server.is_up():
                bad.append("and so on: given up")
                break
        tap.result(not bad, f"{how}, after every {step} of {lengths[way]} bytes {side}", "\n".join(bad))
        tap.result(missed <= 3 + lengths[way] // step // 20, f"{how} {side}: the connections were spoiled indeed", missed)
tap.same("it stops well", 0, server.stop())
tap.result(not server.sanitizer_report(), "no sanitizer has anything to say", server.sanitizer_report())
proxy.close()
server.remove()
if options.result:
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    with open(options.result, "w") as f:
        f.write(f"{now}: {tap.failed} of {tap.n} checks failed\n")
        f.write(f"bytes of the chat: {lengths[0]} to the server, {lengths[1]} to the client\n")
        f.writelines(f"chats with a {how}: {n}\n" for how, n in runs.items())
        f.write(f"seconds: {time.monotonic() - began:.0f}\n")
tap.finish()
