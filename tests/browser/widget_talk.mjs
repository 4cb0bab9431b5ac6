// The widget in use: whole conversations on a desktop and on a phone, files, a person who takes over, ratings,
// transcripts, erasing, who the buyer is.
import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

import { cancellation, Chat, listen, phone, returning, visitor } from "./lib/chat.mjs";
import { launch } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { page as html, Shop } from "./lib/shop.mjs";
import { equal, finish, note, result, skip, sleep, test, truth, until } from "./lib/tap.mjs";

const identitySecret = "what the shop's server signs buyers with";
const deskToken = "token-of-the-people-at-the-desk";
const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

const shop = await new Shop().start();
const server = await new Server(process.argv[2], {
	website: { title: "Shop help", greeting: "Hello. How can I help?", origins: [shop.origin], identity: { file: "identity" }, max_file_bytes: 100000 },
	desk: { token: { file: "desk" } },
	limits: { messages_per_minute: 6000, conversations_per_minute: 6000 },
}, { identity: identitySecret, desk: deskToken }).start();
const browser = await launch();
const embed = (more = "") => `<script async src="${server.url}/chat/widget.js" data-bot ${more}></script>`;
shop.pages["/"] = { html: html({ embed: embed() }) };

/** @work with a new visitor; what went wrong in the page fails the test. */
const withChat = (work, options, url = shop.origin) => async () => {
	const chat = await visitor(browser, url, options);
	try {
		await work(chat);
		equal([], chat.errors, "errors in the page");
		equal([], await chat.page.evaluate(() => window.violations), "violations of the page's policy");
	} catch (error) {
		error.stack += `\non the screen: ${JSON.stringify((await chat.posts().catch(() => [])).slice(-6))}`;
		throw error;
	} finally {
		await chat.context.close();
	}
};

await test("talk: without a greeting of the configuration an empty chat begins with the words of session/hello", async () => {
	const plain = await new Server(process.argv[2], { website: { title: "Shop help" } }).start();
	try {
		await withChat(async chat => {
			await chat.open();
			equal("Hello! I help with your orders. What can I do for you? Just write it in your own words.", await chat.part("intro").innerText());
			await chat.talk(["where is my order", /order number/]);
		}, {}, plain.url)();
	} finally {
		await plain.kill();
		await plain.remove();
	}
});

// --- whole conversations

await test("talk: a whole cancellation, on a desktop, in the demo's page", withChat(async chat => {
	await chat.open();
	await chat.talk(...cancellation("A-1001"));
	await chat.isWhole(["pls cacel my order", "A-1001", "okafor", "I ordered by mistake", "Yes"]);
}, {}, server.url));

await test("talk: a whole cancellation, on a phone, by touch", withChat(async chat => {
	await chat.launcher.tap();
	await chat.online();
	for (const [what, answer] of cancellation("A-1002")) {
		if (typeof what === "string") {
			await chat.input.fill(what);
			await chat.send.tap();
		} else await chat.part("choice").and(chat.page.locator(":enabled")).filter({ hasText: what }).first().tap();
		await chat.shows(answer);
	}
	await chat.isWhole();
	const tail = chat.log.locator("article").last();
	await until(async () => {
		const box = await tail.boundingBox();
		const log = await chat.log.boundingBox();
		return box.y + box.height <= log.y + log.height + 1;
	}, "the last post is in sight");
}, phone));

await test("talk: a whole return, on a desktop, with the return's card and its label", withChat(async chat => {
	await chat.open();
	await chat.talk(...returning(/mug/i));
	await chat.isWhole();
	const card = chat.part("card").last();
	equal("return", await card.evaluate(e => e.part[1]));
	truth(/R-\d+/.test(await card.innerText()) && /\$12\.50/.test(await card.innerText()), await card.innerText());
	truth((await card.locator("a").getAttribute("href")).startsWith("https://juniper-finch.example/labels/"), "the label's address");
}));

await test("talk: a whole return, on a phone", withChat(async chat => {
	await chat.open();
	await chat.talk(...returning());
	await chat.isWhole();
	truth(await chat.page.evaluate(() => document.documentElement.scrollWidth <= 360), "wider than the phone");
}, phone));

