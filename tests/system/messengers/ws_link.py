"""The other side of a WebSocket (RFC 6455) that the program under test opens, written out."""
import base64
import hashlib
import json
import socket
import struct
import threading
import time


class Link:
    """One WebSocket, our side: frames of texts."""
    answers_close = False  # as Slack does: the connection stays open

    def __init__(self, connection, reader):
        self.connection, self.reader = connection, reader
        self.texts = []    # (what was said, when)
        self.code = 0      # of the close frame
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

    def heard(self, message):
        """A text came; whoever plays a platform may say more."""

    def close(self, code):
        self.frame(8, struct.pack(">H", code))

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
                    self.code = struct.unpack(">H", data[:2])[0] if n >= 2 else 0
                    self.lock.notify_all()
                if self.answers_close:
                    self.frame(8, data[:2])
                    self.hang_up()
                return
            elif head[0] & 15 == 1:
                with self.lock:
                    self.texts.append((json.loads(data), time.monotonic()))
                    self.lock.notify_all()
                self.heard(json.loads(data))
        with self.lock:
            self.closed = self.closed or "gone"
            self.lock.notify_all()

    def wait_for(self, what, seconds=45):
        end = time.monotonic() + seconds
        with self.lock:
            while not what() and time.monotonic() < end:
                self.lock.wait(end - time.monotonic())
            return what()

    def said(self, key, value):
        """The texts in which @key is @value."""
        return [t for t, _ in self.texts if t.get(key) == value]

    def is_acknowledged(self, envelope, seconds=45):
        return self.wait_for(lambda: self.said("envelope_id", envelope), seconds)

    def hang_up(self):
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.connection.close()


def shake_hands(connection):
    """(the path, a reader); None: it was no WebSocket."""
    reader = connection.makefile("rb")
    request = reader.readline().decode()
    headers = {}
    while True:
        line = reader.readline().decode().strip()
        if not line:
            break
        key, _, value = line.partition(":")
        headers[key.lower()] = value.strip()
    if not request.startswith("GET ") or headers.get("sec-websocket-version") != "13":
        return None
    accept = hashlib.sha1((headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return request.split()[1], reader, (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                        b"Sec-WebSocket-Accept: " + base64.b64encode(accept) + b"\r\n\r\n")


def accept_for_ever(server, welcome):
    def serve():
        while True:
            connection, _ = server.accept()
            threading.Thread(target=welcome, args=(connection,), daemon=True).start()
    threading.Thread(target=serve, daemon=True).start()
