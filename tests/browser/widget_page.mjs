// The widget on pages as shops have them, in browsers as buyers have them: nothing can be stored, elements come and
// go, the page has keys, dialogs and an old script of its own, the shop's server answers something else.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Chat, listen, phone, returning, visitor } from "./lib/chat.mjs";
import { launch, launchWith } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { page as html, Shop } from "./lib/shop.mjs";
import { equal, finish, result, sleep, test, truth, until } from "./lib/tap.mjs";

const shop = await new Shop().start();
const server = await new Server(process.argv[2], {
	website: { title: "Shop help", greeting: "Hello. How can I help?", origins: [shop.origin] },
	limits: { messages_per_minute: 6000, conversations_per_minute: 6000 },
}).start();
const browser = await launch();
const line = (more = "") => `<script async src="${server.url}/chat/widget.js" data-bot ${more}></script>`;
shop.pages["/"] = { html: html({ embed: line() }) };

/** @work with a new visitor of a page of its own; what goes wrong in the page fails the test. */
let pages = 0;
const onPage = (parts, work, options) => async () => {
	const path = `/page${++pages}`;
	shop.pages[path] = { html: html({ embed: line(), ...parts }) };
	const chat = await visitor(browser, shop.origin + path, options);
	try {
		await work(chat, chat.page);
		equal([], chat.errors, "errors in the page");
	} finally {
		await chat.context.close();
	}
};

// --- nothing can be stored

await test("page: a browser that blocks cookies, and with them storage and locks: the chat works, and goes on after a loss", async () => {
	const folder = mkdtempSync(join(tmpdir(), "tenstep-profile-"));
	mkdirSync(join(folder, "Default"));
	writeFileSync(join(folder, "Default", "Preferences"), JSON.stringify({ profile: { default_content_setting_values: { cookies: 2 } } }));
	const context = await listen(await launchWith(folder));
	try {
		const chat = new Chat(await context.newPage());
		const errors = [];
		chat.page.on("pageerror", e => errors.push(e.message));
		await chat.page.goto(shop.origin);
		equal("refused", await chat.page.evaluate(() => { try { return localStorage.length; } catch { return "refused"; } }));
		await chat.open();
		await chat.talk(["cancel my order", /What is the order number/]);
		await server.restart(200);
		await chat.talk(["A-1001", /one of these, as on the order/]);
		await chat.isWhole(["cancel my order", "A-1001"]);
		equal([], errors);
	} finally {
		await context.close();
		rmSync(folder, { recursive: true, force: true });
	}
});

await test("page: storage that is full: the chat goes on after a loss", onPage({}, async (chat, page) => {
	await page.evaluate(() => {
		for (let n = 1 << 20; n >= 1; n >>= 1)
			for (;;)
				try { localStorage[`full${n}-${Math.random()}`] = "x".repeat(n); } catch { break; }
	});
	await chat.open();
	await chat.talk(["cancel my order", /What is the order number/]);
	await server.restart(200);
	await chat.talk(["A-1001", /one of these, as on the order/]);
	await chat.isWhole(["cancel my order", "A-1001"]);
}));

// --- elements come and go

const swaps = {
	"another body (Turbo, pjax)": () => {
		const body = document.createElement("body");
		body.append(document.createElement("main"));
		document.body.replaceWith(body);
	},
	"another body, with the script once more": () => {
		const body = document.createElement("body");
		const again = document.createElement("script");
		again.src = document.querySelector("script[data-bot]").src;
		again.dataset.bot = "";
		body.append(again);
		document.body.replaceWith(body);
	},
	"a copy of the body out of a cache": () => document.body.replaceWith(document.body.cloneNode(true)),
	"what is in the body, with the script once more (htmx)": () => {
		const again = document.createElement("script");
		again.src = document.querySelector("script[data-bot]").src;
		again.dataset.bot = "";
		document.body.replaceChildren(again);
	},
	"the element by a new one (React)": () => document.querySelector("tenstep-chat").replaceWith(document.createElement("tenstep-chat")),
	"the element for a while": () => {
		const e = document.querySelector("tenstep-chat");
		e.remove();
		document.body.append(e);
	},
};
for (const [name, swap] of Object.entries(swaps))
	await test(`page: a page of one piece replaces ${name}: the open chat stays`, onPage({}, async (chat, page) => {
		await chat.open();
		await chat.talk(["cancel my order", /What is the order number/], ["help", /./], ["cancel my order", /What is the order number/]);
		await page.evaluate(swap);
		await until(() => chat.panel.isVisible(), "the chat is there and open");
		equal(1, await page.locator("tenstep-chat").count());
		await chat.talk(["A-1001", /one of these, as on the order/]);
		await chat.isWhole(["cancel my order", "help", "cancel my order", "A-1001"]);
		await until(async () => {
			const last = await chat.log.locator("article").last().boundingBox();
			const log = await chat.log.boundingBox();
			return last.y + last.height <= log.y + log.height + 1;
		}, "the last post is in sight");
	}));

