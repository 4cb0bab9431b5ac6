"""A Discord that is not Discord's: interactions signed with Ed25519 (RFC 8032, written out here), follow-ups and
messages."""
import hashlib
import json
import time

from platform_base import Platform, utf16

P = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
G = (15112221349535400772501151409588531511454012693041857206046113283949847762202,
     46316835694926478169428394003475163141307993866256225615783033603165251855960)


def add(a, b):
    k = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + b[0] * a[1]) * pow(1 + k, P - 2, P) % P,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, P - 2, P) % P)


def times(n, point):
    out = (0, 1)
    while n:
        if n & 1:
            out = add(out, point)
        point = add(point, point)
        n >>= 1
    return out


def packed(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


class Key:
    def __init__(self, seed):
        digest = hashlib.sha512(seed).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
        self.prefix = digest[32:]
        self.public = packed(times(self.scalar, G))

    def sign(self, data):
        r = int.from_bytes(hashlib.sha512(self.prefix + data).digest(), "little") % L
        head = packed(times(r, G))
        k = int.from_bytes(hashlib.sha512(head + self.public + data).digest(), "little") % L
        return head + ((r + k * self.scalar) % L).to_bytes(32, "little")


APPLICATION = "1000000000000000001"


class Discord(Platform):
    name = "discord"
    secrets = {"token": "discord-bot-token-of-these-tests"}

    def __init__(self):
        super().__init__()
        self.key = Key(bytes(range(32)))
        self.tokens = {}  # interaction token: (peer, when)
        self.nonces = {}

    def account(self):
        return {"platform": "discord", "application": APPLICATION, "public_key": self.key.public.hex(),
                "api": self.address + "/api/v10"}

    def judge(self, method, path, headers, body):
        parts = path.split("/")[3:]
        if parts[0] == "webhooks":
            peer, when = self.tokens.get(parts[2], (None, 0)) if parts[1] == APPLICATION else (None, 0)
            if not peer or time.time() - when > 900:
                return 401, {"message": "Invalid Webhook Token", "code": 50027}
            if "/" in peer and body.get("flags") != 64:
                return 400, {"message": "everybody would read this", "code": 50035}
        elif headers.get("Authorization") != "Bot " + self.secrets["token"]:
            return 401, {"message": "401: Unauthorized", "code": 0}
        elif parts[2:] == ["typing"] or parts[0] == "applications":
            return None
        else:
            peer = parts[1]
            if len(body.get("nonce", "")) > 25:
                return 400, {"message": "nonce", "code": 50035}
        if not 0 < utf16(body.get("content", "")) <= 2000 or body.get("allowed_mentions") != {"parse": []}:
            return 400, {"message": "Invalid Form Body", "code": 50035}
        rows = []
        for row in body.get("components", []):
            if row["type"] != 1 or not 0 < len(row["components"]) <= 5:
                return 400, {"message": "row", "code": 50035}
            rows += [(b["label"], b["custom_id"]) for b in row["components"]]
        if len(body.get("components", [])) > 5 or any(not 0 < utf16(t) <= 80 or not 0 < len(p) <= 100 for t, p in rows):
            return 400, {"message": "components", "code": 50035}
        text, out = body["content"], ""
        while text:  # a backslash takes the next sign as it is
            if text[0] == "\\" and len(text) > 1:
                text = text[1:]
            out, text = out + text[0], text[1:]
        return peer, out, rows

    def receipt(self, number):
        return {"id": str(number), "channel_id": "3"}

    def silent(self, path):
        return 204, None

    def slowed(self, seconds):
        return 429, {"Retry-After": str(seconds)}, {"message": "You are being rate limited.", "retry_after": float(seconds),
                                                    "global": False}

    def closed(self):
        return 403, {}, {"message": "Cannot send messages to this user", "code": 50007}

    def sign(self, data):
        at = str(int(time.time()))
        return {"Content-Type": "application/json", "X-Signature-Timestamp": at,
                "X-Signature-Ed25519": self.key.sign(at.encode() + data).hex()}, data

    def interaction(self, peer, kind, data):
        token = f"token-{self.count()}"
        self.tokens[token] = (peer, time.time())
        channel, _, user = peer.partition("/")
        who = {"id": user or "6", "username": "maya", "global_name": "Maya"}
        return self.sign(json.dumps({
            "id": str(self.count()), "application_id": APPLICATION, "type": kind, "token": token, "version": 1, "locale": "en-US",
            "channel_id": channel, "data": data, **({"guild_id": "9", "member": {"user": who}} if user else {"user": who})}).encode())

    def peer(self, n):
        return f"30{n}"

    def text(self, peer, text):
        return self.interaction(peer, 2, {"id": "1", "name": "ask", "type": 1, "options": [
            {"name": "message", "type": 3, "value": text}]})

    def press(self, peer, title, payload):
        return self.interaction(peer, 3, {"component_type": 2, "custom_id": payload})

    def picture(self, peer):
        return self.interaction(peer, 2, {"id": "1", "name": "ask", "type": 1, "options": [
            {"name": "file", "type": 11, "value": "77"}], "resolved": {"attachments": {"77": {
                "id": "77", "filename": "a.png", "size": 5, "url": "https://cdn.example/1", "content_type": "image/png"}}}})

    def noise(self, peer):
        return [self.sign(b'{"type":1}'), self.interaction(peer, 4, {"name": "ask"}), self.interaction(peer, 99, {})]