await test("W22: an order's card has its pieces, amounts by Intl, steps with the present one marked", withChat(async chat => {
	await chat.open();
	await chat.talk(["where is my parcel", /order number/], ["A-1101", /one of these/], ["brandt", /A-1101/]);
	const card = chat.part("card").first();
	await card.waitFor();
	truth(/Order A-1101/.test(await card.innerText()), await card.innerText());
	equal(1, await card.locator('[aria-current="step"]').count());
	truth(/\$\d+\.\d\d/.test(await card.innerText()), "no amount");
	await chat.page.evaluate(() => window.tenstep.language("de"));
	await until(async () => /\d+,\d\d\s\$/.test(await chat.part("card").first().innerText()), "the amount as Germans write it");
	truth(/Bestellung A-1101/.test(await chat.part("card").first().innerText()), "the title in German");
}));

await test("talk: an answer longer than the screen is read from its beginning, and a button leads to its end", withChat(async chat => {
	await chat.open();
	await chat.talk(["show my orders", /order number/], ["A-1304", /one of these/]);
	await chat.say("lindqvist");
	await chat.shows(/right/);
	const news = chat.part("news");
	await news.waitFor();
	const own = chat.log.locator("article.buyer").last();
	await until(async () => Math.abs((await own.boundingBox()).y - (await chat.log.boundingBox()).y - 12) < 2, "what the buyer wrote is at the top");
	await news.click();
	await until(() => chat.log.evaluate(e => e.scrollHeight - e.scrollTop - e.clientHeight < 2), "the end");
	equal(false, await news.isVisible());
	await chat.say("stop");
	await until(() => chat.log.evaluate(e => e.scrollHeight - e.scrollTop - e.clientHeight < 2), "the end, again");
}, phone));

// --- files

const choose = async (chat, ...files) => {
	await chat.part("attach").click();
	const chooser = chat.page.waitForEvent("filechooser");
	await chat.ask.getByRole("button").first().click();
	await (await chooser).setFiles(files);
};