await test("page: an element that the page takes away stays away, and may come back", onPage({}, async (chat, page) => {
	const e = await page.evaluateHandle(() => document.querySelector("tenstep-chat"));
	await e.evaluate(x => x.remove());
	await sleep(100);
	equal(0, await page.locator("tenstep-chat").count());
	await e.evaluate(x => document.body.append(x));
	await chat.open();
}));

await test("page: lang and side of the element may change", onPage({}, async (chat, page) => {
	await page.evaluate(() => Object.assign(document.querySelector("tenstep-chat"), { lang: "de" }).setAttribute("side", "left"));
	await until(() => chat.part("launcher").evaluate(e => e.parentNode.lang === "de"), "it is German");
	truth((await chat.launcher.boundingBox()).x < 100, "it is not at the left");
}));

await test("page: a script that is included twice makes one chat", onPage({ embed: line() + line() }, async (chat, page) => {
	await chat.open();
	equal(1, await page.locator("tenstep-chat").count());
	await chat.talk(["cancel my order", /What is the order number/]);
}));

// --- the page has scripts of its own

await test("page: keys of the page are not pressed by who writes in the chat", onPage({
	head: `<script>
		window.pressed = [];
		for (const name of ["keydown", "keypress", "keyup"])
			document.addEventListener(name, e => { // as shops do it: not in boxes, but all else is a shortcut
				if (/INPUT|TEXTAREA/.test(e.target.tagName)) return;
				window.pressed.push(e.key);
				e.preventDefault();
			});
	</script>`,
}, async (chat, page) => {
	await chat.open();
	await page.keyboard.type("/s? help");
	equal("/s? help", await chat.input.inputValue());
	await page.keyboard.press("Enter");
	await chat.shows(/./);
	equal([], await page.evaluate(() => window.pressed));
}));

/* As the dialogs of Bootstrap and jQuery UI do it, and, when what comes is caught first, as focus-trap does. */
const dialog = capture => `<script>
	window.show = () => {
		document.body.insertAdjacentHTML("beforeend", "<div id=dialog tabindex=-1><input id=mail></div>");
		document.addEventListener("focusin", e => document.querySelector("#dialog").contains(e.target) || document.querySelector("#mail").focus(), ${capture});
		document.querySelector("#mail").focus();
	};
</script>`;
await test("page: a dialog of the page that holds the focus does not keep the buyer from writing", onPage({ head: dialog(false) }, async (chat, page) => {
	await chat.open();
	await page.evaluate(() => window.show());
	await chat.input.click();
	await page.keyboard.type("help");
	equal("help", await chat.input.inputValue());
}));
for (const capture of [false, true])
	await test(`page: on a phone a dialog that comes up behind the chat does not fight with it over the focus for ever${capture ? ", the page being first" : ""}`,
		onPage({ head: dialog(capture) }, async (chat, page) => {
			await chat.open();
			await page.evaluate(() => window.show());
			await sleep(100);
		}, phone));

await test("page: text of the chat can be chosen and copied where the page forbids it of its own", onPage({ head: "<style>* { user-select: none }</style>" }, async chat => {
	await chat.open();
	await chat.talk(["cancel my order", /What is the order number/]);
	equal("text", await chat.log.locator(".said").last().evaluate(e => getComputedStyle(e).userSelect));
}));

await test("page: a policy with a nonce and strict-dynamic lets all of the chat in, languages too", async () => {
	const ws = server.url.replace("http", "ws");
	shop.pages["/nonce"] = {
		html: html({ embed: line("nonce=abc"), lang: "de" }),
		headers: { "content-security-policy": `default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; connect-src ${server.url} ${ws}; img-src ${server.url}` },
	};
	const chat = await visitor(browser, `${shop.origin}/nonce`);
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	equal(["Nachricht schreiben", [], []], [await chat.input.getAttribute("placeholder"), await chat.page.evaluate(() => window.violations), chat.errors]);
	await chat.context.close();
});

// --- what the shop's server answers

const signsIn = answer => `<script>(window.tenstep = window.tenstep || []).push(["identify", () => ${answer}]);</script>`;
await test("page: a shop that answers with its page for logging in, with an object, or with a fault of its script, instead of a token: the chat is anonymous, and the page hears so", async () => {
	for (const answer of ['"<p>Log in</p>".repeat(5000)', '"<p>Log in</p>"', '({ token: "x" })', "window.nobody.token"])
		await onPage({ head: signsIn(answer) }, async (chat, page) => {
			await chat.open();
			await until(async () => (await page.evaluate(() => window.heard.identity)).some(i => !i.ok && i.text), `the page hears of ${answer}`);
			await chat.talk(["cancel my order", /What is the order number/]);
			await chat.isWhole(["cancel my order"]);
		})();
});

