"""A browser without scripts: cookies, forms, links; what it shows as text."""
import html.parser
import http.client
import urllib.parse


class Reader(html.parser.HTMLParser):
    """Forms with their fields and buttons, posts with who said them, alerts."""

    def __init__(self):
        super().__init__()
        self.forms, self.posts, self.links, self.alerts, self.waiting = [], [], [], [], ""
        self.scripts = 0
        self.quiet = False
        self.title = ""
        self.form = self.button = self.into = None
        self.depth = 0

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "script" or any(k.startswith("on") for k in a) or "style" in a:
            self.scripts += 1
        if tag == "form":
            self.form = {"method": a.get("method", "get"), "action": a.get("action", ""), "fields": {}, "buttons": []}
            self.forms.append(self.form)
        elif tag == "input" and self.form is not None:
            self.form["fields"][a["name"]] = a.get("value", "")
        elif tag == "textarea":
            self.form["fields"][a["name"]] = ""
            self.into = ("field", a["name"])
        elif tag == "button" and self.form is not None:
            self.button = {"name": a.get("name"), "value": a.get("value", ""), "label": ""}
            self.form["buttons"].append(self.button)
        elif tag == "time":
            self.quiet = True
        elif tag == "a":
            self.links.append(a.get("href", ""))
        elif tag == "li" and a.get("class") in ("buyer", "bot", "person", "note") and "id" in a:
            self.posts.append({"who": a["class"], "id": a.get("id", ""), "text": ""})
        elif tag == "title":
            self.into = ("title",)
        elif a.get("role") == "alert":
            self.alerts.append("")
            self.into = ("alert",)
        elif "waiting" in a.get("class", ""):
            self.into = ("waiting",)

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        if tag == "button":
            self.button = None
        if tag in ("textarea", "title", "p"):
            self.into = None
        if tag == "time":
            self.quiet = False

    def handle_data(self, data):
        if self.button is not None:
            self.button["label"] += data
        elif self.into and self.into[0] == "field":
            self.form["fields"][self.into[1]] += data.removeprefix("\n")
        elif self.into and self.into[0] == "alert":
            self.alerts[-1] += data
        elif self.into and self.into[0] == "waiting":
            self.waiting += data
        elif self.into and self.into[0] == "title":
            self.title += data
        elif self.posts and self.form is None and not self.quiet:
            self.posts[-1]["text"] += data


class Browser:
    def __init__(self, port):
        self.port = port
        self.cookies = {}
        self.status, self.headers, self.body, self.page = 0, {}, "", None

    def request(self, method, path, body=None, headers=None, follow=True):
        h = dict(headers or {})
        if self.cookies and "cookie" not in h:
            h["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        c.request(method, path, body, h)
        r = c.getresponse()
        self.status, self.headers = r.status, {k.lower(): v for k, v in r.getheaders()}
        self.body = r.read().decode(errors="replace")
        c.close()
        if "set-cookie" in self.headers:
            name, _, value = self.headers["set-cookie"].split(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        if follow and self.status == 303:
            return self.request("GET", self.headers["location"].split("#")[0])
        self.page = Reader()
        self.page.feed(self.body)
        return self

    def open(self, path="/chat/form", **more):
        return self.request("GET", path, **more)

    def box(self):
        return next(f for f in self.page.forms if "text" in f["fields"])

    def button(self, label):
        for form in self.page.forms:
            for button in form["buttons"]:
                if label.lower() in button["label"].lower() and form["method"] == "post":
                    return form, button
        raise AssertionError(f"no button '{label}' among {[b['label'] for f in self.page.forms for b in f['buttons']]}")

    def submit(self, fields, headers=None, follow=True):
        h = {"content-type": "application/x-www-form-urlencoded", "origin": f"http://127.0.0.1:{self.port}"}
        h.update(headers or {})
        h = {k: v for k, v in h.items() if v is not None}
        return self.request("POST", "/chat/form", urllib.parse.urlencode(fields), h, follow)

    def say(self, text, **more):
        return self.submit({**self.box()["fields"], "text": text.replace("\n", "\r\n")}, **more)

    def press(self, label, **more):
        form, button = self.button(label)
        return self.submit({**form["fields"], button["name"]: button["value"]}, **more)

    def said_last(self):
        """What the bot said after the buyer's last words."""
        out = []
        for post in reversed(self.page.posts):
            if post["who"] == "buyer":
                break
            out.insert(0, post["text"])
        return " ".join(" ".join(out).split())
