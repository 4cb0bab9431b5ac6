// How the widget looks and for whom: axe in every state, phones, colours, languages, motion.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { cancellation, phone, visitor } from "./lib/chat.mjs";
import { launch } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { page as html, Shop } from "./lib/shop.mjs";
import { equal, finish, note, result, sleep, test, truth, until } from "./lib/tap.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const token = "token-of-the-people-at-the-desk";
const shop = await new Shop().start();
const server = await new Server(process.argv[2], {
	website: { title: "Shop help", greeting: "Hello. How can I help?", origins: [shop.origin] },
	desk: { token: { file: "desk" } },
	limits: { messages_per_minute: 6000, conversations_per_minute: 6000 },
}, { desk: token }).start();
const browser = await launch();
const embed = (more = "data-bot") => `<script async src="${server.url}/chat/widget.js" ${more}></script>`;
shop.pages = {
	"/ltr": { html: html({ embed: embed("data-bot data-greet") }) },
	"/rtl": { html: html({ embed: embed("data-bot data-greet"), lang: "ar", dir: "rtl", body: "<h1>متجر</h1><p>بضائع.</p>" }) },
};

async function desk(method, path, body) {
	const answer = await fetch(`${server.url}/desk/${path}`, { method, headers: { authorization: `Bearer ${token}` }, body: body && JSON.stringify(body) });
	return answer.json();
}

// --- W6: each state in light and dark, left to right and right to left, on a desktop and on a phone

/* What comes up has come up; what goes on for ever is left. */
const still = page => page.evaluate(() => Promise.all(document.querySelector("tenstep-chat").shadowRoot.getAnimations()
	.filter(a => Number.isFinite(a.effect.getComputedTiming().iterations)).map(a => a.finished.catch(() => {}))));

