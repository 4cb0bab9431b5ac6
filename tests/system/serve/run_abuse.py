"""What no widget does and the server has to withstand.  run_abuse.py PROGRAM"""
import json
import os
import re
import secrets
import sys
import time

import tap
from server import Server, b64, identity
from tab import text_of
from talk import Talk, open_chat
from ws import BINARY, Closed, Refused, frame

program = sys.argv[1]
CANARY = "canary-quill-7319"


def found_in(folder, words):
    """The files below @folder that hold the words."""
    found = []
    for at, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(at, name), "rb") as f:
                if words.encode() in f.read():
                    found.append(os.path.join(at, name))
    return found


# --- who may come in ---

def origin_of_a_socket(port, **more):
    """"open", or how it was turned away."""
    try:
        talk = Talk(port, **more)
    except Refused as e:
        return e.status
    except Closed as e:
        return e.code
    try:
        talk.put(t="hello", v=1)
        while True:
            if talk.next()["t"] == "welcome":
                return "open"
    except Closed as e:
        return e.code
    finally:
        talk.drop()


def origins(server):
    own = f"127.0.0.1:{server.port}"
    right = ["https://shop.example", "https://shop.example:8443", "http://localhost:3000", f"http://{own}"]
    wrong = ["null", "*", "undefined", "shop.example", "//shop.example", "https:shop.example", "https:///shop.example",
             "https://", "https://*", "https://shop.example/", "https://shop.example/chat", "https://SHOP.example",
             "HTTPS://shop.example", "http://shop.example", "https://shop.example:443", "https://shop.example:",
             "https://shop.example:08443", "https://shop.example:8444", "https://shop.example.", "https://shop.example..",
             "https://shop.example.evil.test", "https://evil.shop.example", "https://www.shop.example",
             "https://shop.examplex", "https://xshop.example", "https://shop-example", "https://shop.exampl",
             "https://shop.example@evil.test", "https://evil.test@shop.example", "https://evil.test#https://shop.example",
             "https://evil.test?https://shop.example", "https://evil.test/https://shop.example",
             "https://shop.example https://evil.test", "https://evil.test https://shop.example",
             "https://shop.example,https://evil.test", "https://shop%2eexample", "https://shop.example%00.evil.test",
             "https://shop\u3002example".encode().decode("latin-1"), "https://[::1]", "http://127.0.0.1",
             f"http://127.0.0.1:{server.port + 1}", f"http://localhost:{server.port}", f"http://0.0.0.0:{server.port}",
             f"http://127.1:{server.port}", f"http://2130706433:{server.port}", f"https://{own}", f"ws://{own}",
             f"http://{own}/", f"http://{own}.evil.test", "wss://shop.example", "http://localhost:3000/",
             "http://localhost", "file://", "chrome-extension://abcdefgh", "data:text/html,x", "javascript:0"]
    got = {o: origin_of_a_socket(server.port, origin=o) for o in right}
    tap.same(f"origin: the {len(right)} right ones pass", {o: "open" for o in right}, got)
    got = {o: origin_of_a_socket(server.port, origin=o) for o in wrong}
    let_in = [o for o, how in got.items() if how == "open"]
    tap.same(f"origin: none of {len(wrong)} wrong ones passes", [], let_in)
    tap.same("origin: a browser is told by 4003", {4003}, set(got.values()) - {400, 403} | {got["https://evil.shop.example"]})
    tap.result(origin_of_a_socket(server.port, origin=None) in (403, 4003), "origin: none at all is refused")
    tap.result(origin_of_a_socket(server.port, origin="") in (400, 403, 4003), "origin: an empty one is refused")
    two = origin_of_a_socket(server.port, origin="https://shop.example", more=["Origin: https://evil.test"])
    tap.result(two != "open", "origin: two of them are refused", two)
    two = origin_of_a_socket(server.port, origin="https://evil.test", more=["Origin: https://shop.example"])
    tap.result(two != "open", "origin: two of them are refused, whichever comes first", two)


# --- frames ---

def refused(server, code, **body):
    talk, _ = open_chat(server)
    talk.say("hello")
    if body.get("post") == "newest":
        body["post"] = 2
    talk.put(id="t:9", **body)
    f = talk.next("refused", "ack", "error")
    assert (f["t"], f.get("code"), f.get("id")) == ("refused", code, "t:9"), f
    assert f["text"], f
    assert "wait" not in f, f
    talk.pings()
    assert talk.say("still there?") > 0
    talk.drop()


def wrong_frame(server, code, raw, hello=True):
    talk = Talk(server.port)
    if hello:
        talk.hello()
    talk.send(raw)
    f = talk.next("error", "refused", "ack", "welcome", "pong")
    assert f["t"] == "error" and f["code"] == code and f["text"], f
    talk.drop()


def closes(server, code, data, hello=True):
    talk = Talk(server.port)
    if hello:
        talk.hello()
    talk.send_bytes(data)
    got = talk.closed(15)
    assert got in code, f"closed with {got} after {talk.passed[-2:]}"


