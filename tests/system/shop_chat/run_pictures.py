"""Pictures to a buyer: of a person at the desk, and of what the flows say.  What arrives is byte for byte what left,
once, whatever dies in between.  run_pictures.py PROGRAM   ($TENSTEP_LEDGER: where a copy of the shop's ledger goes)"""
import contextlib
import http.client
import http.server
import json
import os
import shutil
import struct
import sys
import threading
import time
import urllib.request
import zlib

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "..", "..", "..")
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from shop import Buyer, World


def png(width, height, grey):
    """A picture that nobody has sent before."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((grey + x * y) % 256 for x in range(width)) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Gallery(http.server.BaseHTTPRequestHandler):
    """Where the shop's own pictures are."""
    pictures, asked, broken = {}, [], set()

    def do_GET(self):
        self.asked.append(self.path)
        found = self.pictures.get(self.path) if self.path not in self.broken else None
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(found or b"")

    def log_message(self, *_):
        pass


gallery = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gallery)
threading.Thread(target=gallery.serve_forever, daemon=True).start()
ORIGIN = f"http://127.0.0.1:{gallery.server_port}"
Gallery.pictures["/size-table.png"] = png(60, 40, 1)

world = World(sys.argv[1], website={"image_origins": [ORIGIN]})
shop, server = world.shop, world.server


def content(folder):
    """The shipped content, but that "thank you" is answered with a picture."""
    for name in ("flows", "intents"):
        shutil.copytree(os.path.join(root, name), os.path.join(folder, name))
    path = os.path.join(folder, "flows", "repair", "thanks.json")
    with open(path) as f:
        text = f.read()
    changed = text.replace('"You are welcome. Is', f'"Here are our sizes:\\n{ORIGIN}/size-table.png\\nWhich one do you wear? Is')
    assert changed != text
    with open(path, "w") as f:
        f.write(changed)
    return folder


server.options = ["--content", content(os.path.join(server.scratch, "content"))]
world.start()
noah = Buyer(world, "buyer-mixed")
card = None


