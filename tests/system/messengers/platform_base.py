"""What the platforms that are not the real ones have in common: an HTTP server that keeps a book of what the
bot was told to send, refuses what the real platform refuses, and does what it is told to do wrong.  Nothing
here is shared with the program under test."""
import hashlib
import hmac
import http.client
import json
import socket
import threading

import quiet
from shown import Shown


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


def hmac_hex(key, data):
    return hmac.new(key.encode(), data, hashlib.sha256).hexdigest()


class Platform(Shown):
    """plan: what the next messages are answered with, in order: "ok", "hang up" (shown, but no answer),
    or (status, headers, body) (not shown)."""
    name = ""
    inbound_is_json = True

    def __init__(self):
        self.lock = threading.Condition()
        self.calls = []  # (method, path, headers, body)
        self.shown = []  # (peer, text, buttons, path)
        self.refused = []  # what the real platform would not have taken, and why
        self.plan = []
        self.number = 1000
        platform = self

        class Handler(quiet.Handler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                data = self.rfile.read(int(self.headers.get("content-length", 0)))
                try:
                    body = json.loads(data or b"{}")
                except ValueError:
                    platform.refused.append(("not JSON", data))
                    return self.answer(400, {}, {})
                platform.take(self, self.command, self.path, self.headers, body)

            do_PUT = do_PATCH = do_POST

            def do_GET(self):
                status, body = platform.get(self.path, self.headers)
                return self.answer(status, {}, body)

            def answer(self, status, headers, body):
                data = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                for key, value in headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = quiet.serve(Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    # --- what a platform has of its own ---

    def judge(self, method, path, headers, body):
        """None: no message (typing …).  (status, body): refused.  (peer, text, buttons): shown."""
        raise NotImplementedError

    def receipt(self, number):
        """The body of the answer to a message that was shown."""
        raise NotImplementedError

    def showed(self, path, headers, body):
        """A message was shown just now."""

    def get(self, path, headers):
        return 404, {}

    def silent(self, path):
        """The answer to what is no message."""
        return 200, {}

    def take(self, handler, method, path, headers, body):
        with self.lock:
            self.calls.append((method, path, dict(headers), body))
            self.lock.notify_all()
        judged = self.judge(method, path, headers, body)
        if judged is None:
            status, answer = self.silent(path)
            return handler.answer(status, {}, answer)
        if len(judged) == 2:
            with self.lock:
                self.refused.append((judged, path, body))
            return handler.answer(judged[0], {}, judged[1])
        with self.lock:
            outcome = self.plan.pop(0) if self.plan else "ok"
            if outcome in ("ok", "hang up"):
                self.number += 1
                number = self.number
                self.shown.append((*judged, path))
                self.showed(path, headers, body)
                self.lock.notify_all()
        if outcome == "ok":
            return handler.answer(200, {}, self.receipt(number))
        if outcome == "hang up":
            handler.close_connection = True
            return handler.connection.shutdown(socket.SHUT_RDWR)
        return handler.answer(*outcome)

    # --- what was shown ---

    def button(self, peer, label):
        for shown in reversed(self.of(peer)):
            for title, payload in shown[2]:
                if label.lower() in title.lower():
                    return title, payload
        raise AssertionError(f"no button '{label}' in {self.of(peer)}")

    def count(self):
        with self.lock:
            self.number += 1
            return self.number


def bring(server, name, headers, data, path="", method="POST"):
    """As a platform brings it: (status, type, body)."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request(method, f"/channels/{name}{path}", data, headers)
    answer = connection.getresponse()
    out = answer.status, answer.headers.get("content-type", ""), answer.read().decode()
    connection.close()
    return out