REFUSED = [
    ("too_long", {"t": "say", "text": "x" * 4001}), ("too_long", {"t": "say", "text": "ä" * 2001}),
    ("empty", {"t": "say", "text": ""}), ("empty", {"t": "say", "text": " \t\n\u00a0\u200b"}),
    ("bad_choice", {"t": "press", "post": "newest", "choice": "no such"}),
    ("bad_choice", {"t": "press", "post": 999, "choice": "yes"}),
    ("bad_choice", {"t": "press", "post": 0, "choice": "yes"}),
    ("bad_choice", {"t": "press", "post": 1, "choice": "yes"}),
    ("bad_choice", {"t": "press", "post": "newest", "choice": ""}),
    ("bad_choice", {"t": "press", "post": "newest"}),
    ("bad_file", {"t": "file", "file": "f0000000000000000000000.jpg"}),
    ("bad_file", {"t": "file", "file": "../ticket.secret"}), ("bad_file", {"t": "file", "file": "..%2f"}),
    ("bad_file", {"t": "file", "file": ""}), ("bad_file", {"t": "file"}),
]

BAD_FRAMES = [
    "", " ", "x", "{", "[]", "null", "1", '"hello"', "{}", '{"t":1}', '{"t":null}', '{"t":"sya"}', '{"t":"HELLO"}',
    '{"t":"say"}', '{"t":"say","id":"t:1"}', '{"t":"say","id":"","text":"a"}', '{"t":"say","id":"a b","text":"a"}',
    '{"t":"say","id":7,"text":"a"}', '{"t":"say","id":"t:1","text":7}', '{"t":"say","id":"t:1","text":["a"]}',
    '{"t":"say","id":"' + "x" * 65 + '","text":"a"}', '{"t":"say","text":"a"}', '{"t":"say","id":"t:1","text":"\\ud800"}',
    '{"t":"say","id":"t:1","text":"a"} {}', '{"t":"say","id":"t:1","text":"a",}', "{'t':'ping'}", '{"t":"ping"}x',
    '{"t":"say","t":"ping","id":"t:1","text":"a"}', '{"t":"press","id":"t:1","post":"2","choice":"yes"}',
    '{"t":"press","id":"t:1","post":-1,"choice":"yes"}', '{"t":"press","id":"t:1","post":1.5,"choice":"yes"}',
    '{"t":"press","id":"t:1","post":4294967296,"choice":"yes"}', '{"t":"older"}', '{"t":"older","before":"x"}',
    '{"t":"older","before":-1}', '{"t":"older","before":1e99}', '{"t":"read"}', '{"t":"identity"}',
    '{"t":"identity","identity":""}', '{"t":"identity","identity":7}', '{"a":' * 200 + "1" + "}" * 200,
    "[" * 5000, '{"t":"ping","t":"ping"}', '\ufeff{"t":"ping"}',
]


