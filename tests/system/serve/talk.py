"""One connection, step by step: for tests that do what no widget would."""
import json

from ws import Closed, Wire


class Talk(Wire):
    def __init__(self, port, **more):
        super().__init__(port, **more)
        self.k = 0

    def put(self, **body):
        self.send(json.dumps(body, ensure_ascii=False))

    def next(self, *kinds, timeout=None):
        """The next frame of one of these kinds; others on the way are kept in `passed`."""
        self.passed = []
        while True:
            try:
                f = json.loads(self.recv(timeout))
            except TimeoutError as e:
                raise TimeoutError(f"{e}, waiting for {kinds}; before that: {self.passed[-3:]}") from None
            if not kinds or f["t"] in kinds:
                return f
            self.passed.append(f)

    def hello(self, **body):
        self.put(t="hello", v=1, **body)
        return self.next("welcome")

    def say(self, text, sender="t"):
        """Says it and waits for its acknowledgement; the number."""
        self.k += 1
        self.put(t="say", id=f"{sender}:{self.k}", text=text)
        f = self.next("ack", "refused", "error")
        assert f["t"] == "ack", f
        return f["n"]

    def closed(self, timeout=None):
        """Reads until the end; the close code."""
        self.passed = []
        try:
            while True:
                self.passed.append(json.loads(self.recv(timeout)))
        except Closed as e:
            return e.code

    def pings(self):
        """The connection still lives."""
        self.put(t="ping")
        return self.next("pong")


def open_chat(server, identity=None, token=None, **more):
    """(Talk, welcome)"""
    talk = Talk(server.port)
    body = {k: v for k, v in {"identity": identity, "token": token, **more}.items() if v is not None}
    return talk, talk.hello(**body)