await test("page: a text of the page's that is too long for any message is refused, and what is behind it goes on", onPage({}, async (chat, page) => {
	await chat.open();
	const refused = page.evaluate(() => window.tenstep.send("x".repeat(70000)).catch(e => e.message));
	await chat.say("cancel my order");
	await chat.shows(/What is the order number/);
	equal("This message is too long.", await refused);
	equal([], await page.evaluate(() => Object.keys(localStorage).filter(k => k.startsWith("tenstep:queue"))));
}));

await test("page: log-out is done when the page is left at once, though nothing but the button was loaded", onPage({}, async (chat, page) => {
	await chat.open();
	await chat.talk(["cancel my order", /What is the order number/]);
	await chat.close.click();
	await page.goto(`${shop.origin}/`);
	await chat.launcher.waitFor();
	await page.evaluate(() => {
		window.tenstep.push(["logout"]);
		location.href = "/";
	});
	await page.waitForLoadState();
	await chat.open();
	equal([], await chat.posts());
}));

// --- the network

await test("page: a network that was away when the page was loaded: the button says so, and the next press opens all of it, consent first", async () => {
	const careful = await new Server(process.argv[2], { website: { title: "Shop help", consent: "We keep what you write.", origins: [shop.origin] } }).start();
	shop.pages["/careful"] = { html: html({ embed: `<script async src="${careful.url}/chat/widget.js" data-bot></script>` }) };
	const context = await listen(await browser.newContext());
	const chat = new Chat(await context.newPage());
	try {
		// as the portal of a hotel does it
		await context.route("**/chat/config", route => route.fulfill({ contentType: "text/html", body: "<h1>Wifi</h1>" }));
		await chat.page.goto(`${shop.origin}/careful`);
		await chat.launcher.waitFor();
		await chat.launcher.click();
		await until(async () => await chat.part("badge").isVisible() && await chat.part("badge").innerText() === "!", "the button says that it failed");
		await context.route("**/chat/config", route => route.fulfill({ status: 503, contentType: "application/json", body: "{}" }));
		await chat.launcher.click();
		await until(() => chat.page.evaluate(() => window.heard.error.length === 2), "it failed again");
		await context.unroute("**/chat/config");
		await chat.launcher.click();
		await chat.ask.getByRole("button", { name: "Agree and start" }).waitFor();
		equal([false, "Shop help", 0], [await chat.part("badge").isVisible(), await chat.part("title").innerText(), await chat.page.evaluate(() => localStorage.length)]);
	} finally {
		await context.close();
		await careful.remove();
	}
});

await test("page: a clock that is set back by an hour neither hurries the tries nor hides that the connection is dead", async () => {
	const context = await listen(await browser.newContext());
	await context.addInitScript(() => {
		const real = Date.now;
		window.back = 0;
		window.sockets = 0;
		Date.now = () => real() - window.back;
		window.WebSocket = class extends WebSocket { constructor(...a) { super(...a); window.sockets++; } };
	});
	const chat = new Chat(await context.newPage());
	await chat.page.goto(shop.origin);
	await chat.open();
	await chat.page.evaluate(() => { window.WebSocket = class { constructor() { window.sockets++; setTimeout(() => this.onclose({ code: 1006 }), 0); } close() {} }; });
	await server.restart();
	await until(() => chat.page.evaluate(() => window.sockets > 2), "it tries again");
	const n = await chat.page.evaluate(() => { window.back = 3600000; return window.sockets; });
	await sleep(3000);
	truth(await chat.page.evaluate(() => window.sockets) - n < 12, `${await chat.page.evaluate(() => window.sockets) - n} tries in 3 s`);
	await context.close();
});

// --- browsers

await test("page: an Enter that ends the composing of a word, as Safari has it, sends nothing", onPage({}, async chat => {
	await chat.open();
	await chat.input.fill("にほん");
	await chat.input.evaluate(e => e.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true })));
	equal("にほん", await chat.input.inputValue());
}));