async function findings(page) {
	await still(page);
	await page.evaluate(axe);
	const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations", "passes"] }));
	truth(passes.length > 5, "axe looked at nothing");
	return violations.map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 150)).join(" ; ")}`);
}

/* In this order on one page: a conversation as it goes. */
const states = {
	"closed, with a greeting": async chat => chat.part("greeting").waitFor(),
	"open and empty": async chat => {
		await chat.page.evaluate(() => window.tenstep.open());
		await chat.input.waitFor();
		await chat.online();
	},
	"buttons": async chat => chat.talk(["cancel my order", /order number/]),
	"a used button": async chat => chat.talk([/do not have/i, /./]),
	"a card": async chat => {
		await chat.say("stop");
		await chat.talk(["where is my parcel", /order number/], ["A-1101", /one of these/], ["brandt", /A-1101/]);
		await chat.part("card").first().waitFor();
	},
	"stars": async chat => chat.talk(["rate this chat", /How was this chat/]),
	"the menu": async chat => {
		await chat.more.click();
		await chat.ask.waitFor();
	},
	"an error": async chat => {
		await chat.page.keyboard.press("Escape");
		await chat.input.fill("x".repeat(4001));
		await chat.send.click();
		await chat.ask.waitFor();
	},
	"the queue": async chat => {
		await chat.page.keyboard.press("Escape");
		await chat.input.fill("");
		await chat.talk(["I want to talk to a person", /bringing in a person/]);
		await chat.bar.waitFor();
	},
	"a person": async chat => {
		const card = await until(async () => {
			for (const c of (await desk("GET", "cards")).cards)
				if (c.state === "waiting" && !(await desk("POST", `cards/${c.id}/claim`, { person: "Mai", version: c.version })).error) return c;
			return null;
		}, "a card to claim");
		const replied = await desk("POST", `cards/${card.id}/reply`, { person: "Mai", text: "Hello, see https://shop.example/help or\n\n- one\n- two", id: "r" });
		equal(undefined, replied.error, "the reply was taken");
		await chat.shows(/see https/);
	},
	"no connection": async chat => {
		chat.cut();
		await until(async () => /No connection|لا يوجد اتصال/.test(await chat.bar.innerText()), "it says so");
	},
};

/** A way to cut the connection, for good. */
async function scissors(page) {
	const open = new Set();
	let cut = false;

	await page.routeWebSocket(/\/chat$/, ws => {
		if (cut) return ws.close();
		ws.connectToServer();
		open.add(ws);
	});
	return () => {
		cut = true;
		open.forEach(ws => ws.close({ code: 1011 }));
	};
}

async function goThrough(scheme, direction, device, size) {
	const where = `${scheme}, ${direction}, ${device}`;
	let chat;

	await test(`W6: the page is there: ${where}`, async () => {
		chat = await visitor(browser, `${shop.origin}/${direction}`, { ...size, colorScheme: scheme, locale: "en-US" });
		chat.cut = await scissors(chat.page);
		await until(() => chat.element.locator(".frame").evaluate((f, d) => f.dir === d, direction), "the direction");
	});
	for (const [name, reach] of Object.entries(states))
		await test(`W6: axe finds nothing: ${name}, ${where}`, async () => {
			await reach(chat);
			equal([], await findings(chat.page));
		});
	await chat.context.close();
}

for (const scheme of ["light", "dark"])
	for (const direction of ["ltr", "rtl"])
		for (const [device, size] of [["desktop", {}], ["phone", phone]])
			await goThrough(scheme, direction, device, size);

// --- W16

const inPhone = work => async () => {
	const chat = await visitor(browser, `${shop.origin}/ltr`, phone);
	try {
		await work(chat);
		equal([], chat.errors);
	} finally {
		await chat.context.close();
	}
};

await test("W16: on a phone it fills the screen, letters have 16px, things to touch 44px, and nothing goes over the edge", inPhone(async chat => {
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	await still(chat.page);
	const { x, y, width, height } = await chat.panel.boundingBox();
	equal([0, 0, 360, 740], [x, y, width, height]);
	truth(await chat.input.evaluate(e => parseFloat(getComputedStyle(e).fontSize) >= 16), "iOS would zoom");
	const small = await chat.panel.evaluate(p => [...p.querySelectorAll("button")].filter(b => b.offsetWidth).map(b => b.getBoundingClientRect())
		.filter(r => r.width < 44 || r.height < 44 || r.right > 360).map(r => [r.width, r.height, r.right]));
	equal([], small);
	equal(false, await chat.launcher.isVisible());
}));

await test("W16: the box stays above the keyboard", inPhone(async chat => {
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	// what a browser does when a keyboard comes up: the visual viewport gets smaller and moves
	await chat.page.evaluate(() => {
		Object.defineProperties(visualViewport, { height: { get: () => 400, configurable: true }, offsetTop: { get: () => 30, configurable: true } });
		visualViewport.dispatchEvent(new Event("resize"));
	});
	await until(async () => (await chat.panel.boundingBox()).height === 400, "the panel is as high as what is left");
	equal(30, (await chat.panel.boundingBox()).y);
	const box = await chat.input.boundingBox();
	truth(box.y + box.height <= 430, box);
	const log = await chat.log.boundingBox();
	const last = await chat.log.locator("article").last().boundingBox();
	truth(last.y + last.height <= log.y + log.height + 1, "the last post is under the keyboard");
}));

await test("W16: the back button closes the chat and leaves the page", inPhone(async chat => {
	const before = await chat.page.evaluate(() => history.length);
	await chat.open();
	await chat.page.goBack();
	await chat.panel.waitFor({ state: "hidden" });
	equal(`${shop.origin}/ltr`, chat.page.url());
	await chat.launcher.tap();
	await chat.close.tap();
	await chat.panel.waitFor({ state: "hidden" });
	truth(await chat.page.evaluate(() => history.length) <= before + 1, "entries of the history are left behind");
	await chat.launcher.tap();
	await chat.page.reload(); // as a phone does it with a page that was away for a while
	await chat.open();
	await chat.page.goBack();
	await chat.panel.waitFor({ state: "hidden" });
	await chat.page.evaluate(() => history.pushState({ own: 1 }, ""));
	await chat.launcher.tap();
	await chat.close.tap();
	await until(() => chat.page.evaluate(() => history.state?.own === 1), "the page's own state is back");
}));

await test("W16: the safe area of the screen is kept free; on its side the phone has room for the box", async () => {
	const chat = await visitor(browser, `${shop.origin}/ltr`, { ...phone, viewport: { width: 740, height: 360 } });
	await chat.open();
	const box = await chat.input.boundingBox();
	truth(box.y + box.height <= 360 && (await chat.panel.boundingBox()).width === 740, box);
	const widget = await (await fetch(`${server.url}/chat/widget.js`)).text() + await (await fetch(`${server.url}/chat/panel.js`)).text();
	truth(/env\(safe-area-inset-bottom\)/.test(widget) && /env\(safe-area-inset-top\)/.test(widget), "no safe area");
	await chat.context.close();
});

await test("W15: in a page from right to left whose language the chat does not speak, a time is written as its own language writes it", async () => {
	shop.pages["/fa"] = { html: html({ embed: embed(), lang: "fa", dir: "rtl" }) };
	const chat = await visitor(browser, `${shop.origin}/fa`);
	await chat.open();
	await chat.talk(["hello", /./]);
	const [first, last] = await chat.log.locator(".buyer .meta").evaluate(meta => {
		const text = meta.firstChild;
		return [0, text.data.length - 1].map(i => {
			const range = document.createRange();
			range.setStart(text, i);
			range.setEnd(text, i + 1);
			return range.getBoundingClientRect().x;
		});
	});
	truth(first < last, [first, last]);
	equal("rtl", await chat.log.evaluate(log => getComputedStyle(log).direction));
	await chat.context.close();
});

// --- W17

/** Contrast of what is drawn (WCAG 2.2, relative luminance). */
const contrast = (locator, what, on) => locator.evaluate((e, [whatName, onName]) => {
	const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const luminance = colour => {
		canvas.clearRect(0, 0, 1, 1);
		canvas.fillStyle = colour;
		canvas.fillRect(0, 0, 1, 1);
		const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(c => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	let behind = e;
	while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)" && onName !== "own") behind = behind.parentElement;
	const [a, b] = [getComputedStyle(e)[whatName], getComputedStyle(behind).backgroundColor].map(luminance).sort((x, y) => y - x);
	return (a + 0.05) / (b + 0.05);
}, [what, on]);

await test("W17: any brand colour is readable: words on it and words in it, light and dark, at 4.5:1", async () => {
	const colours = ["#ffffff", "#000000", "#ffff00", "#00ff00", "#00ffff", "#ff00ff", "#ff0000", "#0000ff", "#808080", "#3d4fb8", "#ff6a00", "#b5e853",
		"#767676", "#c0ffee", "#8b4513", "#fe2c55", "#25f4ee"];
	let lowest = 99;
	for (const colorScheme of ["light", "dark"]) {
		const chat = await visitor(browser, `${shop.origin}/ltr`, { colorScheme });
		await chat.open();
		await chat.talk(["cancel my order", /order number/]);
		for (const colour of colours) {
			await chat.element.evaluate((e, c) => e.style.setProperty("--tenstep-colour", c), colour);
			for (const [name, locator, what] of [
				["what the buyer said", chat.log.locator(".buyer .said").first(), "color"], ["send", chat.send, "color"],
				["the button", chat.launcher, "color"], ["a choice", chat.part("choice").and(chat.page.locator(":enabled")).first(), "color"],
			]) {
				const got = await contrast(locator, what);
				lowest = Math.min(lowest, got);
				truth(got >= 4.5, `${name} in ${colour}, ${colorScheme}: ${got.toFixed(2)}`);
			}
		}
		await chat.context.close();
	}
	note(`lowest contrast ${lowest.toFixed(2)}`);
});

await test("W17: at most 30 documented properties, each of which does something; parts are named", async () => {
	const readme = readFileSync(new URL("../../adapters/widget/README.md", import.meta.url), "utf8");
	const documented = [...new Set([...readme.matchAll(/`(--tenstep-[a-z-]+)`/g)].map(m => m[1]))].sort();
	const code = await (await fetch(`${server.url}/chat/widget.js`)).text() + await (await fetch(`${server.url}/chat/panel.js`)).text();
	const used = [...new Set([...code.matchAll(/var\((--tenstep-[a-z-]+)/g)].map(m => m[1]))].sort();
	equal(used, documented);
	truth(documented.length <= 30, documented.length);
	const values = {
		"--tenstep-colour": "rgb(1, 2, 3)", "--tenstep-surface": "rgb(4, 5, 6)", "--tenstep-text": "rgb(7, 8, 9)", "--tenstep-shade": "rgb(10, 11, 12)",
		"--tenstep-line": "rgb(13, 14, 15)", "--tenstep-quiet": "rgb(16, 17, 18)", "--tenstep-bad": "rgb(19, 20, 21)", "--tenstep-good": "rgb(22, 23, 24)",
		"--tenstep-font": "monospace", "--tenstep-font-size": "19px", "--tenstep-radius": "3px", "--tenstep-bubble-radius": "2px", "--tenstep-width": "333px",
		"--tenstep-height": "444px", "--tenstep-inset-x": "31px", "--tenstep-inset-y": "32px", "--tenstep-launcher-size": "66px", "--tenstep-launcher-radius": "7px",
		"--tenstep-shadow": "rgb(1, 1, 1) 0px 0px 1px 0px", "--tenstep-z": "12",
	};
	equal(documented, Object.keys(values).sort());
	const chat = await visitor(browser, `${shop.origin}/ltr`, { colorScheme: "dark" });
	await chat.open();
	await chat.talk(["where is my parcel", /order number/], ["A-1101", /one of these/], ["brandt", /A-1101/]);
	const look = () => chat.element.evaluate(e => [e, ...e.shadowRoot.querySelectorAll("*")].map(x => {
		const style = getComputedStyle(x);
		return ["color", "background-color", "border-top-color", "border-top-left-radius", "font-family", "font-size", "box-shadow", "z-index", "width", "height", "right", "bottom"]
			.map(p => style.getPropertyValue(p)).join("|");
	}).join("\n"));
	for (const [name, value] of Object.entries(values)) {
		await still(chat.page);
		const before = await look();
		await chat.element.evaluate((e, [n, v]) => e.style.setProperty(n, v), [name, value]);
		if (name === "--tenstep-bad" || name === "--tenstep-good") continue; // of refusals and of paid refunds only
		truth(before !== await look(), `${name} does nothing`);
	}
	const named = readme.split("Parts (")[1].split(".\n")[0];
	for (const part of await chat.element.evaluate(e => [...new Set([...e.shadowRoot.querySelectorAll("[part]")].flatMap(x => [...x.part]))]))
		truth(named.includes(`\`${part}\``) || ["region", "more"].includes(part) || /^(frame|ask|who|vh|dim)$/.test(part), `part ${part} is not in README.md`);
	await chat.context.close();
});

