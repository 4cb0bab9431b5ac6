"""The chat behind nginx, configured as bot/app/PROXY.md says.  run_proxy.py PROGRAM"""
import glob
import html
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

import tap
from server import Server, free_port
from talk import Talk

program = os.path.abspath(sys.argv[1])
root = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
scratch = tempfile.mkdtemp(prefix="tenstep-proxy-")
DIRECT = "a-secret-of-these-tests-and-of-nobody"
PNG = b"\x89PNG\r\n\x1a\n"


def find_nginx():
    """The program: installed, or unpacked from Debian's package without being installed, which would start it."""
    found = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if found:
        return found
    subprocess.run(["apt-get", "-qq", "download", "nginx"], cwd=scratch, capture_output=True, timeout=120)
    for package in glob.glob(os.path.join(scratch, "nginx_*.deb")):
        subprocess.run(["dpkg", "-x", package, os.path.join(scratch, "package")], check=True)
    found = os.path.join(scratch, "package/usr/sbin/nginx")
    return found if os.path.exists(found) and subprocess.run([found, "-v"], capture_output=True).returncode == 0 else None


def block(language):
    with open(os.path.join(root, "bot/app/PROXY.md")) as f:
        return re.search(rf"^```{language}\n(.*?)^```", f.read(), re.S | re.M).group(1)


def put(name, text):
    with open(os.path.join(scratch, name), "w") as f:
        f.write(text)


class Nginx:
    def __init__(self, nginx, server):
        self.port = free_port()
        self.cert, key = os.path.join(scratch, "cert.pem"), os.path.join(scratch, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=proxy", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", self.cert],
                       check=True, capture_output=True)
        here = block("nginx")
        for is_there, instead in (("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"), ("/etc/ssl/chat.shop.example.pem", self.cert),
                                  ("/etc/ssl/private/chat.shop.example.key", key), ("http://127.0.0.1:8080", f"http://127.0.0.1:{server.port}")):
            assert is_there in here, is_there
            here = here.replace(is_there, instead)
        user = "user root;" if os.getuid() == 0 else ""
        folders = "".join(f"{what}_temp_path {scratch}/temp;\n" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        put("nginx.conf", f"{user} daemon off; worker_processes 1; pid {scratch}/pid;\nevents {{ }}\nhttp {{\naccess_log off;\n{folders}{here}}}\n")
        self.process = subprocess.Popen([nginx, "-p", scratch, "-c", f"{scratch}/nginx.conf", "-e", f"{scratch}/error.log"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.tls = ssl.create_default_context(cafile=self.cert)

    def http(self, method, path, body=None, headers=None):
        link = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=self.tls)
        link.request(method, path, body, headers or {})
        answer = link.getresponse()
        said = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        link.close()
        return said

    def wait(self, status, path="/healthz"):
        end, got = time.monotonic() + 20, None
        while time.monotonic() < end:
            try:
                got = self.http("GET", path)[0]
            except OSError as e:
                got = e
            if got == status:
                return
            time.sleep(0.02)
        raise AssertionError(f"{path}: {got}, not {status}")

    def log(self):
        with open(os.path.join(scratch, "error.log"), errors="replace") as f:
            return f.read()


def talk_through(proxy, **more):
    return Talk(proxy.port, tls=proxy.tls, **more)


def answered(talk, text):
    """Says it; what the bot says."""
    talk.put(t="say", id="t:1", text=text)
    post = talk.next("post")
    while post["who"] != "bot":
        post = talk.next("post")
    return post


# --- the cases ---

def pages():
    for path in ("/", "/chat/widget.js", "/chat/config", "/chat/form"):
        status, headers, body = proxy.http("GET", path)
        assert status == 200 and body, (path, status, body[:200])


def chat():
    talk = talk_through(proxy)
    talk.hello()
    assert answered(talk, "hello")["n"] == 2
    talk.drop()


def others_pages():
    talk = talk_through(proxy, origin="https://evil.example")
    assert talk.closed() == 4003


def a_picture():
    talk = talk_through(proxy)
    token = talk.hello()["token"]
    talk.say("hello")
    whole = PNG + b"\0" * (5242880 - len(PNG))
    status, _, answer = proxy.http("POST", "/chat/upload", whole, {"Authorization": f"Bearer {token}", "X-File-Name": "big.png"})
    assert status == 201, (status, answer)
    talk.put(t="file", id="t:9", file=json.loads(answer)["file"])
    post = talk.next("post")
    while "file" not in post:
        post = talk.next("post")
    status, headers, body = proxy.http("GET", post["file"]["url"])
    assert status == 200 and body == whole and headers["content-type"] == "image/png", (status, headers)
    talk.drop()


def without_scripts():
    status, headers, page = proxy.http("GET", "/chat/form")
    cookie = headers["set-cookie"]
    assert status == 200 and "; Secure" in cookie, cookie
    field = {name: html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page.decode()).group(1)) for name in ("csrf", "id")}
    head = {"Cookie": cookie.split(";")[0], "Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://127.0.0.1:{proxy.port}"}
    status, headers, body = proxy.http("POST", "/chat/form", urllib.parse.urlencode({**field, "text": "hello through the form"}), head)
    assert status == 303, (status, body)
    assert b"hello through the form" in proxy.http("GET", "/chat/form", headers=head)[2]


