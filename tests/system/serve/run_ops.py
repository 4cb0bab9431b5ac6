"""How the server behaves as a program that somebody operates: start, stop, reload, health, metrics, TLS, log,
folders, disks.  run_ops.py PROGRAM [PART,…]"""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import tempfile
import time
import traceback
import warnings

import tap
from server import Server, identity
from tab import Browser, Loop, Tab, settle_all, text_of, transcript
from talk import Talk, open_chat
from ws import Closed, Refused

program = sys.argv[1]
root = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))


def clean_up(*servers):
    """Every server ends here: with what its sanitizers said."""
    for server in servers:
        if server.is_up():
            server.stop()
        report = server.sanitizer_report()
        if report:
            tap.result(False, "no sanitizer has anything to say", report)
        server.remove()


def starts_not(server, prefix=()):
    """(status, what it said) of a start that has to fail."""
    server.start(wait=False, prefix=prefix)
    try:
        status = server.process.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        return "it runs", ""
    return status, server.output() + server.log()


# --- starting ---

def starting():
    server = Server(program, demo=True).start()
    said = server.output()
    tap.result(re.search(rf"http://127\.0\.0\.1:{server.port}/\n", said) and server.port > 0, "--port 0: says where it is", said)
    tap.same("the demo page is there", 200, server.get("/")[0])
    tap.result("html" in server.get("/")[1][:200].lower(), "and it is a page", server.get("/")[1][:300])
    tap.same("the chat without scripts is there", 200, server.get("/chat/form")[0])
    lines = [json.loads(line) for line in server.log().splitlines()]
    tap.result(any(x["what"] == "listening" and x["port"] == server.port for x in lines), "the log says so too", lines)

    other = Server(program, demo=True)
    other.port = server.port
    status, said = starts_not(other)
    tap.result(status == 2 and str(server.port) in said and "in use" in said and "\n" not in said.strip().split("tenstep: ")[-1],
               "a taken port: status 2 and a line", f"{status}: {said}")
    same_data = Server(program, demo=True, data=server.data)
    status, said = starts_not(same_data)
    tap.result(status == 2 and "another" in said and server.data in said, "the same folder twice: status 2 and a line", f"{status}: {said}")
    talk, _ = open_chat(server)
    tap.case("the first one was not disturbed", talk.say, "hello")
    talk.drop()
    for what, options, pattern in [("neither --demo nor --config", [], "--demo"), ("both", ["--demo", "--config", "x"], "--demo"),
                                   ("a port that is none", ["--demo", "--port", "70000"], "70000"),
                                   ("an argument too many", ["--demo", "extra"], "extra"),
                                   ("no such configuration", ["--config", "/nonexistent/x.json"], "/nonexistent/x.json"),
                                   ("no such content", ["--demo", "--port", "0", "--content", "/nonexistent"], "/nonexistent")]:
        done = subprocess.run([program, "serve", "--data", os.path.join(server.scratch, "none"), *options], capture_output=True, text=True, timeout=30)
        tap.result(done.returncode == 2 and pattern in done.stderr, f"{what}: status 2", f"{done.returncode}: {done.stdout}{done.stderr}")
    clean_up(server, other, same_data)

    server = Server(program)
    for what, text, pattern in [("no JSON", "{", r"config\.json:1:2: error"), ("a wrong key", '{\n  "demo": true,\n  "lisen": {}\n}', r"config\.json:3:3: error\[G003\].*'lisen'"),
                                ("a wrong value", '{"demo": true,\n "listen": {"port": 99999}}', r"config\.json:2:21: error"),
                                ("a missing secret", '{"demo": true,\n "website": {"identity": {"file": "no.such"}}}', r"config\.json:2:\d+: error"),
                                ("a secret in plain sight", '{"demo": true,\n "desk": {"token": "plain-secret-4711-of-the-desk"}}', r"config\.json:2:\d+: error")]:
        with open(server.config_path, "w") as f:
            f.write(text)
        status, said = starts_not(server)
        tap.result(status == 2 and re.search(pattern, said) and "4711" not in said and not os.path.exists(os.path.join(server.data, "server", "store.db")),
                   f"configuration: {what}: status 2, file:line:column", f"{status}: {said}")
    clean_up(server)


def supervised():
    """Who started it hears how it stands; and SIGHUP before it is heard does no harm."""
    server = Server(program)
    for name in (os.path.join(server.scratch, "notify"), "@tenstep-ops-" + os.path.basename(server.scratch)):
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ear.bind("\0" + name[1:] if name[0] == "@" else name)
        ear.settimeout(30)
        server.environment = {**os.environ, "NOTIFY_SOCKET": name}
        shutil.rmtree(server.data, ignore_errors=True)
        server.start(wait=False)
        end = time.monotonic() + 20
        while not os.path.exists(server.data) and time.monotonic() < end:
            time.sleep(0.001)
        while server.is_up() and not server.output() and time.monotonic() < end:
            server.process.send_signal(signal.SIGHUP)
            time.sleep(0.002)
        tap.same("supervised: told when it is ready, whatever SIGHUP came before", b"READY=1", ear.recv(100))
        tap.same("supervised: and it is", 200, server.get("/readyz")[0])
        server.process.send_signal(signal.SIGTERM)
        tap.same("supervised: told when it stops", b"STOPPING=1", ear.recv(100))
        tap.same("supervised: it stops well", 0, server.wait())
        with open(server.config_path, "a") as f:
            f.write("}")
        tap.same("supervised: a start that has to fail", 2, starts_not(server)[0])
        ear.setblocking(False)
        try:
            said = ear.recv(100)
        except BlockingIOError:
            said = b""
        tap.same("supervised: is never said to be ready", b"", said)
        server.configure({})
        ear.close()
    clean_up(server)


