"""Slack's Socket Mode, played by us: apps.connections.open and the WebSocket behind it (RFC 6455, written out
here).  Also run by itself, for a client that is not ours: slack_socket.py prints its address and greets."""
import base64
import hashlib
import json
import socket
import struct
import sys
import threading
import time

from slack import Slack

APP_TOKEN = "xapp-1-A1-socket-mode-token-of-these-tests"


class Link:
    """One WebSocket, our side: frames of texts."""

    def __init__(self, connection, reader):
        self.connection, self.reader = connection, reader
        self.acknowledged = []  # (envelope, when)
        self.closed = None      # "close" (a frame came), "gone"
        self.lock = threading.Condition()

    def frame(self, code, data):
        head = bytes([0x80 | code])
        if len(data) < 126:
            head += bytes([len(data)])
        elif len(data) < 65536:
            head += b"\x7e" + struct.pack(">H", len(data))
        else:
            head += b"\x7f" + struct.pack(">Q", len(data))
        try:
            self.connection.sendall(head + data)
        except OSError:
            pass

    def send(self, message):
        self.frame(1, json.dumps(message).encode())

    def read(self):
        """Until the end."""
        while True:
            try:
                head = self.reader.read(2)
            except OSError:
                break
            if len(head) < 2:
                break
            assert head[1] & 0x80, "a client's frames are masked"
            n = head[1] & 0x7F
            if n == 126:
                n = struct.unpack(">H", self.reader.read(2))[0]
            elif n == 127:
                n = struct.unpack(">Q", self.reader.read(8))[0]
            mask, data = self.reader.read(4), self.reader.read(n)
            data = bytes(b ^ mask[i % 4] for i, b in enumerate(data))
            if head[0] & 15 == 9:
                self.frame(10, data)
            elif head[0] & 15 == 8:
                with self.lock:
                    self.closed = "close"
                    self.lock.notify_all()
                return  # as Slack does: the connection stays open
            elif head[0] & 15 == 1:
                with self.lock:
                    self.acknowledged.append((json.loads(data)["envelope_id"], time.monotonic()))
                    self.lock.notify_all()
        with self.lock:
            self.closed = self.closed or "gone"
            self.lock.notify_all()

    def wait_for(self, what, seconds=15):
        end = time.monotonic() + seconds
        with self.lock:
            while not what() and time.monotonic() < end:
                self.lock.wait(end - time.monotonic())
            return what()

    def is_acknowledged(self, envelope, seconds=15):
        return self.wait_for(lambda: envelope in [a[0] for a in self.acknowledged], seconds)

    def hang_up(self):
        self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()


class SlackSocket(Slack):
    """greets: whether a new connection is told hello; refuse: errors for apps.connections.open, in order."""
    secrets = {"token": Slack.secrets["token"], "app_token": APP_TOKEN}

    def __init__(self):
        super().__init__()
        self.links, self.tickets, self.refuse, self.greets = [], [], [], True
        self.asked = []
        self.ws = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()

    def judge(self, method, path, headers, body):
        if path != "/api/apps.connections.open":
            return super().judge(method, path, headers, body)
        self.asked.append(time.monotonic())
        self.opened = {"ok": False, "error": "invalid_auth"}
        if headers.get("Authorization") == "Bearer " + APP_TOKEN:
            if self.refuse:
                self.opened = {"ok": False, "error": self.refuse.pop(0)}
            else:
                self.tickets.append(f"ticket-{self.count()}")
                self.opened = {"ok": True, "url": f"ws://127.0.0.1:{self.ws.getsockname()[1]}/link/?ticket={self.tickets[-1]}"}
        return None

    def silent(self, path):
        return 200, self.opened

    def serve(self):
        while True:
            connection, _ = self.ws.accept()
            threading.Thread(target=self.welcome, args=(connection,), daemon=True).start()

    def welcome(self, connection):
        reader = connection.makefile("rb")
        request = reader.readline().decode()
        headers = {}
        while True:
            line = reader.readline().decode().strip()
            if not line:
                break
            key, _, value = line.partition(":")
            headers[key.lower()] = value.strip()
        ticket = request.split("ticket=")[-1].split()[0].split("&")[0]
        if ticket not in self.tickets or headers.get("sec-websocket-version") != "13":
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return connection.close()
        self.tickets.remove(ticket)
        accept = hashlib.sha1((headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           b"Sec-WebSocket-Accept: " + base64.b64encode(accept) + b"\r\n\r\n")
        link = Link(connection, reader)
        if self.greets:
            link.send({"type": "hello", "num_connections": 1, "debug_info": {"host": "h", "approximate_connection_time": 18060},
                       "connection_info": {"app_id": "A1"}})
        with self.lock:
            self.links.append(link)
            self.lock.notify_all()
        link.read()

    def link(self, n, seconds=20):
        """The n-th connection that was opened, from 1."""
        end = time.monotonic() + seconds
        with self.lock:
            while len(self.links) < n and time.monotonic() < end:
                self.lock.wait(end - time.monotonic())
            assert len(self.links) >= n, f"{len(self.links)} of {n} connections were opened"
            return self.links[n - 1]

    def envelope(self, kind, payload):
        return {"envelope_id": f"envelope-{self.count()}", "type": kind, "payload": payload, "accepts_response_payload": False}

    def socket_text(self, peer, text):
        return self.envelope("events_api", self.payload(peer, text=text))

    def socket_press(self, peer, title, payload):
        return self.envelope("interactive", self.action(peer, title, payload))


if __name__ == "__main__":
    platform = SlackSocket()
    print(platform.address, flush=True)
    first = platform.link(1)
    first.send(platform.socket_text("D1", "hello"))
    assert first.wait_for(lambda: first.acknowledged), "not acknowledged"
    first.send({"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "h"}})
    second = platform.link(2)
    second.send(platform.socket_press("D1", "Yes", "7.0"))
    assert second.wait_for(lambda: second.acknowledged), "not acknowledged after the reconnect"
    print("both were acknowledged", flush=True)
    sys.stdin.readline()
