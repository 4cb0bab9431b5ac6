// The widget without a mouse and without a screen: keys, focus, what is spoken.
import { Chat, phone, visitor } from "./lib/chat.mjs";
import { launch } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { page as html, Shop } from "./lib/shop.mjs";
import { equal, finish, result, sleep, test, truth, until } from "./lib/tap.mjs";

const token = "token-of-the-people-at-the-desk";
const shop = await new Shop().start();
const server = await new Server(process.argv[2], {
	website: { title: "Shop help", greeting: "Hello. How can I help?", origins: [shop.origin] },
	desk: { token: { file: "desk" } },
	limits: { messages_per_minute: 6000, conversations_per_minute: 6000 },
}, { desk: token }).start();
const browser = await launch();
shop.pages["/"] = {
	html: html({ body: "<h1>Shop</h1><a id=first href=/>Goods</a>", embed: `<script async src="${server.url}/chat/widget.js" data-bot></script><a id=last href=/>Imprint</a>` }),
};

/** Where the focus is, as a path into the shadow: "launcher", "input", "page first". */
const focus = page => page.evaluate(() => {
	const own = document.querySelector("tenstep-chat").shadowRoot.activeElement;
	return own ? own.getAttribute("part")?.split(" ")[0] ?? own.tagName : `page ${document.activeElement.id || document.activeElement.tagName}`;
});
/** What the polite live region was given, in order. */
const listen = chat => chat.element.evaluate(e => {
	window.spoken = [];
	new MutationObserver(all => all.forEach(m => m.addedNodes.forEach(n => window.spoken.push(n.textContent)))).observe(e.shadowRoot.querySelector('[aria-live="polite"]'), { childList: true });
});
const spoken = chat => chat.page.evaluate(() => window.spoken);
const withChat = (work, options) => async () => {
	const chat = await visitor(browser, shop.origin, options);
	try {
		await work(chat, chat.page.keyboard, () => focus(chat.page));
		equal([], chat.errors, "errors in the page");
	} finally {
		await chat.context.close();
	}
};

await test("W7: Tab reaches the button, Enter and Space open, the box has the focus, Esc closes, the focus returns", withChat(async (chat, keys, at) => {
	equal("BUTTON", await chat.launcher.evaluate(e => e.tagName));
	equal(["dialog", "false", "Open chat"].slice(0, 2), await chat.launcher.evaluate(e => [e.ariaHasPopup, e.ariaExpanded]));
	truth(await chat.launcher.getAttribute("aria-label"), "no name");
	const way = [];
	for (let i = 0; i < 3; i++) {
		await keys.press("Tab");
		way.push(await at());
	}
	equal(["page first", "page last", "launcher"].sort(), way.sort());
	for (const key of ["Enter", "Space"]) {
		await chat.launcher.focus();
		await keys.press(key);
		await until(async () => await at() === "input", `the box after ${key}`);
		equal("true", await chat.launcher.evaluate(e => e.ariaExpanded));
		equal(["dialog", "Shop help"], await chat.panel.evaluate(e => [e.role ?? e.getAttribute("role"), e.ariaLabel]));
		await keys.press("Escape");
		await until(async () => await at() === "launcher", "the focus returns");
		equal(false, await chat.panel.isVisible());
	}
}));

await test("W7: every button of the panel is reached by Tab, nobody is caught, and Shift+Tab leads back", withChat(async (chat, keys, at) => {
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	const round = [];
	for (let i = 0; i < 12; i++) {
		round.push(await at());
		await keys.press("Tab");
	}
	for (const part of ["input", "send", "launcher", "more", "close", "log", "choice", "attach"]) truth(round.includes(part), `${part} is not reached: ${round}`);
	truth(round.some(p => p.startsWith("page")), `caught: ${round}`);
	await chat.input.focus();
	await keys.press("Shift+Tab");
	equal("attach", await at());
}));

await test("W7: on a phone, where the chat covers the page, the focus stays in it", withChat(async (chat, keys, at) => {
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	equal("true", await chat.panel.evaluate(e => e.ariaModal));
	for (let i = 0; i < 12; i++) {
		await keys.press("Tab");
		truth(!/^page (first|last)/.test(await at()), await at());
	}
}, phone));

await test("W7: a whole cancellation by keys alone", withChat(async (chat, keys, at) => {
	await keys.press("Tab");
	await chat.launcher.focus();
	await keys.press("Enter");
	await until(async () => await at() === "input", "the box");
	const say = async (text, answer) => {
		await keys.type(text);
		await keys.press("Enter");
		await chat.shows(answer);
		equal("input", await at());
	};
	const press = async (label, answer) => {
		for (let i = 0; i < 30; i++) {
			await keys.press("Shift+Tab");
			if (await at() === "choice" && label.test(await chat.element.evaluate(e => e.shadowRoot.activeElement.textContent))) break;
		}
		await keys.press("Space");
		await chat.shows(answer);
		equal("input", await at());
	};
	await say("pls cacel my order", /What is the order number/);
	await say("A-1001", /one of these, as on the order/);
	await say("okafor", /Why would you like to cancel/);
	await press(/mistake/, /Shall I cancel order A-1001/);
	await press(/^Yes/, /Order A-1001 is cancelled/);
	await chat.isWhole();
}));