# --- health, metrics, config ---

def pages():
    server = Server(program, {"website": {"identity": {"file": "identity.secret"}, "title": "Orders", "greeting": "Hello there",
                                          "colour": "#1d4ed8", "consent": "We keep it.", "image_origins": ["https://img.example"]}}).start()
    for path in ("/healthz", "/readyz", "/metrics", "/chat/config", "/chat/widget.js", "/chat/panel.js", "/", "/chat/form"):
        status, headers, body = server.http("GET", path)
        tap.result(status == 200 and body and headers.get("x-content-type-options") == "nosniff" and headers.get("referrer-policy") == "no-referrer",
                   f"GET {path}", f"{status} {headers} {body[:200]}")
    status, headers, body = server.http("HEAD", "/healthz")
    tap.result(status == 200 and body == b"", "HEAD /healthz", (status, body))
    for method, path, wanted in [("POST", "/healthz", 405), ("GET", "/nothing", 404), ("GET", "/chat/lang/../../x", 404), ("DELETE", "/chat/upload", 405),
                                 ("GET", "/chat/upload", 405), ("GET", "/chat", 404), ("GET", "/desk/cards", 404)]:
        got = server.http(method, path)[0]
        tap.result(got in (wanted, 400, 426) if path == "/chat" else got == wanted, f"{method} {path}: {wanted}", got)
    tag = server.http("GET", "/chat/widget.js")[1].get("etag", "none")
    status, headers, body = server.http("GET", "/chat/widget.js", headers={"If-None-Match": tag})
    tap.result(status == 304 and body == b"" and headers.get("etag") == tag, "a file that the browser has is not sent again", (status, headers, body[:200]))
    tap.same("one that it has otherwise is", 200, server.http("GET", "/chat/widget.js", headers={"If-None-Match": '"0123456789abcdef"'})[0])
    config = json.loads(server.get("/chat/config")[1])
    tap.result(config.get("title") == "Orders" and config.get("greeting") == "Hello there" and config.get("colour") == "#1d4ed8" and config.get("consent") == "We keep it."
               and config.get("images") == ["https://img.example"] and config.get("open") is True and config["files"]["max_bytes"] == 5242880
               and "image/png" in config["files"]["types"], "/chat/config says what is configured", config)
    tap.result(config.get("languages", {}).get("en") == "Chat", "/chat/config names the languages", config)
    silent = Server(program, {"website": {"title": "Orders"}}).start()
    greeting = json.loads(silent.get("/chat/config")[1]).get("greeting", "")
    tap.result(greeting.startswith("Hello! I help with your orders.") and "button" not in greeting,
               "without a greeting of the configuration the chat begins with the words of session/hello", greeting)
    tap.result(greeting in silent.get("/chat/form")[1], "so does the page without JavaScript", greeting)
    clean_up(silent)
    talk, _ = open_chat(server)
    talk.say("hello")
    status, headers, body = server.http("GET", "/metrics")
    page = body.decode()
    sent = re.search(r'^tenstep_messages_total\{[^}]*direction="in"[^}]*\} (\d+)', page, re.M)
    tap.result(sent and sent.group(1) == "1", "/metrics counts messages", page[:3000])
    tap.result(headers["content-type"].startswith("text/plain; version=0.0.4"), "/metrics has its content type", headers)
    for what, headers in (("to a page that comes by a name of its own", {"Host": f"evil.example:{server.port}"}),
                          ("through a proxy that is not trusted", {"X-Forwarded-For": "203.0.113.5"})):
        tap.same(f"/metrics: not {what}", 403, server.http("GET", "/metrics", headers=headers)[0])
    bad = [line for line in page.splitlines() if not re.match(r'(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+0-9.eE]+(Inf|NaN)?)$', line)]
    tap.same("/metrics: each line is well formed", [], bad[:5])
    names = re.findall(r"^# TYPE (\S+)", page, re.M)
    tap.same("/metrics: each family once", len(names), len(set(names)))
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True)
        tap.result(done.returncode == 0, "/metrics: promtool", done.stdout + done.stderr)
    else:
        tap.skip("/metrics: promtool", "promtool is not installed")
    clean_up(server)

    secret = "a-token-of-these-tests-not-of-anybody-else"
    server = Server(program, {"metrics": {"token": {"file": "metrics.token"}}})
    with open(os.path.join(server.scratch, "metrics.token"), "w") as f:
        f.write(secret)
    server.start()
    tap.result(server.get("/metrics")[0] in (401, 403), "/metrics: not without its token", server.get("/metrics"))
    tap.result(server.get("/metrics", {"Authorization": "Bearer wrong"})[0] in (401, 403), "/metrics: nor with another")
    tap.same("/metrics: with its token", 200, server.get("/metrics", {"Authorization": f"Bearer {secret}"})[0])
    clean_up(server)


# --- reloading ---

def wait_for_log(server, pattern, timeout=45):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if re.search(pattern, server.log()):
            return True
        time.sleep(0.02)
    return False