await test("W22: files: the limits come first, progress and refusals in words, the picture in the chat", withChat(async chat => {
	await chat.open();
	await chat.say("hello");
	await chat.shows(/help with your orders/);
	await chat.part("attach").click();
	truth(/JPEG.*PNG.*PDF.*0\.095 MB/.test(await chat.ask.innerText()), await chat.ask.innerText());
	await chat.page.keyboard.press("Escape");
	await choose(chat, { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
	await until(async () => /notes\.txt.*cannot be sent/.test(await chat.ask.innerText()), "the kind is refused");
	await chat.ask.getByRole("button", { name: "Cancel" }).click();
	await choose(chat, { name: "big.png", mimeType: "image/png", buffer: Buffer.concat([png, Buffer.alloc(100001)]) });
	await until(async () => /big\.png is larger/.test(await chat.ask.innerText()), "the size is refused");
	await chat.ask.getByRole("button", { name: "Cancel" }).click();
	await choose(chat, { name: "lie.png", mimeType: "image/png", buffer: Buffer.from("<script>alert(1)</script>") });
	await until(async () => /lie\.png: this kind/.test(await chat.ask.innerText()), "the server judges by the bytes");
	await chat.ask.getByRole("button", { name: "Cancel" }).click();
	await choose(chat, { name: "box & \"lid\" é.png", mimeType: "image/png", buffer: png });
	const picture = chat.part("pic").last();
	await picture.waitFor();
	await until(() => picture.evaluate(e => e.naturalWidth > 0), "the picture is loaded");
	equal("box & \"lid\" é.png", await picture.getAttribute("alt"));
	equal("noreferrer nofollow", await picture.evaluate(e => e.parentNode.rel));
	await chat.isWhole(["hello", ""]);
}));

await test("W22: a file that cannot be uploaded is offered again", withChat(async chat => {
	await chat.open();
	await chat.say("hello");
	await chat.shows(/help with your orders/);
	await chat.page.route("**/chat/upload", route => route.abort());
	await choose(chat, { name: "box.png", mimeType: "image/png", buffer: png });
	await until(async () => /was not uploaded/.test(await chat.ask.innerText()), "the loss is told");
	await chat.page.unroute("**/chat/upload");
	await chat.ask.getByRole("button", { name: "Try again" }).click();
	await chat.part("pic").last().waitFor();
}));

// --- a person

async function desk(method, path, body) {
	const answer = await fetch(`${server.url}/desk/${path}`, {
		method, headers: { authorization: `Bearer ${deskToken}` }, body: body && JSON.stringify(body),
	});
	return answer.json();
}

await test("talk: a person takes over, types, answers, and hands back", withChat(async chat => {
	await chat.open();
	await chat.say("I want to talk to a person");
	await chat.shows(/bringing in a person/);
	const { cards: [card] } = await desk("GET", "cards");
	await until(() => chat.bar.isVisible(), "the buyer is told that they wait");
	truth(/waiting for a person/.test(await chat.part("sub").innerText()), await chat.part("sub").innerText());
	await desk("POST", `cards/${card.id}/claim`, { person: "Mai", version: card.version });
	await until(async () => /You are talking to Mai/.test(await chat.part("sub").innerText()), "Mai is named");
	await desk("POST", `cards/${card.id}/typing`, { person: "Mai" });
	await chat.part("dots").waitFor();
	await desk("POST", `cards/${card.id}/reply`, { person: "Mai", text: "Hello, I am Mai.\n\n- one\n- two", id: "r1" });
	await chat.shows(/Hello, I am Mai/);
	const post = (await chat.posts()).at(-1);
	equal("person", post.who);
	await until(() => chat.part("dots").isHidden(), "typing ends with the post");
	await chat.say("cancel my order");
	await sleep(500);
	equal("buyer", (await chat.posts()).at(-1).who, "the bot is silent");
	await desk("POST", `cards/${card.id}/back`, { person: "Mai", text: "Goodbye." });
	await until(async () => /Automatic assistant/.test(await chat.part("sub").innerText()), "the assistant is back");
	equal(["queue", "person", "bot"], (await chat.page.evaluate(() => window.heard.owner)).map(o => o.owner).filter((o, i, all) => o !== all[i - 1]));
	await chat.isWhole();
}));

await test("talk: a network that the browser knows is gone is told within 6 s, and what was written is sent when it is back", withChat(async chat => {
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	await chat.context.setOffline(true);
	await chat.say("A-1001");
	await until(async () => /No connection/.test(await chat.bar.innerText()), "it says so", 7000);
	equal("Waiting for the connection", (await chat.posts()).at(-1).meta);
	await chat.context.setOffline(false);
	await chat.shows(/one of these, as on the order/);
	await chat.isWhole(["cancel my order", "A-1001"]);
}));

/** The test is the network, which carries all until it is dead, and what the browser says of it. */
async function network(chat) {
	const net = {
		dead: false,
		sockets: 0,
		says: onLine => chat.page.evaluate(is => {
			Object.defineProperty(navigator, "onLine", { value: is, configurable: true });
			dispatchEvent(new Event(is ? "online" : "offline"));
		}, onLine),
	};
	await chat.page.routeWebSocket(/\/chat$/, ws => {
		if (net.dead) return ws.close();
		net.sockets++;
		const up = ws.connectToServer();
		ws.onMessage(m => { if (!net.dead) up.send(m); });
		up.onMessage(m => { if (!net.dead) ws.send(m); });
	});
	return net;
}

await test("talk: an answer that still came through does not hide for long that the network is gone", withChat(async chat => {
	const net = await network(chat);
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	const from = Date.now();
	await net.says(false);
	await chat.talk(["A-1001", /one of these, as on the order/]);
	net.dead = true;
	for (const text of ["okafor", "what now?"]) await chat.say(text);
	await until(async () => /No connection/.test(await chat.bar.innerText()), "it says so", 7000);
	note(`told ${Date.now() - from} ms after the browser knew`);
	equal(["okafor", "what now?"], (await chat.posts()).filter(p => p.waits).map(p => p.text));
	net.dead = false;
	await net.says(true);
	await chat.isWhole(["cancel my order", "A-1001", "okafor", "what now?"]);
}));

await test("talk: a connection that lives stays and nothing is shown, whatever the browser says of the network", withChat(async chat => {
	const net = await network(chat);
	await chat.open();
	await chat.talk(["cancel my order", /order number/]);
	await net.says(false);
	await sleep(8000);
	await chat.talk(["A-1001", /one of these, as on the order/]);
	await net.says(true);
	await chat.isWhole(["cancel my order", "A-1001"]);
	equal(["connecting", "online"], await chat.page.evaluate(() => window.heard.connection));
	equal(1, net.sockets);
}));

await test("W22: a rating is given by stars, with a comment", withChat(async chat => {
	await chat.open();
	await chat.say("rate this chat");
	await chat.shows(/How was this chat/);
	const stars = chat.part("choice").and(chat.page.locator(".star"));
	equal(5, await stars.count());
	equal(["1 of 5", "2 of 5", "3 of 5", "4 of 5", "5 of 5"], await stars.evaluateAll(all => all.map(e => e.ariaLabel)));
	await stars.nth(3).click();
	await chat.shows(/add a few words/);
	await chat.say("quick and kind");
	await chat.shows(/Thank you for telling us/);
	await chat.isWhole();
}));

// --- what belongs to the buyer

await test("W21: the conversation is saved as a file", withChat(async chat => {
	await chat.open();
	await chat.talk(["cancel my order", /What is the order number/]);
	await chat.more.click();
	const download = chat.page.waitForEvent("download");
	await chat.ask.getByRole("button", { name: "Save this conversation" }).click();
	const file = await download;
	const text = readFileSync(await file.path(), "utf8");
	equal("Shop help.txt", file.suggestedFilename());
	truth(/You cancel my order/.test(text) && /Assistant First I check.*\n[^]*What is the order number\?/.test(text), text);
	equal(text, await chat.page.evaluate(() => window.tenstep.download()));
}));

await test("W21: a long conversation is saved as a whole, though the server lets it be read in small steps only", withChat(async chat => {
	await chat.open();
	for (let i = 0; i < 200; i++) await chat.page.evaluate(n => window.tenstep.send(`line ${n}.`), i);
	await chat.page.reload();
	await chat.isOpen();
	const text = await chat.page.evaluate(() => window.tenstep.download());
	for (let i = 0; i < 200; i++) truth(text.includes(`line ${i}.`), `line ${i} is missing`);
}));

await test("W21: erasing: asked once more, here and at the server, in the other tab too, within 2 s", withChat(async chat => {
	await chat.open();
	await chat.talk(["cancel my order", /What is the order number/]);
	const token = await chat.page.evaluate(() => localStorage["tenstep:token"]);
	const other = new Chat(await chat.context.newPage());
	await other.page.goto(shop.origin);
	await other.open();
	await other.shows(/What is the order number/);
	await chat.more.click();
	await chat.ask.getByRole("button", { name: "Erase this conversation" }).click();
	truth(/cannot be undone/.test(await chat.ask.innerText()), "no question");
	const from = Date.now();
	await chat.ask.getByRole("button", { name: "Erase this conversation" }).click();
	await chat.log.getByText("The conversation is erased.").waitFor();
	note(`erased after ${Date.now() - from} ms (goal 2000)`);
	truth(Date.now() - from < 10000, `${Date.now() - from} ms`);
	await until(async () => (await other.posts()).length === 0, "the other tab forgets");
	equal([], await chat.page.evaluate(() => Object.keys(localStorage).filter(k => k.startsWith("tenstep"))));
	equal(1, (await chat.page.evaluate(() => window.heard.forgotten)).length);
	// whoever kept the token has nothing by it
	await chat.page.evaluate(t => { localStorage["tenstep:token"] = t; }, token);
	await chat.page.reload();
	await chat.isOpen();
	equal([], await chat.posts());
}));

await test("W21: with a text to agree to, nothing is stored or sent before the buyer agrees", async () => {
	const careful = await new Server(process.argv[2], {
		website: { consent: "We keep what you write for 30 days: https://shop.example/privacy.", origins: [shop.origin] },
	}).start();
	shop.pages["/careful"] = { html: html({ embed: `<script async src="${careful.url}/chat/widget.js" data-bot></script>` }) };
	const chat = await visitor(browser, `${shop.origin}/careful`);
	const sockets = [];
	chat.page.on("websocket", s => sockets.push(s.url()));
	await chat.launcher.click();
	await chat.ask.getByRole("button", { name: "Agree and start" }).waitFor();
	equal("https://shop.example/privacy", await chat.ask.locator("a").getAttribute("href"));
	equal(false, await chat.input.isVisible());
	await chat.page.evaluate(() => void window.tenstep.send("hello before"));
	await sleep(400);
	equal([[], 0, 0], [sockets, ...await chat.page.evaluate(() => [localStorage.length, sessionStorage.length])]);
	await chat.ask.getByRole("button", { name: "Agree and start" }).click();
	await chat.online();
	await chat.shows(/./);
	equal(["hello before"], await chat.own());
	await chat.context.close();
	await careful.remove();
});

// --- who the buyer is

function sign(claims, secret = identitySecret) {
	const part = x => Buffer.from(JSON.stringify(x)).toString("base64url");
	const head = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
	return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
}
const now = () => Math.floor(Date.now() / 1000);
const claims = (sub, name) => ({ sub, name, iat: now(), exp: now() + 600 });
const identify = (chat, token) => chat.page.evaluate(t => window.tenstep.push(["identify", () => { window.asked = (window.asked ?? 0) + 1; return t; }]), token);

await test("W20: a verified buyer is not asked who they are, and has one history on two devices", withChat(async chat => {
	await identify(chat, sign(claims("buyer-transit", "Liam")));
	await chat.open();
	await until(async () => (await chat.page.evaluate(() => window.heard.identity)).some(i => i.ok && i.name === "Liam"), "the page hears who it is");
	await chat.say("where is my parcel");
	await chat.shows(/A-1101/);
	truth(!(await chat.posts()).some(p => /order number/.test(p.text)), "asked who they are");
	const other = await visitor(browser, shop.origin);
	await identify(other, sign(claims("buyer-transit", "Liam")));
	await other.open();
	await other.shows(/A-1101/);
	await other.say("hello from my phone");
	await until(async () => (await chat.own()).includes("hello from my phone"), "the first device shows it");
	await other.context.close();
}));

/* What a shop's developer copies. */
const guide = readFileSync(new URL("../../adapters/widget/README.md", import.meta.url), "utf8");
const program = language => new RegExp(`\\*\\*${language}\\*\\*\\n\\n\`\`\`\\w+\\n([^]*?)\`\`\``).exec(guide)[1];
for (const [language, command, ...more] of [
	["Node", "node", "--input-type=module", "-e", `${program("Node")}\nprocess.stdout.write(chatIdentity(...process.argv.slice(1)))`],
	["Python", "python3", "-c", `${program("Python")}\nimport sys\nprint(chat_identity(*sys.argv[1:]), end="")`],
	["PHP", "php", "-r", `${program("PHP")}\necho chat_identity($argv[1], $argv[2], $argv[3]);`, "--"],
]) {
	const { error, stdout, stderr } = spawnSync(command, [...more, "buyer-transit", "Zoë", identitySecret], { encoding: "utf8" });
	if (error) skip(`W20: the guide's program in ${language} signs a buyer`, `no ${command}`);
	else
		await test(`W20: the guide's program in ${language} signs a buyer, the guide's line brings that to the chat`, withChat(async chat => {
			const line = /```js\n(\(window\.tenstep = [^]*?)```/.exec(guide)[1];
			await chat.page.route("**/account/chat-identity", route => route.fulfill({ body: stdout }));
			await chat.page.evaluate(line);
			await chat.open();
			await until(async () => (await chat.page.evaluate(() => window.heard.identity)).some(i => i.ok), `the page hears who it is\n${stdout}\n${stderr}`);
			await chat.say("where is my parcel");
			await chat.shows(/A-1101/);
		}));
}

await test("W20: the page's function is asked again at each connection; a bad token is told and the buyer is anonymous", withChat(async chat => {
	await identify(chat, sign(claims("buyer-transit", "Liam"), "another secret, not the shop's own"));
	await chat.open();
	await until(async () => (await chat.page.evaluate(() => window.heard.identity)).some(i => !i.ok && i.text), "the page hears that it is refused");
	await chat.say("where is my parcel");
	await chat.shows(/order number/);
	const asked = await chat.page.evaluate(() => window.asked);
	await server.restart(100);
	await until(() => chat.page.evaluate(n => window.asked > n, asked), "asked again after the loss");
}));

/* As a shop's pages do it: each says at once who is logged in, if anybody is. */
const signedIn = context => context.addInitScript(token => {
	(window.tenstep = window.tenstep ?? []).push(["identify", () => token]);
}, sign(claims("buyer-refund", "Sofia")));

await test("W20: logging out clears this device within 1 s, in all tabs, and leaves the history at the server", withChat(async chat => {
	await signedIn(chat.context);
	await chat.page.reload();
	await chat.open();
	await chat.say("where is my refund");
	await chat.shows(/Which order/);
	const other = new Chat(await chat.context.newPage());
	await other.page.goto(shop.origin);
	await other.open();
	await until(async () => (await other.own()).length === 1, "the second tab shows it");
	const from = Date.now();
	await chat.page.evaluate(() => window.tenstep.logout());
	await until(async () => !(await chat.posts()).length && !(await other.posts()).length, "both tabs are empty");
	note(`cleared after ${Date.now() - from} ms (goal 1000)`);
	truth(Date.now() - from < 8000, `${Date.now() - from} ms`);
	equal([], await chat.page.evaluate(() => Object.keys(localStorage).filter(k => k.startsWith("tenstep"))));
	await other.page.close();
	await chat.page.reload();
	await chat.isOpen();
	await until(async () => (await chat.own()).includes("where is my refund"), "the history is there again");
}));

await browser.close();
shop.stop();
result(!server.log().includes(deskToken) && !server.log().includes(identitySecret), "talk: no secret is in the log");
result(!server.sanitizerReport(), "talk: no sanitizer report", server.sanitizerReport());
await server.remove();
finish();