def direct_line():
    status, _, body = proxy.http("POST", "/v3/directline/conversations", "", {"Authorization": f"Bearer {DIRECT}"})
    begun = json.loads(body)
    assert status == 201 and begun["streamUrl"].startswith(f"wss://127.0.0.1:{proxy.port}/"), begun
    stream = talk_through(proxy, path=begun["streamUrl"].split(str(proxy.port), 1)[1])
    said = json.dumps({"type": "message", "from": {"id": "u"}, "text": "hello"})
    status, _, body = proxy.http("POST", f"/v3/directline/conversations/{begun['conversationId']}/activities", said,
                                 {"Authorization": f"Bearer {begun['token']}", "Content-Type": "application/json"})
    assert status == 200, (status, body)
    heard = []
    while not any(a["from"]["id"] != "u" and a.get("text") for a in heard):
        heard += json.loads(stream.recv() or '{"activities": []}')["activities"]
    stream.drop()


def numbers():
    token = {"Authorization": "Bearer " + TOKEN}
    assert proxy.http("GET", "/metrics", headers=token)[0] == 404
    assert server.http("GET", "/metrics", headers=token)[0] == 200


def killed():
    talk = talk_through(proxy)
    token = talk.hello()["token"]
    assert answered(talk, "where is my order")["n"] == 2
    server.kill()
    proxy.wait(502)
    server.start()
    proxy.wait(200)
    talk = talk_through(proxy)
    back = talk.hello(token=token, after=0)
    assert [p["n"] for p in back["posts"]][:2] == [1, 2], back
    talk.drop()


def told_by_nobody():
    """Whoever writes the header themselves is counted as who they are."""
    server.stop()
    server.configure({**configuration, "limits": {"conversations_per_minute": 5}})
    server.start()
    proxy.wait(200)
    got = []
    for k in range(12):
        talk = talk_through(proxy, more=[f"X-Forwarded-For: 203.0.113.{k}"])
        talk.put(t="hello", v=1)
        got.append(talk.next("welcome", "error")["t"])
        talk.drop()
    assert got == ["welcome"] * 5 + ["error"] * 7, got


nginx = find_nginx()
if not nginx or not shutil.which("openssl"):
    tap.skip("behind nginx", "neither nginx nor its package is to be had, or no openssl")
    tap.finish()
TOKEN = "a-token-of-these-tests-and-of-nobody-else"
configuration = {**json.loads(re.sub(r",(\s*})", r"\1", block("json"))), "directline": {"secret": {"file": "direct"}}}
server = Server(program, configuration, secrets={"direct": DIRECT, "metrics.token": TOKEN})
proxy = None
try:
    server.start()
    proxy = Nginx(nginx, server)
    proxy.wait(200)
    for name, do in (("pages", pages), ("a chat", chat), ("a page of somebody else's is turned away", others_pages), ("the largest picture", a_picture),
                     ("a chat without scripts, with its cookie", without_scripts), ("Direct Line, with its stream", direct_line),
                     ("/metrics is not for the world", numbers), ("killed and started again", killed),
                     ("a header that the buyer wrote is not believed", told_by_nobody)):
        tap.case(f"behind nginx: {name}", do)
    tap.result("[emerg]" not in proxy.log() and "[warn]" not in proxy.log(), "nginx has nothing against its configuration", proxy.log())
    tap.same("it stops well", 0, server.stop())
    tap.result(not server.sanitizer_report(), "no sanitizer has anything to say", server.sanitizer_report())
finally:
    if proxy:
        proxy.process.terminate()
        proxy.process.wait(20)
    server.remove()
    shutil.rmtree(scratch, ignore_errors=True)
tap.finish()
