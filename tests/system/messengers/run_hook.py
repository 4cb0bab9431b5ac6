"""The programs of adapters/hook/example, each run as it stands: a buyer types, the answer is printed.
run_hook.py PROGRAM"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from server import Server, free_port

EXAMPLES = os.path.join(here, "..", "..", "..", "adapters", "hook", "example")
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


DESK = "the-desk-of-these-tests-and-of-nobody"


def open_server(port, secret=SECRET):
    server = Server(sys.argv[1], config={"desk": {"token": {"file": "desk.token"}}, "channels": {"app": {
        "platform": "hook", "secret": {"file": "hook.secret"}, "url": f"http://127.0.0.1:{port}/hook"}}},
        secrets={"hook.secret": secret, "desk.token": DESK})
    return server.start()


class Program:
    """An example under way; its lines."""

    def __init__(self, command, server, port):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            env={**os.environ, "PORT": str(port), "TENSTEP_SECRET": SECRET,
                 "TENSTEP_URL": f"http://127.0.0.1:{server.port}/channels/app"})
        self.lines = queue.Queue()
        threading.Thread(target=lambda: [self.lines.put(line.rstrip("\n")) for line in self.process.stdout],
                         daemon=True).start()
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the example does not listen")

    def type(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def until(self, words, seconds=45):
        """Reads on until a line has these words."""
        seen = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                seen.append(self.lines.get(timeout=max(0.01, end - time.monotonic())))
            except queue.Empty:
                break
            if words in seen[-1]:
                return seen
        raise AssertionError(f"'{words}' is not said: {seen}")

    def end(self):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(10)


def example(command):
    port = free_port()
    server = open_server(port)
    program = Program(command, server, port)
    try:
        program.type("pls cacel my order")
        program.until("What is the order number?")
        program.type("A-1001")
        program.until("one of these, as on the order")
        program.type("maya.okafor@example.com")
        program.until("[I ordered by mistake]")
        program.type("I ordered by mistake")  # its button's words: pressed
        program.until("Shall I cancel order A-1001")
        program.until("[Yes]")
        program.type("Yes")
        program.until("Order A-1001 is cancelled")
        assert server.sanitizer_report() == ""
    finally:
        program.end()
        server.remove()


# --- what is not shown by an example ---

class Receiver:
    """Keeps what is posted; answers with the statuses it is given (None: not before it is let go), then 204."""

    def __init__(self):
        self.got, self.statuses, self.go = queue.Queue(), [], threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.statuses.pop(0) if receiver.statuses else 204
                receiver.got.put((dict((k.lower(), v) for k, v in self.headers.items()), body, status))
                if status is None:
                    receiver.go.wait(60)
                    return
                self.send_response(status)
                self.end_headers()

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self, seconds=45):
        return self.got.get(timeout=seconds)


def signature(id, timestamp, body, key=KEY):
    return "v1," + base64.b64encode(hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()).decode()


def post(server, event, id="msg_1", age=0, key=KEY, sign=None, body=None):
    body = json.dumps(event).encode() if body is None else body
    timestamp = str(int(time.time()) - age)
    status, _, answer = server.http("POST", "/channels/app", body, {
        "content-type": "application/json", "webhook-id": id, "webhook-timestamp": timestamp,
        "webhook-signature": sign or signature(id, timestamp, body, key)})
    return status, answer.decode()


receiver = Receiver()
server = open_server(receiver.server.server_port)
HELLO = {"type": "message", "conversation": "c1", "text": "hello"}


def signed_out():
    assert post(server, HELLO) == (200, "")
    headers, body, _ = receiver.next()
    id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    assert hmac.compare_digest(headers["webhook-signature"], signature(id, timestamp, body))
    assert abs(time.time() - int(timestamp)) < 10 and id.startswith("msg_")
    said = json.loads(body)
    assert said["type"] == "said" and said["conversation"] == "c1" and said["who"] == "bot" and said["choices"], said


def once():
    for _ in range(3):
        assert post(server, HELLO)[0] == 200
    time.sleep(0.5)
    assert receiver.got.empty()


def refused():
    for wrong in ({"key": b"x" * 32}, {"age": 301}, {"age": -301}, {"sign": "v1,"}, {"sign": "v1a,AAAA"}, {"id": ""}):
        status, _ = post(server, HELLO, **{"id": "msg_2", **wrong})
        assert status == 401, wrong
    for event, word in (({"type": "message", "text": "x"}, "conversation"), ({"type": "press", "conversation": "c"}, "choice"),
                        ({"type": "message", "conversation": "c"}, "text"), ({"type": "message", "conversation": "a b", "text": "x"}, "conversation")):
        status, answer = post(server, event, id="msg_3")
        assert status == 400 and word in answer, (event, answer)
    assert post(server, None, id="msg_3", body=b"{")[0] == 400
    assert post(server, {"type": "something_new"}, id="msg_4")[0] == 200
    assert receiver.got.empty()


def two_signatures():
    body = json.dumps({**HELLO, "conversation": "c2"}).encode()
    now = str(int(time.time()))
    both = signature("msg_5", now, body, b"y" * 32) + " " + signature("msg_5", now, body)
    assert post(server, None, id="msg_5", body=body, sign=both)[0] == 200
    assert json.loads(receiver.next()[1])["conversation"] == "c2"


def handed_back():
    """What we signed ourselves is not taken for a buyer's message."""
    assert post(server, {**HELLO, "conversation": "c3"}, id="msg_6")[0] == 200
    headers, body, _ = receiver.next()
    status, _, _ = server.http("POST", "/channels/app", body, {k: headers[k] for k in
                               ("webhook-id", "webhook-timestamp", "webhook-signature")})
    assert status == 200
    time.sleep(0.5)
    assert receiver.got.empty()


