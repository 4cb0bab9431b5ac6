"""A WebSocket client (RFC 6455) of our own, down to single bytes: no library that would refuse to send
what the server has to refuse to take."""
import base64
import hashlib
import os
import select
import socket
import ssl
import struct
import time

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Closed(Exception):
    """The connection ended; code is 1006 when no close frame came."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed {code} {reason}".strip())
        self.code = code
        self.reason = reason


class Refused(Exception):
    """The upgrade was answered with something else than 101."""

    def __init__(self, status, body=b""):
        super().__init__(f"refused with {status}")
        self.status = status
        self.body = body


def frame(payload, opcode=TEXT, fin=True, masked=True, rsv=0):
    if isinstance(payload, str):
        payload = payload.encode()
    n = len(payload)
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if n < 126:
        head += bytes([mask_bit | n])
    elif n < 65536:
        head += bytes([mask_bit | 126]) + struct.pack("!H", n)
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", n)
    if not masked:
        return head + payload
    key = os.urandom(4)
    pad = (key * (n // 4 + 1))[:n]
    mixed = (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(n, "big") if n else b""
    return head + key + mixed


class Parser:
    """Bytes of the server to events: ("open", status, headers), ("text", s), ("close", code, reason),
    ("ping", b), ("pong", b), ("refused", status, body so far)."""

    def __init__(self):
        self.key = base64.b64encode(os.urandom(16))
        self.data = b""
        self.is_open = False
        self.parts = []

    def request(self, host, path="/chat", origin=None, more=()):
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {self.key.decode()}", "Sec-WebSocket-Version: 13"]
        if origin is not None:
            lines.append(f"Origin: {origin}")
        lines.extend(more)
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def feed(self, data):
        self.data += data
        events = []
        if not self.is_open and not self.read_head(events):
            return events
        while self.read_frame(events):
            pass
        return events

    def read_head(self, events):
        head, found, rest = self.data.partition(b"\r\n\r\n")
        if not found:
            return False
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
        if status != 101:
            events.append(("refused", status, rest))
            return False
        wanted = base64.b64encode(hashlib.sha1(self.key + GUID).digest()).decode()
        if headers.get("sec-websocket-accept") != wanted:
            raise AssertionError("the server's Sec-WebSocket-Accept is wrong")
        self.is_open = True
        self.data = rest
        events.append(("open", status, headers))
        return True

    def read_frame(self, events):
        d = self.data
        if len(d) < 2:
            return False
        if d[1] & 0x80:
            raise AssertionError("the server masked a frame")
        n, at = d[1] & 0x7F, 2
        if n == 126:
            if len(d) < 4:
                return False
            n, at = struct.unpack("!H", d[2:4])[0], 4
        elif n == 127:
            if len(d) < 10:
                return False
            n, at = struct.unpack("!Q", d[2:10])[0], 10
        if len(d) < at + n:
            return False
        payload, self.data = d[at:at + n], d[at + n:]
        self.take(d[0] & 0x0F, bool(d[0] & 0x80), payload, events)
        return True

    def take(self, opcode, fin, payload, events):
        if opcode == CLOSE:
            code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
            events.append(("close", code, payload[2:].decode()))
        elif opcode == PING:
            events.append(("ping", payload))
        elif opcode == PONG:
            events.append(("pong", payload))
        else:
            self.parts.append(payload)
            if fin:
                events.append(("text", b"".join(self.parts).decode()))
                self.parts = []


class Wire:
    """A blocking connection for tests that go step by step."""

    def __init__(self, port, path="/chat", origin="own", host=None, more=(), tls=None, address="127.0.0.1",
                 timeout=20):
        scheme = "https" if tls else "http"
        self.host = host or f"{address}:{port}"
        self.events = []
        self.timeout = timeout
        self.sock = socket.create_connection((address, port), timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname="localhost")
        self.parser = Parser()
        if origin == "own":
            origin = f"{scheme}://{self.host}"
        self.send_bytes(self.parser.request(self.host, path, origin, more))
        first = self.next_event()
        if first[0] == "refused":
            self.sock.close()
            raise Refused(first[1], first[2])

    def send_bytes(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            pass  # what was said before is read, then the end

    def send(self, text):
        self.send_bytes(frame(text))

    def next_event(self, timeout=None):
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        while not self.events:
            left = end - time.monotonic()
            pending = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()
            if left <= 0 or (not pending and not select.select([self.sock], [], [], left)[0]):
                raise TimeoutError("the server said nothing")
            try:
                data = self.sock.recv(65536)
            except (ConnectionResetError, ssl.SSLError):
                data = b""
            if not data:
                raise Closed(1006)
            self.events.extend(self.parser.feed(data))
        return self.events.pop(0)

    def recv(self, timeout=None):
        """The next text; pings are answered on the way."""
        while True:
            event = self.next_event(timeout)
            if event[0] == "text":
                return event[1]
            if event[0] == "close":
                self.send_bytes(frame(struct.pack("!H", min(event[1], 4999)), CLOSE))
                self.sock.close()
                raise Closed(event[1], event[2])
            if event[0] == "ping":
                self.send_bytes(frame(event[1], PONG))

    def drop(self):
        self.sock.close()
