"""A Zalo that is not Zalo's: every answer has the status 200; signatures are plain SHA-256."""
import hashlib
import json
import time

from platform_base import Platform, utf16

APP = "1000000000000001"


class Zalo(Platform):
    name = "zalo"
    secrets = {"secret": "zalo-oa-secret-key-0123456789abcdef", "token": "zalo-access-token-of-these-tests"}

    def account(self):
        return {"platform": "zalo", "app": APP, "api": self.address + "/v3.0/oa"}

    def judge(self, method, path, headers, body):
        def no(error, why):
            return 200, {"error": error, "message": why}
        if headers.get("access_token") != self.secrets["token"]:
            return no(-216, "Access token is invalid")
        message = body.get("message", {})
        if path != "/v3.0/oa/message/cs" or not 0 < utf16(message.get("text", "")) <= 2000:
            return no(-201, "Params is invalid")
        buttons = message.get("attachment", {}).get("payload", {}).get("buttons", [])
        if len(buttons) > 5 or any(b["type"] != "oa.query.hide" or not 0 < utf16(b["title"]) <= 100 for b in buttons):
            return no(-201, "Params is invalid")
        return body["recipient"]["user_id"], message["text"], [(b["title"], b["payload"]) for b in buttons]

    def receipt(self, number):
        return {"error": 0, "message": "Success", "data": {"message_id": str(number)}}

    def slowed(self, seconds):
        return 429, {"Retry-After": str(seconds)}, {}

    def closed(self):
        return 200, {}, {"error": -230, "message": "User has not interacted with the OA in the past 7 days"}

    def event(self, peer, name, **message):
        at = str(int(time.time() * 1000))
        data = json.dumps({"app_id": APP, "event_name": name, "timestamp": at, "sender": {"id": peer},
                           "recipient": {"id": "4"}, "message": {"msg_id": f"m{self.count()}", **message}},
                          ensure_ascii=False).encode()
        digest = hashlib.sha256(APP.encode() + data + at.encode() + self.secrets["secret"].encode()).hexdigest()
        return {"Content-Type": "application/json", "X-ZEvent-Signature": "mac=" + digest}, data

    def peer(self, n):
        return f"300000000000{n:04}"

    def text(self, peer, text):
        return self.event(peer, "user_send_text", text=text)

    def press(self, peer, title, payload):
        return self.event(peer, "user_send_text", text=payload)

    def picture(self, peer):
        return self.event(peer, "user_send_image", attachments=[{"type": "image", "payload": {"url": "https://z.example/1"}}])

    def noise(self, peer):
        return [self.event(peer, "oa_send_text", text="hello"), self.event(peer, "user_seen_message", text="hello"),
                self.event(peer, "follow"), ({}, b"{}"), ({}, b"")]
