// A browser that more than one person uses: what was said under a proof that has ended is for whoever makes it again.
import { Chat, listen, visitor } from "./lib/chat.mjs";
import { launch } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { page as html, Shop } from "./lib/shop.mjs";
import { equal, finish, result, sleep, test, truth, until } from "./lib/tap.mjs";

const shop = await new Shop().start();
const server = new Server(process.argv[2], {
	website: { title: "Shop help", greeting: "Hello. How can I help?", origins: [shop.origin] },
	limits: { messages_per_minute: 6000, conversations_per_minute: 6000 },
});
server.clock = 0;
await server.start();
const browser = await launch();
shop.pages["/"] = { html: html({ embed: `<script async src="${server.url}/chat/widget.js" data-bot></script>` }) };

const hidden = /Earlier messages are hidden/;
const seal = chat => chat.log.locator(".seal");
const prove = [["where is my order", /What is the order number/], ["A-1001", /one of these, as on the order/], ["okafor", /Blue dress/]];
let now = 0;
const later = async minutes => {
	server.clock = now += minutes * 60;
	await sleep(2500); // until the server has seen it, as it looks once a second
};
const words = async chat => (await chat.posts()).map(p => p.text).join("\n");
/** Nothing of the order, and nothing of what its buyer typed. */
const isMasked = async chat => equal(null, /A-1001|Blue dress|29\.90|okafor/.exec(await chat.log.innerText()));
const reload = async chat => {
	await chat.page.reload();
	await chat.isOpen();
};
async function proven() {
	const chat = await visitor(browser, shop.origin);
	await chat.open();
	await chat.talk(["hello", /./], ...prove);
	return chat;
}

await test("seal: a page that is loaded again within half an hour shows all, one that is loaded later nothing of the order; the proof brings it back, whole", async () => {
	const chat = await proven();
	const before = await words(chat);
	await later(29);
	await reload(chat);
	await chat.shows(/Blue dress/);
	equal(false, await seal(chat).isVisible());
	await later(31);
	await reload(chat);
	await until(() => seal(chat).isVisible(), "it says that there is more");
	truth(hidden.test(await seal(chat).innerText()));
	equal([], await chat.posts());
	await isMasked(chat);
	await chat.say("where is my order");
	await chat.shows(/What is the order number/);
	await isMasked(chat);
	await chat.say("A-1001");
	await chat.shows(/one of these/);
	await chat.say("okafor");
	await until(async () => !await seal(chat).isVisible(), "it is open again");
	await until(async () => (await words(chat)).startsWith(before), "what was said before is there");
	await chat.isWhole(["hello", "where is my order", "A-1001", "okafor", "where is my order", "A-1001", "okafor"]);
	equal([], chat.errors);
	await chat.context.close();
});

await test("seal: a page that stays open is masked too, before anybody writes, in every tab", async () => {
	const chat = await proven();
	const other = new Chat(await chat.context.newPage());
	await other.page.goto(shop.origin);
	await other.launcher.click();
	await other.shows(/Blue dress/);
	await later(31);
	for (const tab of [chat, other]) await tab.page.evaluate(() => dispatchEvent(new Event("online")));
	for (const tab of [chat, other]) {
		await until(() => seal(tab).isVisible(), "it is hidden");
		await isMasked(tab);
	}
	await chat.talk(...prove);
	for (const tab of [chat, other]) {
		await until(async () => !await seal(tab).isVisible(), "it is open again, in both");
		await tab.isWhole(["hello", ...prove.map(p => p[0]), ...prove.map(p => p[0])]);
	}
	await chat.context.close();
});

await test("seal: the next person in the same browser proves an order of their own, and sees nothing of the one before, then or later", async () => {
	const chat = await proven();
	await later(31);
	await reload(chat);
	const theirs = [["where is my order", /What is the order number/], ["A-1101", /one of these, as on the order/], ["brandt", /Desk lamp/i]];
	await chat.talk(...theirs);
	await until(async () => !await seal(chat).isVisible(), "it is theirs");
	await isMasked(chat);
	await reload(chat);
	await chat.shows(/Desk lamp/i);
	await isMasked(chat);
	await later(31);
	await reload(chat);
	await until(() => seal(chat).isVisible(), "theirs is hidden as well");
	equal([], await chat.posts());
	await chat.talk(...theirs);
	await until(async () => (await chat.own()).length === 6, "theirs is back");
	await isMasked(chat);
	await chat.context.close();
});

await test("seal: news for the buyer before is not told to who sits there now; the proof brings it", async () => {
	const chat = await visitor(browser, shop.origin);
	await chat.open();
	await chat.talk(["where is my refund", /What is the order number/], ["A-1201", /one of these/], ["reyes", /Shall I write|I will write/]);
	await chat.press(/Write to me/);
	await chat.shows(/I will write here/);
	await later(31);
	await reload(chat);
	await until(() => seal(chat).isVisible(), "it is hidden");
	await later(48 * 60);
	await server.restart();
	await chat.online();
	await chat.talk(["hello", /./]);
	await sleep(3000);
	equal(null, /paid out|A-1201|Visa/.exec(await chat.log.innerText()));
	await chat.talk(["where is my refund", /What is the order number/], ["A-1201", /one of these/], ["reyes", /paid out/]);
	await until(async () => /Good news/.test(await words(chat)), "the news is there");
	await chat.isWhole();
	await chat.context.close();
});