await test("W17: follows the system's dark theme, unless the page says otherwise, at once", async () => {
	const chat = await visitor(browser, `${shop.origin}/ltr`, { colorScheme: "dark" });
	await chat.open();
	const paper = () => chat.panel.evaluate(e => getComputedStyle(e).backgroundColor);
	equal("rgb(23, 25, 29)", await paper());
	await chat.page.evaluate(() => window.tenstep.theme("light"));
	equal("rgb(255, 255, 255)", await paper());
	await chat.page.evaluate(() => window.tenstep.theme("auto"));
	equal("rgb(23, 25, 29)", await paper());
	await chat.page.emulateMedia({ colorScheme: "light" });
	equal("rgb(255, 255, 255)", await paper());
	await chat.page.evaluate(() => window.tenstep.theme("dark"));
	equal("rgb(23, 25, 29)", await paper());
	await chat.context.close();
});

await test("W17: with forced colours every thing has an edge, and the focus is seen", async () => {
	const chat = await visitor(browser, `${shop.origin}/ltr`, { forcedColors: "active" });
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	for (const locator of [chat.launcher, chat.panel, chat.log.locator(".said").first(), chat.part("choice").first(), chat.send, chat.close])
		truth(await locator.evaluate(e => parseFloat(getComputedStyle(e).borderTopWidth) >= 1 && getComputedStyle(e).borderTopStyle === "solid"), `${await locator.getAttribute("part")} has no edge`);
	await chat.context.close();
});

