"""A LINE that is not LINE: reply tokens are good once and for a minute, retry keys are remembered."""
import base64
import hashlib
import hmac
import json
import re
import time

from platform_base import Platform, utf16


class Line(Platform):
    name = "line"
    secrets = {"secret": "line-channel-secret-0123456789abcdef", "token": "line-channel-token-of-these-tests"}

    def __init__(self):
        super().__init__()
        self.tokens = {}  # reply token: (peer, when)
        self.keys = set()

    def account(self):
        return {"platform": "line", "api": self.address}

    def judge(self, method, path, headers, body):
        if headers.get("Authorization") != "Bearer " + self.secrets["token"]:
            return 401, {"message": "Authentication failed"}
        if path == "/v2/bot/chat/loading/start":
            return None
        messages = body.get("messages", [])
        if not 1 <= len(messages) <= 5:
            return 400, {"message": "The request body has 1 error(s)"}
        key = headers.get("X-Line-Retry-Key")
        if path == "/v2/bot/message/reply":
            peer, when = self.tokens.pop(body.get("replyToken"), (None, 0))
            if key or not peer or time.time() - when > 60:
                return 400, {"message": "Invalid reply token"}
        elif path == "/v2/bot/message/push":
            peer = body.get("to")
            if not re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", key or ""):
                return 400, {"message": "no retry key"}
            if key in self.keys:
                return 409, {"message": "The retry key is already accepted"}
        else:
            return 404, {"message": "Not found"}
        rows = []
        for item in messages[0].get("quickReply", {}).get("items", []):
            action = item["action"]
            if item["type"] != "action" or action["type"] != "postback" or not 0 < len(action["label"]) <= 20 * 12:
                return 400, {"message": "quick reply"}
            if not 0 < len(action["data"]) <= 300:
                return 400, {"message": "data"}
            rows.append((action["label"], action["data"]))
        if messages[0]["type"] != "text" or not 0 < utf16(messages[0]["text"]) <= 5000 or len(rows) > 13:
            return 400, {"message": "message"}
        return peer, messages[0]["text"], rows

    def showed(self, path, headers, body):
        self.keys.add(headers.get("X-Line-Retry-Key"))

    def receipt(self, number):
        return {"sentMessages": [{"id": str(461230966842064897 + number), "quoteToken": "q"}]}

    def silent(self, path):
        return 202, {}

    def slowed(self, seconds):
        return 429, {}, {"message": "The API rate limit has been exceeded. Try again later."}

    def closed(self):
        return 429, {}, {"message": "You have reached your monthly limit."}

    def sign(self, data):
        digest = hmac.new(self.secrets["secret"].encode(), data, hashlib.sha256).digest()
        return {"Content-Type": "application/json", "X-Line-Signature": base64.b64encode(digest).decode()}, data

    def event(self, peer, **inside):
        token = f"reply{self.count():032}"
        self.tokens[token] = (peer, time.time())
        event = {"mode": "active", "timestamp": int(time.time() * 1000), "source": {"type": "user", "userId": peer},
                 "webhookEventId": f"01H{self.count():023}", "deliveryContext": {"isRedelivery": False},
                 "replyToken": token, **inside}
        return self.sign(json.dumps({"destination": "U" + "0" * 32, "events": [event]}, ensure_ascii=False).encode())

    def peer(self, n):
        return f"U{n:032x}"

    def text(self, peer, text):
        return self.event(peer, type="message", message={"type": "text", "id": str(self.count()), "text": text})

    def press(self, peer, title, payload):
        return self.event(peer, type="postback", postback={"data": payload})

    def picture(self, peer):
        return self.event(peer, type="message", message={"type": "image", "id": str(self.count())})

    def noise(self, peer):
        said = {"type": "text", "id": "1", "text": "hello"}
        return [self.sign(b'{"destination":"U","events":[]}'), self.event(peer, type="follow"),
                self.event(peer, type="message", message=said, mode="standby"),
                self.event(peer, type="message", message=said, source={"type": "group", "groupId": "C", "userId": peer}),
                self.event(peer, type="unsend", unsend={"messageId": "1"})]