def frames(server):
    for code, body in REFUSED:
        tap.case(f"refused: {code}, {json.dumps(body)[:60]}", lambda code=code, body=body: refused(server, code, **body))
    bad = []
    for raw in BAD_FRAMES:
        try:
            wrong_frame(server, "bad_frame", raw)
        except Exception as e:
            bad.append(f"{raw[:80]!r}: {e!r}")
    tap.result(not bad, f"bad_frame: {len(BAD_FRAMES)} kinds", "\n".join(bad))
    for what, raw in [("a message before hello", '{"t":"say","id":"t:1","text":"hello"}'),
                      ("forget before hello", '{"t":"forget"}'), ("older before hello", '{"t":"older","before":9}')]:
        tap.case(f"bad_hello: {what}", wrong_frame, server, "bad_hello", raw, False)
    tap.case("bad_hello: hello twice", wrong_frame, server, "bad_hello", '{"t":"hello","v":1}')
    bad = []
    for raw in ['{"t":"hello"}', '{"t":"hello","v":2}', '{"t":"hello","v":"1"}', '{"t":"hello","v":1,"token":7}',
                '{"t":"hello","v":1,"token":"' + "x" * 129 + '"}', '{"t":"hello","v":1,"after":-1}',
                '{"t":"hello","v":1,"after":"7"}', '{"t":"hello","v":1,"lang":"../../etc"}',
                '{"t":"hello","v":1,"lang":{}}', '{"t":"hello","v":1,"identity":[]}']:
        try:
            talk = Talk(server.port)
            talk.send(raw)
            f = talk.next()
            assert f["t"] == "error" and f["code"] in ("bad_frame", "bad_hello"), f
            talk.hello()  # and a right one is still welcome
            talk.drop()
        except Exception as e:
            bad.append(f"{raw}: {e!r}")
    tap.result(not bad, "a wrong hello is told, and a right one may follow", "\n".join(bad))
    tap.case("a binary frame", closes, server, (1003,), frame(b'{"t":"ping"}', BINARY))
    tap.case("17 KiB", closes, server, (1009,), frame('{"t":"ping","x":"' + "x" * 17000 + '"}'))
    tap.case("no UTF-8", closes, server, (1007,), frame(b'{"t":"say","id":"t:1","text":"\xc3\x28"}'))

    def unmasked():
        # RFC 6455 section 5.1 wants it closed. The library neither does so nor shows the mask bit; it is no
        # proxy's cache that reads these bytes, and what is taken is what was sent.
        talk = Talk(server.port)
        talk.hello()
        talk.send_bytes(frame('{"t":"ping"}', masked=False))
        assert talk.next() == {"t": "pong"}

    tap.case("a frame without a mask is taken as it is, and harms nothing", unmasked)
    tap.case("a reserved bit", closes, server, (1002, 1006), frame('{"t":"ping"}', rsv=4))
    tap.case("an unknown opcode", closes, server, (1002, 1006), frame('{"t":"ping"}', opcode=3))
    tap.case("a long control frame", closes, server, (1002, 1006), frame(b"x" * 126, opcode=9))
    tap.case("a frame that promises 2^63 bytes", closes, server, (1002, 1006, 1009),
             b"\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00xx")

    def in_pieces():
        talk, _ = open_chat(server)
        talk.send_bytes(frame('{"t":"pi', fin=False))
        talk.send_bytes(frame('ng', opcode=0, fin=False))
        talk.send_bytes(frame('"}', opcode=0))
        assert talk.next() == {"t": "pong"}
        whole = frame('{"t":"ping"}')
        for i in range(len(whole)):
            talk.send_bytes(whole[i:i + 1])
        assert talk.next() == {"t": "pong"}

    tap.case("a message in fragments, and byte by byte", in_pieces)
    for what, raw in [("older", '{"t":"older","before":100}'), ("ping", '{"t":"ping"}'), ("typing", '{"t":"typing"}'),
                      ("read", '{"t":"read","n":1}'), ("nonsense", "{"), ("identity", '{"t":"identity","identity":"x"}')]:
        tap.case(f"a flood of {what} is stopped", flood, server, raw)


def flood(server, raw):
    talk, _ = open_chat(server)
    talk.say("hello")
    talk.sock.settimeout(20)
    stopped = ""
    try:
        for _ in range(20):
            talk.send_bytes(frame(raw) * 100)
            talk.put(t="read", n=1)
            end = time.monotonic() + 0.05
            while time.monotonic() < end and not stopped:
                try:
                    f = json.loads(talk.recv(0.01))
                except TimeoutError:
                    continue
                if f["t"] == "error" and f["code"] == "too_fast":
                    stopped = "too_fast"
            if stopped:
                break
    except Closed as e:
        stopped = e.code
    assert stopped in ("too_fast", 1008, 1013), f"2,000 of them in a second: {stopped or 'all taken'}"
    talk.drop()


# --- limits ---

def limits(server):
    """A server with the limits that it has when nobody sets any."""
    def one_conversation():
        talk, _ = open_chat(server)
        for k in range(1, 31):
            talk.put(t="say", id=f"t:{k}", text=f"message {k}")
        acks, held = [], {}
        while len(acks) + len(held) < 30:
            f = talk.next("ack", "refused", "error")
            assert f["t"] != "error", f
            if f["t"] == "ack":
                acks.append(f["id"])
            else:
                assert f["code"] == "too_fast" and 0 < f["wait"] <= 60000, f
                held[f["id"]] = f["wait"]
        assert 20 <= len(acks) <= 25, len(acks)
        first = min(held, key=lambda id: int(id.split(":")[1]))
        time.sleep(min(held[first], 5000) / 1000 + 0.1)
        talk.put(t="say", id=first, text=f"message {first[2:]}")
        f = talk.next("ack", "refused")
        assert f["t"] == "ack", f
        # Another tab of the same conversation has the same allowance.
        other, _ = open_chat(server, token=token_of(talk))
        other.put(t="say", id="u:1", text="at once")
        f = other.next("ack", "refused")
        assert f["t"] == "refused" and f["code"] == "too_fast", f

    def token_of(talk):
        return talk.token

    def one_address():
        codes = []
        for _ in range(30):
            talk = Talk(server.port)
            talk.put(t="hello", v=1)
            f = talk.next()
            if f["t"] == "error":
                assert f["code"] == "too_many", f
                codes.append(talk.closed())
            talk.drop()
        assert len(codes) >= 15 and set(codes) == {1013}, codes

    def uploads():
        talk, w = open_chat(server)
        talk.say("hello")
        got = [upload_at_once(server, w["token"], PNG)[0] for _ in range(30)]
        assert got[:19] == [201] * 19 and 429 in got, got

    hello = Talk.hello

    def hello_and_keep(self, **body):
        f = hello(self, **body)
        self.token = f.get("token") or body.get("token")
        return f

    Talk.hello = hello_and_keep
    tap.case("limits: of one conversation, over all its tabs", one_conversation)
    tap.case("limits: of files, which are messages", uploads)
    tap.case("limits: new conversations of one address", one_address)
    Talk.hello = hello