await test("W7: arrows, Home and End go through the conversation; links are reached from their own message", withChat(async (chat, keys, at) => {
	await chat.open();
	await chat.say("I want to talk to a person");
	await chat.shows(/bringing in a person/);
	const desk = async (method, path, body) => (await fetch(`${server.url}/desk/${path}`, { method, headers: { authorization: `Bearer ${token}` }, body: body && JSON.stringify(body) })).json();
	const card = await until(async () => (await desk("GET", "cards")).cards.find(c => c.state === "waiting"), "a card");
	await desk("POST", `cards/${card.id}/claim`, { person: "Mai", version: card.version });
	await desk("POST", `cards/${card.id}/reply`, { person: "Mai", text: "See https://shop.example/help please.", id: "r" });
	await chat.shows(/See https/);
	await chat.log.focus();
	const here = () => chat.element.evaluate(e => [...e.shadowRoot.querySelectorAll("article")].indexOf(e.shadowRoot.activeElement));
	const n = (await chat.posts()).length;
	await keys.press("End");
	equal(n - 1, await here());
	await keys.press("ArrowUp");
	equal(n - 2, await here());
	await keys.press("Home");
	equal(0, await here());
	await keys.press("ArrowDown");
	equal(1, await here());
	await keys.press("End");
	const index = (await chat.posts()).findIndex(p => /See https/.test(p.text));
	for (let i = n - 1; i > index; i--) await keys.press("ArrowUp");
	equal(index, await here());
	await keys.press("Tab");
	equal("https://shop.example/help", await chat.element.evaluate(e => e.shadowRoot.activeElement.href));
	await chat.input.focus();
	equal([-1], await chat.log.locator("a").evaluateAll(all => all.map(a => a.tabIndex)));
}));

await test("W7: the focus is seen at 3:1, things to press have 24px, the conversation scrolls by keys", withChat(async (chat, keys) => {
	await chat.open();
	await chat.talk(["cancel my order", /order number/], ["stop", /./], ["help", /./]);
	const small = await chat.panel.evaluate(p => [...p.querySelectorAll("button")].filter(b => b.offsetWidth).map(b => b.getBoundingClientRect()).filter(r => r.width < 24 || r.height < 24).length);
	equal(0, small);
	for (const part of ["log", "more", "choice", "send", "input", "launcher"]) {
		const e = part === "choice" ? chat.part(part).and(chat.page.locator(":enabled")).first() : chat.part(part);
		await keys.press("Shift"); // the last thing used is the keyboard
		await e.focus();
		const { style, width, ratio } = await e.evaluate(x => {
			const s = getComputedStyle(x);
			const canvas = document.createElement("canvas").getContext("2d");
			const luminance = colour => {
				canvas.fillStyle = colour;
				canvas.fillRect(0, 0, 1, 1);
				const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(c => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
				return 0.2126 * r + 0.7152 * g + 0.0722 * b;
			};
			// around the button is the page, and between the two its own dark ring
			const ring = /rgb\([^)]*\)/.exec(x.part.contains("launcher") ? s.boxShadow : s.outlineColor) ?? [s.outlineColor];
			const [a, b] = [luminance(ring[0]), luminance("white")].sort((p, q) => q - p);
			return { style: s.outlineStyle, width: parseFloat(s.outlineWidth), ratio: (a + 0.05) / (b + 0.05) };
		});
		truth(style === "solid" && width >= 2 && ratio >= 3, `${part}: ${style} ${width} ${ratio.toFixed(2)}`);
	}
	await chat.log.focus();
	await keys.press("PageUp");
	await sleep(300);
	truth(await chat.log.evaluate(e => e.scrollTop + e.clientHeight < e.scrollHeight) || await chat.log.evaluate(e => e.scrollHeight === e.clientHeight), "it does not scroll");
}));

await test("W7: Enter sends, Shift+Enter makes a line, a word that is being composed is not sent", withChat(async (chat, keys) => {
	await chat.open();
	await keys.type("hello");
	await keys.press("Shift+Enter");
	await keys.type("there");
	await chat.input.evaluate(e => e.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true })));
	equal("hello\nthere", await chat.input.inputValue());
	await keys.press("Enter");
	await chat.shows(/./);
	equal(["hello\nthere"], await chat.own());
}));

