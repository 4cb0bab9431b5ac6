"""A Viber that is not Viber's: every answer has the status 200."""
import json
import time

from platform_base import Platform, hmac_hex, utf16


class Viber(Platform):
    name = "viber"
    secrets = {"token": "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"}

    def account(self):
        return {"platform": "viber", "sender": "Shop", "api": self.address + "/pa"}

    def judge(self, method, path, headers, body):
        def no(status, why):
            return 200, {"status": status, "status_message": why}
        if headers.get("X-Viber-Auth-Token") != self.secrets["token"]:
            return no(2, "invalidAuthToken")
        if path == "/pa/set_webhook":
            return None
        if path != "/pa/send_message" or body.get("type") != "text" or not 0 < len(body["sender"]["name"]) <= 28:
            return no(3, "badData")
        if not 0 < utf16(body["text"]) <= 7000 or len(json.dumps(body, ensure_ascii=False).encode()) > 30000:
            return no(3, "badData")
        buttons = body.get("keyboard", {}).get("Buttons", [])
        if len(buttons) > 12 or any(b["ActionType"] != "reply" or not 1 <= b["Columns"] <= 6 for b in buttons):
            return no(3, "badData")
        return body["receiver"], body["text"], [(b["Text"], b["ActionBody"]) for b in buttons]

    def receipt(self, number):
        return {"status": 0, "status_message": "ok", "message_token": 5741311803571721087 + number}

    def silent(self, path):
        return 200, {"status": 0, "status_message": "ok"}

    def slowed(self, seconds):
        return 429, {"Retry-After": str(seconds)}, {}

    def closed(self):
        return 200, {}, {"status": 6, "status_message": "notSubscribed"}

    def sign(self, data):
        return {"Content-Type": "application/json", "X-Viber-Content-Signature": hmac_hex(self.secrets["token"], data)}, data

    def event(self, event, **more):
        return self.sign(json.dumps({"event": event, "timestamp": int(time.time() * 1000),
                                     "message_token": 5741311803571721087 + self.count(), **more}).encode())

    def message(self, peer, **message):
        return self.event("message", sender={"id": peer, "name": "Maya", "language": "en", "country": "US"},
                          message=message, silent=False)

    def peer(self, n):
        return f"01234567890A{n}="

    def text(self, peer, text):
        return self.message(peer, type="text", text=text)

    def press(self, peer, title, payload):
        return self.message(peer, type="text", text=payload)

    def picture(self, peer):
        return self.message(peer, type="picture", media="https://media.example/1", text="", size=5)

    def noise(self, peer):
        return [self.event("webhook"), self.event("delivered", user_id=peer), self.event("seen", user_id=peer),
                self.event("failed", user_id=peer, desc="d"), self.event("subscribed", user={"id": peer}), self.sign(b"{}")]
