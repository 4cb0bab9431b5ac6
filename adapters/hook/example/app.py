"""A shop's own chat, joined to Tenstep: every line that is typed goes there, what is said is printed."""
import base64, hashlib, hmac, http.server, json, os, sys, threading, time, urllib.request, uuid

URL = os.environ["TENSTEP_URL"]  # http://127.0.0.1:8080/channels/NAME
KEY = base64.b64decode(os.environ["TENSTEP_SECRET"].removeprefix("whsec_"))
seen, choices = set(), []


def sign(id, timestamp, body):
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()


def send(event):
    body, id, timestamp = json.dumps(event).encode(), "app_" + uuid.uuid4().hex, str(int(time.time()))
    headers = {"content-type": "application/json", "webhook-id": id, "webhook-timestamp": timestamp,
               "webhook-signature": sign(id, timestamp, body)}
    urllib.request.urlopen(urllib.request.Request(URL, body, headers)).close()  # an error: send it again


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        id, timestamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        good = hmac.compare_digest(sign(id, timestamp, body), self.headers["webhook-signature"])
        good = good and abs(time.time() - int(timestamp)) < 300
        self.send_response(204 if good else 401)
        self.end_headers()
        event = json.loads(body)
        if good and id not in seen and event["type"] == "said":  # what comes twice is shown once
            seen.add(id)
            choices[:] = event.get("choices", [])
            print(event["text"], *(f"[{c['label']}]" for c in choices), sep="\n", flush=True)

    def log_message(self, *unused): pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Hook)
threading.Thread(target=server.serve_forever, daemon=True).start()
for line in sys.stdin:
    pressed = [c for c in choices if c["label"] == line.strip()]
    if pressed:
        send({"type": "press", "conversation": "maya", "choice": pressed[0]["id"]})
    else:
        send({"type": "message", "conversation": "maya", "text": line.strip()})
