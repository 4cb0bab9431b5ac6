"""The chat without JavaScript: whole conversations, and what is refused."""
import os
import re
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "serve")]
import tap
from browser import Browser
from server import Server

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
server = Server(sys.argv[1], config={"desk": {"hours": dict.fromkeys(DAYS, "00:00-24:00")}, "website": {"title": "Shop help", "greeting": "Hello. How can I help?"},
                                     "limits": {"messages_per_minute": 6000}})


def fresh():
    return Browser(server.port).open()


def expect(browser, words):
    said = browser.said_last()
    assert re.search(words, said), f"wanted: {words}\nsaid: {said}\nalerts: {browser.page.alerts}"


def be_known(browser, number, fact):
    browser.say(number)
    expect(browser, "one of these, as on the order")
    browser.say(fact)


def page():
    b = fresh()
    assert b.status == 200 and b.page.title == "Shop help", b.body
    assert "Hello. How can I help?" in b.body
    assert b.page.scripts == 0, b.body
    assert b.headers["cache-control"] == "no-store"
    policy = b.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "form-action 'self'" in policy and "unsafe" not in policy, policy
    cookie = b.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/chat" in cookie, cookie
    assert b.open("/chat/form.css").status == 200


def cancel():
    b = fresh()
    b.say("cancel my order")
    expect(b, "What is the order number")
    be_known(b, "A-1001", "maya.okafor@example.com")
    expect(b, "Why would you like to cancel it")
    b.press("mistake")
    expect(b, "Shall I cancel order A-1001")
    b.say("how long does the refund take?")
    expect(b, "Shall I cancel order A-1001")
    b.press("Yes")
    expect(b, "cancelled")


def send_back():
    b = fresh()
    b.say("I want to return something")
    be_known(b, "A-1003", "97214")
    expect(b, "(?i)which|do you want to send back")
    b.say("the kettle")
    expect(b, "reason for sending back")
    b.press("damaged")
    expect(b, "photo")
    b.say("skip")
    expect(b, "(?i)shall I|ask the seller")
    b.press("Yes")
    expect(b, "(?i)seller|label|send")


def status():
    b = fresh()
    b.say("where is my parcel")
    be_known(b, "A-1101", "liam.brandt@example.net")
    expect(b, "A-1101|on its way")
    assert 'class="card"' in b.body


def refund():
    b = fresh()
    b.say("where is my refund")
    be_known(b, "A-1201", "78704")
    expect(b, "(?i)refund")


def person():
    b = fresh()
    b.say("I want to talk to a person")
    for _ in range(6):
        if b.page.waiting:
            break
        b.say("it is about a complaint, nothing else helps")
    assert b.page.waiting, b.body
    b.say("are you there?")
    assert b.page.waiting and "noted for the person" in b.said_last(), b.said_last()


def twice():
    b = fresh()
    fields = {**b.box()["fields"], "text": "hello"}
    b.submit(fields)
    b.submit(fields)
    assert [p["who"] for p in b.page.posts].count("buyer") == 1, b.body
    b.submit({**fields, "text": "what can you do?"})  # an old page, other words
    assert [p["who"] for p in b.page.posts].count("buyer") == 2, b.body


def redirect():
    b = fresh()
    b.say("hello", follow=False)
    assert b.status == 303 and b.headers["location"].startswith("/chat/form"), b.headers


def survives():
    b = fresh()
    b.say("cancel my order")
    server.kill()
    server.start()
    b.port = server.port
    b.open()
    expect(b, "What is the order number")
    b.say("A-1002")
    expect(b, "one of these, as on the order")


def older():
    b = fresh()
    for i in range(30):
        b.say(f"hello {i}")
    first = b.page.posts[0]
    link = next(u for u in b.page.links if "before=" in u)
    assert first["id"] != "p1" and len(b.page.posts) == 50, len(b.page.posts)
    b.open(link)
    assert b.page.posts[0]["id"] == "p1", b.page.posts[0]
    assert f'p{len(b.page.posts) + 1}' == first["id"]


def erase():
    b = fresh()
    b.say("my name is Rumpelstiltskin")
    token = dict(b.cookies)
    b.press("Erase this conversation")
    assert b.status == 200 and "Rumpelstiltskin" not in b.body
    b.cookies = token
    b.open()
    assert b.page.posts == [] and "Rumpelstiltskin" not in b.body