// --- W18

await test("W18: nothing moves for those who asked for that", async () => {
	for (const [reducedMotion, some] of [["reduce", false], ["no-preference", true]]) {
		const chat = await visitor(browser, `${shop.origin}/ltr`, { reducedMotion });
		let seen = 0;
		await chat.page.evaluate(() => {
			window.moving = 0;
			const look = () => { window.moving = Math.max(window.moving, document.querySelector("tenstep-chat").shadowRoot.getAnimations().length); requestAnimationFrame(look); };
			look();
		});
		await chat.open();
		await chat.talk(["cancel my order", /order number/]);
		seen = await chat.page.evaluate(() => window.moving);
		truth(some ? seen > 0 : seen === 0, `${reducedMotion}: ${seen}`);
		await chat.context.close();
	}
});

// --- W19

const tags = ["ar", "de", "en", "es", "fr", "he", "id", "it", "pt", "th", "vi", "zh"];
await test("W19: twelve languages have every text, each with its plurals and no hole", async () => {
	const page = await browser.newPage();
	await page.goto(`${shop.origin}/ltr`);
	const texts = await page.evaluate(async ([base, all]) => {
		const { english } = await import(`${base}/chat/panel.js`);
		const found = { en: english };
		for (const tag of all.filter(t => t !== "en")) found[tag] = (await import(`${base}/chat/lang/${tag}.js`)).default;
		return found;
	}, [server.url, tags]);
	const holes = s => [...s.matchAll(/{(\w+)}/g)].map(m => m[1]).sort().join();
	for (const [tag, own] of Object.entries(texts)) {
		equal(Object.keys(texts.en).sort(), Object.keys(own).sort(), tag);
		for (const [key, value] of Object.entries(own)) {
			if (key === "unread") continue;
			truth(typeof value === "string" && value.trim(), `${tag}.${key}`);
			equal(holes(texts.en[key]), holes(value), `${tag}.${key}`);
		}
		const categories = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
		equal([], categories.filter(c => !own.unread[c] && !["es", "fr", "it", "pt"].includes(tag)), `${tag}: plurals`);
		truth(own.unread.other.includes("{n}"), tag);
	}
	await page.close();
});

