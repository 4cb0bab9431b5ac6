#!/usr/bin/env python3
"""A hostile client: malformed WebSocket frames and malformed HTTP requests, while an honest client
measures how long its pings take.

    tests/hostile/hostile.py [--frames N] [--requests N] [--seed N] [--workers N] [--path /chat]
                             [--origin URL] [--result FILE] [--p99-ms N] ADDRESS:PORT

Against the server: tenstep serve, and its address.  Against the listener alone, with sanitizers:
build/dev/tests/net_socket_test serve 8099, and 127.0.0.1:8099.

It knows the protocols by their RFCs and shares no code with the server.  The same seed sends the
same bytes.  What the server may do with each is answer or hang up; it must stay alive, and the
honest client must be served.  The result is a small text: date, seed, counts, percentiles.  Ends
with 0 when the honest client was never failed and its 99th percentile stayed below --p99-ms."""

import argparse
import base64
import datetime
import multiprocessing
import os
import random
import socket
import struct
import sys
import time
from collections import Counter

TEXT, BINARY, CLOSE, PING, PONG, CONTINUE = 1, 2, 8, 9, 10, 0


def frame(random_, opcode, payload=b"", final=True, reserved=0, masked=True, announced=None, form=None):
    """A frame with whatever is asked for, right or wrong."""
    n = len(payload) if announced is None else announced
    form = form or (7 if n < 126 else 16 if n < 65536 else 64)
    mask_bit = 0x80 if masked else 0
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    if form == 7:
        head += bytes([mask_bit | n])
    elif form == 16:
        head += bytes([mask_bit | 126]) + struct.pack(">H", n)
    else:
        head += bytes([mask_bit | 127]) + struct.pack(">Q", n)
    if not masked:
        return head + payload
    mask = random_.randbytes(4)
    return head + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(payload))


def mutated(r, data):
    """A few bytes flipped, lost, doubled or put in."""
    data = bytearray(data)
    for _ in range(r.randint(1, 4)):
        at = r.randrange(len(data)) if data else 0
        what = r.randrange(4)
        if what == 0 and data:
            data[at] ^= 1 << r.randrange(8)
        elif what == 1 and data:
            del data[at : at + r.randint(1, 4)]
        elif what == 2:
            data[at:at] = data[at : at + r.randint(1, 8)]
        else:
            data[at:at] = r.randbytes(r.randint(1, 4))
    return bytes(data)


