"""A Slack that is not Slack's: Web API, events and presses."""
import json
import time
import urllib.parse

from platform_base import Platform, hmac_hex, utf16


class Slack(Platform):
    name = "slack"
    secrets = {"signing_secret": "slack-signing-secret-0123456789abcdef", "token": "xoxb-slack-token-of-these-tests"}

    def account(self):
        return {"platform": "slack", "api": self.address + "/api"}

    def judge(self, method, path, headers, body):
        def no(error):
            return 200, {"ok": False, "error": error}
        if headers.get("Authorization") != "Bearer " + self.secrets["token"]:
            return no("invalid_auth")
        if path != "/api/chat.postMessage":
            return 404, {}
        if not str(body.get("channel", "")).startswith("D"):
            return no("channel_not_found")
        if not 0 < utf16(body.get("text", "")) <= 40000:
            return no("no_text")
        rows, text = [], body["text"]
        for block in body.get("blocks", []):
            if block["type"] == "section" and not 0 < utf16(block["text"]["text"]) <= 3000:
                return no("invalid_blocks")
            if block["type"] == "actions":
                rows = [(e["text"]["text"], e["value"]) for e in block["elements"]]
                ids = [e["action_id"] for e in block["elements"]]
                if len(rows) > 25 or len(set(ids)) != len(ids):
                    return no("invalid_blocks")
        if any(not 0 < utf16(t) <= 75 or not 0 < len(p) <= 2000 for t, p in rows):
            return no("invalid_blocks")
        for escape, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
            text = text.replace(escape, sign)
        return body["channel"], text, rows

    def receipt(self, number):
        return {"ok": True, "channel": "D", "ts": f"{int(time.time())}.{number:06}"}

    def slowed(self, seconds):
        return 429, {"Retry-After": str(seconds)}, {"ok": False, "error": "ratelimited"}

    def closed(self):
        return 200, {}, {"ok": False, "error": "is_archived"}

    def sign(self, data, kind="application/json"):
        at = str(int(time.time()))
        return {"Content-Type": kind, "X-Slack-Request-Timestamp": at, "X-Slack-Signature":
                "v0=" + hmac_hex(self.secrets["signing_secret"], f"v0:{at}:".encode() + data)}, data

    def payload(self, peer, **event):
        return {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": f"Ev{self.count()}",
                "event_time": int(time.time()), "event": {"type": "message", "channel": peer, "channel_type": "im",
                                                          "user": "U1", **event}}

    def event(self, peer, **event):
        return self.sign(json.dumps(self.payload(peer, **event)).encode())

    def peer(self, n):
        return f"D{n:05}"

    def text(self, peer, text):
        for sign, escape in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(sign, escape)
        return self.event(peer, text=text)

    def action(self, peer, title, payload):
        return {"type": "block_actions", "user": {"id": "U1"}, "team": {"id": "T1"}, "channel": {"id": peer},
                "container": {"type": "message", "message_ts": "1.1"}, "actions": [
                    {"action_id": "choice-0", "type": "button", "value": payload, "text": {"type": "plain_text", "text": title},
                     "action_ts": f"{int(time.time())}.{self.count():06}"}]}

    def press(self, peer, title, payload):
        form = urllib.parse.urlencode({"payload": json.dumps(self.action(peer, title, payload))})
        return self.sign(form.encode(), "application/x-www-form-urlencoded")

    def picture(self, peer):
        return self.event(peer, subtype="file_share", text="", files=[
            {"id": "F1", "name": "a.png", "mimetype": "image/png", "url_private": "https://f.example/1", "size": 5}])

    def noise(self, peer):
        return [self.event(peer, bot_id="B1", text="hello"), self.event(peer, subtype="message_deleted"),
                self.event("C1", channel_type="channel", text="hello"), self.event(peer, subtype="channel_join", text="x"),
                self.sign(b'{"type":"app_rate_limited"}'), self.sign(b"{}")]
