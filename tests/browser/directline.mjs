// Direct Line with the clients that everybody has: Web Chat in a browser, and directlinejs without one.
// Both are as their makers ship them.  Only chance is made small in the page: after a loss the client waits
// 3 to 15 seconds, and 3 are enough for a test.
import { createHmac } from "node:crypto";
import { createReadStream, readFileSync, readdirSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { createRequire } from "node:module";

import { launch } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { equal, finish, result, sleep, test, truth, until } from "./lib/tap.mjs";

const require = createRequire(import.meta.url);
globalThis.XMLHttpRequest = require("xhr2");
globalThis.WebSocket = require("ws");
const { DirectLine, ConnectionStatus } = require("botframework-directlinejs");

const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const secret = "a-secret-of-these-tests-and-of-nobody";
const webchat = new URL(`node_modules/${readdirSync(new URL("node_modules", import.meta.url)).find(n => /^webchat-.*\.js$/.test(n))}`,
	import.meta.url);

// --- a shop's page, on an origin of its own

const html = `<!doctype html><meta charset="utf-8"><title>Shop</title>
<style>html, body, #chat { height: 100%; margin: 0 }</style><div id="chat"></div>
<script src="/webchat.js"></script>
<script>
const asked = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
window.shown = [];
const store = WebChat.createStore({}, () => next => action => {
	window.shown.push(action.type);
	return next(action);
});
const options = { domain: asked.server + "/v3/directline", token: asked.token, webSocket: asked.socket === "1", pollingInterval: 200 };
if (asked.conversation) options.conversationId = asked.conversation;
if (asked.watermark) options.watermark = asked.watermark;
window.directLine = WebChat.createDirectLine(options);
WebChat.renderWebChat({ directLine: window.directLine, store, userID: "maya", locale: "en-US" }, document.getElementById("chat"));
</script>`;

const shop = createServer((request, response) => {
	if (request.url === "/webchat.js") {
		response.writeHead(200, { "content-type": "text/javascript" });
		createReadStream(webchat).pipe(response);
	} else {
		response.writeHead(request.url === "/" ? 200 : 404, { "content-type": "text/html" });
		response.end(request.url === "/" ? html : "");
	}
});
await new Promise(done => shop.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${shop.address().port}`;

const server = await new Server(process.argv[2], {
	website: { title: "Shop help", origins: [origin], max_file_bytes: 1 << 20 },
	directline: { secret: { file: "directline.secret" } },
	limits: { messages_per_minute: 6000, conversations_per_minute: 6000 },
}, { "directline.secret": secret }).start();
const base = () => `${server.url}/v3/directline`;

async function call(method, path, bearer, body, headers = {}) {
	const answer = await fetch(base() + path, {
		method,
		headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), ...(body !== undefined && { "content-type": "application/json" }), ...headers },
		body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
	});
	const text = await answer.text();
	return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : null };
}

async function newToken(body = {}) {
	return (await call("POST", "/tokens/generate", secret, body)).body;
}

// --- Web Chat

const bubble = ".webchat__basic-transcript__activity";
const said = page => page.$$eval(bubble, all => all.map(a => a.querySelector(".webchat__text-content, .webchat__bubble__content")?.innerText ?? ""));

async function waitFor(page, words) {
	return until(async () => (await said(page)).some(text => words.test(text)), `Web Chat shows ${words}`);
}

async function write(page, text) {
	const box = page.locator('[data-id="webchat-sendbox-input"]');
	await box.fill(text);
	await box.press("Enter");
}

async function press(page, label) {
	await page.locator(".webchat__suggested-action", { hasText: label }).first().click();
}

async function open(page, token, more) {
	const hash = new URLSearchParams({ server: server.url, token, ...more });
	await page.goto("about:blank");
	await page.goto(`${origin}/#${hash}`);
	await until(() => page.evaluate(() => window.shown?.includes("DIRECT_LINE/CONNECT_FULFILLED")), "Web Chat is connected");
}

const count = (list, words) => list.filter(text => words.test(text)).length;

async function afterwards(page) {
	const all = await said(page);
	for (const own of [/^cancel my order$/, /^A-100[12]$/, /^maya\.okafor@example\.com$/, /^Yes/])
		equal(1, count(all, own), `${own} in ${JSON.stringify(all)}`);
	equal(1, count(all, /What is the order number/), JSON.stringify(all));
	truth(all.findIndex(t => /^cancel my order$/.test(t)) < all.findIndex(t => /What is the order number/.test(t)), all);
	truth(all.findIndex(t => /^Yes/.test(t)) < all.findLastIndex(t => /cancelled/.test(t)), all);
	await until(async () => !/Sending|Send failed|Retry/.test(await page.locator("#chat").innerText()), "nothing is still being sent");
	truth(!(await page.evaluate(() => window.shown)).includes("DIRECT_LINE/POST_ACTIVITY_REJECTED"), "a message was refused");
}

async function cancel(page, number, token, socket, lose) {
	await open(page, token.token, { socket });
	await write(page, "cancel my order");
	await waitFor(page, /What is the order number/);
	await write(page, number);
	await waitFor(page, /one of these, as on the order/);
	await lose();
	await write(page, "maya.okafor@example.com");
	await waitFor(page, /Why would you like to cancel/);
	await press(page, "mistake");
	await waitFor(page, /Shall I cancel order A-100/);
	await press(page, "Yes");
	await waitFor(page, /is cancelled|has been cancelled|cancelled/);
	await afterwards(page);
}

const browser = await launch();
const context = await browser.newContext({ locale: "en-US", viewport: { width: 420, height: 900 } });
await context.addInitScript(() => {
	const chance = Math.random.bind(Math);
	Math.random = () => chance() / 1000;
});
await context.route(url => !url.href.startsWith("http://127.0.0.1:"), route => route.abort());

async function withPage(work) {
	const page = await context.newPage();
	const errors = [];
	page.on("pageerror", e => errors.push(e.message));
	try {
		await work(page);
		equal([], errors, "errors in the page");
	} finally {
		await page.close();
	}
}

await test("directline: Web Chat cancels an order over WebSocket; the server is killed in between", () => withPage(async page => {
	const sockets = [];
	page.on("websocket", s => sockets.push(s.url()));
	await cancel(page, "A-1001", await newToken(), "1", async () => {
		await server.restart(300);
		await until(() => sockets.length > 1, "Web Chat comes back");
		await until(() => page.evaluate(() => window.directLine.connectionStatus$.value === 2), "it is online again");
	});
	truth(/watermark=-&/.test(sockets[0]) && /watermark=[1-9]/.test(sockets[1]), sockets);
}));

// A client that polls stops for good at the first network error; whoever shows it opens it again with the
// conversation's id.
await test("directline: Web Chat cancels an order by polling; the server is killed in between", () => withPage(async page => {
	const sockets = [];
	page.on("websocket", s => sockets.push(s.url()));
	const token = await newToken();
	await cancel(page, "A-1002", token, "0", async () => {
		await server.restart(300);
		await open(page, token.token, { socket: "0", conversation: token.conversationId });
		await waitFor(page, /one of these, as on the order/);
	});
	equal([], sockets);
}));

await test("directline: a card is drawn by Web Chat", () => withPage(async page => {
	await open(page, (await newToken({ user: { id: "dl_buyer-transit" } })).token, { socket: "1" });
	await write(page, "where is my parcel");
	await until(async () => /A-1101/.test(await page.locator("#chat").innerText()), "the order is shown");
	await until(() => page.locator(".webchat__adaptive-card-renderer, .ac-adaptiveCard").count(), "a card is shown");
}));

// The paper clip of Web Chat; a picture stands in the box until the buyer sends it.
await test("directline: Web Chat sends two pictures with a text", () => withPage(async page => {
	await open(page, (await newToken({ user: { id: "dl_buyer-open" } })).token, { socket: "1" });
	await page.locator("input[type=file]").setInputFiles(["front.png", "back.png"].map(name => ({ name, mimeType: "image/png", buffer: png })));
	await until(() => page.evaluate(() => window.shown.includes("WEB_CHAT/SET_SEND_BOX_ATTACHMENTS")), "the pictures are in the box");
	await write(page, "this is how it looks");
	await waitFor(page, /^this is how it looks/);
	for (const name of ["front.png", "back.png"]) {
		const link = page.locator(`${bubble} a`, { hasText: name });
		await link.waitFor();
		equal(png, Buffer.from(await (await fetch(await link.getAttribute("href"))).arrayBuffer()), name);
	}
	await until(async () => !/Sending|Send failed|Retry/.test(await page.locator("#chat").innerText()), "nothing is still being sent");
	equal(1, count(await said(page), /^this is how it looks/));
}));

// --- directlinejs

class Client {
	constructor(options) {
		this.line = new DirectLine({ domain: base(), webSocket: true, pollingInterval: 200, ...options });
		this.heard = [];
		this.states = [];
		this.line.connectionStatus$.subscribe(s => this.states.push(s));
		this.line.activity$.subscribe(a => this.heard.push(a), () => {});
	}
	send(activity) {
		return new Promise((done, fail) => this.line.postActivity({ type: "message", from: { id: "maya" }, ...activity }).subscribe(done, fail));
	}
	say(text, more = {}) {
		return this.send({ text, ...more });
	}
	hears(words) {
		return until(() => this.heard.find(a => a.from.role === "bot" && words.test(a.text ?? "")), `directlinejs hears ${words}`);
	}
	end() {
		this.line.end();
	}
}

for (const webSocket of [true, false])
	await test(`directline: directlinejs, ${webSocket ? "WebSocket" : "polling"}: own words come back once under the id that was answered`, async () => {
		const client = new Client({ token: (await newToken()).token, webSocket });
		const id = await client.say("cancel my order", { channelData: { clientActivityID: "m1" } });
		await client.hears(/order number/);
		const own = client.heard.filter(a => a.from.role === "user");
		equal([[id, "m1"]], own.map(a => [a.id, a.channelData?.clientActivityID]));
		equal(id, await client.say("cancel my order", { channelData: { clientActivityID: "m1" } }), "a repeat");
		await sleep(300);
		equal(client.heard.length, new Set(client.heard.map(a => a.id)).size, "an id came twice");
		const times = client.heard.map(a => a.timestamp);
		equal([...times].sort(), times, "timestamps");
		equal(times.length, new Set(times).size, "timestamps");
		client.end();
	});

await test("directline: directlinejs takes up a conversation from a watermark", async () => {
	const token = await newToken();
	const first = new Client({ token: token.token });
	await first.say("hello");
	await until(() => first.heard.length >= 2, "two activities");
	const mark = first.line.watermark;
	first.end();
	const second = new Client({ token: token.token, conversationId: token.conversationId, watermark: mark });
	await second.say("cancel my order");
	await second.hears(/order number/);
	truth(!second.heard.some(a => a.text === "hello"), second.heard.map(a => a.text));
	second.end();
});

/** As the server itself signs, with the clock where we want it. */
function sign(use, claims) {
	const key = readFileSync(server.path("data", "server", "ticket.secret"), "utf8").trim();
	const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
	return `${payload}.${createHmac("sha256", key).update(`directline-${use}-1.${payload}`).digest("base64url")}`;
}
const now = () => Math.floor(Date.now() / 1000);

await test("directline: directlinejs sees a token expire", async () => {
	const { conversationId } = await newToken();
	truth((await call("POST", "/tokens/refresh", sign("chat", { conv: conversationId, exp: now() + 60 }))).status === 200, "the test cannot sign");
	const client = new Client({ token: sign("chat", { conv: conversationId, exp: now() + 60 }), webSocket: false });
	await client.say("hello");
	client.line.token = sign("chat", { conv: conversationId, exp: now() - 1 }); // the one it was given is good for half an hour
	await until(() => client.states.includes(ConnectionStatus.ExpiredToken), "it says that the token expired");
	client.end();
});

// --- the protocol itself

function socket(url, headers = {}) {
	const ws = new WebSocket(url, { headers });
	ws.frames = [];
	ws.on("message", text => ws.frames.push(JSON.parse(text)));
	ws.closed = new Promise(done => ws.on("close", (code, reason) => done([code, String(reason)])));
	ws.opened = new Promise((done, fail) => {
		ws.on("open", () => done(ws));
		ws.on("unexpected-response", (_, answer) => fail(answer.statusCode));
		ws.on("error", fail);
	});
	ws.opened.catch(() => {});
	return ws;
}
const refusal = ws => ws.opened.then(() => 101, status => status);
const message = (text, id) => ({ type: "message", from: { id: "maya" }, text, ...(id && { channelData: { clientActivityID: id } }) });

await test("directline: one socket a conversation: the second closes the first with 'collision'", async () => {
	const { token, conversationId } = await newToken();
	const start = (await call("POST", "/conversations", token)).body;
	const first = await socket(start.streamUrl).opened;
	first.send("");
	await call("POST", `/conversations/${conversationId}/activities`, token, message("hello"));
	await until(() => first.frames.flatMap(f => f.activities).length >= 2, "the first hears");
	const again = (await call("GET", `/conversations/${conversationId}?watermark=`, token)).body;
	const second = await socket(again.streamUrl).opened;
	equal([1000, "collision"], await first.closed);
	await until(() => second.frames.flatMap(f => f.activities).length >= 2, "the second is told from the beginning");
	second.close();
});

await test("directline: a stream's credential is for its conversation, its use and its time", async () => {
	const { token, conversationId } = await newToken();
	const other = await newToken();
	const at = (conversation, t) => `${base().replace("http", "ws")}/conversations/${conversation}/stream?watermark=-&t=${t}`;
	const good = sign("stream", { conv: conversationId, exp: now() + 50 });
	equal(101, await refusal(socket(at(conversationId, good))));
	equal(401, await refusal(socket(at(other.conversationId, good))));
	equal(401, await refusal(socket(at(conversationId, token))));
	equal(401, await refusal(socket(at(conversationId, "x"))));
	equal(403, await refusal(socket(at(conversationId, sign("stream", { conv: conversationId, exp: now() - 1 })))));
	equal(403, await refusal(socket(at(conversationId, good), { origin: "https://evil.example" })));
	equal(101, await refusal(socket(at(conversationId, good), { origin })));
	equal(400, await refusal(socket(at(conversationId, good).replace("watermark=-", "watermark=x"))));
	equal(404, await refusal(socket(`${base().replace("http", "ws")}/conversations/${conversationId}/other?t=${good}`)));
});

await test("directline: who may do what", async () => {
	const { token, conversationId } = await newToken();
	const other = await newToken();
	const path = `/conversations/${conversationId}/activities`;
	for (const bearer of [undefined, "x", secret + "x", secret.slice(1), `${token}x`, sign("stream", { conv: conversationId, exp: now() + 50 })]) {
		equal(401, (await call("GET", path, bearer)).status, bearer);
		equal(401, (await call("POST", "/tokens/generate", bearer)).status, bearer);
	}
	equal("TokenExpired", (await call("GET", path, sign("chat", { conv: conversationId, exp: now() - 1 }))).body.error.code);
	equal(404, (await call("GET", path, other.token)).status);
	equal(404, (await call("POST", path, other.token, message("hello"))).status);
	equal(401, (await call("POST", "/tokens/generate", token)).status);
	equal(401, (await call("POST", "/tokens/refresh", secret)).status);
	equal(200, (await call("POST", "/tokens/refresh", token)).status);
	equal(201, (await call("POST", "/conversations", secret)).status);
	equal(201, (await call("POST", "/conversations", token)).status);
	equal(200, (await call("POST", path, token, message("hello"))).status);
	equal(200, (await call("POST", "/conversations", token)).status);
	equal(200, (await call("GET", path, secret)).status);
});

await test("directline: an anonymous token for the demo's own page, and for no other", async () => {
	const ask = headers => call("POST", "/tokens/generate", undefined, undefined, headers);
	const own = await ask({ origin: server.url });
	equal(200, own.status);
	equal(401, (await ask({ origin })).status);
	equal(401, (await ask({})).status);
	equal(400, (await call("POST", "/tokens/generate", undefined, { user: { id: "dl_buyer-open" } }, { origin: server.url })).status);
});

await test("directline: a token that names its page works there only", async () => {
	const { token } = await newToken({ user: { id: "dl_x" }, trustedOrigins: [origin] });
	equal(200, (await call("POST", "/tokens/refresh", token, undefined, { origin })).status);
	equal(401, (await call("POST", "/tokens/refresh", token, undefined, { origin: server.url })).status);
});

await test("directline: pages of allowed origins may ask; others are refused", async () => {
	const ask = async (from, path = "/conversations") => fetch(base() + path, { method: "OPTIONS", headers: { origin: from } });
	const good = await ask(origin);
	equal(204, good.status);
	equal(origin, good.headers.get("access-control-allow-origin"));
	truth(/authorization/i.test(good.headers.get("access-control-allow-headers")), "no Authorization");
	const bad = await ask("https://evil.example");
	equal([403, null], [bad.status, bad.headers.get("access-control-allow-origin")]);
	equal(404, (await ask(origin, "/nothing")).status);
	equal(404, (await call("GET", "/session/getsessionid")).status);
	equal(403, (await ask("null")).status);
});

await test("directline: what cannot be taken is told, and nothing happens", async () => {
	const { token, conversationId } = await newToken();
	const path = `/conversations/${conversationId}/activities`;
	for (const [body, status] of [
		["{", 400], ["[]", 400], ["", 400], [{ text: "hello" }, 400], [message(""), 400], [message("x".repeat(4001)), 400],
		[{ type: "message", value: { choice: "nothing", post: 1 } }, 400], [{ type: "message", value: { choice: "nothing", post: 4294967295 } }, 400],
		[{ ...message(""), attachments: [{ contentType: "image/png", contentUrl: "http://127.0.0.1/x.png" }] }, 502],
		["x".repeat(70000), 413],
	]) {
		const answer = await fetch(base() + path, {
			method: "POST", headers: { authorization: `Bearer ${token}` }, body: typeof body === "string" ? body : JSON.stringify(body),
		});
		equal(status, answer.status, JSON.stringify(body).slice(0, 100));
	}
	for (const body of [{ type: "typing" }, { type: "event", name: "webchat/join" }, { type: "conversationUpdate" }])
		equal(200, (await call("POST", path, token, body)).status);
	equal({ activities: [], watermark: "0" }, (await call("GET", path, token)).body);
	equal(400, (await call("GET", `${path}?watermark=-1`, token)).status);
	equal(405, (await call("PUT", path, token)).status);
	equal(400, (await call("GET", `/conversations/${conversationId}/stream`, token)).status);
});

await test("directline: a button's label written by hand presses it", async () => {
	const { token, conversationId } = await newToken();
	const path = `/conversations/${conversationId}/activities`;
	await call("POST", path, token, message("cancel my order"));
	await call("POST", path, token, message("I do not have it"));
	const { activities } = (await call("GET", path, token)).body;
	const own = activities.filter(a => a.from.role === "user").map(a => a.text);
	equal(["cancel my order", "I do not have it"], own);
	truth(!/order number\?$/.test(activities.at(-1).text), activities.at(-1).text);
});

await test("directline: the secret vouches for the buyer", async () => {
	const { token, conversationId } = await newToken({ user: { id: "dl_buyer-open", name: "Maya" } });
	const path = `/conversations/${conversationId}/activities`;
	await call("POST", path, token, message("show my orders"));
	const texts = await until(async () => {
		const all = (await call("GET", path, token)).body.activities;
		return all.length > 1 && all;
	}, "an answer");
	truth(!JSON.stringify(texts).includes("as on the order"), texts);
	truth(JSON.stringify(texts).includes("A-1003"), texts);
	equal("dl_buyer-open", texts[0].from.id);
});

await test("directline: a picture is taken by upload, and comes back with its address", async () => {
	const { token, conversationId } = await newToken();
	const send = (bearer, type, body) => fetch(`${base()}/conversations/${conversationId}/upload?userId=maya`, {
		method: "POST", body,
		headers: { authorization: `Bearer ${bearer}`, "content-type": type, "x-file-name": "box.png" },
	});
	equal(200, (await send(token, "image/png", png)).status);
	const { activities } = (await call("GET", `/conversations/${conversationId}/activities`, token)).body;
	const [file] = activities[0].attachments;
	equal(["image/png", "box.png"], [file.contentType, file.name]);
	equal(png, Buffer.from(await (await fetch(file.contentUrl)).arrayBuffer()));
	equal(401, (await send("x", "image/png", png)).status);
	equal(415, (await send(token, "text/html", "<script>")).status);
});

await test("directline: a form of files is taken as a whole, or not at all", async () => {
	const { token, conversationId } = await newToken();
	const at = `${base()}/conversations/${conversationId}`;
	const send = (...parts) => {
		const form = new FormData();
		for (const [name, type, bytes, file] of parts) form.append(name, new Blob([bytes], { type }), file);
		return fetch(`${at}/upload?userId=maya`, { method: "POST", body: form, headers: { authorization: `Bearer ${token}` } });
	};
	const activity = (text, id) => ["activity", "application/vnd.microsoft.activity", JSON.stringify(message(text, id)), "blob"];
	const picture = name => ["file", "image/png", png, name];
	const shown = async () => (await call("GET", `/conversations/${conversationId}/activities`, token)).body.activities;

	for (const [parts, status] of [
		[[activity("look", "f0")], 400], [[activity("look", "f0"), picture("a.png"), ["file", "text/html", "<script>", "b.html"]], 415],
		[[picture("1"), picture("2"), picture("3"), picture("4"), picture("5")], 400],
		[[["activity", "application/json", "{", "blob"], picture("a.png")], 400],
	])
		equal(status, (await send(...parts)).status, JSON.stringify(parts).slice(0, 200));
	equal([], await shown(), "something of what was refused was taken");
	const answer = await send(activity("cancel my order", "f1"), picture("front.png"), picture("back.png"));
	equal(200, answer.status);
	const all = await shown();
	const own = all.filter(a => a.from.role === "user");
	equal(["front.png", "back.png", "cancel my order"], own.map(a => a.attachments?.[0].name ?? a.text));
	equal("f1", own[2].channelData.clientActivityID);
	equal((await answer.json()).id, own[2].id);
	const n = all.length;
	equal(200, (await send(activity("cancel my order", "f1"), picture("front.png"), picture("back.png"))).status);
	equal(n, (await shown()).length, "a repeat was taken again");
	const large = await new Promise((done, fail) => {
		const headers = { authorization: `Bearer ${token}`, "content-type": "multipart/form-data; boundary=x", "content-length": 3 << 20 };
		httpRequest(`${at}/upload`, { method: "POST", headers }, done).on("error", fail).flushHeaders();
	});
	equal(413, large.statusCode);
	const broken = await fetch(`${at}/upload`, {
		method: "POST", body: "--x--", headers: { authorization: `Bearer ${token}`, "content-type": "multipart/form-data; boundary=x" },
	});
	equal(400, broken.status);
	truth(/no file/.test((await broken.json()).error.message), "the reason is told");
});

await browser.close();
shop.close();
result(!server.log().includes(secret), "directline: the secret is not in the log", server.log().slice(-1000));
result(!server.sanitizerReport(), "directline: no sanitizer report", server.sanitizerReport());
await server.remove();
finish();