def markup():
    b = fresh()
    b.say("<script>alert(1)</script> <b onclick=x>\" ' & </textarea>")
    assert "<script" not in b.body and "onclick=x>" not in b.body and b.page.scripts == 0
    assert "&lt;script&gt;" in b.body


def refused():
    b = fresh()
    b.say("   ")
    assert b.status == 400 and "write something" in b.page.alerts[0], b.body
    b.say("x" * 4001)
    assert b.status == 400 and "too long" in b.page.alerts[0], b.body
    assert b.box()["fields"]["text"].strip() == "x" * 4001, "what was written is gone"
    b.request("POST", "/chat/form", f"csrf={b.box()['fields']['csrf']}&id=abc&text=%FF%FE",
              {"content-type": "application/x-www-form-urlencoded"})
    assert b.status == 400, b.status
    b.submit({**b.box()["fields"], "choice": "nothing", "post": "1"})
    assert b.status == 400 and "button" in b.page.alerts[0], b.body
    b.open()
    assert b.page.posts == []
    b.say("é" * 2000)
    assert b.status == 200 and b.page.posts[0]["who"] == "buyer"


def strangers():
    b = fresh()
    fields = {**b.box()["fields"], "text": "hello"}
    b.submit({**fields, "csrf": "wrong"})
    assert b.status == 403 and b.box()["fields"]["text"].strip() == "hello", b.body
    b.submit({**fields, "csrf": ""})
    assert b.status == 403
    b.submit(fields, headers={"origin": "https://evil.example"})
    assert b.status == 403 and "set-cookie" not in b.headers
    kept = b.cookies
    b.cookies = {}
    b.submit(fields)
    assert b.status == 403 and "set-cookie" not in b.headers, b.headers
    b.cookies = dict(kept, tenstep_chat="b.AAAAAAAAAAAAAAAAAAAAAA")
    b.submit(fields)
    assert b.status == 403
    b.cookies = kept
    b.request("POST", "/chat/form", "{}", {"content-type": "application/json"})
    assert b.status == 415
    b.open()
    assert b.page.posts == [], b.body


def other_pages_value():
    a, b = fresh(), fresh()
    b.submit({**b.box()["fields"], "csrf": a.box()["fields"]["csrf"], "text": "hello"})
    assert b.status == 403


def private_browsers():
    b = fresh()
    for origin in ("null", None):
        b.say("hello", headers={"origin": origin})
        assert b.status == 200 and b.page.posts[-1]["who"] == "bot", b.body


def from_elsewhere():
    b = fresh()
    b.say("hello")
    kept, b.cookies = b.cookies, {}
    b.open(headers={"sec-fetch-site": "cross-site"})
    assert "set-cookie" not in b.headers and "here=1" in b.headers["refresh"], b.headers
    b.cookies = kept
    b.open("/chat/form?here=1")
    assert len(b.page.posts) >= 2
    b.cookies = {}
    b.open("/chat/form?here=1", headers={"sec-fetch-site": "cross-site"})
    assert "set-cookie" in b.headers


def too_fast():
    b = fresh()
    for i in range(25):
        b.say(f"hello {i}")
    assert b.status == 429 and "very quick" in b.page.alerts[0], b.status
    assert b.box()["fields"]["text"].strip() == "hello 24"


CASES = [
    ("the page: no script, a strict policy, a strict cookie", page),
    ("a whole cancellation, by words and buttons", cancel),
    ("a whole return, without photos", send_back),
    ("where a parcel is, with its card", status),
    ("where a refund is", refund),
    ("a person is waited for, and the page says so", person),
    ("the same page sent twice is one message; with other words it is two", twice),
    ("post, redirect, get", redirect),
    ("the conversation survives a kill of the server", survives),
    ("fifty posts a page, and a link to the older ones", older),
    ("erased is erased, for whoever kept the cookie too", erase),
    ("markup is shown as text", markup),
    ("nothing, too much and broken text: told on the page, nothing lost", refused),
    ("without cookie, value or from another site nothing is taken and no chat ends", strangers),
    ("the value of another conversation's page is refused", other_pages_value),
    ("browsers that do not tell the origin may write", private_browsers),
    ("a link from another site keeps the chat that there is", from_elsewhere),
]
server.start()
try:
    for name, function in CASES:
        tap.case("form: " + name, function)
    server.stop()
    server.configure({"limits": {"messages_per_minute": 1}})
    server.start()
    tap.case("form: too many messages at once: told on the page, nothing lost", too_fast)
    tap.same("form: no sanitizer report", "", server.sanitizer_report())
finally:
    server.remove()
tap.finish()
