"""Rasa's REST channel, as any client of it sees it."""
import concurrent.futures
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from server import Server

TOKEN = "a-token-of-these-tests-and-of-nobody"
server = Server(sys.argv[1], config={"rasa": {"token": {"file": "rasa.token"}}}, secrets={"rasa.token": TOKEN})


def post(body, token=TOKEN, query="", headers=None):
    h = {"content-type": "application/json"}
    if token:
        h["authorization"] = "Bearer " + token
    h.update(headers or {})
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    status, head, answer = server.http("POST", "/webhooks/rest/webhook" + query, text, h)
    return status, head, answer.decode()


def say(sender, message, **more):
    status, _, answer = post({"sender": sender, "message": message, **more})
    assert status == 200, (status, answer)
    return json.loads(answer)


def words(messages):
    return " ".join(m.get("text", "") for m in messages)


def press(sender, messages, title):
    buttons = [b for m in messages for b in m.get("buttons", [])]
    found = [b for b in buttons if title.lower() in b["title"].lower()]
    assert found, f"no button '{title}' among {[b['title'] for b in buttons]}"
    return say(sender, found[0]["payload"])


def status():
    code, body = server.get("/webhooks/rest/")
    assert code == 200 and json.loads(body) == {"status": "ok"}, body


def cancel():
    m = say("anna", "cancel my order")
    assert "order number" in words(m), m
    assert all(x["recipient_id"] == "anna" for x in m)
    say("anna", "A-1001")
    m = say("anna", "maya.okafor@example.com")
    assert "Why would you like to cancel" in words(m), m
    m = press("anna", m, "mistake")
    assert "Shall I cancel order A-1001" in words(m), m
    m = press("anna", m, "Yes")
    assert "cancelled" in words(m), m


def card():
    say("liam", "where is my parcel")
    say("liam", "A-1101")
    m = say("liam", "liam.brandt@example.net")
    assert any("custom" in x for x in m), m


def apart():
    say("one", "cancel my order")
    m = say("two", "A-1001")
    assert "one of these, as on the order" not in words(m), m


def again():
    first = say("repeat", "hello", metadata={"message_id": "m1"})
    assert say("repeat", "hello", metadata={"message_id": "m1"}) == first
    say("repeat", "cancel my order", metadata={"message_id": "m2"})
    assert say("repeat", "hello", metadata={"message_id": "m1"}) == first, "an old message's answer changed"


def kill():
    say("tough", "cancel my order")
    server.kill()
    server.start()
    assert "one of these, as on the order" in words(say("tough", "A-1002"))


def in_order():
    texts = [f"hello {i}" for i in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda t: say("many", t), texts))
    assert all(len(a) >= 1 for a in answers), answers


def lines():
    code, head, body = post({"sender": "s", "message": "cancel my order"}, query="?stream=true")
    assert code == 200 and head["content-type"].startswith("text/event-stream"), head
    got = [json.loads(line) for line in body.splitlines() if line]
    assert len(got) >= 2 and "order number" in got[-1]["text"], body


def default_sender():
    code, _, body = post({"message": "hello"})
    assert code == 200 and json.loads(body)[0]["recipient_id"] == "default", body


def tokens():
    body = {"sender": "x", "message": "hello"}
    for token in ("", "wrong", TOKEN + "x", TOKEN[:-1]):
        code, head, _ = post(body, token)
        assert code == 401 and head["www-authenticate"] == "Bearer", (token, code)
    assert post(body, "", "?token=" + TOKEN)[0] == 200
    assert post(body, "", "?token=wrong")[0] == 401
    assert post(body, headers={"origin": "https://evil.example"})[0] == 401
    assert TOKEN not in server.log(True)


def bad():
    for body in ("", "{", "[]", '{"sender":"x"}', '{"sender":"x","message":7}', '{"sender":"","message":"a"}',
                 '{"sender":"x","message":"  "}', b'{"sender":"x","message":"\xff"}',
                 json.dumps({"sender": "x" * 200, "message": "a"}), json.dumps({"message": "a" * 5000})):
        code, _, answer = post(body)
        assert code == 400 and json.loads(answer)["status"] == "failure", (body, code, answer)
    assert post("x" * 70000)[0] == 413
    assert server.http("GET", "/webhooks/rest/webhook")[0] == 405
    assert server.http("GET", "/webhooks/rest/other")[0] == 404
    assert server.http("GET", "/webhooks/restful")[0] == 404


def loopback():
    server.stop()
    server.demo = True
    server.start()
    assert post({"sender": "x", "message": "hello"}, "")[0] == 200
    assert post({"sender": "x", "message": "hello"}, "", headers={"origin": "https://evil.example"})[0] == 401
    own = f"evil.example:{server.port}"  # a name that leads here: its pages are the server's own
    assert post({"sender": "x", "message": "hello"}, "", headers={"origin": f"http://{own}", "host": own})[0] == 401
    assert post({"sender": "x", "message": "hello"}, "", headers={"x-forwarded-for": "203.0.113.5"})[0] == 401


server.start()
try:
    for name, function in [
        ("GET /webhooks/rest/ says ok", status),
        ("a whole cancellation, with its buttons' payloads", cancel),
        ("a card is custom", card),
        ("senders are apart", apart),
        ("the same message_id again: the same answer, and nothing happens twice", again),
        ("the conversation survives a kill of the server", kill),
        ("messages of one sender at once are answered one by one", in_order),
        ("?stream=true: a JSON object a line", lines),
        ("no sender is 'default'", default_sender),
        ("a token, as bearer or in the query; nothing else", tokens),
        ("bad bodies, paths and methods", bad),
        ("the demo: this machine without a token, but no page of another's", loopback),
    ]:
        tap.case("rasa: " + name, function)
    tap.same("rasa: no sanitizer report", "", server.sanitizer_report())
finally:
    server.remove()
tap.finish()