def bad_text(r):
    piece = [b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\0b", b"\xe2\x28\xa1", b"\x80"]
    return r.choice([b"", b"abc"]) + r.choice(piece)


FRAMES = {
    "reserved bit": lambda r: [frame(r, r.choice([TEXT, PING]), b"x", reserved=r.choice([1, 2, 4, 7]))],
    "reserved opcode": lambda r: [frame(r, r.choice([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), r.randbytes(r.randint(0, 20)))],
    "control in fragments": lambda r: [frame(r, r.choice([CLOSE, PING, PONG]), b"x", final=False)],
    "control too long": lambda r: [frame(r, r.choice([CLOSE, PING, PONG]), r.randbytes(126))],
    "stray continuation": lambda r: [frame(r, CONTINUE, b"x", final=r.random() < 0.5)],
    "message inside a message": lambda r: [frame(r, TEXT, b"a", final=False), frame(r, r.choice([TEXT, BINARY]), b"b")],
    "no text": lambda r: [frame(r, TEXT, bad_text(r))],
    "no text in fragments": lambda r: [frame(r, TEXT, b"a\xc3", final=False), frame(r, CONTINUE, b"(")],
    "binary": lambda r: [frame(r, BINARY, r.randbytes(r.randint(0, 200)))],
    "too big": lambda r: [frame(r, TEXT, b"x", announced=r.choice([16385, 65535, 1 << 20, (1 << 63) - 1]))],
    "top bit of the length": lambda r: [frame(r, TEXT, b"x", announced=(1 << 63) + r.getrandbits(40), form=64)],
    "length too wide": lambda r: [frame(r, TEXT, b"{}", form=r.choice([16, 64])), frame(r, CONTINUE, b"")],
    "bad close": lambda r: [frame(r, CLOSE, struct.pack(">H", r.choice([0, 999, 1004, 1005, 1006, 1015, 1016, 2999])))],
    "half a close code": lambda r: [frame(r, CLOSE, b"\x03")],
    "close text is no text": lambda r: [frame(r, CLOSE, b"\x03\xe8\xff\xfe")],
    "half a frame": lambda r: [frame(r, TEXT, b"hello world")[: r.randint(1, 12)]],
    "unmasked": lambda r: [frame(r, r.choice([TEXT, PING, CONTINUE, BINARY]), r.randbytes(5), masked=False) for _ in range(4)],
    "empty fragments": lambda r: [frame(r, TEXT, final=False)] + [frame(r, CONTINUE, final=False) for _ in range(69)],
    "pings": lambda r: [frame(r, r.choice([PING, PONG]), b"p") for _ in range(40)],
    "noise": lambda r: [r.randbytes(r.randint(1, 200))],
    "mutation": lambda r: [mutated(r, frame(r, TEXT, b'{"t":"say","text":"hello"}')) for _ in range(3)],
    "bad JSON": lambda r: [frame(r, TEXT, mutated(r, b'{"t":"hello","v":1}').decode("latin-1").encode().replace(b"\0", b"0"))],
}

LINES = [b"Host: u", b"Connection: Upgrade", b"Upgrade: websocket", b"Upgrade: h2c", b"Upgrade: nonsense",
         b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 99", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
         b"Content-Length: 3", b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Content-Length : 3",
         b"Transfer-Encoding: chunked", b"Transfer-Encoding:chunked", b"transfer-encoding : chunked", b"Expect: 100-continue",
         b"Cookie: a=\x01", b"X: " + b"y" * 3000, b" folded", b":", b"no colon", b"\0: \0", b"Host: a, b",
         b"Authorization: Bearer \xff\xfe", b"Content-Type: application/json", b"Origin: null", b"X-Forwarded-For: 1.2.3.4",
         b"HTTP2-Settings: AAMAAABkAAQAAP__", b"Connection: keep-alive", b"TE: trailers", b"Te: \r chunked"]
METHODS = [b"GET"] * 20 + [b"POST"] * 12 + [b"PUT", b"HEAD", b"OPTIONS", b"DELETE", b"CONNECT", b"PRI", b"get", b"GET\t", b"", b"TRACE", b"\xff"]
PATHS = [b"/"] * 12 + [b"/chat"] * 8 + [ b"/%00", b"/%zz", b"/%", b"/../../etc/passwd", b"//", b"*", b"http://t/", b"/a%0d%0aX:y", b"/?a=%00",
         b"/?" + b"a=1&" * 300, b"/" + b"a" * 3000, b"/\xff", b"/a;b&c", b"", b"/chat?x=%f"]
VERSIONS = [b"HTTP/1.1"] * 20 + [b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9.9", b"", b"HTTP/1.1 x", b"http/1.1", b"HTTP/1.1\0"]
SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n"


def request(r):
    """A request with something wrong in it; now and then there is, by chance, nothing wrong."""
    end = r.choice([b"\r\n"] * 12 + [b"\n", b"\r", b"\r\r\n"])
    lines = [b" ".join([r.choice(METHODS), r.choice(PATHS), r.choice(VERSIONS)])]
    lines += [b"Host: t"] if r.random() < 0.8 else []
    lines += r.sample(LINES, r.randint(0, 7))
    data = end.join(lines) + end + r.choice([end, end, b""])
    data += r.choice([b"", b"abc", b"0\r\n\r\n", SMUGGLED, b"5\r\nhello\r\n0\r\n\r\n" + SMUGGLED])
    return mutated(r, data) if r.random() < 0.3 else data


def connect(address, timeout=10.0):
    s = socket.create_connection(address, timeout)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def upgrade(s, options):
    key = base64.b64encode(os.urandom(16)).decode()
    head = f"GET {options.path} HTTP/1.1\r\nHost: {options.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    head += f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    head += f"Origin: {options.origin}\r\n" if options.origin else ""
    s.sendall(head.encode() + b"\r\n")
    got = b""
    while b"\r\n\r\n" not in got:
        more = s.recv(4096)
        if not more:
            break
        got += more
    if b" 101 " not in got.split(b"\r\n")[0]:
        raise ConnectionError(got[:60])
    return got.split(b"\r\n\r\n", 1)[1]


def outcome(s, patience):
    """What became of the connection: its last close code, or how it ended."""
    s.settimeout(patience)
    got = b""
    try:
        while True:
            more = s.recv(65536)
            if not more:
                break
            got += more
            at = got.rfind(b"\x88")
            if at >= 0 and len(got) >= at + 4 and got[at + 1] == len(got) - at - 2:
                return "close %d" % struct.unpack(">H", got[at + 2 : at + 4])[0]
    except socket.timeout:
        return "kept open"
    except OSError:
        return "reset"
    return "hung up"


def send_frames(options, seed, count, queue):
    r, kinds, results, sent = random.Random(seed), list(FRAMES), Counter(), 0
    while sent < count and (sent or results.total() < 100):
        frames = FRAMES[kinds[r.randrange(len(kinds))]](r)
        try:
            with connect(options.address) as s:
                upgrade(s, options)
                s.sendall(b"".join(frames))
                results[outcome(s, 0.002)] += 1
            sent += len(frames)
        except OSError as error:
            results["failed: " + type(error).__name__] += 1
    queue.put(("frames", sent, results))


def send_requests(options, seed, count, queue):
    r, results = random.Random(seed), Counter()
    for _ in range(count):
        try:
            with connect(options.address) as s:
                s.sendall(request(r))
                s.settimeout(0.005)
                try:
                    got = s.recv(65536)
                    results["answer " + got[9:12].decode("latin-1") if got else "hung up"] += 1
                except socket.timeout:
                    results["waits for more"] += 1
        except OSError as error:
            results["failed: " + type(error).__name__] += 1
    queue.put(("requests", count, results))


def next_text(s, buffer):
    """The next text message; pings are answered."""
    while True:
        while len(buffer) < 2 or len(buffer) < 2 + (buffer[1] if buffer[1] < 126 else 2 + int.from_bytes(buffer[2:4], "big")):
            more = s.recv(65536)
            if not more:
                raise ConnectionError("the honest client was cut off")
            buffer += more
        n = buffer[1]
        head = 2 if n < 126 else 4
        n = n if n < 126 else int.from_bytes(buffer[2:4], "big")
        opcode, payload, buffer = buffer[0] & 15, buffer[head : head + n], buffer[head + n :]
        if opcode == PING:
            s.sendall(frame(random, PONG, payload))
        elif opcode == CLOSE:
            raise ConnectionError("the honest client was closed: %r" % payload)
        elif opcode == TEXT:
            return payload, buffer


def be_honest(options, stop, queue):
    """One client that behaves: hello once, then a ping and its pong, again and again."""
    took, failures, buffer, s = [], [], b"", None
    while not stop.is_set():
        try:
            if s is None:
                s = connect(options.address)
                buffer = upgrade(s, options)
                s.sendall(frame(random, TEXT, b'{"t":"hello","v":1}'))
            begin = time.monotonic()
            s.sendall(frame(random, TEXT, b'{"t":"ping"}'))
            payload = b""
            while b"pong" not in payload:
                payload, buffer = next_text(s, buffer)
            took.append((time.monotonic() - begin) * 1000)
        except OSError as error:
            failures.append(str(error))
            s = None
        stop.wait(options.pause)
    queue.put((sorted(took), failures))


def at(values, part):
    return values[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


def attack(options):
    queue, jobs = multiprocessing.Queue(), []
    for i in range(options.workers):
        jobs.append((send_frames, options.seed * 1000 + i, options.frames // options.workers))
        jobs.append((send_requests, options.seed * 1000 + 500 + i, options.requests // options.workers))
    workers = [multiprocessing.Process(target=job, args=(options, seed, count, queue)) for job, seed, count in jobs if count]
    for worker in workers:
        worker.start()
    sent, results = Counter(), {"frames": Counter(), "requests": Counter()}
    for _ in workers:
        kind, count, outcomes = queue.get()
        sent[kind] += count
        results[kind] += outcomes
    for worker in workers:
        worker.join()
    return sent, results


def report(options, sent, results, took, failures, seconds):
    lines = [f"date      {datetime.date.today()}",
             f"seed      {options.seed}, {options.workers} workers, {seconds:.0f} s",
             f"frames    {sent['frames']} malformed, over {sum(results['frames'].values())} connections",
             f"requests  {sent['requests']} malformed",
             f"honest    {len(took)} pings: p50 {at(took, 0.5):.1f} ms, p99 {at(took, 0.99):.1f} ms, "
             f"longest {at(took, 1):.1f} ms; {len(failures)} failures"]
    for kind in ("frames", "requests"):
        lines.append(f"what became of {kind}:")
        lines += [f"  {count:9} {what}" for what, count in results[kind].most_common()]
    return "\n".join(lines + failures[:5]) + "\n"


def main():
    p = argparse.ArgumentParser(description="malformed frames and requests, and an honest client")
    p.add_argument("address", metavar="ADDRESS:PORT")
    p.add_argument("--frames", type=int, default=1_000_000)
    p.add_argument("--requests", type=int, default=100_000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--path", default="/chat")
    p.add_argument("--origin")
    p.add_argument("--pause", type=float, default=0.05, help="seconds between honest pings")
    p.add_argument("--p99-ms", type=float, default=250)
    p.add_argument("--result", help="the result goes here too")
    options = p.parse_args()
    options.host = options.address
    host, port = options.address.rsplit(":", 1)
    options.address = (host, int(port))
    stop, queue = multiprocessing.Event(), multiprocessing.Queue()
    honest = multiprocessing.Process(target=be_honest, args=(options, stop, queue))
    begin = time.monotonic()
    honest.start()
    sent, results = attack(options)
    stop.set()
    took, failures = queue.get()
    honest.join()
    text = report(options, sent, results, took, failures, time.monotonic() - begin)
    sys.stdout.write(text)
    if options.result:
        with open(options.result, "w", encoding="utf-8") as f:
            f.write(text)
    return 0 if took and not failures and at(took, 0.99) < options.p99_ms else 1


if __name__ == "__main__":
    sys.exit(main())
