"""A Messenger and an Instagram that are not Meta's."""
import json
import time

from platform_base import Platform, hmac_hex, utf16

PAGE = "682498302938465"


class Messenger(Platform):
    name = "messenger"
    object = "page"
    secrets = {"token": "EAA-page-token-of-these-tests", "app_secret": "page-app-secret-0123456789abcdef",
               "verify_token": "page-verify-token-of-these-tests"}

    def account(self):
        return {"platform": self.name, "account": PAGE, "api": self.address + "/v25.0"}

    def fits(self, text):
        return utf16(text) <= 2000

    def judge(self, method, path, headers, body):
        def no(code, why, status=400):
            return status, {"error": {"message": f"(#{code}) {why}", "type": "OAuthException", "code": code}}
        if headers.get("Authorization") != "Bearer " + self.secrets["token"]:
            return no(190, "Invalid OAuth access token", 401)
        if path != "/v25.0/me/messages" or not body.get("recipient", {}).get("id"):
            return no(100, "Invalid parameter")
        if "sender_action" in body:
            return None
        message = body.get("message", {})
        text, replies = message.get("text", ""), message.get("quick_replies", [])
        if body.get("messaging_type") != "RESPONSE" or not text or not self.fits(text):
            return no(100, "text")
        rows = [(r["title"], r["payload"]) for r in replies]
        if len(rows) > 13 or any(r["content_type"] != "text" for r in replies):
            return no(100, "quick replies")
        if any(not 0 < utf16(t) <= 20 or not 0 < len(p) <= 1000 for t, p in rows):
            return no(100, "quick reply")
        return body["recipient"]["id"], text, rows

    def receipt(self, number):
        return {"recipient_id": "1", "message_id": f"m_{number}"}

    def slowed(self, seconds):
        return 400, {}, {"error": {"message": "(#613) Calls to this api have exceeded the rate limit.", "code": 613}}

    def closed(self):
        return 400, {}, {"error": {"message": "(#10) This message is sent outside of allowed window.", "code": 10,
                                   "error_subcode": 2018278}}

    def batch(self, *elements, field="messaging"):
        return self.sign(json.dumps({"object": self.object, "entry": [
            {"id": PAGE, "time": int(time.time() * 1000), field: list(elements)}]}).encode())

    def sign(self, data):
        return {"Content-Type": "application/json", "X-Hub-Signature-256":
                "sha256=" + hmac_hex(self.secrets["app_secret"], data)}, data

    def element(self, peer, **inside):
        return {"sender": {"id": peer}, "recipient": {"id": PAGE}, "timestamp": int(time.time() * 1000), **inside}

    def peer(self, n):
        return f"249443296398{n:04}"

    def text(self, peer, text):
        return self.batch(self.element(peer, message={"mid": f"m_{self.count()}", "text": text}))

    def press(self, peer, title, payload):
        return self.batch(self.element(peer, message={"mid": f"m_{self.count()}", "text": title,
                                                      "quick_reply": {"payload": payload}}))

    def picture(self, peer):
        return self.batch(self.element(peer, message={"mid": f"m_{self.count()}", "attachments": [
            {"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}}]}))

    def noise(self, peer):
        said = {"mid": "m_1", "text": "hello"}
        return [self.batch(self.element(PAGE, message=dict(said, is_echo=True, app_id=1))),
                self.batch(self.element(peer, message=dict(said, is_echo=True))),
                self.batch(self.element(peer, message=said), field="standby"),
                self.batch(self.element(peer, delivery={"mids": ["m_1"], "watermark": 1})),
                self.batch(self.element(peer, read={"watermark": 1})),
                self.batch(self.element(peer, reaction={"mid": "m_1", "action": "react"})), self.sign(b"{}")]


class Instagram(Messenger):
    name = "instagram"
    object = "instagram"

    def fits(self, text):
        return len(text.encode()) <= 1000
