"""Telegram from both sides: a platform of our own (telegram.py), buyers who write and press, and everything
that can go wrong in between.  run_telegram.py PROGRAM"""
import concurrent.futures
import json
import os
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from server import Server
from telegram import SECRET, TOKEN, Telegram, bring

platform = Telegram()
DESK = "the-desk-of-these-tests-and-of-nobody"


def open_server(**more):
    account = {"platform": "telegram", "token": {"file": "bot.token"}, "secret": {"file": "bot.secret"},
               "api": platform.address}
    account.update(more)
    server = Server(sys.argv[1], config={"channels": {"shop_bot": account}, "desk": {"token": {"file": "desk.token"}}})
    server.keep("bot.token", TOKEN)
    server.keep("bot.secret", SECRET)
    server.keep("desk.token", DESK)
    return server.start()


server = open_server()


def say(chat, text, n=None):
    """A message and all that is said to it."""
    before = len(platform.texts(chat))
    status, body = bring(server, platform.message(chat, text=text))
    assert (status, body) == (200, ""), (status, body)
    return platform.wait(chat, before + n)[before:] if n else platform.settle(chat)[before:]


def press(chat, label, n=None):
    before = len(platform.texts(chat))
    status, body = bring(server, platform.press(chat, platform.button(chat, label)))
    assert status == 200 and json.loads(body)["method"] == "answerCallbackQuery", (status, body)
    return platform.wait(chat, before + n)[before:] if n else platform.settle(chat)[before:]


def desk(method, path, body=None):
    headers = {"Authorization": "Bearer " + DESK}
    if body is not None:
        headers["content-type"] = "application/json"
    status, _, answer = server.http(method, path, json.dumps(body) if body is not None else None, headers)
    return status, json.loads(answer)


def metric(name):
    for line in server.get("/metrics")[1].splitlines():
        if line.startswith(name + " "):
            return float(line.split()[-1])
    return 0.0


# --- a whole conversation ---

def cancel():
    assert "Hello" in say(1, "/start", 1)[0]
    assert "order number" in say(1, "pls cacel my order", 2)[-1]
    say(1, "A-1001", 1)
    assert "Why would you like to cancel" in say(1, "maya.okafor@example.com", 2)[-1]
    assert "Shall I cancel order A-1001" in press(1, "by mistake", 1)[-1]
    assert "is cancelled" in press(1, "Yes", 1)[-1]


def again():
    update = platform.message(2, text="hello")
    for _ in range(2):
        assert bring(server, update)[0] == 200
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        assert [a[0] for a in pool.map(lambda _: bring(server, update), range(3))] == [200] * 3
    assert len(platform.settle(2)) == 1


def forged():
    update = platform.message(3, text="hello")
    before = metric('tenstep_channel_events_total{channel="shop_bot",result="signature"}')
    for secret in (None, "", SECRET[:-1], SECRET + "x", SECRET.upper(), SECRET.replace("a", "b"), " " + SECRET[1:]):
        assert bring(server, update, secret=secret)[0] == 401, secret
    assert metric('tenstep_channel_events_total{channel="shop_bot",result="signature"}') == before + 7
    assert bring(server, update, name="other")[0] == 404
    time.sleep(0.5)
    assert not platform.texts(3)


def old_button():
    say(4, "cancel my order")
    for data in ("1.0", "3.99", "999.0", "yes", "", "4294967296.0", "2.0 ", "A" * 64):
        status, body = bring(server, platform.press(4, data))
        assert status == 200, data
    assert len(platform.settle(4)) == 2
    assert metric('tenstep_channel_events_total{channel="shop_bot",result="button"}') >= 7


def overtaken():
    """A press may overtake a text that was written before."""
    say(5, "hello", 1)
    text, pressed = platform.message(5, text="where is my order"), platform.press(5, platform.button(5, "cancel"))
    assert bring(server, pressed)[0] == 200 and bring(server, text)[0] == 200
    assert len(platform.settle(5)) > 1


def ignored():
    for kind in ({"my_chat_member": {"chat": {"id": 6}}}, {"channel_post": {"text": "x", "chat": {"id": 6}}},
                 {"message_reaction": {}}, {}, {"message": {"new_chat_title": "x", "message_id": 1,
                                                            "chat": {"id": 6, "type": "private"}, "from": {"id": 6}}}):
        assert bring(server, platform.update(**kind)) == (200, ""), kind
    group = platform.message(6, text="hello")
    group["message"]["chat"]["type"] = "group"
    echo = platform.message(6, text="hello")
    echo["message"]["from"]["is_bot"] = True
    assert bring(server, group)[0] == bring(server, echo)[0] == 200
    for body in (b"", b"{", b"[]", b"{\"message\":\"\xff\"}", b"null"):
        assert bring(server, None, body=body)[0] in (200, 400), body
    time.sleep(0.5)
    assert not platform.texts(6)


