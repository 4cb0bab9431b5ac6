"""What a platform that is not the real one has shown to buyers: a list `shown` of (peer, text, buttons, …), under
the condition `lock`, which is notified of each."""
import time


class Shown:
    def of(self, peer):
        with self.lock:
            return [s for s in self.shown if s[0] == peer]

    def texts(self, peer):
        return [s[1] for s in self.of(peer)]

    def wait(self, peer, n, seconds=60):
        """Until @n messages were shown to @peer: their texts."""
        end = time.monotonic() + seconds
        with self.lock:
            while len([s for s in self.shown if s[0] == peer]) < n and time.monotonic() < end:
                self.lock.wait(end - time.monotonic())
        texts = self.texts(peer)
        assert len(texts) >= n, f"{len(texts)} of {n} messages came: {texts}; refused: {getattr(self, 'refused', None)}"
        return texts

    def settle(self, peer, quiet=1.5, seconds=60):
        """Until nothing new was shown for @quiet seconds."""
        end = time.monotonic() + seconds
        before, since = -1, time.monotonic()
        while time.monotonic() < end:
            n = len(self.of(peer))
            if n != before:
                before, since = n, time.monotonic()
            elif time.monotonic() - since > quiet:
                break
            time.sleep(0.02)
        return self.texts(peer)