await test("seal: a button of before, pressed by hand, does not tell its label", async () => {
	const chat = await proven();
	const buttons = await chat.log.evaluate(log => [...log.querySelectorAll("article")].flatMap(a => (a.post.choices ?? []).map(c => ({ t: "press", post: a.post.n, choice: c.id }))));
	truth(buttons.length > 1, buttons);
	await later(31);
	const codes = await chat.page.evaluate(([address, presses]) => new Promise(done => {
		const socket = new WebSocket(address);
		const got = [];
		socket.onopen = () => socket.send(JSON.stringify({ t: "hello", v: 1, token: localStorage["tenstep:token"] }));
		socket.onmessage = ({ data }) => {
			const f = JSON.parse(data);
			if (f.t === "welcome") presses.forEach((p, i) => socket.send(JSON.stringify({ ...p, id: `x:${i}` })));
			if (f.t === "refused" || f.t === "ack") got.push(f.code);
			if (got.length === presses.length) done(got);
		};
	}), [`${server.url.replace("http", "ws")}/chat`, buttons]);
	equal(buttons.map(() => "bad_choice"), codes);
	await chat.context.close();
});

await test("seal: a goodbye hides what was said at once, in every tab and in what is saved, but for its answer; the proof brings it back", async () => {
	const chat = await proven();
	const before = await chat.own();
	const other = new Chat(await chat.context.newPage());
	await other.page.goto(shop.origin);
	await other.launcher.click();
	await other.shows(/Blue dress/);
	await chat.talk(["bye, thanks for A-1001", /Goodbye/]);
	for (const tab of [chat, other]) {
		await until(() => seal(tab).isVisible(), "it is hidden");
		await until(async () => (await tab.posts()).length === 1, "the answer is left");
		truth(/Goodbye/.test(await words(tab)));
		await isMasked(tab);
	}
	equal(null, /A-1001|Blue dress|29\.90|okafor/.exec(await chat.page.evaluate(() => window.tenstep.download())));
	await reload(chat);
	await chat.shows(/Goodbye/);
	await isMasked(chat);
	await chat.talk(["where is my order", /What is the order number/], ["repeat", /order number/]);
	await isMasked(chat);
	await chat.talk(["A-1001", /one of these/], ["okafor", /Blue dress/]);
	for (const tab of [chat, other]) {
		await until(async () => !await seal(tab).isVisible(), "it is open again, in both");
		await tab.isWhole([...before, "bye, thanks for A-1001", "where is my order", "repeat", "A-1001", "okafor"]);
	}
	equal([], chat.errors);
	await chat.context.close();
});

await test("seal: after a goodbye the next person sees nothing of the order, not with a proof of their own either", async () => {
	const chat = await proven();
	await chat.talk(["bye", /Goodbye/]);
	await until(() => seal(chat).isVisible(), "it is hidden");
	await chat.talk(["what did you say", /Goodbye/], ["where is my order", /What is the order number/], ["A-1101", /one of these, as on the order/], ["brandt", /Desk lamp/i]);
	await until(async () => !await seal(chat).isVisible(), "it is theirs");
	await isMasked(chat);
	await reload(chat);
	await chat.shows(/Desk lamp/i);
	await isMasked(chat);
	await chat.context.close();
});

await test("seal: a goodbye without a proof hides nothing, and thanks is none", async () => {
	const chat = await visitor(browser, shop.origin);
	await chat.open();
	await chat.talk(["how long does a refund take?", /./], ["bye", /Goodbye/], ["hello", /Hello/]);
	equal(["how long does a refund take?", "bye", "hello"], await chat.own());
	await chat.talk(...prove, ["thanks", /You are welcome/]);
	await reload(chat);
	await chat.shows(/Blue dress/);
	equal(false, await seal(chat).isVisible());
	await chat.context.close();
});

await test("seal: who never proved anything sees all that was said, however late", async () => {
	const chat = await visitor(browser, shop.origin);
	await chat.open();
	await chat.talk(["how long does a refund take?", /./]);
	await later(600);
	await reload(chat);
	equal(["how long does a refund take?"], await chat.own());
	equal(false, await seal(chat).isVisible());
	await chat.context.close();
});

await test("seal: the plain page is masked as well, page by page, and comes back", async () => {
	const context = await browser.newContext({ javaScriptEnabled: false });
	const page = await context.newPage();
	const say = async text => {
		await page.fill("#text", text);
		await page.locator(".write button").click();
	};
	await page.goto(`${server.url}/chat/form`);
	for (const [what] of prove) await say(what);
	truth(/Blue dress/.test(await page.innerText("main")));
	await later(31);
	await page.goto(`${server.url}/chat/form`);
	truth(hidden.test(await page.innerText("main")));
	for (const address of ["/chat/form", "/chat/form?before=5", "/chat/form?before=3"]) {
		await page.goto(server.url + address);
		equal(null, /A-1001|Blue dress|29\.90|okafor/.exec(await page.innerText("main")), address);
	}
	for (const [what] of prove) await say(what);
	equal(6, await page.locator("li.buyer").count());
	equal(false, hidden.test(await page.innerText("main")));
	await say("bye, thanks for A-1001");
	truth(hidden.test(await page.innerText("main")));
	truth(/Goodbye/.test(await page.innerText("main")));
	for (const address of ["/chat/form", "/chat/form?before=9", "/chat/form?before=3"]) {
		await page.goto(server.url + address);
		equal(null, /A-1001|Blue dress|29\.90|okafor/.exec(await page.innerText("main")), address);
	}
	for (const [what] of prove) await say(what);
	equal(10, await page.locator("li.buyer").count());
	await context.close();
});

await browser.close();
shop.stop();
result(!server.sanitizerReport(), "seal: no sanitizer report", server.sanitizerReport());
await server.remove();
finish();