def attachment():
    update = platform.message(7, photo=[{"file_id": "small", "width": 1}, {"file_id": "AgACAgQ", "file_size": 12345}],
                              caption="it came broken")
    assert bring(server, update)[0] == 200
    assert platform.settle(7)


def long_text():
    assert bring(server, platform.message(8, text="é" * 4096))[0] == 200
    assert platform.settle(8)


def edited():
    say(9, "hello", 1)
    update = platform.message(9, text="cancel my order")
    update["edited_message"] = update.pop("message")
    update["edited_message"]["edit_date"] = int(time.time())
    assert bring(server, update)[0] == 200
    assert len(platform.settle(9)) == 1  # answered before: nothing


# --- a person ---

def person():
    say(10, "I want to talk to a person")
    if "person" in platform.texts(10)[-1] and platform.of(10)[-1][2]:
        press(10, platform.of(10)[-1][2][0]["text"])
    cards = [c for c in desk("GET", "/desk/cards")[1]["cards"] if c["conversation"] == "shop_bot:10"]
    assert cards, platform.texts(10)
    card = cards[0]
    n = len(platform.texts(10))
    assert desk("POST", f"/desk/cards/{card['id']}/claim", {"person": "Anna", "version": card["version"]})[0] == 200
    assert platform.wait(10, n + 1)[-1] == "Anna has joined the chat"
    assert desk("POST", f"/desk/cards/{card['id']}/reply", {"person": "Anna", "text": "Let me look.", "id": "r1"})[0] == 200
    assert platform.wait(10, n + 2)[-1] == "Let me look."
    bring(server, platform.message(10, text="thank you"))
    time.sleep(0.7)
    assert len(platform.texts(10)) == n + 2  # the bot is silent
    update = platform.message(10, text="thank you so much")
    update["edited_message"] = update.pop("message")
    update["edited_message"]["edit_date"] = int(time.time())
    bring(server, update)
    transcript = desk("GET", f"/desk/cards/{card['id']}")[1]
    assert "thank you so much" in json.dumps(transcript)
    assert desk("POST", f"/desk/cards/{card['id']}/typing", {"person": "Anna"})[0] in (200, 204)
    end = time.monotonic() + 3
    while not [c for c in platform.calls if c[0] == "sendChatAction"] and time.monotonic() < end:
        time.sleep(0.02)
    assert [c for c in platform.calls if c[0] == "sendChatAction" and c[1] == {"chat_id": 10, "action": "typing"}]
    assert desk("POST", f"/desk/cards/{card['id']}/back", {"person": "Anna"})[0] == 200
    platform.wait(10, n + 3)


# --- what a platform does ---

def slowed_down():
    platform.settle(10)
    platform.plan = [("429", 2), ("429", 1)]
    start = time.monotonic()
    assert say(20, "hello", 1)
    took = time.monotonic() - start
    assert took >= 3, took


def others_go_on():
    """One chat is refused for a long time; others are answered meanwhile, and it keeps its order."""
    platform.by_chat[21] = ("429", 3)
    bring(server, platform.message(21, text="cancel my order"))
    for chat in range(22, 32):
        bring(server, platform.message(chat, text="hello"))
    for chat in range(22, 32):
        platform.wait(chat, 1)
    assert not platform.texts(21)
    del platform.by_chat[21]
    texts = platform.wait(21, 2)
    assert "First I check" in texts[0] and "order number" in texts[1], texts


def blocked():
    platform.by_chat[33] = "403"
    bring(server, platform.message(33, text="hello"))
    end = time.monotonic() + 5
    while metric('tenstep_channel_dead_letters{channel="shop_bot"}') < 1 and time.monotonic() < end:
        time.sleep(0.05)
    assert metric('tenstep_channel_dead_letters{channel="shop_bot"}') == 1
    assert metric('tenstep_channel_waiting{channel="shop_bot"}') <= 1  # the unclear one
    cards = [c for c in desk("GET", "/desk/cards")[1]["cards"] if c["conversation"] == "shop_bot:33"]
    assert len(cards) == 1 and "blocked" in json.dumps(cards[0]), cards
    del platform.by_chat[33]
    assert say(33, "hello again")


def unclear():
    """Shown, and the answer was lost: once more after 30 s and not before, because nobody can know."""
    platform.plan = ["hang up"]
    bring(server, platform.message(34, text="hello"))
    platform.wait(34, 1, 20)
    time.sleep(2)
    assert len(platform.texts(34)) == 1


