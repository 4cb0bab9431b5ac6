"""Discord's Gateway, played by us: sessions that go on, heartbeats that must come.  Also run by itself, for a client
that is not ours: discord_gateway.py prints its address and greets."""
import socket
import sys
import time

from discord import Discord
from ws_link import Link, accept_for_ever, shake_hands

TOKEN = Discord.secrets["token"]


class Gateway(Discord):
    """interval: of heartbeats, ms; deaf: heartbeats are not answered; greets: what comes after the handshake."""

    def __init__(self, interval=2000):
        super().__init__()
        self.interval, self.deaf, self.greets = interval, False, True
        self.links, self.sessions, self.asked = [], {}, []  # sessions: what was dispatched in them
        self.callbacks = []
        self.ws = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.ws.getsockname()[1]}"
        accept_for_ever(self.ws, self.welcome)

    def account(self):
        return {**super().account(), "gateway": True}

    def get(self, path, headers):
        if path != "/api/v10/gateway/bot":
            return super().get(path, headers)
        self.asked.append(time.monotonic())
        if headers.get("Authorization") != "Bot " + TOKEN:
            return 401, {"message": "401: Unauthorized", "code": 0}
        return 200, {"url": self.url, "shards": 1, "session_start_limit": {"total": 1000, "remaining": 999, "reset_after": 0,
                                                                          "max_concurrency": 1}}

    def judge(self, method, path, headers, body):
        if path.startswith("/api/v10/interactions/"):
            self.callbacks.append((path, body))
            return None
        return super().judge(method, path, headers, body)

    def welcome(self, connection):
        shaken = shake_hands(connection)
        if not shaken or "v=10" not in shaken[0] or "encoding=json" not in shaken[0]:
            return connection.close()
        _, reader, answer = shaken
        connection.sendall(answer)
        link = Link(connection, reader)
        link.session, link.answers_close = None, True
        if self.greets:
            link.send({"op": 10, "d": {"heartbeat_interval": self.interval}, "s": None, "t": None})
        with self.lock:
            self.links.append(link)
            self.lock.notify_all()
        link.heard = lambda frame: self.hear(link, frame)
        link.read()

    def hear(self, link, frame):
        if frame["op"] == 1 and not self.deaf:
            link.send({"op": 11})
        elif frame["op"] == 2:
            if frame["d"]["token"] != TOKEN:
                return link.close(4004)
            link.session = f"session-{self.count()}"
            self.sessions[link.session] = []
            self.dispatch(link, "READY", {"v": 10, "session_id": link.session, "resume_gateway_url": self.url + "/resume",
                                          "user": {"id": "1", "bot": True}, "guilds": [], "application": {"id": "1"}})
        elif frame["op"] == 6:
            missed = self.sessions.get(frame["d"]["session_id"])
            if missed is None:
                return link.send({"op": 9, "d": False})
            link.session = frame["d"]["session_id"]
            for old in [m for m in missed if m["s"] > frame["d"]["seq"]]:
                link.send(old)
            self.dispatch(link, "RESUMED", {})
        return None

    def dispatch(self, link, name, data, send=True):
        events = self.sessions[link.session]
        event = {"op": 0, "t": name, "s": len(events) + 1, "d": data}
        events.append(event)
        if send:
            link.send(event)

    def written(self, peer, text, **more):
        return {"id": str(self.count()), "channel_id": peer, "content": text, "attachments": [], "timestamp": "2026-01-01T00:00:00Z",
                "author": {"id": "6", "username": "maya", "global_name": "Maya"}, **more}

    def link(self, n, seconds=60):
        """The n-th connection that was opened, from 1, when its session has begun or gone on."""
        end = time.monotonic() + seconds
        with self.lock:
            while len(self.links) < n and time.monotonic() < end:
                self.lock.wait(end - time.monotonic())
            assert len(self.links) >= n, f"{len(self.links)} of {n} connections were opened"
        link = self.links[n - 1]
        while not link.session and time.monotonic() < end:
            time.sleep(0.01)
        return link


if __name__ == "__main__":
    platform = Gateway()
    print(platform.address + "/api/v10", flush=True)
    first = platform.link(1)
    platform.dispatch(first, "MESSAGE_CREATE", platform.written("30", "hello"))
    time.sleep(1)
    first.send({"op": 7, "d": None})
    platform.dispatch(first, "MESSAGE_CREATE", platform.written("30", "missed"), send=False)
    second = platform.link(2)
    assert second.wait_for(lambda: second.said("op", 6)), "it did not go on"
    assert second.wait_for(lambda: second.said("op", 1)), "no heartbeat"
    print("it went on", flush=True)
    sys.stdin.readline()