def vouched():
    """The shop knows who writes: nobody is asked to prove anything."""
    assert post(server, {"type": "message", "conversation": "c4", "text": "show my orders", "buyer": "buyer-open",
                         "user": {"id": "1", "name": "Maya"}}, id="msg_7")[0] == 200
    body = json.loads(receiver.next()[1])
    assert "order number" not in body["text"] and ("card" in body or body.get("choices")), body
    while not receiver.got.empty():
        receiver.next()


def repeated():
    """500: nobody knows, so the same id comes again; 429: after Retry-After."""
    time.sleep(0.5)
    while not receiver.got.empty():
        receiver.next()
    receiver.statuses = [500, 503]
    assert post(server, {**HELLO, "conversation": "c5"}, id="msg_8")[0] == 200
    tries = [receiver.next() for _ in range(3)]
    assert [t[2] for t in tries] == [500, 503, 204]
    assert len({t[0]["webhook-id"] for t in tries}) == 1 and len({t[1] for t in tries}) == 1


def person():
    """A person takes over and hands back: the program is told, in its turn."""
    while not receiver.got.empty():
        receiver.next()
    assert post(server, {**HELLO, "conversation": "c7", "text": "I want to talk to a person"}, id="p1")[0] == 200
    events = []
    for _ in range(6):
        events.append(json.loads(receiver.next()[1]))
        if events[-1]["type"] == "owner":
            break
        choices = events[-1].get("choices", [])
        if choices and "person" in choices[0]["label"].lower():
            assert post(server, {"type": "press", "conversation": "c7", "choice": choices[0]["id"]}, id="p2")[0] == 200
    assert events[-1] == {"type": "owner", "conversation": "c7", "owner": "person"}, events
    headers = {"Authorization": "Bearer " + DESK, "content-type": "application/json"}

    def desk(path, body=None):
        status, _, answer = server.http("POST" if body else "GET", path, json.dumps(body) if body else None, headers)
        assert status == 200, (path, status, answer)
        return json.loads(answer)

    card = [c for c in desk("/desk/cards")["cards"] if c["conversation"] == "app:c7"][0]
    desk(f"/desk/cards/{card['id']}/claim", {"person": "Anna", "version": card["version"]})
    assert json.loads(receiver.next()[1])["text"] == "Anna has joined the chat"
    desk(f"/desk/cards/{card['id']}/reply", {"person": "Anna", "text": "Let me look.", "id": "r1"})
    said = json.loads(receiver.next()[1])
    assert said["who"] == "person" and said["name"] == "Anna" and said["text"] == "Let me look.", said
    desk(f"/desk/cards/{card['id']}/back", {"person": "Anna"})
    events = []
    while not events or events[-1]["type"] != "owner":
        events.append(json.loads(receiver.next()[1]))
    assert events[-1]["owner"] == "bot", events


def closed():
    assert post(server, {"type": "close", "conversation": "c5"}, id="x1")[0] == 200
    while not receiver.got.empty():
        receiver.next()
    assert post(server, {**HELLO, "conversation": "c5"}, id="x2")[0] == 200
    assert json.loads(receiver.next()[1])["type"] == "said"


def killed():
    """Killed while the request is on its way: it comes again at once with the same id."""
    receiver.statuses = [500]
    assert post(server, {**HELLO, "conversation": "c6"}, id="msg_9")[0] == 200
    first = receiver.next()
    server.kill()
    server.start()
    again = receiver.next(15)
    assert first[0]["webhook-id"] == again[0]["webhook-id"] and first[1] == again[1]


def killed_often():
    """That the program ended again and again says nothing of the platform: it is not spared for it."""
    receiver.statuses = [None, None, None, None, 500]
    assert post(server, {**HELLO, "conversation": "c8"}, id="msg_10")[0] == 200
    for _ in range(4):
        assert receiver.next(15)[2] is None
        server.kill()
        server.start()
    assert [receiver.next(15)[2] for _ in range(2)] == [500, 204]
    receiver.go.set()
    log = [json.loads(line) for line in server.log().splitlines() if '"a post was not sent"' in line]
    assert log[-1]["tries"] == 1, log[-1]


tap.case("hook: the example in Python", example, [sys.executable, os.path.join(EXAMPLES, "app.py")])
if shutil.which("node"):
    tap.case("hook: the example for Node", example, ["node", os.path.join(EXAMPLES, "app.mjs")])
else:
    tap.skip("hook: the example for Node", "node is not installed")
for name in ("signed_out", "once", "refused", "two_signatures", "handed_back", "vouched", "repeated", "person", "closed", "killed", "killed_often"):
    tap.case("hook: " + name.replace("_", " "), globals()[name])
tap.same("hook: no sanitizer report", "", server.sanitizer_report())
server.remove()
tap.finish()