await test("W19: the page's lang and dir are followed at once, and a language of ones own goes before", async () => {
	const chat = await visitor(browser, `${shop.origin}/ltr`);
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	const state = () => chat.element.evaluate(e => {
		const frame = e.shadowRoot.querySelector(".frame");
		return [frame.lang, frame.dir, e.shadowRoot.querySelector("textarea").placeholder, e.shadowRoot.querySelector(".panel").getBoundingClientRect().x < 300];
	});
	const becomes = wanted => until(async () => JSON.stringify(await state()) === JSON.stringify(wanted), JSON.stringify(wanted));
	await becomes(["en", "ltr", "Write a message", false]);
	await chat.page.evaluate(() => { document.documentElement.lang = "ar"; document.documentElement.dir = "rtl"; });
	await becomes(["ar", "rtl", "اكتب رسالة", true]);
	truth((await chat.own()).length === 1, "the conversation is still there");
	await chat.page.evaluate(() => { document.documentElement.lang = "he-IL"; });
	await becomes(["he", "rtl", "כתיבת הודעה", true]);
	await chat.page.evaluate(() => { document.documentElement.lang = "de-AT"; document.documentElement.dir = "ltr"; });
	await becomes(["de", "ltr", "Nachricht schreiben", false]);
	await chat.page.evaluate(() => window.tenstep.language("fr"));
	await becomes(["fr", "ltr", "Écrire un message", false]);
	await chat.context.close();
});

await test("W19: a lang that is no locale, as shop systems write it, is taken for its language", async () => {
	for (const [lang, wanted] of [["pt-PT-ao90", "pt-PT"], ["en-undefined", "en"], ["es-419", "es-419"], ["de-DE-formal", "de-DE"], ["en_US", "en-US"]]) {
		shop.pages["/lang"] = { html: html({ embed: embed(), lang }) };
		const chat = await visitor(browser, `${shop.origin}/lang`);
		await chat.open();
		await chat.talk(["cancel my order", /order number/]);
		equal([wanted], await chat.page.evaluate(() => window.heard.language), lang);
		await chat.context.close();
	}
});

await test("W19: a language is fetched when it is needed, once, and its want is no ruin", async () => {
	const chat = await visitor(browser, `${shop.origin}/rtl`);
	const asked = [];
	chat.page.on("request", r => /lang\//.test(r.url()) && asked.push(r.url()));
	await chat.open();
	equal([`${server.url}/chat/lang/ar.js`], asked);
	await chat.page.route("**/lang/th.js", route => route.abort());
	await chat.page.evaluate(() => window.tenstep.language("th"));
	await until(async () => await chat.input.getAttribute("placeholder") === "Write a message", "English stands in");
	await chat.context.close();
});

await browser.close();
shop.stop();
result(!server.sanitizerReport(), "look: no sanitizer report", server.sanitizerReport());
await server.remove();
finish();