def reloading():
    content = os.path.join(tempfile.mkdtemp(prefix="tenstep-content-"), "content")
    os.mkdir(content)
    for name in ("flows", "intents"):
        shutil.copytree(os.path.join(root, name), os.path.join(content, name))
    flow = os.path.join(content, "flows/guide/05_cancel.json")
    with open(flow) as f:
        text = f.read()
    question = "Which order shall I cancel?"
    assert question in text
    server = Server(program, options=["--content", content])
    server.start()
    alive, w = open_chat(server, identity=identity("buyer-open"))
    alive.say("hello")

    def ask():
        alive.say("cancel my order")
        posts = [f for f in alive.passed if f["t"] == "post" and f["who"] == "bot"]
        alive.say("stop")
        return "\n".join(text_of(p) for p in posts)

    tap.result(question in ask(), "content: as it was started with")
    with open(flow, "w") as f:
        f.write(text.replace('"then": "find_all"', '"then": "nowhere"', 1))
    server.process.send_signal(signal.SIGHUP)
    tap.result(wait_for_log(server, "not reloaded"), "SIGHUP with broken content: it says that the old one stays", server.log())
    tap.result("05_cancel.json:" in server.log() and "nowhere" in server.log(), "and what is wrong, with its place", server.log())
    tap.result(question in ask(), "and goes on with the old one", alive.passed)
    with open(flow, "w") as f:
        f.write("{")
    server.process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    tap.result(question in ask(), "the same with a file that is no JSON", alive.passed)
    os.rename(os.path.join(content, "flows"), os.path.join(content, "gone"))
    server.process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    tap.result(question in ask(), "and with a folder that is gone", alive.passed)
    os.rename(os.path.join(content, "gone"), os.path.join(content, "flows"))
    with open(flow, "w") as f:
        f.write(text.replace(question, "Tell me which one, please:"))
    server.process.send_signal(signal.SIGHUP)
    tap.result(wait_for_log(server, '"content reloaded"'), "SIGHUP with good content: it says so", server.log())
    got = ask()
    tap.result("Tell me which one, please:" in got and question not in got, "and uses it, in open conversations too", got)
    tap.result("configuration" not in server.log(), "of a configuration that is as it was nothing is said", server.log())
    with open(server.config_path) as f:
        as_it_was = f.read()
    for what, change, words in [("with an error", '"lisen": {}, ', r'(?s)config\.json:1:\d+: error\[G003\].*"the configuration has errors: with it the server would not start again"'),
                                ("with a change", '"log": "error", ', '"the configuration has changed: it is used after a restart"')]:
        with open(server.config_path, "w") as f:
            f.write(as_it_was.replace("{", "{" + change, 1))
        server.process.send_signal(signal.SIGHUP)
        tap.result(wait_for_log(server, words), f"SIGHUP and a configuration {what}: it is said", server.log())
    os.remove(server.config_path)
    server.process.send_signal(signal.SIGHUP)
    tap.result(wait_for_log(server, r"G000.*config\.json': No such file"), "and that there is none any more", server.log())
    tap.result("Tell me which one" in ask(), "and it goes on with the one it was started with")
    for _ in range(20):
        server.process.send_signal(signal.SIGHUP)
    tap.result("Tell me which one" in ask(), "many SIGHUPs at once harm nobody")
    alive.drop()
    clean_up(server)
    shutil.rmtree(os.path.dirname(content))


# --- stopping ---

def stopping():
    server = Server(program).start()
    browsers = [Browser(server.port) for _ in range(8)]
    tabs = [Tab(b, f"t{i}") for i, b in enumerate(browsers)]
    loop = Loop(tabs)
    for t in tabs:
        t.say("hello")
    settle_all(loop, tabs)
    written = [t.say(f"the last words of {t.sender}") for t in tabs for _ in range(3)]
    loop.step(0.001)
    server.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    end = began + 20
    while server.is_up() and time.monotonic() < end:
        for t in tabs:
            t.next_try = end  # nobody comes back meanwhile
        loop.step()
    loop.quiet(0.2)
    tap.same("SIGTERM: status 0", 0, server.wait())
    closes = {t.closes[-1] if t.closes else None for t in tabs}
    tap.same("SIGTERM: every socket gets 1001", {1001}, closes)
    acked = {m.id for m in written if m.ack}
    server.start()
    for t in tabs:
        t.next_try = 0
    tap.result(settle_all(loop, tabs), "what was not acknowledged is sent again and taken")
    wrong = [f for t in tabs for f in t.faults]
    for t, b in zip(tabs, browsers):
        posts, more = transcript(b)
        ids = [p["id"] for _, p in sorted(posts.items()) if p["who"] == "buyer"]
        if ids != [f"{t.sender}:{k}" for k in range(1, 5)]:
            wrong.append(f"{t.sender}: {ids}")
        for n, p in posts.items():
            if p["who"] == "buyer" and p["id"] in acked and n + 1 not in posts:
                wrong.append(f"{p['id']} was acknowledged and has no answer")
    tap.result(not wrong, "SIGTERM: nothing is lost, doubled or without its answer", "\n".join(wrong))
    talk, _ = open_chat(server)
    server.process.send_signal(signal.SIGTERM)
    late = []
    try:
        for _ in range(20):
            try:
                late.append(server.get("/readyz")[0])
            except OSError:
                late.append("closed")
            time.sleep(0.01)
    finally:
        server.wait()
    tap.result(200 not in late[3:] and set(late) <= {200, 503, "closed"}, "SIGTERM: not ready any more", late)
    tap.same("SIGTERM: 1001 for who sits idle", 1001, talk.closed())
    server.start()
    server.process.send_signal(signal.SIGINT)
    tap.same("SIGINT does the same", 0, server.wait())
    clean_up(server)