# --- tokens ---

def tokens(server):
    talk, w = open_chat(server)
    token = w["token"]
    talk.say(f"secret words {CANARY}")

    def made_up():
        shapes = [secrets.token_urlsafe(16) for _ in range(60)]
        flipped = [token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1:] for i in range(len(token))]
        for t in shapes + flipped + ["", "x", "b.", "b." + secrets.token_urlsafe(16), token + "A", token[:-1], " " + token,
                                     token.lower(), token + "=", "AAAAAAAAAAAAAAAAAAAAAA"]:
            other, welcome = open_chat(server, token=t, after=0)
            assert t == token or (welcome["posts"] == [] and welcome.get("token", t) != t and "token" in welcome), (t, welcome)
            other.drop()

    def fixed():
        mine = secrets.token_urlsafe(16)
        other, welcome = open_chat(server, token=mine)
        other.say("what the victim writes")
        other.drop()
        third, welcome = open_chat(server, token=mine)
        assert welcome["posts"] == [] and welcome.get("token") not in (None, mine), welcome

    def unique():
        many = set()
        for _ in range(50):
            t, w = open_chat(server)
            many.add(w["token"])
            t.drop()
        assert len(many) == 50 and min(map(len, many)) >= 22, many

    def nothing_said_yet():
        one, w = open_chat(server)
        two, w2 = open_chat(server, token=w["token"])
        assert w2["known"] and w2.get("token", w["token"]) == w["token"], (w, w2)
        n = one.say("hello")
        p = two.next("post")
        assert p["n"] == n and p["id"] == "t:1", p

    def stored():
        assert found_in(server.data, CANARY), "the transcript is not where this test looks for it"
        assert not found_in(server.data, token), found_in(server.data, token)
        assert token not in server.log(True)

    tap.case("token: no made-up one opens a conversation", made_up)
    tap.case("token: nobody can choose one", fixed)
    tap.case("token: each conversation has its own", unique)
    tap.case("token: two tabs before the first word", nothing_said_yet)
    tap.case("token: kept nowhere", stored)
    talk.drop()


# --- files ---

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 60
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 60


def upload(server, token, body, name="box.png", **headers):
    """A file is sent as a message is: who is told to wait does."""
    while True:
        status, answer = upload_at_once(server, token, body, name, **headers)
        if status != 429 or answer["error"]["code"] != "too_fast":
            return status, answer
        time.sleep(0.05)


def upload_at_once(server, token, body, name="box.png", **headers):
    h = {"X-File-Name": name}
    if token is not None:
        h["Authorization"] = f"Bearer {token}"
    h.update(headers)
    status, headers, answer = server.http("POST", "/chat/upload", body, h)
    return status, json.loads(answer or b"{}") if headers.get("content-type", "").startswith("application/json") else answer


