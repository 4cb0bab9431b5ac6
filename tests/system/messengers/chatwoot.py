"""A Chatwoot that is not Chatwoot's: one account, an agent bot, conversations that are pending or open."""
import json
import re
import time

from platform_base import Platform, hmac_hex


class Chatwoot(Platform):
    name = "chatwoot"
    secrets = {"secret": "chatwoot-bot-secret-0123456789abcdef", "token": "chatwoot-token-of-these-tests"}

    def __init__(self):
        super().__init__()
        self.status = {}

    def account(self):
        return {"platform": "chatwoot", "url": self.address}

    def judge(self, method, path, headers, body):
        if headers.get("api_access_token") != self.secrets["token"]:
            return 401, {"error": "Invalid Access Token"}
        found = re.fullmatch(r"/api/v1/accounts/(\d+)/conversations/(\d+)/(\w+)", path)
        if not found or found.group(1) != "1":
            return 404, {"error": "Resource could not be found"}
        peer = "1/" + found.group(2)
        if found.group(3) == "toggle_status":
            self.status[peer] = body["status"]
            return None
        if found.group(3) != "messages":
            return None
        if body.get("message_type") != "outgoing" or body.get("private") is not False or not body.get("content"):
            return 422, {"message": "content"}
        items = body.get("content_attributes", {}).get("items", [])
        if (body["content_type"] == "input_select") != bool(items):
            return 422, {"message": "items"}
        return peer, body["content"], [(i["title"], i["value"]) for i in items]

    def receipt(self, number):
        return {"id": number, "message_type": 1}

    def slowed(self, seconds):
        return 429, {"Retry-After": str(seconds)}, {"error": "Too many requests"}

    def closed(self):
        return 404, {}, {"error": "Resource could not be found"}

    def sign(self, data):
        at = str(int(time.time()))
        return {"Content-Type": "application/json", "X-Chatwoot-Timestamp": at, "X-Chatwoot-Delivery": str(self.count()),
                "X-Chatwoot-Signature": "sha256=" + hmac_hex(self.secrets["secret"], at.encode() + b"." + data)}, data

    def event(self, peer, event, **more):
        body = {"event": event, "id": self.count(), "content_type": "text", "message_type": "incoming", "private": False,
                "sender": {"id": 7, "name": "Maya", "type": "contact"}, "inbox": {"id": 3}, "account": {"id": 1, "name": "Shop"},
                "conversation": {"id": int(peer[2:]), "status": self.status.get(peer, "pending"), "inbox_id": 3}, **more}
        return self.sign(json.dumps(body).encode())

    def resolved(self, peer):
        return self.sign(json.dumps({"event": "conversation_resolved", "id": int(peer[2:]), "status": "resolved",
                                     "timestamp": int(time.time()), "account": {"id": 1, "name": "Shop"}}).encode())

    def peer(self, n):
        return f"1/{n}"

    def text(self, peer, text):
        return self.event(peer, "message_created", content=text)

    def press(self, peer, title, payload):
        return self.event(peer, "message_updated", message_type="outgoing", content_type="input_select", content_attributes={
            "items": [], "submitted_values": [{"title": title, "value": payload}]})

    def picture(self, peer):
        return self.event(peer, "message_created", content=None, attachments=[
            {"id": 1, "file_type": "image", "data_url": "https://chat.example/1", "file_size": 5}])

    def noise(self, peer):
        return [self.event(peer, "message_created", content="hello", message_type="outgoing"),
                self.event(peer, "message_created", content="hello", message_type="activity"),
                self.event(peer, "message_created", content="hello", private=True),
                self.event(peer, "message_created", content="hello", conversation={"id": int(peer[2:]), "status": "open"}),
                self.event(peer, "conversation_opened"), self.event(peer, "webwidget_triggered"), self.sign(b"{}")]
