"""Telegram asked for its updates, for a server without a public address.  run_telegram_polling.py PROGRAM"""
import os
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from server import Server
from telegram import TOKEN, Telegram, bring

platform = Telegram()
server = Server(sys.argv[1], config={"channels": {"shop_bot": {
    "platform": "telegram", "token": {"file": "bot.token"}, "polling": True, "api": platform.address}}},
    secrets={"bot.token": TOKEN})
server.start()


def conversation():
    platform.pull(platform.message(1, text="cancel my order"))
    assert "order number" in platform.wait(1, 2)[-1]
    platform.pull(platform.message(1, text="A-1001"))
    platform.pull(platform.message(1, text="maya.okafor@example.com"))
    platform.wait(1, 5)
    update = platform.press(1, platform.button(1, "by mistake"))
    platform.pull(update)
    assert "Shall I cancel" in platform.wait(1, 6)[-1]
    end = time.monotonic() + 3  # it goes beside the message, which does not wait for it
    while not [c for c in platform.calls if c[0] == "answerCallbackQuery"] and time.monotonic() < end:
        time.sleep(0.02)
    answered = [c for c in platform.calls if c[0] == "answerCallbackQuery"]
    assert [c[1] for c in answered] == [{"callback_query_id": update["callback_query"]["id"]}], answered


def confirmed():
    """What is on disk is confirmed, and comes no more."""
    end = time.monotonic() + 5
    while platform.confirmed <= platform.next_update and time.monotonic() < end:
        time.sleep(0.05)
    assert platform.confirmed == platform.next_update + 1, (platform.confirmed, platform.next_update)


def nobody_brings():
    assert bring(server, platform.message(2, text="hello"), secret="")[0] == 404
    assert bring(server, platform.message(2, text="hello"), secret=None)[0] == 404
    time.sleep(0.3)
    assert not platform.texts(2)


def killed():
    """Killed between an update and its confirmation: it comes again and is known."""
    for chat in range(10, 20):
        platform.pull(platform.message(chat, text="hello"))
        time.sleep(0.01)
        if chat % 3 == 0:
            server.kill()
            server.start()
    for chat in range(10, 20):
        platform.wait(chat, 1, 45)
    counts = [len(platform.texts(chat)) for chat in range(10, 20)]
    assert all(1 <= c <= 2 for c in counts), counts


def away():
    """The platform answers with errors for a while."""
    platform.pull_errors = 3
    platform.pull(platform.message(30, text="hello"))
    platform.wait(30, 1)


for name in ("conversation", "confirmed", "nobody_brings", "killed", "away"):
    tap.case("telegram, polling: " + name.replace("_", " "), globals()[name])
tap.same("telegram, polling: no sanitizer report", "", server.sanitizer_report())
server.remove()
tap.finish()