# --- TLS ---

def certificate(folder, name, prefix=""):
    cert, key = os.path.join(folder, prefix + "cert.pem"), os.path.join(folder, prefix + "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def tls():
    if not shutil.which("openssl"):
        tap.skip("TLS", "openssl is not installed")
        return
    server = Server(program)
    cert, key = certificate(server.scratch, "first")
    server.configure({"listen": {"certificate": "cert.pem", "key": "key.pem"}})
    server.start()
    context = ssl.create_default_context(cafile=cert)
    tap.result("https://" in server.output(), "TLS: it says https", server.output())
    tap.same("TLS: a page", 200, server.http("GET", "/healthz", tls=context)[0])

    def chat():
        talk = Talk(server.port, tls=context)
        talk.hello()
        assert talk.say("hello over TLS") == 1
        return talk

    tap.case("TLS: a chat", chat)
    tap.result(not_open(server, context), "TLS: a page of http may not open it")
    try:
        status = server.get("/healthz")[0]
    except (OSError, http.client.HTTPException):
        status = "nothing"
    tap.result(status != 200, "TLS: without it there is nothing", status)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(cert)
    warnings.simplefilter("ignore", DeprecationWarning)
    try:
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        got = server.http("GET", "/healthz", tls=old)[0]
    except (OSError, ssl.SSLError) as e:
        got = type(e).__name__
    tap.result(got != 200, "TLS: not older than 1.2", got)
    talk = chat()
    certificate(server.scratch, "second")
    server.process.send_signal(signal.SIGHUP)
    context2 = ssl.create_default_context(cafile=cert)
    end = time.monotonic() + 10
    got = None
    while time.monotonic() < end and got != 200:
        try:
            got = server.http("GET", "/healthz", tls=context2)[0]
        except ssl.SSLError as e:
            got = str(e)
            time.sleep(0.05)
    tap.same("TLS: SIGHUP takes the new certificate", 200, got)
    tap.result(wait_for_log(server, '"certificate read again"'), "TLS: and says so", server.log())
    tap.case("TLS: who is connected stays", talk.say, "still here")
    tap.result(re.search(r"^tenstep_certificate_ends_seconds \d{10}$", server.http("GET", "/metrics", tls=context2)[2].decode(), re.M), "TLS: /metrics says when it ends")
    certificate(server.scratch, "fourth")
    context2 = ssl.create_default_context(cafile=cert)
    tap.result(wait_for_log(server, r'(?s)"certificate read again".*"certificate read again"'), "TLS: that a certificate was renewed is seen", server.log())
    tap.same("TLS: and it is used by itself", 200, server.http("GET", "/healthz", tls=context2)[0])
    tap.case("TLS: who is connected stays then, too", talk.say, "still here")
    _, other = certificate(server.scratch, "third", "other-")
    os.rename(key, key + ".right")
    shutil.copy(other, key)
    server.process.send_signal(signal.SIGHUP)
    tap.result(wait_for_log(server, "key.pem' is not the key of the certificate"), "TLS: a key of another certificate is told", server.log())
    tap.same("TLS: and nobody is shown it", 200, server.http("GET", "/healthz", tls=context2)[0])
    os.rename(key + ".right", key)
    ended(cert, key)
    server.process.send_signal(signal.SIGHUP)
    tap.result(wait_for_log(server, "the certificate ended at"), "TLS: one that is over is told", server.log())
    with open(cert, "w") as f:
        f.write("no certificate\n")
    server.process.send_signal(signal.SIGHUP)
    tap.result(wait_for_log(server, "certificate was not renewed"), "TLS: a broken certificate is told", server.log())
    context3 = ssl.create_default_context()
    context3.check_hostname = False
    context3.verify_mode = ssl.CERT_NONE
    tap.same("TLS: and the last good one stays", 200, server.http("GET", "/healthz", tls=context3)[0])
    server.stop()
    status, said = starts_not(server)
    tap.result(status == 2 and "cert.pem" in said, "TLS: no start with a broken certificate", f"{status}: {said}")
    clean_up(server)


def ended(cert, key):
    """Writes a certificate of this key that ended yesterday."""
    request = cert + ".request"
    subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=ended", "-out", request], check=True, capture_output=True)
    subprocess.run(["openssl", "x509", "-req", "-in", request, "-signkey", key, "-days", "-1", "-out", cert], check=True, capture_output=True)


def not_open(server, context):
    try:
        Talk(server.port, tls=context, origin=f"http://127.0.0.1:{server.port}").hello()
    except (Refused, Closed):
        return True
    return False


# --- what is written, and where ---

CANARY = {"words": "canary-lark-8081", "name": "Quillabeth", "mail": "quilla.canary@example.com", "page": "/canary-page-331", "file": "canary-file-227"}


def own_desk():
    """The desk on an address of its own: nothing else is there, WebSockets neither."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = "for-the-desk-only-0123456789abcdef"
    server = Server(program, {"desk": {"address": "127.0.0.1", "port": port, "token": {"file": "desk"}}},
                    secrets={"desk": token}).start()

    def ask(path, **headers):
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        link.request("GET", path, headers=headers)
        status = link.getresponse().status
        link.close()
        return status

    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": f"http://127.0.0.1:{port}"}
    tap.same("own desk: with its token", 200, ask("/desk/cards", Authorization=f"Bearer {token}"))
    tap.same("own desk: no pages, no chat", (404, 404), (ask("/healthz"), ask("/chat", **upgrade)))
    tap.same("own desk: and not on the other address", 404, server.get("/desk/cards", {"Authorization": f"Bearer {token}"})[0])
    tap.same("own desk: it stops well", 0, server.stop())
    clean_up(server)


def webhook_down():
    """The hand-off's webhook is away, also while the server is started again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(program, {"desk": {"token": {"file": "desk"}, "webhook_url": f"http://127.0.0.1:{port}/hook", "webhook_secret": {"file": "hook"}}},
                    secrets={"desk": "for-the-desk-only-0123456789abcdef", "hook": "for-the-webhook-only-0123456789abcdef"}).start()

    def kept(state):
        found = re.search(rf'^tenstep_webhook_sends{{state="{state}"}} (\d+)$', server.get("/metrics")[1], re.M)
        return found and int(found.group(1))

    talk, _ = open_chat(server)
    talk.say("I want to talk to a person")
    tap.result(wait_for_log(server, "a hand-off could not be delivered.*Couldn't connect"), "webhook: that it is away is told", server.log())
    tap.same("webhook: /metrics says how many wait", (1, 0), (kept("open"), kept("dead")))
    tap.same("webhook: and the server is ready all the same", 200, server.get("/readyz")[0])
    server.kill()
    server.start()
    tap.same("webhook: so it does after a kill", 1, kept("open"))
    with socket.create_server(("127.0.0.1", port)) as hook:
        hook.settimeout(30)
        link, _ = hook.accept()
        said = link.recv(65536).decode()
        while "handoff.created" not in said:
            said += link.recv(65536).decode()
        link.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        link.close()
    end = time.monotonic() + 20
    while kept("open") and time.monotonic() < end:
        time.sleep(0.05)
    tap.same("webhook: when it is back it is told", (0, 0), (kept("open"), kept("dead")))
    tap.same("webhook: it stops well", 0, server.stop())
    clean_up(server)


