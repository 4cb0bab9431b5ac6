"""Slack's Socket Mode, played by us: apps.connections.open and the WebSocket behind it.  Also run by itself, for a client that is not ours: slack_socket.py prints its address and greets."""
import socket
import sys
import time

from slack import Slack
from ws_link import Link, accept_for_ever, shake_hands

APP_TOKEN = "xapp-1-A1-socket-mode-token-of-these-tests"


class SlackSocket(Slack):
    """greets: whether a new connection is told hello; refuse: errors for apps.connections.open, in order."""
    secrets = {"token": Slack.secrets["token"], "app_token": APP_TOKEN}

    def __init__(self):
        super().__init__()
        self.links, self.tickets, self.refuse, self.greets = [], [], [], True
        self.asked = []
        self.ws = socket.create_server(("127.0.0.1", 0))
        accept_for_ever(self.ws, self.welcome)

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

    def welcome(self, connection):
        shaken = shake_hands(connection)
        ticket = shaken[0].split("ticket=")[-1].split("&")[0] if shaken else ""
        if ticket not in self.tickets:
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return connection.close()
        self.tickets.remove(ticket)
        _, reader, answer = shaken
        connection.sendall(answer)
        link = Link(connection, reader)
        if self.greets:
            link.send({"type": "hello", "num_connections": 1, "debug_info": {"host": "h", "approximate_connection_time": 18060},
                       "connection_info": {"app_id": "A1"}})
        with self.lock:
            self.links.append(link)
            self.lock.notify_all()
        link.read()

    def link(self, n, seconds=60):
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
    assert first.wait_for(lambda: first.texts), "not acknowledged"
    first.send({"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "h"}})
    second = platform.link(2)
    second.send(platform.socket_press("D1", "Yes", "7.0"))
    assert second.wait_for(lambda: second.texts), "not acknowledged after the reconnect"
    print("both were acknowledged", flush=True)
    sys.stdin.readline()