def path_of(name, data):
    path = os.path.join(server.scratch, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


def fetch(url):
    with urllib.request.urlopen(url) as r:
        return r.read()


def shown():
    """The pictures that the buyer got, in order: their bytes."""
    return [fetch(m[3]["url"]) for m in shop.messages(noah.conversation)
            if m[1] == "CUSTOMER_SERVICE" and m[2] == "IMAGE"]


def ours():
    """What the buyer got, in order: texts, and (width, height) of pictures."""
    return [m[3].get("content") or (m[3]["width"], m[3]["height"]) for m in shop.messages(noah.conversation)
            if m[1] == "CUSTOMER_SERVICE" and m[2] in ("TEXT", "IMAGE")]


def uploads(good=True):
    return sum(r["operation"] == "images.upload" and (not good or r.get("code") == 0) for r in shop.requests())


def tries_to_send():
    return sum(r["operation"] == "messages.send" for r in shop.requests())


def reply(*words, person="Mai"):
    return world.command("inbox", "reply", str(card), *words, "--person", person)


def settled():
    return world.metric('tenstep_channel_waiting{channel="tiktok"}') == 0


# --- a person's pictures ---

def with_words():
    global card
    noah.say("hello there")
    noah.say("I want to talk to a person")
    card = world.desk("GET", "/desk/cards")[1]["cards"][0]["id"]
    assert world.command("inbox", "claim", str(card), "--person", "Mai").returncode == 0
    picture = png(30, 20, 7)
    done = reply("This is the label.", "--picture", path_of("label.png", picture))
    assert done.returncode == 0, done
    world.until(lambda: shown() == [picture])
    assert ours()[-2:] == ["This is the label.", (30, 20)], ours()
    assert "[file: label.png]" in world.command("inbox", "show", str(card)).stdout
    assert uploads() == 1


def without_words_and_once():
    """The same picture needs no second upload, also after a restart."""
    before = shown()
    server.kill()
    server.start()
    assert reply("--picture", path_of("again.png", png(30, 20, 7))).returncode == 0
    world.until(lambda: len(shown()) == 2)
    assert shown() == 2 * before and ours()[-2:] == [(30, 20), (30, 20)], ours()
    assert uploads(good=False) == 1


def refusals():
    n = len(ours())
    for name, data, why in (("note.txt", b"hello", "it is no JPEG, PNG, WebP or GIF picture"),
                            ("order.pdf", b"%PDF-1.4 and so on", "it is no JPEG, PNG, WebP or GIF picture"),
                            ("empty.png", b"", "it is empty"),
                            ("huge.png", png(9, 9, 1) + bytes(5 << 20), "a picture has at most 5 MiB")):
        done = reply("--picture", path_of(name, data))
        assert done.returncode == 2 and why in done.stderr, done
    done = reply("--picture", os.path.join(server.scratch, "nowhere.png"))
    assert done.returncode == 2 and "No such file" in done.stderr, done
    done = reply("--picture", path_of("good.png", png(8, 8, 8)), person="Tom")
    assert done.returncode == 1 and "Mai has it" in done.stderr, done
    time.sleep(1)
    assert len(ours()) == n and uploads(good=False) == 1


def api_refusals():
    raw = {"Authorization": "Bearer the-desk-of-these-tests-and-of-nobody"}
    for body in (b"hello", b"%PDF-1.4"):
        status, _, answer = server.http("POST", f"/desk/cards/{card}/picture", body, raw)
        assert status == 415, (status, answer)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as c:
        c.putrequest("POST", f"/desk/cards/{card}/picture")
        for name, value in {**raw, "Content-Length": str((5 << 20) + 1)}.items():
            c.putheader(name, value)
        c.endheaders()
        assert c.getresponse().status == 413
    assert server.http("POST", f"/desk/cards/{card}/picture", b"x", {})[0] == 401
    assert server.http("POST", "/desk/cards/999/picture", png(1, 1, 1), raw)[0] == 404
    status, answer = world.desk("POST", f"/desk/cards/{card}/reply", {"person": "Mai", "id": "f1", "file": "fnone.png"})
    assert (status, answer["error"]["code"]) == (422, "no_file"), answer
    status, answer = world.desk("POST", f"/desk/cards/{card}/reply", {"person": "Mai", "id": "f2"})
    assert (status, answer["error"]["message"]) == (422, "'text' is missing"), answer


def not_a_picture_after_all():
    """It begins like one; the platform looks closer.  A dead letter says so."""
    n, tries = len(shown()), uploads(good=False)
    assert reply("--picture", path_of("bad.png", b"\x89PNG\r\n\x1a\n")).returncode == 0
    world.until(lambda: world.desk("GET", "/desk/channels")[1]["letters"])
    why = world.desk("GET", "/desk/channels")[1]["letters"][0]["why"]
    assert why.startswith("the platform does not take the picture"), why
    assert reply("I am sorry, that one is broken.").returncode == 0
    world.until(lambda: ours()[-1] == "I am sorry, that one is broken.")
    assert (len(shown()), uploads(good=False)) == (n, tries + 1), uploads(good=False) - tries


# --- what dies in between ---

def once(picture, disturb, mend=lambda: None):
    n, tries = len(shown()), uploads(good=False)
    disturb()
    assert reply("--picture", path_of("next.png", picture)).returncode == 0
    mend()
    world.until(lambda: len(shown()) > n and settled())
    time.sleep(1)
    assert shown()[n:] == [picture], [len(p) for p in shown()]
    return uploads(good=False) - tries


def killed_between_upload_and_send():
    before, sent = uploads(), tries_to_send()

    def mend():
        world.until(lambda: uploads() > before and tries_to_send() > sent)
        server.kill()
        shop.admin("misbehave", clear=True)
        server.start()

    assert once(png(31, 20, 1), lambda: shop.admin("misbehave", operation="messages.send", act="429", count=0), mend) == 1


def killed_during_the_upload():
    before = len(shown())

    def mend():
        time.sleep(1)
        server.kill()
        assert len(shown()) == before
        time.sleep(1)
        server.start()

    once(png(32, 20, 1), lambda: shop.admin("misbehave", operation="images.upload", act="slow", count=1, ms=2500), mend)


def killed_during_the_send():
    def mend():
        time.sleep(1.2)
        server.kill()
        server.start()

    once(png(33, 20, 1), lambda: shop.admin("misbehave", operation="messages.send", act="slow", count=1, ms=2000), mend)


greys = iter(range(1, 100))


def answer_lost(operation, act):
    once(png(34, 20, next(greys)), lambda: shop.admin("misbehave", operation=operation, act=act, count=1))


# --- what the flows say ---

def said_by_a_flow():
    assert world.command("inbox", "back", str(card), "--person", "Mai").returncode == 0
    noah.wait()
    n, before = len(shown()), uploads(good=False)
    noah.say("thank you", "Which one do you wear?")
    assert shown()[n:] == [Gallery.pictures["/size-table.png"]]
    told = ours()[-3:]
    assert told[:2] == ["Here are our sizes:", (60, 40)] and told[2].startswith("Which one do you wear?"), told
    assert (uploads(good=False), Gallery.asked) == (before + 1, ["/size-table.png"]), (uploads(good=False) - before, Gallery.asked)


def said_again():
    """Neither fetched nor brought again; after a restart fetched, and known by what is in it."""
    n, before = len(shown()), uploads(good=False)
    noah.say("thank you", "Which one do you wear?")
    server.stop()
    server.start()
    noah.say("thank you", "Which one do you wear?")
    assert shown()[n:] == 2 * [Gallery.pictures["/size-table.png"]]
    assert uploads(good=False) == before and len(Gallery.asked) == 2


def somebody_new():
    """Whose conversation was in no list yet is asked for by itself, and sees the picture too."""
    for name, text in (("buyer-open", "thank you so much"), ("buyer-transit", "thanks a lot"), ("buyer-refund", "many thanks")):
        new = Buyer(world, name)
        new.say(text, "Which one do you wear?")
        assert any(m[2] == "IMAGE" for m in shop.messages(new.conversation)), shop.messages(new.conversation)


def not_there_any_more():
    """The address is said then, as on other platforms."""
    n = len(shown())
    Gallery.broken.add("/size-table.png")
    server.stop()
    server.start()
    noah.say("thank you", "Which one do you wear?")
    told = ours()[-3:]
    assert told[:2] == ["Here are our sizes:", ORIGIN + "/size-table.png"], told
    assert told[2].startswith("Which one do you wear?"), told
    assert len(shown()) == n


def the_end():
    assert settled()
    if os.environ.get("TENSTEP_LEDGER"):
        shutil.copy(os.path.join(shop.data, "shop", "ledger.jsonl"), os.environ["TENSTEP_LEDGER"])
    world.end()


tap.case("pictures: a person's, with words, arrives byte for byte", with_words)
tap.case("pictures: without words, and brought to the platform once", without_words_and_once)
tap.case("pictures: what is none does not leave, and is told why", refusals)
tap.case("pictures: the desk's API refuses the same", api_refusals)
tap.case("pictures: one that the platform does not take is a dead letter", not_a_picture_after_all)
tap.case("pictures: killed between upload and send: shown once", killed_between_upload_and_send)
tap.case("pictures: killed during the upload: shown once", killed_during_the_upload)
tap.case("pictures: killed during the send: shown once", killed_during_the_send)
for operation in ("images.upload", "messages.send"):
    for act in ("done_close", "swallow", "500", "429"):
        tap.case(f"pictures: {operation} {act}: shown once", answer_lost, operation, act)
tap.case("pictures: said by a flow, between its words", said_by_a_flow)
tap.case("pictures: said again, brought once", said_again)
tap.case("pictures: somebody who writes for the first time sees it", somebody_new)
tap.case("pictures: one that is not there any more is an address", not_there_any_more)
tap.case("pictures: both programs end well", the_end)
tap.finish()