await test("W8: each message is spoken once, in order, with who said it and what may be pressed", withChat(async chat => {
	await chat.open();
	await listen(chat);
	await chat.talk(["cancel my order", /order number/]);
	await chat.isWhole();
	const said = (await spoken(chat)).filter(s => !/is typing/.test(s));
	equal(["You: cancel my order", "Assistant: First I check that it is your order.", "Assistant: What is the order number?, I do not have it"], said);
	equal(["off", "log", "Conversation"], await chat.log.evaluate(e => [e.ariaLive, e.getAttribute("role"), e.ariaLabel]));
	// another tab and a reload repeat nothing
	await chat.page.reload();
	await chat.isOpen();
	await listen(chat);
	await sleep(500);
	equal([], await spoken(chat));
}));

await test("W8: typing is spoken once a stretch; who has the conversation is spoken", withChat(async chat => {
	await chat.open();
	await chat.say("I want to talk to a person");
	await chat.shows(/bringing in a person/);
	const desk = async (method, path, body) => (await fetch(`${server.url}/desk/${path}`, { method, headers: { authorization: `Bearer ${token}` }, body: body && JSON.stringify(body) })).json();
	const card = await until(async () => (await desk("GET", "cards")).cards.find(c => c.state === "waiting"), "a card");
	await listen(chat);
	await desk("POST", `cards/${card.id}/claim`, { person: "Mai", version: card.version });
	for (let i = 0; i < 4; i++) {
		await desk("POST", `cards/${card.id}/typing`, { person: "Mai" });
		await sleep(150);
	}
	await desk("POST", `cards/${card.id}/reply`, { person: "Mai", text: "Hello.", id: "r" });
	await chat.shows(/^Hello\.$/);
	const all = await spoken(chat);
	equal(1, all.filter(s => s === "Mai is typing").length, JSON.stringify(all));
	equal(1, all.filter(s => s === "Mai: Hello.").length, JSON.stringify(all));
	truth(all.some(s => /You are talking to Mai/.test(s)), all);
}));

await test("a picture that a person sends is shown as it is, also after a reload, and its name is spoken", withChat(async chat => {
	await chat.open();
	await chat.say("I want to talk to a person");
	await chat.shows(/bringing in a person/);
	const desk = (method, path, body, more) => fetch(`${server.url}/desk/${path}`, { method, headers: { authorization: `Bearer ${token}`, ...more }, body });
	const card = await until(async () => (await (await desk("GET", "cards")).json()).cards.find(c => c.state === "waiting"), "a card");
	const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAD0lEQVR42mNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==", "base64");
	await listen(chat);
	await desk("POST", `cards/${card.id}/claim`, JSON.stringify({ person: "Mai", version: card.version }));
	const { file } = await (await desk("POST", `cards/${card.id}/picture`, png, { "x-file-name": "the%20label.png" })).json();
	await desk("POST", `cards/${card.id}/reply`, JSON.stringify({ person: "Mai", id: "p", file }));
	const picture = chat.log.getByRole("img", { name: "the label.png" });
	const bytes = async () => Buffer.from(await (await fetch(await picture.getAttribute("src"))).arrayBuffer());
	await picture.waitFor();
	truth(png.equals(await bytes()), "other bytes");
	truth((await spoken(chat)).some(s => s === "Mai: the label.png"), JSON.stringify(await spoken(chat)));
	await chat.page.reload();
	await picture.waitFor();
	truth(png.equals(await bytes()), "other bytes");
}));

await test("W8: what was chosen leaves a trace: a group that says it, the others are off", withChat(async chat => {
	await chat.open();
	await chat.talk(["cancel my order", /order number/], [/do not have/, /./]);
	await chat.isWhole();
	const group = chat.log.getByRole("group", { name: "Answers: I do not have it, chosen" });
	await group.waitFor();
	equal(0, await group.locator("button:enabled").count());
}));

await test("W8: the tree that assistive tools read: a dialog with its title, a log, a named box, named buttons", withChat(async chat => {
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	const tree = await chat.element.ariaSnapshot();
	for (const line of [/region "Shop help"/, /dialog "Shop help"/, /log "Conversation"/, /textbox "Write a message"/, /button "Send"/, /button "More"/, /button "Close chat"/, /button "Send a file"/, /article/, /group "Answers"/])
		truth(line.test(tree), `${line} is not in\n${tree}`);
}));

await test("W8: unread posts are counted on the closed button, in words too", withChat(async chat => {
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	const other = new Chat(await chat.context.newPage());
	await other.page.goto(shop.origin);
	await other.open();
	await other.shows(/order number/);
	await chat.close.click();
	await other.say("stop");
	await until(async () => /unread/.test(await chat.launcher.getAttribute("aria-label")), "the button says so");
	truth(/^Open chat, \d+ unread messages?$/.test(await chat.launcher.getAttribute("aria-label")), await chat.launcher.getAttribute("aria-label"));
	truth(await chat.part("badge").isVisible(), "no badge");
	await chat.launcher.click();
	equal(false, await chat.part("badge").isVisible());
	equal(0, await chat.page.evaluate(() => window.heard.unread.at(-1)));
}));

await browser.close();
shop.stop();
result(!server.sanitizerReport(), "keys: no sanitizer report", server.sanitizerReport());
await server.remove();
finish();
