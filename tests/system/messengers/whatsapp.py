"""A WhatsApp Cloud API that is not Meta's."""
import json
import time

from platform_base import Platform, hmac_hex, utf16

NUMBER = "106540352242922"


class WhatsApp(Platform):
    name = "whatsapp"
    secrets = {"token": "EAA-whatsapp-token-of-these-tests", "app_secret": "whatsapp-app-secret-0123456789abcd",
               "verify_token": "whatsapp-verify-token-of-these-tests"}
    closes_after = 24 * 3600

    def account(self):
        return {"platform": "whatsapp", "number": NUMBER, "api": self.address + "/v25.0"}

    def judge(self, method, path, headers, body):
        def no(code, why, status=400):
            return status, {"error": {"message": f"(#{code}) {why}", "type": "OAuthException", "code": code,
                                      "fbtrace_id": "A"}}
        if headers.get("Authorization") != "Bearer " + self.secrets["token"]:
            return no(190, "Invalid OAuth access token", 401)
        if path == f"/v25.0/{NUMBER}" and "webhook_configuration" in body:
            return None
        if path != f"/v25.0/{NUMBER}/messages" or body.get("messaging_product") != "whatsapp":
            return no(100, "Invalid parameter")
        if body.get("status") == "read":
            return None
        if not str(body.get("to", "")).isdigit() or body.get("recipient_type") != "individual":
            return no(131009, "Parameter value is not valid")
        kind = body.get("type")
        if kind == "text":
            text = body["text"]["body"]
            return (body["to"], text, []) if 0 < utf16(text) <= 4096 else no(131009, "text")
        if kind != "interactive":
            return no(131051, "Unsupported message type")
        inside = body["interactive"]
        text, action = inside["body"]["text"], inside["action"]
        if not 0 < utf16(text) <= 1024:
            return no(131009, "body")
        if inside["type"] == "button":
            rows = [(b["reply"]["title"], b["reply"]["id"]) for b in action["buttons"]]
            most, label, payload = 3, 20, 256
        else:
            rows = [(r["title"], r["id"]) for s in action["sections"] for r in s["rows"]]
            most, label, payload = 10, 24, 200
            if not 0 < utf16(action["button"]) <= 20:
                return no(131009, "button")
        if not 0 < len(rows) <= most or len({t for t, _ in rows}) != len(rows) or len({p for _, p in rows}) != len(rows):
            return no(131009, "rows")
        if any(not 0 < utf16(t) <= label or t != t.strip() or not 0 < len(p) <= payload for t, p in rows):
            return no(131009, "row")
        return body["to"], text, rows

    def receipt(self, number):
        return {"messaging_product": "whatsapp", "contacts": [], "messages": [{"id": f"wamid.{number}"}]}

    def silent(self, path):
        return 200, {"success": True}

    def slowed(self, seconds):
        return 400, {}, {"error": {"message": "(#130429) Rate limit hit", "code": 130429}}

    def closed(self):
        return 400, {}, {"error": {"message": "(#131047) Re-engagement message", "code": 131047}}

    # --- what a buyer does ---

    def batch(self, **value):
        body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
            **value}}]}]}
        return self.sign(json.dumps(body).encode())

    def sign(self, data):
        return {"Content-Type": "application/json", "X-Hub-Signature-256":
                "sha256=" + hmac_hex(self.secrets["app_secret"], data)}, data

    def message(self, peer, kind, content):
        return self.batch(contacts=[{"profile": {"name": "Maya"}, "wa_id": peer}], messages=[{
            "from": peer, "id": f"wamid.{self.count()}", "timestamp": str(int(time.time())), "type": kind, kind: content}])

    def peer(self, n):
        return f"1650555{n:04}"

    def text(self, peer, text):
        return self.message(peer, "text", {"body": text})

    def press(self, peer, title, payload):
        return self.message(peer, "interactive", {"type": "button_reply", "button_reply": {"id": payload, "title": title}})

    def picture(self, peer):
        return self.message(peer, "image", {"id": "778", "mime_type": "image/jpeg", "sha256": "x", "caption": ""})

    def noise(self, peer):
        return [self.batch(statuses=[{"id": "wamid.1", "status": "delivered", "recipient_id": peer}]),
                self.message(peer, "reaction", {"message_id": "wamid.1", "emoji": "x"}),
                self.message(peer, "unsupported", {}), self.batch(errors=[{"code": 131000}]), self.sign(b"{}")]