def privacy():
    server = Server(program, {"log": "debug"})
    before = set(os.listdir(server.scratch))
    home = os.path.join(server.scratch, "home")
    os.mkdir(home)
    server.environment = {"PATH": os.environ["PATH"], "TMPDIR": home}  # HOME is unset
    server.start(prefix=["env", "-C", home])
    signed = identity("buyer-open", CANARY["name"])
    talk = Talk(server.port)
    w = talk.hello(identity=signed, page=CANARY["page"], lang="en")
    token = w["token"]
    for text in [f"my {CANARY['words']} is lost", f"write to {CANARY['mail']}", "where is A-1001?", "cancel my order", "I want to talk to a person"]:
        talk.say(text)
    status, _, body = server.http("POST", "/chat/upload", b"\x89PNG\r\n\x1a\n" + b"x" * 20, {"Authorization": f"Bearer {token}", "X-File-Name": CANARY["file"] + ".png",
                                                                                                       "X-Chat-Identity": signed})
    upload = json.loads(body)["file"]
    talk.put(t="file", id="f:1", file=upload)
    talk.next("ack")
    anonymous, w2 = open_chat(server)
    anonymous.say(f"{CANARY['words']}")
    for raw in ['{"t":"say","id":"x:1","text":["canary-lark-8081"]}', '{"t":"canary-lark-8081"}', "canary-lark-8081", '{"t":"identity","identity":"canary-lark-8081.x.y"}']:
        anonymous.send(raw)
        anonymous.next("error")
    Talk(server.port).hello(identity=identity("buyer-open", CANARY["name"], secret=b"wrong" * 9))
    for path in ("/canary-lark-8081", "/chat/file/canary-lark-8081?k=canary-lark-8081", "/demo/identity?buyer=canary-lark-8081"):
        server.http("GET", path, headers={"Authorization": "Bearer canary-lark-8081", "User-Agent": "canary-lark-8081", "Cookie": "canary-lark-8081"})
    metrics = server.get("/metrics")[1]
    server.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    talk.put(t="forget")
    talk.closed()
    tap.same("log: it stops well", 0, server.stop())
    log, out = server.log(), server.output()
    bad = []
    for line in log.splitlines():
        try:
            x = json.loads(line)
            if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", x["time"]) or x["level"] not in ("debug", "info", "warning", "error") or not x["what"]:
                bad.append(line)
        except (ValueError, KeyError):
            bad.append(line)
    tap.same("log: an object a line", [], bad[:5])
    tap.result(len(log.splitlines()) >= 4, "log: there is something in it", log)
    secrets = {**CANARY, "token": token, "token of another": w2["token"], "identity": signed, "its signature": signed.split(".")[2], "buyer": "buyer-open", "order": "A-1001"}
    with open(os.path.join(server.scratch, "identity.secret")) as f:
        secrets["secret"] = f.read()
    for where, text in [("log", log), ("stdout", out), ("metrics", metrics)]:
        found = [what for what, words in secrets.items() if words in text]
        tap.same(f"private: nothing of a buyer in {where}", [], found)
    tap.same("everything is written below --data", (["data"], []), (sorted(set(os.listdir(server.scratch)) - before - {"home", "log", "out"}), os.listdir(home)))
    loose = [os.path.join(at, x) for at, ds, fs in os.walk(server.data) for x in ds + fs if stat.S_IMODE(os.lstat(os.path.join(at, x)).st_mode) & 0o077]
    tap.same("nobody else may read it", [], loose)
    clean_up(server)


