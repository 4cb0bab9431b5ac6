"""Slack's Socket Mode from both sides: connections that are greeted, replaced, cut, refused and switched off in the
middle of a conversation.  run_slack_socket.py PROGRAM"""
import os
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from platform_base import bring
from server import Server
from slack_socket import SlackSocket

p = SlackSocket()
account = p.account()
account.update({key: {"file": key} for key in p.secrets})
server = Server(sys.argv[1], config={"channels": {"slack": account}}, secrets=p.secrets)
server.start()


def give(link, envelope):
    link.send(envelope)
    assert link.is_acknowledged(envelope["envelope_id"]), "not acknowledged"


def conversation():
    link, peer = p.link(1), "D00001"
    give(link, p.socket_text(peer, "pls cacel my order"))
    assert "order number" in p.wait(peer, 2)[-1]
    give(link, p.socket_text(peer, "A-1001"))
    p.wait(peer, 3)
    give(link, p.socket_text(peer, "maya.okafor@example.com"))
    assert "Why would you like to cancel" in p.wait(peer, 5)[-1]
    give(link, p.socket_press(peer, *p.button(peer, "by mistake")))
    assert "Shall I cancel order A-1001" in p.wait(peer, 6)[-1]
    give(link, p.socket_press(peer, *p.button(peer, "Yes")))
    assert "is cancelled" in p.wait(peer, 7)[-1]


def again():
    """The same event in another envelope, as Slack repeats what was not acknowledged in time: one answer."""
    link, envelope = p.link(1), p.socket_text("D00002", "hello")
    give(link, envelope)
    give(link, dict(envelope, envelope_id="again", retry_attempt=1, retry_reason="timeout"))
    assert len(p.settle("D00002")) == 1


def ignored():
    link = p.link(1)
    link.send({"type": "something_new"})
    link.frame(1, b"no JSON")
    give(link, p.envelope("slash_commands", {"command": "/x"}))
    give(link, p.envelope("events_api", p.payload("D00003", text="hello", bot_id="B1")))
    link.frame(9, b"are you there")  # a ping
    give(link, p.socket_text("D00004", "hello"))
    p.wait("D00004", 1)
    assert not p.texts("D00003")


def no_webhook():
    """Without a signing secret nobody is believed who brings something by HTTP."""
    headers, data = p.sign.__func__(type("P", (), {"secrets": {"signing_secret": ""}}), b"{}")
    assert bring(server, "slack", headers, data)[0] == 401


def replaced():
    """A new connection first, then the old one is left: what came by the old one until then is answered."""
    old = p.link(1)
    old.send({"type": "disconnect", "reason": "warning", "debug_info": {"host": "h"}})
    new = p.link(2)
    assert old.wait_for(lambda: old.closed == "close"), old.closed
    give(new, p.socket_text("D00005", "cancel my order"))
    p.wait("D00005", 2)


def cut():
    p.link(2).hang_up()
    give(p.link(3), p.socket_text("D00006", "hello"))
    assert len(p.settle("D00006")) == 1


def refused():
    """It tries again, and not in haste."""
    n = len(p.asked)
    p.refuse = ["internal_error"]
    p.link(3).hang_up()
    give(p.link(4), p.socket_text("D00007", "hello"))
    assert p.asked[n + 1] - p.asked[n] > 4.5
    p.wait("D00007", 1)


def killed():
    """Not acknowledged when it was killed: brought again after the start, answered once."""
    envelope = p.socket_text("D00008", "hello")
    p.link(4).send(envelope)
    server.kill()
    server.start()
    give(p.link(5), dict(envelope, envelope_id="after"))
    assert 1 <= len(p.settle("D00008", 3, 45)) <= 2


def long_message():
    give(p.link(5), p.socket_text("D00009", "x" * 100000))
    assert p.settle("D00009")


def disabled():
    n = len(p.links)
    p.link(5).send({"type": "disconnect", "reason": "link_disabled"})
    assert p.link(5).wait_for(lambda: p.link(5).closed)
    time.sleep(6)
    assert len(p.links) == n


def secrets_nowhere():
    log = server.log(True)
    assert "xapp-" not in log and "xoxb-" not in log and "ticket-" not in log


for case in (conversation, again, ignored, no_webhook, replaced, cut, refused, killed, long_message, disabled, secrets_nowhere):
    tap.case(f"slack socket: {case.__name__.replace('_', ' ')}", case)
tap.same("slack socket: ends well", 0, server.stop())
tap.same("slack socket: no sanitizer report", "", server.sanitizer_report())
server.remove()
tap.finish()