await test("page: browsers of early 2023: addresses are links, and buttons have their edge", async () => {
	const context = await listen(await browser.newContext());
	await context.addInitScript(() => { delete URL.canParse; });
	for (const name of ["widget.js", "panel.js"]) // what they do not know of colours is nothing to them
		await context.route(`**/chat/${name}`, async route => {
			const answer = await route.fetch();
			await route.fulfill({ response: answer, body: (await answer.text()).replaceAll("(from ", "(unknown ") });
		});
	const chat = new Chat(await context.newPage());
	const errors = [];
	chat.page.on("pageerror", e => errors.push(e.message));
	await chat.page.goto(shop.origin);
	await chat.open();
	await chat.talk(["I want to return something", /What is the order number/]);
	const choice = chat.part("choice").last();
	equal(["solid", "rgb(61, 79, 184)"], await choice.evaluate(e => [getComputedStyle(e).borderTopStyle, getComputedStyle(e).color]));
	await chat.talk(...returning(/mug/i).slice(1));
	truth(await chat.log.locator("a").count(), "no link");
	equal([], errors);
	await context.close();
});

// --- what the buyer does

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/* What a browser does with files from a folder or the clipboard, as far as a page can tell. */
const give = (chat, type, where, text = "") => chat.part(where).evaluate((e, [kind, bytes, words]) => {
	const data = new DataTransfer();
	data.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], "torn box.png", { type: "image/png" }));
	if (words) data.setData("text/plain", words);
	const event = kind === "paste" ? new ClipboardEvent(kind, { clipboardData: data, bubbles: true, composed: true, cancelable: true })
		: new DragEvent(kind, { dataTransfer: data, bubbles: true, composed: true, cancelable: true });
	return !e.dispatchEvent(event);
}, [type, png, text]);

await test("page: a picture that is dropped on the chat or pasted into its box is sent, and the page is not left for it", onPage({}, async chat => {
	await chat.open();
	await chat.talk(["hello", /help with your orders/]);
	equal([true, true], [await give(chat, "dragover", "log"), await give(chat, "drop", "log")]);
	await until(async () => await chat.part("pic").count() === 1, "the dropped picture is in the chat");
	equal(true, await give(chat, "paste", "input"));
	await until(async () => await chat.part("pic").count() === 2, "the pasted picture is in the chat");
	equal(false, await give(chat, "paste", "input", "words of a document, which are a picture too"));
	const text = await chat.page.evaluate(() => window.tenstep.download());
	equal(2, text.match(/You torn box\.png/g)?.length, text);
	await chat.isWhole(["hello", "", ""]);
}));

await test("page: a chat that is open at once does not take the focus from who writes in the page", onPage({
	embed: line("data-open"), body: "<input id=search autofocus>",
}, async (chat, page) => {
	await chat.input.waitFor();
	equal("search", await page.evaluate(() => document.activeElement.id));
}));

// --- screens

await test("page: a page that is drawn larger than it is leaves all of the chat on the screen", onPage({ head: "<style>body { zoom: 1.25 }</style>" }, async chat => {
	await chat.open();
	const { y, height } = await chat.panel.boundingBox();
	truth(y >= 0 && height > 500, { y, height });
}));

await test("page: on its side with the keyboard up, and no connection, the phone still shows the box", async () => {
	const chat = await visitor(browser, shop.origin, { ...phone, viewport: { width: 740, height: 160 } });
	await chat.open();
	await chat.context.setOffline(true);
	await chat.bar.waitFor(); // before anything is said: it might still come through
	await chat.say("hello");
	await until(async () => (await chat.posts()).some(p => p.waits), "what was said waits");
	const box = await chat.input.boundingBox();
	truth(box.y + box.height <= 160, box);
	await chat.context.close();
});

await test("page: from right to left, numbers of parcels keep their own order of signs", async () => {
	const context = await listen(await browser.newContext());
	const chat = new Chat(await context.newPage());
	shop.pages["/rtl"] = { html: html({ embed: line(), lang: "ar", dir: "rtl" }) };
	await chat.page.routeWebSocket(/\/chat$/, ws => ws.onMessage(() => ws.send(JSON.stringify({
		t: "welcome", token: "T", last: 1, known: true, owner: "bot", older: false, posts: [{ n: 1, at: 1, who: "bot", body: [], card: {
			card: "order", number: "A-1", status_text: "on its way", tracking: "+49 30 123"
		} }],
	}))));
	await chat.page.goto(`${shop.origin}/rtl`);
	await chat.open();
	const [plus, one] = await chat.part("facts").getByText("+49 30 123").evaluate(e => ["+", "1"].map(sign => {
		const range = document.createRange();
		const at = e.textContent.indexOf(sign);
		range.setStart(document.createTreeWalker(e, NodeFilter.SHOW_TEXT).nextNode(), at);
		range.setEnd(range.startContainer, at + 1);
		return range.getBoundingClientRect().x;
	}));
	truth(plus < one, `+ is at ${plus}, 1 at ${one}`);
	await context.close();
});

await browser.close();
shop.stop();
result(!server.sanitizerReport(), "page: no sanitizer report", server.sanitizerReport());
await server.remove();
finish();