def as_nobody():
    """How to run the program as somebody to whom permissions mean something."""
    if os.getuid() != 0:
        return []
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    if not shutil.which("setpriv") or subprocess.run([*nobody, "test", "-x", program]).returncode:
        return None
    return nobody


def folders():
    server = Server(program, demo=True)
    os.chmod(server.scratch, 0o755)
    prefix = as_nobody()
    if prefix is None:
        tap.skip("a folder that cannot be written", "the program is where only root may run it")
    else:
        os.mkdir(server.data, 0o755)
        os.chmod(server.data, 0o555)
        status, said = starts_not(server, prefix)
        tap.result(status == 2 and server.data in said and "ermission denied" in said, "a folder that cannot be written: status 2 and a line", f"{status}: {said}")
        os.chmod(server.data, 0o755)
        inside = os.path.join(server.data, "server")
        os.mkdir(inside, 0o700)
        os.chown(server.data, 65534, 65534)
        status, said = starts_not(server, prefix)
        tap.result(status == 2 and inside in said and "ermission denied" in said and "belong" in said, "a folder of somebody else's in it: status 2 and what is right", f"{status}: {said}")
        os.chown(inside, 65534, 65534)
        database = os.path.join(inside, "store.db")
        for mode, words in [(0o600, "ermission denied"), (0o644, "not written")]:
            with open(database, "w"):
                pass
            os.chmod(database, mode)
            status, said = starts_not(server, prefix)
            tap.result(status == 2 and database in said and words in said, f"a store of somebody else's, mode {mode:o}: status 2 and why", f"{status}: {said}")
        os.remove(database)
        with open(os.path.join(inside, "deaths"), "w"):
            pass
        os.chmod(server.scratch, 0o755)
        os.chown(os.path.join(server.scratch, "identity.secret"), 65534, 65534)
        server.start(prefix=prefix)
        tap.result(wait_for_log(server, "dies of would be tried again"), "one file that cannot be written: a warning", server.log())
        tap.same("it stops well", 0, server.stop())
        shutil.rmtree(server.data)
    os.makedirs(os.path.join(server.data, "server"), 0o755)
    os.chmod(os.path.join(server.data, "server"), 0o755)
    server.start()
    tap.result(re.search(r"others than its owner may look into.*server", server.log()), "a folder that is open to all: a warning", server.log())
    server.stop()
    shutil.rmtree(server.data)
    server.start()
    tap.result("others than" not in server.log(), "and none for one that it made", server.log())
    server.stop()
    shutil.rmtree(server.data)
    with open(server.data, "w") as f:
        f.write("a file")
    status, said = starts_not(server)
    tap.result(status == 2 and server.data in said, "a file where the folder should be: status 2 and a line", f"{status}: {said}")
    os.remove(server.data)
    os.makedirs(os.path.join(server.data, "server"))
    with open(os.path.join(server.data, "server", "store.db"), "w") as f:
        f.write("this is no database, but it is long enough to be read as one\n" * 40)
    status, said = starts_not(server)
    tap.result(status == 2 and "store.db" in said, "a damaged store: status 2 and a line", f"{status}: {said}")
    server.environment = {"PATH": os.environ["PATH"]}
    command = [program, "serve", "--demo", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, env=server.environment, timeout=30)
    tap.result(done.returncode == 2 and "--data" in done.stderr, "neither HOME nor --data: status 2 and what to do", f"{done.returncode}: {done.stderr}")
    clean_up(server)


def moved():
    """The data folder is taken away while the server runs."""
    server = Server(program).start()
    talk, w = open_chat(server)
    talk.say("hello")
    os.rename(server.data, server.data + ".away")
    tap.result(wait_for_log(server, "moved or removed"), "moved: it is told", server.log())
    tap.same("moved: not ready", 503, server.get("/readyz")[0])
    talk.put(t="say", id="t:2", text="hello")
    tap.same("moved: nothing is acknowledged", "stored_not", talk.next("ack", "error").get("code"))
    os.rename(server.data + ".away", server.data)
    tap.result(is_ready_within(server), "moved: ready again when it is back", server.log())
    talk, _ = open_chat(server, token=w["token"], after=0)
    talk.k = 1
    tap.case("moved: and the chat goes on", talk.say, "hello")
    server.kill()
    database, secret = (os.path.join(server.data, "server", x) for x in ("store.db", "ticket.secret"))
    os.rename(database, database + ".away")
    os.rename(database + "-wal", database + ".away-wal")
    status, said = starts_not(server)
    tap.result(status == 2 and "store.db-turns1' belongs to" in said and "bring that back" in said, "a store that is missing beside its journal: status 2 and what to do", f"{status}: {said}")
    os.rename(database + ".away", database)
    os.rename(database + ".away-wal", database + "-wal")
    os.rename(database + "-turns1", database + ".away-turns1")
    status, said = starts_not(server)
    tap.result(status == 2 and "store.db-turns1' is gone" in said and "bring it back" in said, "a journal that is missing beside its store: status 2 and what to do", f"{status}: {said}")
    os.rename(database + ".away-turns1", database + "-turns1")
    os.rename(secret, secret + ".away")
    server.start()
    tap.result("ticket.secret" in server.log() and "do not find their chats" in server.log(), "a secret that is missing beside its store: a warning", server.log())
    server.stop()
    os.rename(secret + ".away", secret)
    server.start()
    tap.result("do not find their chats" not in server.log(), "and none when it is back", server.log())
    posts = open_chat(server, token=w["token"], after=0)[1]["posts"]
    tap.same("moved: nothing is lost", ["t:1", "t:2"], [p["id"] for p in posts if p["who"] == "buyer"])
    clean_up(server)
    far = Server(program)
    far.data = os.path.join(far.scratch, *["x" * 200] * 3)
    status, said = starts_not(far)
    tap.result(status == 2 and "too long" in said, "a folder with too long a name: status 2 and why", f"{status}: {said}")
    clean_up(far)