def files(server, max_bytes):
    talk, w = open_chat(server)
    talk.say("hello")
    token = w["token"]

    def post_file(name, body=PNG):
        status, answer = upload(server, token, body, name)
        assert status == 201, (status, answer)
        talk.k += 1
        message = {"t": "file", "id": f"t:{talk.k}", "file": answer["file"]}
        talk.put(**message)
        while True:
            f = talk.next("post", "refused")
            if f["t"] == "post" and f.get("id") == message["id"]:
                return f["file"]
            if f["t"] == "refused":
                assert f["code"] == "too_fast" and f["id"] == message["id"], f
                time.sleep(f["wait"] / 1000)
                talk.put(**message)

    def round_trip():
        f = post_file("box%20%C3%A4.png", PNG + CANARY.encode())
        assert f["name"] == "box ä.png" and f["type"] == "image/png" and f["bytes"] == len(PNG) + len(CANARY), f
        status, headers, body = server.http("GET", f["url"])
        assert status == 200 and body == PNG + CANARY.encode() and headers["content-type"] == "image/png", (status, headers)
        assert headers["x-content-type-options"] == "nosniff" and "sandbox" in headers["content-security-policy"], headers

    def wrong_addresses():
        url = post_file("a.png")["url"]
        other, w2 = open_chat(server)
        other.say("hello")
        status, answer = upload(server, w2["token"], JPEG)
        other.put(t="file", id="o:1", file=answer["file"])
        p = other.next("post")
        while "file" not in p:
            p = other.next("post")
        theirs = p["file"]["url"]
        path, query = url.split("?")
        path2, query2 = theirs.split("?")
        wrong = [path, path + "?", f"{path}?k=", f"{path}?{query2}", f"{path2}?{query}", url[:-1], url[:-1] + ("0" if url[-1] != "0" else "1"),
                 url + "0", url.replace("k=", "K="), "/chat/file/?" + query, "/chat/file/x.png?" + query,
                 "/chat/file/..%2f..%2fstore.db?" + query, "/chat/file/../../store.db?" + query,
                 "/chat/file/%2e%2e/%2e%2e/ticket.secret?" + query, f"{path}.name?{query}", f"{path}%00.png?{query}"]
        for address in wrong:
            try:
                status, _, body = server.http("GET", address)
            except ConnectionError:  # what is no path at all may be cut off
                continue
            assert status in (400, 403, 404) and PNG not in body and JPEG not in body, (address, status, body[:50])
        talk.k += 1
        talk.put(t="file", id=f"t:{talk.k}", file=answer["file"])
        f = talk.next("refused", "ack")
        while f["id"] != f"t:{talk.k}":
            f = talk.next("refused", "ack")
        assert f["t"] == "refused" and f["code"] == "bad_file", f

    def names():
        for name in ["../../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00.png", "a%0d%0aX-Evil:%201.png", "%ff%fe.png", "",
                     "C:%5cwindows%5cx.png", "%e2%80%ae gnp.exe", "x" * 500, ".name", "a.png.name", "%3Cscript%3E.html", "%", "%zz"]:
            f = post_file(name)
            assert "/" not in f["name"] and "\\" not in f["name"] and f["name"] and len(f["name"].encode()) <= 100, (name, f)
            assert all(c >= " " and c != "\x7f" for c in f["name"]), f
            status, headers, _ = server.http("GET", f["url"])
            assert status == 200 and headers["content-type"] == "image/png" and "x-evil" not in headers, (name, status, headers)
        outside = [at for at, _, _ in os.walk(server.scratch) if not at.startswith(server.data) and at != server.scratch]
        assert not outside, outside
        assert sorted(os.listdir(os.path.join(server.data, "server", "files")))

    def types():
        for body in [b"", b"x", b"<html>", b"GIF8", b"\x89PNG", b"<?xml?><svg/>", b"MZ" + PNG, b"RIFF1234WAVE", b"PK\3\4", b" %PDF-1.7"]:
            status, answer = upload(server, token, body, "photo.png", **{"Content-Type": "image/png"})
            assert status == 415, (body, status, answer)
        for body, kind in [(PNG, "image/png"), (JPEG, "image/jpeg"), (b"GIF89a" + b"\0" * 20, "image/gif"),
                           (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"), (b"%PDF-1.7\n", "application/pdf")]:
            f = post_file("page.html", body)
            assert f["type"] == kind and server.http("GET", f["url"])[1]["content-type"] == kind, f

    def sizes():
        assert upload(server, token, PNG + b"\0" * (max_bytes - len(PNG)))[0] == 201
        assert upload(server, token, PNG + b"\0" * (max_bytes - len(PNG) + 1))[0] == 413

    def tokens_of_uploads():
        for t in [None, "", "x", token[:-1], "b." + token, secrets.token_urlsafe(16)]:
            status, answer = upload(server, t, PNG)
            assert status == 401, (t, status, answer)
        status, _, _ = server.http("POST", "/chat/upload", PNG, {"Authorization": f"Basic {token}"})
        assert status == 401, status
        assert upload(server, token, PNG, Origin="https://evil.test")[0] == 403

    def too_many():
        got = [upload(server, token, PNG)[0] for _ in range(33)]
        assert got == [201] * 30 + [429] * 3, got

    for name, do in [("there and back", round_trip), ("addresses open one file only", wrong_addresses), ("names", names),
                     ("types, by their first bytes", types), ("sizes", sizes), ("tokens", tokens_of_uploads),
                     ("not without end", too_many)]:
        talk, w = open_chat(server)
        talk.say("hello")
        token = w["token"]
        tap.case(f"files: {name}", do)
        talk.drop()


def no_room():
    """A disk with less room than files are to leave."""
    server = Server(program, {"website": {"files_leave_free": 10**14}}).start()
    talk, w = open_chat(server)
    talk.say("hello")
    for _ in range(2):
        status, answer = upload(server, w["token"], PNG)
        assert status == 507 and answer["error"]["code"] == "no_room", (status, answer)
    talk.say("where is my order")
    told = re.findall(r'"files are refused: .*"free":\d+,"files_leave_free":100000000000000', server.log())
    assert len(told) == 1, server.log()
    assert 'tenstep_refused_total{what="file",why="no_room"} 2' in server.get("/metrics")[1]
    kept = [names for _, _, names in os.walk(os.path.join(server.data, "server", "files"))]
    assert not any(kept), kept
    assert server.stop() == 0 and not server.sanitizer_report()
    server.remove()


# --- forget ---

def forget(server):
    words = "canary-heron-5521"
    one, w = open_chat(server)
    token = w["token"]
    two, _ = open_chat(server, token=token)
    one.say(f"my parcel {words} is broken")
    one.say(f"{words}@example.com")
    one.say("I want to talk to a person")
    one.say(f"it is about {words}")
    status, answer = upload(server, token, PNG + words.encode(), f"{words}.png")
    one.put(t="file", id="t:8", file=answer["file"])
    p = one.next("post")
    while "file" not in p:
        p = one.next("post")
    url = p["file"]["url"]
    n = p["n"]
    time.sleep(1.5)  # part of it has moved on inside the store
    before = found_in(server.data, words)
    tap.result(len(before) >= 1, "forget: it was there before", before)
    one.put(t="forget")
    said = [one.closed(), one.passed[-1:], two.closed(), two.passed[-1:]]
    tap.same("forget: told to every tab, and closed", [1000, [{"t": "forgotten"}]] * 2, said)
    left = found_in(server.data, words)
    names = [os.path.join(at, x) for at, _, xs in os.walk(server.data) for x in xs if words in x]
    tap.same("forget: not a word of it is left in the folder", [], left + names)
    tap.same("forget: its file is gone", 404, server.http("GET", url)[0])
    three, w3 = open_chat(server, token=token, after=n)
    tap.result(w3["known"] is False and w3["posts"] == [] and w3["last"] == 0 and w3.get("token") not in (None, token),
               "forget: the token opens nothing any more", w3)
    tap.same("forget: no upload under the old token", 401, upload(server, token, PNG)[0])
    tap.case("forget: the new conversation works", three.say, "hello")
    tap.same("forget: not a word after the next messages", [], found_in(server.data, words))
    server.stop()
    tap.same("forget: nor after a stop", [], found_in(server.data, words))
    server.start()
    four, w4 = open_chat(server, token=token, after=n)
    tap.result(w4["known"] is False and w4["posts"] == [], "forget: nor does the token open anything then", w4)


# --- signed identities ---

def identities(server):
    def is_anonymous(bad):
        talk = Talk(server.port)
        talk.put(t="hello", v=1, identity=bad)
        f = talk.next("error", "welcome")
        assert f["t"] == "error" and f["code"] == "bad_identity" and f["text"], f
        assert bad.split(".")[-1] not in f["text"] or not bad.split(".")[-1], f
        w = talk.next("welcome")
        assert "name" not in w and not w["token"].startswith("b."), w
        assert talk.say("hello") == 1  # the chat goes on
        talk.drop()

    now = int(time.time())
    good = identity("buyer-open")
    head, claims, mark = good.split(".")
    none = b64(b'{"alg":"none"}')
    wrong = {
        "expired": identity("buyer-open", age=1200, life=600), "of tomorrow": identity("buyer-open", age=-86400),
        "signed by another": identity("buyer-open", secret=b"another secret that is long enough"),
        "signed by nothing": identity("buyer-open", secret=b""),
        "for too long": identity("buyer-open", life=901), "for ever": identity("buyer-open", exp=None),
        "of no time": identity("buyer-open", iat=None), "of nobody": identity("buyer-open", sub=None),
        "of an empty name": identity(""), "of a number": identity("buyer-open", sub=7),
        "exp before iat": identity("buyer-open", exp=now - 10, iat=now),
        "exp a text": identity("buyer-open", exp=str(now + 60)), "exp a fraction": identity("buyer-open", exp=1e300),
        "alg none": f"{none}.{claims}.", "alg none, signed": f"{none}.{claims}.{mark}",
        "alg None": identity("buyer-open", header={"alg": "None"}), "alg RS256": identity("buyer-open", header={"alg": "RS256"}),
        "alg HS512": identity("buyer-open", header={"alg": "HS512"}), "no alg": identity("buyer-open", header={"typ": "JWT"}),
        "alg twice": b64(b'{"alg":"none","alg":"HS256"}') + f".{claims}.{mark}",
        "without a signature": f"{head}.{claims}", "with an empty one": f"{head}.{claims}.",
        "signature cut": good[:-1], "other claims": f"{head}.{b64(b'{%s}' % b'1:1')}.{mark}",
        "another buyer under this signature": f"{head}.{identity('buyer-mixed').split('.')[1]}.{mark}",
        "four parts": good + ".x", "padding": good + "=", "blanks": good.replace(".", ". "), "a word": "x", "dots": "..",
        "critical": identity("buyer-open", header={"alg": "HS256", "crit": ["exp"]}),
    }
    bad = []
    for what, token in wrong.items():
        try:
            is_anonymous(token)
        except Exception as e:
            bad.append(f"{what}: {e!r}")
    tap.result(not bad, f"identity: {len(wrong)} that prove nothing", "\n".join(bad))

    def two_devices():
        one, w = open_chat(server, identity=identity("buyer-transit", "Liam"))
        assert w["name"] == "Liam", w
        n = one.say("hello from the phone")
        two, w2 = open_chat(server, identity=identity("buyer-transit", "Liam"))
        assert w2["token"] == w["token"] and [p["n"] for p in w2["posts"]][-1] >= n, w2
        assert any(text_of(p) == "hello from the phone" for p in w2["posts"]), w2
        two.k = 50
        m = two.say("hello from the desk", "u")
        p = one.next("post")
        while p["n"] != m:
            p = one.next("post")
        assert text_of(p) == "hello from the desk", p
        return w["token"]

    def signed_out():
        one, w = open_chat(server, identity=identity("buyer-transit", "Liam"))
        one.say("hello")
        two, w2 = open_chat(server, token=w["token"], after=1)
        assert w2["posts"] == [] and "name" not in w2 and w2["known"] is False and w2["token"] != w["token"], w2
        three, w3 = open_chat(server, token=w["token"])
        assert w3["posts"] == [] and "name" not in w3 and w3["token"] != w["token"], w3

    def somebody_else():
        one, w = open_chat(server, identity=identity("buyer-transit", "Liam"))
        one.say("hello")
        two, w2 = open_chat(server, identity=identity("buyer-refund", "Sofia"), token=w["token"], after=1)
        assert w2.get("name") == "Sofia" and w2.get("token") not in (None, w["token"]), w2
        assert not any("phone" in text_of(p) for p in w2["posts"]) and w2["known"] is False, w2

    def signed_in_later():
        one, w = open_chat(server)
        one.say("hello")
        one.put(t="identity", identity=identity("buyer-refund", "Sofia"))
        try:
            f = one.next("error", "welcome", timeout=3)
        except Closed as e:
            f = {"t": "closed", "code": e.code}
        except TimeoutError:
            f = {"t": "nothing"}
        two, w2 = open_chat(server, token=w["token"], identity=identity("buyer-refund", "Sofia"), after=1)
        assert w2["name"] == "Sofia", (f, w2)

    def a_worse_one_on_the_way():
        one, w = open_chat(server, identity=identity("buyer-transit", "Liam"))
        one.put(t="identity", identity=identity("buyer-transit", secret=b"x" * 30))
        f = one.next("error")
        assert f["code"] == "bad_identity", f
        one.say("hello")

    def a_file_without_it():
        one, w = open_chat(server, identity=identity("buyer-transit", "Liam"))
        one.say("hello")
        for proof in (None, "", "x", identity("buyer-refund"), identity("buyer-transit", secret=b"x" * 30), identity("buyer-transit", age=1200, life=600)):
            status, answer = upload(server, w["token"], PNG, **({} if proof is None else {"X-Chat-Identity": proof}))
            assert (status, answer["error"]["code"]) == (401, "bad_token"), (proof, status, answer)
        status, answer = upload(server, w["token"], PNG, **{"X-Chat-Identity": identity("buyer-transit")})
        assert status == 201, (status, answer)

    def runs_out():
        one, w = open_chat(server, identity=identity("buyer-mixed", "Noah", life=3, age=60))
        assert w["name"] == "Noah", w
        two, w2 = open_chat(server, identity=identity("buyer-mixed", "Noah", life=3, age=60))
        time.sleep(4.5)
        one.put(t="say", id="late:1", text="show my orders")
        assert one.closed() == 1008 and any(f.get("code") == "bad_identity" for f in one.passed), one.passed
        assert not any(f["t"] == "ack" for f in one.passed), one.passed
        two.put(t="identity", identity=identity("buyer-mixed", "Noah"))  # renewed in time is as good as new
        two.say("show my orders", "fresh")

    def no_forget_without_proof():
        one, w = open_chat(server, identity=identity("buyer-open", "Maya"))
        one.say("hello")
        two, w2 = open_chat(server, token=w["token"], after=0)
        two.put(t="forget")
        two.drop()
        time.sleep(0.3)
        three, w3 = open_chat(server, identity=identity("buyer-open", "Maya"))
        assert w3["last"] >= 1, w3

    tap.case("identity: one history on two devices", two_devices)
    tap.case("identity: signed out is signed out", signed_out)
    tap.case("identity: another buyer in the same browser", somebody_else)
    tap.case("identity: signed in during the chat", signed_in_later)
    tap.case("identity: a worse one changes nothing", a_worse_one_on_the_way)
    tap.case("identity: it runs out, and may be renewed", runs_out)
    tap.case("identity: no file is taken without it", a_file_without_it)
    tap.case("identity: nothing is erased without it", no_forget_without_proof)


# --- much to read ---

def long_transcript(server):
    """60 messages that are long once they are escaped, of somebody whom a person answers: more than a queue takes at once."""
    talk, w = open_chat(server)
    talk.say("I want to talk to a person")
    for k in range(60):
        last = talk.say(("\"" * 3990 if k % 2 else "line\n" * 790) + str(k))
        time.sleep(0.03)
    talk.drop()
    for k, missing in enumerate((None, last - 1, 55, 2, 0)):  # of the newest
        after = {} if missing is None else {"after": last - missing}
        talk, back = open_chat(server, token=w["token"], **after)
        shown, last = [p["n"] for p in back["posts"]], back["last"]
        while shown and shown[-1] < last:
            shown.append(talk.next("post")["n"])
        assert shown == list(range(last + 1 - len(shown), last + 1)), shown
        assert shown or missing == 0, missing
        first, older = (shown or [last + 1])[0], back["older"]
        while missing is None and first > 1:
            assert older, first
            talk.put(t="older", before=first)
            page = talk.next("older")
            got = [p["n"] for p in page["posts"]]
            assert got and got == list(range(got[0], first)), (got, first)
            first, older = got[0], page["older"]
            time.sleep(0.5)
        assert missing is not None or not older, "there is nothing before the first"
        talk.drop()


def long_stream():
    """The same over Direct Line, whose client has no other way to the posts once it has a stream."""
    secret = "a-secret-of-these-tests-and-of-nobody"
    server = Server(program, {"directline": {"secret": {"file": "direct"}}, "limits": {"queue_bytes": 65536}}, secrets={"direct": secret}).start()
    begun = json.loads(server.http("POST", "/v3/directline/conversations", "", {"Authorization": f"Bearer {secret}"})[2])
    path = f"/v3/directline/conversations/{begun['conversationId']}"
    head = {"Authorization": f"Bearer {begun['token']}", "Content-Type": "application/json"}

    def say(text):
        status, _, body = server.http("POST", f"{path}/activities", json.dumps({"type": "message", "from": {"id": "u"}, "text": text}), head)
        assert status == 200, (status, body)

    say("I want to talk to a person")
    for k in range(45):
        say("\"" * 3990 + str(k))
        time.sleep(0.02)
    polled = [a["id"] for a in json.loads(server.http("GET", f"{path}/activities", headers=head)[2])["activities"]]
    stream = json.loads(server.http("GET", path, headers=head)[2])["streamUrl"]
    talk = Talk(server.port, path=stream.split(str(server.port), 1)[1])
    say("while it catches up")
    heard = []
    while not heard or "while it catches up" not in [a.get("text") for a in heard]:
        heard += json.loads(talk.recv() or '{"activities": []}')["activities"]
    ids = [a["id"] for a in heard if a["type"] == "message"]
    assert ids[:len(polled)] == polled[-100:], (polled, ids)
    talk.drop()
    assert server.stop() == 0 and not server.sanitizer_report()
    server.remove()


# --- households ---

def household():
    """A household has 2^64 addresses of IPv6, and is one."""
    server = Server(program, {"listen": {"trusted_proxies": ["127.0.0.1"]},
                              "limits": {"conversations_per_minute": 3}}).start()

    def comes_in(address):
        talk = Talk(server.port, more=[f"X-Forwarded-For: {address}"])
        talk.put(t="hello", v=1)
        f = talk.next("welcome", "error")
        talk.drop()
        return f["t"] == "welcome" or f["code"]

    got = [comes_in(f"2001:db8:1:2::{k:x}") for k in range(1, 7)]
    assert got == [True] * 3 + ["too_many"] * 3, got
    assert comes_in("2001:db8:1:3::1") is True and comes_in("203.0.113.5") is True
    assert server.stop() == 0 and not server.sanitizer_report()
    server.remove()


# --- all of it ---

MAX_FILE = 70000
server = Server(program, {"website": {"identity": {"file": "identity.secret"}, "max_file_bytes": MAX_FILE,
                                      "origins": ["https://shop.example", "https://shop.example:8443", "http://localhost:3000"]},
                          "limits": {"messages_per_minute": 6000, "conversations_per_minute": 60000,
                                     "connects_per_second": 10000}}).start()
silent = Talk(server.port)
silent_since = time.monotonic()
if len(sys.argv) > 2:
    parts = sys.argv[2].split(",")
else:
    parts = ["origins", "frames", "tokens", "reading", "files", "forget", "identities", "limits"]
for part in parts:
    if part == "limits":
        continue
    if part == "files":
        files(server, MAX_FILE)
    elif part == "reading":
        tap.case("a long transcript is shown in pieces", long_transcript, server)
        tap.case("a long transcript comes over Direct Line's stream in pieces", long_stream)
    else:
        globals()[part](server)
    tap.result(server.is_up(), f"the server lives after: {part}", server.log()[-3000:])
if "forget" not in parts:
    try:
        code = silent.closed(10)
    except TimeoutError:
        code = "open"
    tap.same("who does not say hello is sent away", 4001, code)
tap.same("it stops well", 0, server.stop())
tap.result(not server.sanitizer_report(), "no sanitizer has anything to say", server.sanitizer_report())
server.remove()
if "files" in parts:
    tap.case("files: they leave room on the disk", no_room)
if "limits" in parts:
    server = Server(program, {"limits": {"messages_per_minute": 60, "conversations_per_minute": 10}}).start()
    silent = Talk(server.port)
    began = time.monotonic()
    limits(server)
    code = silent.closed(15)
    tap.same("who does not say hello is sent away", 4001, code)
    tap.result(time.monotonic() - began > 4, "but not before its time")
    tap.same("it stops well, again", 0, server.stop())
    tap.result(not server.sanitizer_report(), "no sanitizer has anything to say, again", server.sanitizer_report())
    server.remove()
    tap.case("limits: an address of IPv6 is a household's", household)
tap.finish()
