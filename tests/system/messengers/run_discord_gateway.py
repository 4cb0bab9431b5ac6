"""Discord's Gateway from both sides: sessions that go on after cuts, in the middle of a conversation.
run_discord_gateway.py PROGRAM"""
import os
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from discord_gateway import Gateway
from server import Server

p = Gateway()
account = p.account()
account.update({key: {"file": key} for key in p.secrets})
server = Server(sys.argv[1], config={"channels": {"discord": account}}, secrets=p.secrets)
server.start()


def write(link, peer, text, n=None, **more):
    before = len(p.texts(peer))
    p.dispatch(link, "MESSAGE_CREATE", p.written(peer, text, **more))
    return p.wait(peer, before + n)[before:] if n else p.settle(peer)[before:]


def press(link, peer, label, n):
    """A button's interaction comes by the Gateway, too, and is answered by a request."""
    before, token = len(p.texts(peer)), f"token-{p.count()}"
    p.tokens[token] = (peer, time.time())
    p.dispatch(link, "INTERACTION_CREATE", {
        "id": str(p.count()), "application_id": "1", "type": 3, "token": token, "version": 1, "locale": "en-US", "channel_id": peer,
        "user": {"id": "6", "username": "maya"}, "data": {"component_type": 2, "custom_id": p.button(peer, label)[1]}})
    texts = p.wait(peer, before + n)[before:]
    until = time.time() + 10  # the two requests leave together: either may be there first
    while not p.callbacks[-1:] or f"/{token}/" not in p.callbacks[-1][0]:
        assert time.time() < until, p.callbacks
        time.sleep(0.02)
    assert p.callbacks[-1][0].endswith(f"/{token}/callback") and p.callbacks[-1][1] == {"type": 6}, p.callbacks
    return texts


def conversation():
    link = p.link(1)
    assert link.said("op", 2)[0]["d"]["intents"] == 4096
    assert "order number" in write(link, "301", "pls cacel my order", 2)[-1]
    write(link, "301", "A-1001", 1)
    assert "Why would you like to cancel" in write(link, "301", "maya.okafor@example.com", 2)[-1]
    assert "Shall I cancel order A-1001" in press(link, "301", "by mistake", 1)[-1]
    assert "is cancelled" in press(link, "301", "Yes", 1)[-1]


def ignored():
    link = p.link(1)
    p.dispatch(link, "MESSAGE_CREATE", p.written("302", "hello", author={"id": "1", "bot": True}))
    p.dispatch(link, "MESSAGE_CREATE", p.written("302", "hello", guild_id="9"))
    p.dispatch(link, "TYPING_START", {"channel_id": "302"})
    link.send({"op": 99})
    link.frame(1, b"no JSON")
    assert write(link, "303", "hello", 1)
    assert not p.texts("302")


def picture():
    assert write(p.link(1), "304", "", attachments=[{"id": "1", "filename": "a.png", "size": 5, "url": "https://cdn.example/1",
                                                     "content_type": "image/png"}])


def heartbeats():
    """They come in time, with the last number; one is sent when it is asked for."""
    link = p.link(1)
    assert link.wait_for(lambda: len(link.said("op", 1)) >= 3)
    times = [when for frame, when in link.texts if frame["op"] == 1]
    assert all(1.5 < b - a < 3 for a, b in zip(times[:-1], times[1:])), times
    assert link.said("op", 1)[-1]["d"] >= 1
    n = len(link.said("op", 1))
    link.send({"op": 1, "d": None})
    assert link.wait_for(lambda: len(link.said("op", 1)) > n, 1)


def told_to_go():
    """op 7 in mid-conversation: it goes on elsewhere, and what was said meanwhile is answered once."""
    old = p.link(1)
    write(old, "305", "cancel my order", 2)
    old.send({"op": 7, "d": None})
    p.dispatch(old, "MESSAGE_CREATE", p.written("305", "A-1002"), send=False)
    new = p.link(2)
    assert new.said("op", 6) and not new.said("op", 2)
    assert old.wait_for(lambda: old.closed == "close") and old.code not in (1000, 1001), old.code
    assert len(p.wait("305", 3)) == 3 and len(p.settle("305")) == 3


def cut():
    old = p.link(2)
    p.dispatch(old, "MESSAGE_CREATE", p.written("306", "hello"), send=False)
    old.hang_up()
    assert p.link(3).said("op", 6)
    assert len(p.wait("306", 1)) == 1


def not_answered():
    """Heartbeats without an answer: the connection only looks like one."""
    p.deaf = True
    n = len(p.links)
    link = p.link(n + 1, 15)
    p.deaf = False
    assert link.said("op", 6)
    assert write(link, "307", "hello", 1)


def invalid():
    """The session is gone: another is begun."""
    n = len(p.links)
    p.sessions.clear()
    p.links[-1].send({"op": 9, "d": False})
    link = p.link(n + 1)
    assert link.said("op", 2) and not link.said("op", 6)
    assert write(link, "308", "hello", 1)


def killed():
    """After a kill a new session begins, and what Discord brings twice is answered once."""
    message = p.written("309", "hello")
    p.dispatch(p.links[-1], "MESSAGE_CREATE", message)
    p.wait("309", 1)
    n = len(p.links)
    server.kill()
    server.start()
    p.dispatch(p.link(n + 1), "MESSAGE_CREATE", message)
    assert 1 <= len(p.settle("309", 3, 45)) <= 2


def refused():
    """A close code that means "give up": no haste."""
    n = len(p.links)
    p.links[-1].close(4004)
    time.sleep(6)
    assert len(p.links) == n
    assert "again_in_ms\":600000" in server.log()


def secrets_nowhere():
    log = server.log(True)
    assert p.secrets["token"] not in log and "session-" not in log


for case in (conversation, ignored, picture, heartbeats, told_to_go, cut, not_answered, invalid, killed, refused, secrets_nowhere):
    tap.case(f"discord gateway: {case.__name__.replace('_', ' ')}", case)
tap.same("discord gateway: ends well", 0, server.stop())
tap.same("discord gateway: no sanitizer report", "", server.sanitizer_report())
server.remove()
tap.finish()