def damaged():
    """One chat of the store is damaged: who had it begins anew after a while, and nobody else notices."""
    server = Server(program).start()
    chats = []
    for _ in range(2):
        talk, w = open_chat(server)
        talk.say("hello")
        chats.append(w["token"])
    tap.same("damaged: it stops well", 0, server.stop())
    store = sqlite3.connect(os.path.join(server.data, "server", "store.db"))
    store.execute("update piece set bytes = x'ffff' where id = (select min(id) from piece)")
    store.commit()
    store.close()
    server.start()

    def comes(token):
        talk = Talk(server.port)
        talk.put(t="hello", v=1, token=token, after=1)
        f = talk.next("welcome", "error")
        return f.get("code") or ("anew" if f.get("token") else "same"), talk

    said = {token: comes(token)[0] for token in chats}
    tap.same("damaged: one is not read, and its token stays; the other is", ["same", "stored_not"], sorted(said.values()))
    lost = next(token for token, what in said.items() if what == "stored_not")
    tap.result(wait_for_log(server, "a conversation cannot be read.*damaged"), "damaged: it is told", server.log())
    end = time.monotonic() + 60
    began = time.monotonic()
    while comes(lost)[0] == "stored_not" and time.monotonic() < end:
        time.sleep(2)
    tap.result(15 < time.monotonic() - began < 60, "damaged: not at once, but they begin anew", time.monotonic() - began)
    what, talk = comes(lost)
    tap.same("damaged: with a chat of their own", "anew", what)
    tap.case("damaged: in which they can write", talk.say, "hello")
    clean_up(server)


# --- streams and descriptors ---

