"""The program under test: `tenstep serve` as a process, seen from outside only."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SECRET = b"a secret of these tests, not of anybody else"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def identity(buyer, name="Maya", secret=SECRET, life=600, age=0, header=None, **more):
    """A signed identity (RFC 7519), right unless told otherwise."""
    now = int(time.time()) - age
    claims = {"sub": buyer, "name": name, "iat": now, "exp": now + life}
    claims.update(more)
    claims = {k: v for k, v in claims.items() if v is not None}
    signed = b64(json.dumps(header or {"alg": "HS256", "typ": "JWT"}).encode()) + "." + b64(json.dumps(claims).encode())
    return signed + "." + b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())


claims = []


def is_claimed(port):
    """By another test, or by this one from now on to its end: between the choice and the listening others choose too."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0tenstep test port {port}".ljust(108, "\0"))  # as Node.js writes it
    except OSError:
        claim.close()
        return True
    claims.append(claim)
    return False


def free_port():
    """Not one of those that the system gives to whoever wants any: it is still there for a server that was killed."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
        given = int(f.read().split()[0])
    while True:
        port = random.SystemRandom().randrange(given // 3, given)
        if is_claimed(port):
            continue
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


class Server:
    """One data folder, one port, started and killed as often as needed."""

    def __init__(self, program, config=None, demo=False, data=None, options=(), environment=None, secrets=None):
        self.program = program
        self.scratch = tempfile.mkdtemp(prefix="tenstep-serve-")
        self.data = data or os.path.join(self.scratch, "data")
        self.options = list(options)
        self.environment = environment
        self.demo = demo
        self.port = free_port()
        self.process = None
        self.log_path = os.path.join(self.scratch, "log")
        self.out_path = os.path.join(self.scratch, "out")
        for name, secret in {"identity.secret": SECRET, **(secrets or {})}.items():
            self.keep(name, secret)
        self.config_path = os.path.join(self.scratch, "config.json")
        self.configure(config or {})

    def keep(self, name, secret):
        """A file beside the configuration, which names it as {"file": name}."""
        path = os.path.join(self.scratch, name)
        with open(path, "wb") as f:
            f.write(secret if isinstance(secret, bytes) else secret.encode())
        os.chmod(path, 0o600)

    def configure(self, more):
        config = {"demo": True, "website": {"identity": {"file": "identity.secret"}},
                  "limits": {"messages_per_minute": 6000, "conversations_per_minute": 60000}}
        for key, value in more.items():
            if isinstance(value, dict) and isinstance(config.get(key), dict):
                config[key].update(value)
            else:
                config[key] = value
        with open(self.config_path, "w") as f:
            json.dump(config, f)

    def command(self):
        how = ["--demo"] if self.demo else ["--config", self.config_path]
        return [self.program, "serve", *how, "--port", str(self.port), "--data", self.data, *self.options]

    def start(self, wait=True, prefix=()):
        self.out = open(self.out_path, "wb")
        self.err = open(self.log_path, "ab")
        self.log_from = self.err.tell()
        self.process = subprocess.Popen([*prefix, *self.command()], stdout=self.out, stderr=self.err,
                                        stdin=subprocess.DEVNULL, env=self.environment)
        self.out.close()
        self.err.close()
        if wait:
            self.wait_until_up()
        return self

    def wait_until_up(self, timeout=60):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            found = re.search(r"https?://[^\s/]*:(\d+)/chat/form", self.output())
            if found:
                self.port = int(found.group(1))
                return
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}: {self.log()[-1500:]}")
            time.sleep(0.002)
        raise AssertionError(f"the server does not say where it is: {self.log()[-1500:]}")

    def output(self):
        with open(self.out_path, errors="replace") as f:
            return f.read()

    def log(self, of_all_starts=False):
        with open(self.log_path, "rb") as f:
            if not of_all_starts:
                f.seek(self.log_from)
            return f.read().decode(errors="replace")

    def is_up(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout=60):
        """By SIGTERM; the exit status."""
        if not self.is_up():
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def wait(self, timeout=60):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("the server does not stop") from None

    def remove(self):
        if self.is_up():
            self.kill()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def http(self, method, path, body=None, headers=None, tls=None):
        """(status, headers in lower case, body)"""
        if tls:
            c = http.client.HTTPSConnection("localhost", self.port, timeout=20, context=tls)
        else:
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read()
        finally:
            c.close()

    def get(self, path, headers=None):
        status, _, body = self.http("GET", path, headers=headers)
        return status, body.decode(errors="replace")

    def sanitizer_report(self):
        """What AddressSanitizer or UndefinedBehaviorSanitizer had to say, ever."""
        found = re.search(r"(==\d+==ERROR.*|[^\n]*runtime error:.*)", self.log(True), re.S)
        return found.group(1)[:3000] if found else ""