def unclear_ends():
    """The program waits for a time of the day, which it moves when the clock is set back only: 30 s by one of the two
    clocks, and by both when nobody sets them."""
    texts = platform.wait(34, 2, 60)
    first, second = platform.of(34)[:2]
    steady_s, wall_s = second[3] - first[3], second[4] - first[4]
    said = [line for line in server.log(True).splitlines() if "the clock was set" in line or '"unclear"' in line]
    assert texts[0] == texts[1] and 29 < max(steady_s, wall_s) and min(steady_s, wall_s) < 36, (steady_s, wall_s, said)


def lost_account():
    """The token is refused: nothing is lost, nothing is repeated in haste."""
    before = len([c for c in platform.calls if c[0] == "sendMessage"])
    platform.plan = ["401", "401"]
    bring(server, platform.message(35, text="hello"))
    bring(server, platform.message(36, text="hello"))
    time.sleep(2)
    assert len([c for c in platform.calls if c[0] == "sendMessage"]) - before <= 2
    platform.plan = []
    status, out, _ = at_desk()
    assert status == 1 and "refused" in out and "401" in out, out


# --- from the command line ---

def tenstep(*words):
    import subprocess
    done = subprocess.run([sys.argv[1], "channels", *words, "--data", server.data], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def at_desk(*words):
    return tenstep(*words, "--url", f"http://127.0.0.1:{server.port}", "--token-file",
                   os.path.join(server.scratch, "desk.token"))


def listed():
    status, out, _ = at_desk()
    assert status == 0 and "shop_bot" in out and "telegram" in out and "blocked by the user" in out, out
    status, out, _ = at_desk("letters")
    assert status == 0 and "shop_bot:33" in out and "blocked by the user" in out, out
    assert tenstep("nonsense")[0] == 2 and tenstep("test", "shop_bot")[0] == 2


def registered():
    config = ("--config", server.config_path)
    status, out, err = tenstep("register", "shop_bot", "--address", "https://shop.example", *config)
    assert status == 0, (out, err)
    method, body, _ = [c for c in platform.calls if c[0] == "setWebhook"][-1]
    assert body["url"] == "https://shop.example/channels/shop_bot" and body["secret_token"] == SECRET, body
    assert sorted(body["allowed_updates"]) == ["callback_query", "edited_message", "message"]
    assert tenstep("register", "other", "--address", "https://shop.example", *config)[0] == 2
    assert tenstep("register", "shop_bot", "--address", "http://shop.example", *config)[0] == 2
    assert tenstep("register", "shop_bot", *config)[0] == 2


def tested():
    config = ("--config", server.config_path)
    status, out, err = tenstep("test", "shop_bot", "77", "Hello from the shop", *config)
    assert status == 0 and platform.texts(77) == ["Hello from the shop"], (out, err)
    platform.by_chat[77] = "403"
    status, out, err = tenstep("test", "shop_bot", "77", "Hello", *config)
    assert status == 1 and "blocked by the user" in err and TOKEN not in err, err
    del platform.by_chat[77]


# --- the end of the program ---

def killed_before_sending():
    """Accepted, then killed before anything left: answered exactly once afterwards."""
    global server
    lost = 0
    for round in range(6):
        chat = 100 + round
        update = platform.message(chat, text="hello")
        assert bring(server, update)[0] == 200
        server.kill()  # with or without the first request under way
        server.start()
        assert bring(server, update)[0] == 200  # and brought again
    for round in range(6):
        chat = 100 + round
        platform.wait(chat, 1, 45)
    time.sleep(1)
    counts = [len(platform.texts(100 + round)) for round in range(6)]
    assert all(1 <= c <= 2 for c in counts), counts
    tap.result(True, f"killed before sending: shown {counts} times")


def refused_then_killed():
    """The platform is not there when the bot answers; the program is killed; then the platform is back."""
    global platform
    platform.by_chat[120] = ("429", 1)
    bring(server, platform.message(120, text="cancel my order"))
    time.sleep(0.5)
    server.kill()
    del platform.by_chat[120]
    server.start()
    texts = platform.wait(120, 2, 45)
    assert "First I check" in texts[0] and "order number" in texts[1] and len(platform.settle(120)) == 2, texts


def secret_nowhere():
    log = server.log()
    assert TOKEN not in log and SECRET not in log and "maya.okafor" not in log


for name in ("unclear", "cancel", "again", "forged", "old_button", "overtaken", "ignored", "attachment", "long_text", "edited",
             "person", "slowed_down", "others_go_on", "blocked", "listed", "registered", "tested", "killed_before_sending",
             "refused_then_killed", "unclear_ends", "lost_account", "secret_nowhere"):
    tap.case("telegram: " + name.replace("_", " "), globals()[name])
tap.same("telegram: no sanitizer report", "", server.sanitizer_report())
server.remove()
tap.finish()
