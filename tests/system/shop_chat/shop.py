"""`tenstep shop` and a `tenstep serve` that works on it, from outside: buyers write by the sandbox's admin path, and
what the shop says to them is read by requests that are signed here.  Shares no code with the program."""
import hashlib
import hmac
import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, "..", "serve")]
from server import Server, free_port

DESK = "the-desk-of-these-tests-and-of-nobody"
PULL_S = 1


class Shop:
    """The sandbox as a process."""

    def __init__(self, program, folder, webhooks_to):
        self.program, self.data = program, os.path.join(folder, "shop-data")
        self.log_path = os.path.join(folder, "shop.log")
        self.webhooks_to = webhooks_to
        self.port = free_port()
        self.tokens = None

    def start(self):
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [self.program, "shop", "--data", self.data, "--port", str(self.port), "--quiet",
             *(["--webhooks-to", self.webhooks_to] if self.webhooks_to else [])], stdout=subprocess.PIPE, stderr=self.log, text=True)
        told = ""
        for line in self.process.stdout:
            told += line
            if line.startswith("Ctrl-C"):
                break
        self.key = re.search(r"app key +(\S+)", told).group(1)
        self.code = re.search(r"authorisation code +(\S+)", told).group(1)
        self.cipher = re.search(r"shop id, shop cipher +\S+, (\S+)", told).group(1)
        self.shop_id = re.search(r"shop id, shop cipher +(\S+),", told).group(1)
        self.secret = self.file("app.secret")
        self.admin_token = self.file("admin.token")
        return self

    def file(self, name):
        with open(os.path.join(self.data, "shop", name)) as f:
            return f.read().strip()

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.log.close()

    def http(self, method, path, body=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, json.loads(r.read() or b"{}")
        finally:
            c.close()

    # --- by hand ---

    def admin(self, what, **body):
        status, answer = self.http("POST", "/shop/admin/" + what, json.dumps(body),
                                   {"Authorization": "Bearer " + self.admin_token})
        assert status == 200, (what, body, status, answer)
        return answer

    def say(self, buyer, text, **more):
        return self.admin("say", buyer=buyer, text=text, **more)["message"]

    def step(self, order, step):
        self.admin("step", order=order, step=step)

    def pass_time(self, duration):
        return self.admin("clock", advance=duration)["now"]

    def webhooks(self, on):
        self.admin("webhook", off=not on)

    # --- webhooks, as the platform posts them ---

    def sign(self, body, key=None, secret=None):
        return hmac.new((secret or self.secret).encode(), (key or self.key).encode() + body,
                        hashlib.sha256).hexdigest()

    def event(self, kind, data, n):
        return json.dumps({"type": kind, "tts_notification_id": f"73800662840{n:08d}", "shop_id": self.shop_id,
                           "timestamp": int(time.time()), "data": data}).encode()

    def told_of(self, conversation, message, n):
        """Of a message of a buyer, as messages() gives it."""
        return self.event(14, {"message_id": message[0], "conversation_id": conversation, "type": message[2],
                               "content": json.dumps(message[3]), "create_time": int(time.time()), "is_visible": True,
                               "index": "1", "sender": {"role": "BUYER", "im_user_id": "1"}}, n)

    # --- as an app: requests signed as Partner Center's page "sign your API request" has it ---

    def consent(self):
        """Tokens of our own, beside those of the program."""
        code = self.admin("code")["auth_code"]
        query = urllib.parse.urlencode({"app_key": self.key, "app_secret": self.secret, "auth_code": code,
                                        "grant_type": "authorized_code"})
        status, answer = self.http("GET", "/api/v2/token/get?" + query)
        assert status == 200 and answer["code"] == 0, answer
        self.tokens = answer["data"]

    def api(self, method, path, body=None, **query):
        if not self.tokens:
            self.consent()
        query = {k: str(v) for k, v in query.items()}
        query.update(app_key=self.key, timestamp=str(int(time.time())), shop_cipher=self.cipher)
        text = json.dumps(body) if body is not None else ""
        base = path + "".join(k + query[k] for k in sorted(query)) + text
        query["sign"] = hmac.new(self.secret.encode(), (self.secret + base + self.secret).encode(),
                                 hashlib.sha256).hexdigest()
        status, answer = self.http(method, path + "?" + urllib.parse.urlencode(query), text or None,
                                   {"x-tts-access-token": self.tokens["access_token"],
                                    "Content-Type": "application/json"})
        assert status == 200 and answer["code"] == 0, (path, status, answer)
        return answer["data"]

    def pages(self, method, path, name, body=None, **query):
        token, all_of_it = "", []
        for _ in range(1000):
            more = {"page_token": token} if token else {}
            data = self.api(method, path, body, **query, **more)
            all_of_it += data.get(name, [])
            token = data.get("next_page_token", "")
            if not token:
                return all_of_it
        raise AssertionError("pages without an end")

    def talks(self):
        """Conversation ids by the buyers' user ids."""
        found = {}
        for c in self.pages("GET", "/customer_service/202309/conversations", "conversations", page_size=20):
            for p in c["participants"]:
                if p["role"] == "BUYER":
                    found[p["user_id"]] = c["id"]
        return found

    def messages(self, conversation):
        """Oldest first: (id, role, type, content)."""
        got = self.pages("GET", f"/customer_service/202309/conversations/{conversation}/messages", "messages",
                         page_size=10, sort_order="ASC")
        got.sort(key=lambda m: (int(m["index"])))
        return [(m["id"], m["sender"]["role"], m["type"], json.loads(m["content"] or "{}")) for m in got]

    def ledger(self, kind):
        with open(os.path.join(self.data, "shop", "ledger.jsonl")) as f:
            return [e for e in (json.loads(line) for line in f if line.endswith("\n")) if e["kind"] == kind]

    def effects(self, what=None):
        return [e for e in self.ledger("effect") if not what or e["what"] == what]

    def requests(self):
        """As they came, ours among them."""
        return self.ledger("request")


class World:
    """A shop, a server that has its seller's consent, and buyers."""

    def __init__(self, program, register=False, **more):
        """@register: the program tells the platform where webhooks go, kind by kind; else the app has one address."""
        self.program = program
        self.server = Server(program)
        self.server.port = free_port()
        self.hook = f"http://127.0.0.1:{self.server.port}/shop/webhook"
        self.registers = ["--webhooks", self.hook] if register else []
        self.shop = Shop(program, self.server.scratch, None if register else self.hook).start()
        config = {
            "log": "info",
            "tiktok_shop": {
                "app_key": self.shop.key, "app_secret": {"file": os.path.join(self.shop.data, "shop", "app.secret")},
                "api_url": f"http://127.0.0.1:{self.shop.port}", "token_url": f"http://127.0.0.1:{self.shop.port}",
                "pull_every": f"{PULL_S}s", "requests_per_second": 200},
            "channels": {"tiktok": {"platform": "tiktok_chat"}},
            "promises": {"look_every": f"{PULL_S}s"},
            "desk": {"token": {"file": "desk.token"}},
            "limits": {"messages_per_minute": 6000},
        }
        for section, keys in more.items():
            config.setdefault(section, {}).update(keys)
        with open(self.server.config_path, "w") as f:
            json.dump(config, f)
        self.desk_token = os.path.join(self.server.scratch, "desk.token")
        with open(self.desk_token, "w") as f:
            f.write(DESK)
        os.chmod(self.desk_token, 0o600)
        self.heard = {}  # conversation: ids of messages that a buyer has seen

    def start(self):
        code = os.path.join(self.server.scratch, "code")
        with open(code, "w") as f:
            f.write(self.shop.code)
        done = subprocess.run([self.program, "authorize", "--config", self.server.config_path, "--data",
                               self.server.data, "--code-file", code, *self.registers], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        self.server.start()
        return self

    def command(self, *words):
        return subprocess.run([self.program, *words, "--url", f"http://127.0.0.1:{self.server.port}", "--token-file",
                               self.desk_token], capture_output=True, text=True)

    def desk(self, method, path, body=None):
        headers = {"Authorization": "Bearer " + DESK, "content-type": "application/json"}
        status, _, answer = self.server.http(method, path, json.dumps(body) if body is not None else None, headers)
        return status, json.loads(answer)

    def post(self, body, authorization=None, path="/shop/webhook", method="POST", headers=None):
        """To the server, as the platform would: (status, body)."""
        c = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            more = {"Content-Type": "application/json", **(headers or {})}
            if authorization is not None:
                more["Authorization"] = authorization
            c.request(method, path, body, more)
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def until(self, what, timeout=60):
        end = time.monotonic() + timeout
        while not what():
            assert time.monotonic() < end, self.server.log()[-3000:]
            time.sleep(0.05)

    def metric(self, name):
        for line in self.server.get("/metrics")[1].splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return 0.0

    def end(self):
        status = self.server.stop()
        report = self.server.sanitizer_report()
        self.shop.stop()
        with open(self.shop.log_path, errors="replace") as f:
            shop_log = f.read()
        self.server.remove()
        assert "ERROR: AddressSanitizer" not in shop_log and "runtime error" not in shop_log, shop_log[-3000:]
        assert status == 0 and not report, (status, report)


class Buyer:
    """Somebody in the app: writes, and reads what comes."""

    def __init__(self, world, name):
        self.world, self.shop, self.name = world, world.shop, name
        self.conversation = None
        self.seen = 0
        self.transcript = []  # ("buyer" | "shop", text)

    def find(self):
        if self.conversation:
            return
        for conversation in self.shop.talks().values():
            mine = [m for m in self.shop.messages(conversation) if m[1] == "BUYER"]
            if any(m[3].get("content") == self.last for m in mine):
                self.conversation = conversation

    def new_texts(self):
        """What the shop said since the buyer last looked."""
        self.find()
        if not self.conversation:
            return []
        all_of_it = self.shop.messages(self.conversation)
        new, self.seen = all_of_it[self.seen:], len(all_of_it)
        texts = []
        for _, role, kind, content in new:
            if role in ("BUYER", "SYSTEM"):
                continue
            if kind == "TEXT":
                texts.append(content["content"])
                self.transcript.append(("shop", content["content"]))
            elif kind != "ALLOCATED_SERVICE":
                self.transcript.append(("shop", f"[{kind} {' '.join(map(str, content.values()))}]"))
        return texts

    def wait(self, part=None, timeout=60):
        """Until something with these words came (anything: None) and nothing more follows."""
        end, got, quiet = time.monotonic() + timeout, [], 0
        while time.monotonic() < end:
            new = self.new_texts()
            got += new
            quiet = 0 if new or self.is_being_told() else quiet + 1
            if quiet >= 4 and got and (part is None or any(part in t for t in got)):
                return got
            time.sleep(0.08)
        server = "" if self.world.server.is_up() else " from a server that is not there"
        raise AssertionError(f"{self.name} waits for {part!r}{server} and has {got}\n{self.world.server.log()[-3000:]}")

    def is_being_told(self):
        """Something is on its way to somebody, as far as the server says."""
        try:
            return self.world.metric('tenstep_channel_waiting{channel="tiktok"}') > 0
        except OSError:
            return False

    def say(self, text, part=None, timeout=60, **more):
        self.last = text
        self.new_texts()
        self.transcript.append(("buyer", text if not more else f"[{more['type']} {text}]"))
        self.shop.say(self.name, text, **more)
        return self.wait(part, timeout)

    def choose(self, label, part=None):
        """By the number in front of what was offered last, which may still be on its way."""
        end = time.monotonic() + 30
        while True:
            for who, text in reversed(self.transcript):
                found = re.search(r"^(\d+)\. .*" + re.escape(label), text, re.M) if who == "shop" else None
                if found:
                    return self.say(found.group(1), part)
            if time.monotonic() > end:
                raise AssertionError(f"nobody offered {label!r}: {self.transcript[-3:]}")
            self.new_texts()
            time.sleep(0.1)
