"""A Telegram that is not Telegram: keeps a book of what the bot was told to send, and does what it is told
to do wrong.  It shares nothing with the program under test."""
import http.client
import json
import socket
import threading
import time

import quiet
from shown import Shown

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"
SECRET = "a-word_of-these-tests-only"


class Telegram(Shown):
    """plan: what the next calls of sendMessage are answered with, in order: "ok", ("429", seconds), "500",
    "403", "401", "hang up" (unanswered, after it was shown), "refuse" (hung up before it was shown)."""

    def __init__(self):
        self.lock = threading.Condition()
        self.calls = []   # (method, arguments, when)
        self.shown = []   # (chat, text, buttons, when, and by the time of day)
        self.plan = []
        self.by_chat = {}  # chat: an outcome for all that goes there
        self.updates = []  # for getUpdates
        self.confirmed = 0
        self.pull_errors = 0
        self.next_message = 1000
        self.next_update = 1
        platform = self

        class Handler(quiet.Handler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
                prefix = f"/bot{TOKEN}/"
                if not self.path.startswith(prefix):
                    return self.answer(404, {"ok": False, "error_code": 404, "description": "Not Found"})
                platform.take(self, self.path[len(prefix):], body)

            def answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = quiet.serve(Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def take(self, handler, method, body):
        with self.lock:
            self.calls.append((method, body, time.monotonic()))
            self.lock.notify_all()
            outcome = "ok"
            if method == "sendMessage":
                outcome = self.by_chat.get(body.get("chat_id")) or (self.plan.pop(0) if self.plan else "ok")
        if method == "getUpdates" and self.pull_errors:
            self.pull_errors -= 1
            return handler.answer(502, {"ok": False, "error_code": 502, "description": "Bad Gateway"})
        if method == "getUpdates":
            return self.give_updates(handler, body)
        if method != "sendMessage":
            return handler.answer(200, {"ok": True, "result": True})
        wrong = self.wrong_with(body)
        if wrong:
            return handler.answer(400, {"ok": False, "error_code": 400, "description": "Bad Request: " + wrong})
        if outcome in ("ok", "hang up"):
            with self.lock:
                self.next_message += 1
                number = self.next_message
                buttons = [b for row in body.get("reply_markup", {}).get("inline_keyboard", []) for b in row]
                self.shown.append((body["chat_id"], body["text"], buttons, time.monotonic(), time.time()))
                self.lock.notify_all()
        if outcome == "ok":
            return handler.answer(200, {"ok": True, "result": {"message_id": number, "text": body["text"]}})
        if outcome in ("hang up", "refuse"):
            handler.close_connection = True
            return handler.connection.shutdown(socket.SHUT_RDWR)
        if isinstance(outcome, tuple):
            return handler.answer(429, {"ok": False, "error_code": 429, "parameters": {"retry_after": outcome[1]},
                                        "description": f"Too Many Requests: retry after {outcome[1]}"})
        texts = {"403": "Forbidden: bot was blocked by the user", "401": "Unauthorized",
                 "500": "Internal Server Error"}
        handler.answer(int(outcome), {"ok": False, "error_code": int(outcome), "description": texts[outcome]})

    @staticmethod
    def wrong_with(body):
        """What the real one refuses (its own reference, "sendMessage")."""
        text = body.get("text", "")
        if not isinstance(body.get("chat_id"), int):
            return "chat not found"
        if not text.strip():
            return "message text is empty"
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return "message is too long"
        rows = body.get("reply_markup", {}).get("inline_keyboard", [])
        for button in [b for row in rows for b in row]:
            if not button.get("text") or not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                return "BUTTON_DATA_INVALID"
        if sum(len(row) for row in rows) > 100 or any(len(row) > 8 for row in rows):
            return "reply markup is too long"
        return None

    def give_updates(self, handler, body):
        end = time.monotonic() + min(body.get("timeout", 0), 5)
        with self.lock:
            self.confirmed = max(self.confirmed, body.get("offset", 0))
            self.updates = [u for u in self.updates if u["update_id"] >= self.confirmed]
            while not self.updates and time.monotonic() < end:
                self.lock.wait(end - time.monotonic())
            batch = self.updates[:body.get("limit", 100)]
        handler.answer(200, {"ok": True, "result": batch})

    # --- what a user does ---

    def update(self, **kind):
        with self.lock:
            self.next_update += 1
            return {"update_id": self.next_update, **kind}

    def message(self, chat, **content):
        with self.lock:
            self.next_message += 1
            number = self.next_message
        return self.update(message={"message_id": number, "date": int(time.time()),
                                    "chat": {"id": chat, "type": "private", "first_name": "Maya"},
                                    "from": {"id": chat, "is_bot": False, "first_name": "Maya",
                                             "language_code": "en"}, **content})

    def press(self, chat, data):
        with self.lock:
            self.next_message += 1
            number = self.next_message
        return self.update(callback_query={
            "id": str(4382 << 40 | number), "chat_instance": "-1", "data": data,
            "from": {"id": chat, "is_bot": False, "first_name": "Maya", "language_code": "en"},
            "message": {"message_id": number, "date": 0, "chat": {"id": chat, "type": "private"}}})

    def pull(self, update):
        """Kept for getUpdates."""
        with self.lock:
            self.updates.append(update)
            self.lock.notify_all()

    # --- what was shown ---

    def settle(self, chat, quiet=1.2, seconds=60):
        """Until nothing new was shown for @quiet seconds."""
        end = time.monotonic() + seconds
        before, since = -1, time.monotonic()
        while time.monotonic() < end:
            n = len(self.of(chat))
            if n != before:
                before, since = n, time.monotonic()
            elif n and time.monotonic() - since > quiet:
                break
            time.sleep(0.02)
        return self.texts(chat)

    def button(self, chat, label):
        for shown in reversed(self.of(chat)):
            for button in shown[2]:
                if label.lower() in button["text"].lower():
                    return button["callback_data"]
        raise AssertionError(f"no button '{label}' in {self.of(chat)}")


def bring(server, update, name="shop_bot", secret=SECRET, path="", body=None):
    """As Telegram brings it: (status, body)."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        headers["X-Telegram-Bot-Api-Secret-Token"] = secret
    data = json.dumps(update).encode() if body is None else body
    connection.request("POST", f"/channels/{name}{path}", data, headers)
    answer = connection.getresponse()
    out = answer.status, answer.read().decode()
    connection.close()
    return out