def is_ready_within(server, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.is_up():
        try:
            if server.get("/readyz")[0] == 200:
                return True
        except OSError:
            pass
        time.sleep(0.02)
    return False


def crowd_comes_and_goes(server, name):
    crowd = []
    for k in range(120):
        one = socket.socket()
        one.bind((f"127.0.0.{2 + k // 8}", 0))
        one.connect(("127.0.0.1", server.port))
        crowd.append(one)
    time.sleep(0.3)
    for one in crowd:
        one.close()
    tap.result(is_ready_within(server), f"{name}: when a crowd has gone it is there again", server.log()[-500:])


def streams():
    server = Server(program)
    server.start(wait=False, prefix=["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"])
    tap.result(is_ready_within(server), "started with its three streams closed: it serves")
    to = [os.readlink(f"/proc/{server.process.pid}/fd/{k}") for k in range(3)]
    tap.same("and no file of its own is where the log goes", ["/dev/null"] * 3, to)
    server.process.send_signal(signal.SIGHUP)
    talk, _ = open_chat(server)
    tap.case("and what is logged disturbs nobody", talk.say, "hello")
    server.stop()
    clean_up(server)

    server = Server(program, {"log": "debug"})
    fifo = os.path.join(server.scratch, "fifo")
    os.mkfifo(fifo)
    pipe = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    try:
        while True:
            os.write(pipe, b"x" * 512)
    except BlockingIOError:
        pass
    server.start(wait=False, prefix=["sh", "-c", 'exec "$@" 2>"$0"', fifo])
    tap.result(is_ready_within(server), "a log that nobody reads, and that is full: it serves")
    server.process.send_signal(signal.SIGHUP)
    talk, _ = open_chat(server)
    tap.case("and keeps no buyer waiting", talk.say, "hello")
    tap.same("and stops well", 0, server.stop())
    os.close(pipe)
    clean_up(server)

    server = Server(program).start(prefix=["prlimit", "--nofile=64:64"]) if shutil.which("prlimit") else None
    if not server:
        tap.skip("few descriptors", "prlimit is not installed")
        return
    tap.result(re.search(r'"fewer connections than configured.*"allowed":64,"needed":\d{5}', server.log()), "few descriptors: a warning says how many it needs", server.log())
    crowd_comes_and_goes(server, "few descriptors")
    tap.same("few descriptors: it stops well", 0, server.stop())
    server.start(prefix=["prlimit", "--nofile=22:22"])
    crowd_comes_and_goes(server, "hardly any descriptors")
    tap.result(wait_for_log(server, "nobody can come in: no more files"), "hardly any descriptors: that nobody can come in is told", server.log())
    tap.same("hardly any descriptors: it stops well", 0, server.stop())
    clean_up(server)


# --- backup ---

def backup():
    """A copy made while the program is frozen holds all that was acknowledged; the program goes on as if nothing had been."""
    server = Server(program).start()
    browsers = [Browser(server.port) for _ in range(6)]
    tabs = [Tab(b, f"t{i}") for i, b in enumerate(browsers)]
    loop = Loop(tabs)
    for t in tabs:
        t.say("hello")
    settle_all(loop, tabs)
    said = [t.say(f"word {k} of {t.sender}") for t in tabs for k in range(8)]
    end = time.monotonic() + 20
    while sum(bool(m.ack) for m in said) < len(said) // 2 and time.monotonic() < end:
        loop.step(0.001)
    server.process.send_signal(signal.SIGSTOP)
    acked = {m.id: m.ack for m in said if m.ack}
    copy = Server(program)
    shutil.copytree(server.data, copy.data)
    server.process.send_signal(signal.SIGCONT)
    tap.result(len(acked) >= len(said) // 2, "backup: it is made in the middle of the work", (len(acked), len(said)))
    tap.result(settle_all(loop, tabs), "backup: the server that was frozen goes on", [t.faults for t in tabs])
    wrong = [f for t in tabs for f in t.faults]
    for b in browsers:
        wrong += transcript(b)[1]
    tap.result(not wrong, "backup: and nothing is lost, doubled or out of order there", "\n".join(map(str, wrong)))
    copy.start()
    missing = []
    for t, b in zip(tabs, browsers):
        twin = Browser(copy.port)
        twin.token = b.token
        posts, more = transcript(twin)
        missing += more
        missing += [i for i, n in acked.items() if i.startswith(t.sender + ":") and posts.get(n, {}).get("id") != i]
    tap.result(not missing, "backup: the copy holds all that was acknowledged", missing)
    tap.same("backup: and is ready", 200, copy.get("/readyz")[0])
    tap.same("backup: the copy stops well", 0, copy.stop())
    copy.start()
    tap.same("backup: and starts again", 200, copy.get("/readyz")[0])
    clean_up(server, copy)


# --- a full disk ---

def full_disk():
    server = Server(program)
    disk = os.path.join(server.scratch, "disk")
    os.mkdir(disk)
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", disk], capture_output=True).returncode:
        tap.skip("a full disk", "a small disk cannot be made here")
        server.remove()
        return
    try:
        server.data = os.path.join(disk, "data")
        server.start()
        browser = Browser(server.port)
        tab = Tab(browser, "t")
        loop = Loop([tab])
        tab.say("hello")
        settle_all(loop, [tab])
        ballast = os.path.join(disk, "ballast")
        with open(ballast, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"\0" * 65536)
            except OSError:
                pass
            try:
                while True:
                    f.write(b"\0" * 512)
            except OSError:
                pass
        # The files that are there may have room inside: until it is used up, all is well.
        end = time.monotonic() + 60
        while "stored_not" not in tab.errors and time.monotonic() < end:
            if not tab.queue:
                tab.say("so much to say " + "word " * 700)
            loop.step()
        tap.result("stored_not" in tab.errors, "a full disk: stored_not is said", (tab.errors, tab.count, tab.closes[-3:], server.log()[-800:]))
        waiting = [m.id for m in tab.queue]
        tap.result(waiting and not any(p.get("id") in waiting for p in tab.posts.values()), "and what was said is not taken", waiting)
        loop.quiet(0.5)
        tap.result(server.is_up(), "the server lives on", server.log()[-1500:])
        try:
            healthy = server.get("/healthz")[0]
        except OSError as e:
            healthy = e
        tap.same("and says that it does", 200, healthy)
        tap.same("and that it is not ready", (503, "the store takes nothing\n"), server.get("/readyz"))
        status, _, _ = server.http("POST", "/chat/upload", b"\x89PNG\r\n\x1a\n" + b"x" * 50000, {"Authorization": f"Bearer {browser.token}"})
        tap.same("an upload is told as well", 507, status)
        os.remove(ballast)
        tap.result(settle_all(loop, [tab], 60), "with room again it goes on by itself", (tab.ready, [m.id for m in tab.queue], tab.errors[-5:], server.log()[-800:]))
        tab.say("and after that")
        settle_all(loop, [tab])
        tap.same("and is ready again", 200, server.get("/readyz")[0])
        posts, more = transcript(browser)
        ids = [p["id"] for _, p in sorted(posts.items()) if p["who"] == "buyer"]
        wrong = [*tab.faults, *more]
        if ids != [f"t:{k}" for k in range(1, tab.count + 1)]:
            wrong.append(f"stored is {ids}, of {tab.count}")
        if sorted(posts) != list(range(1, len(posts) + 1)):
            wrong.append(sorted(posts))
        tap.result(not wrong, "nothing is lost, doubled or out of order", "\n".join(map(str, wrong)))
        server.kill()
        server.start()
        again, more = transcript(browser)
        tap.same("nor after a kill", posts, again)
        tap.same("it stops well", 0, server.stop())
    finally:
        if server.is_up():
            server.kill()
        subprocess.run(["umount", "-l", disk])
    clean_up(server)


chosen = sys.argv[2].split(",") if len(sys.argv) > 2 else ["starting", "supervised", "pages", "reloading", "stopping", "tls", "own_desk", "webhook_down", "privacy", "folders", "moved", "damaged", "streams", "backup", "full_disk"]
for part in chosen:
    try:
        globals()[part]()
    except Exception as e:
        tap.result(False, f"{part}: to its end", traceback.format_exc(limit=-5))
tap.finish()
