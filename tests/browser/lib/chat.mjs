// The widget as somebody uses it who sees it on a screen.
import { equal, until } from "./tap.mjs";

export class Chat {
	constructor(page) {
		this.page = page;
		this.element = page.locator("tenstep-chat");
		this.launcher = this.part("launcher");
		this.panel = this.part("panel");
		this.log = this.part("log");
		this.input = this.part("input");
		this.send = this.part("send");
		this.close = this.part("close");
		this.more = this.part("more");
		this.bar = this.part("bar");
		this.ask = this.part("ask");
	}

	part(name) {
		return this.element.locator(`[part~="${name}"]`);
	}

	async open() {
		await this.launcher.click();
		await this.isOpen();
	}

	/** Opened by itself: it was open on the page before. */
	async isOpen() {
		await this.input.waitFor({ timeout: 30000 });
		await this.online();
	}

	/** By what the page's own scripts hear. */
	async online() {
		await until(() => this.page.evaluate(() => window.heard?.connection.at(-1) === "online"), "the chat is connected");
	}

	async say(text) {
		await this.input.fill(text);
		await this.input.press("Enter");
	}

	async press(label) {
		await this.part("choice").and(this.page.locator(":enabled")).filter({ hasText: label }).first().click();
	}

	async shows(words) {
		await until(async () => (await this.posts()).some(p => p.who !== "buyer" && words.test(p.text)), `the chat shows ${words}`);
	}

	/** Says one thing after the other and waits for what answers it. */
	async talk(...lines) {
		for (const [what, answer] of lines) {
			if (typeof what === "string") await this.say(what);
			else await this.press(what);
			await this.shows(answer);
		}
	}

	/** All that is on the screen, in order. */
	posts() {
		return this.log.evaluate(log => [...log.querySelectorAll("article")].map(a => ({
			who: /buyer|bot|person|note/.exec(a.className)?.[0],
			text: [...a.querySelectorAll(".said, .card")].map(e => e.innerText).join("\n"),
			waits: a.classList.contains("waiting"),
			meta: a.querySelector(".meta")?.textContent ?? "",
			n: a.post?.n,
		})));
	}

	async own() {
		return (await this.posts()).filter(p => p.who === "buyer").map(p => p.text);
	}

	/** Nothing twice, nothing out of order, nothing still waiting. */
	async isWhole(own) {
		await until(async () => !(await this.posts()).some(p => p.waits), "nothing waits to be sent");
		const posts = await this.posts();
		const numbers = posts.map(p => p.n).filter(n => n);

		equal([...new Set(numbers)].sort((a, b) => a - b), numbers, "numbers of the posts");
		if (own) equal(own, posts.filter(p => p.who === "buyer").map(p => p.text), "what the buyer wrote");
	}
}

/** Notes what the page hears from the chat, and every violation of a security policy. */
export async function listen(context) {
	await context.addInitScript(() => {
		const names = ["open", "close", "message", "sent", "unread", "connection", "owner", "identity", "language", "forgotten", "error"];

		window.violations = [];
		document.addEventListener("securitypolicyviolation", e => window.violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
		window.heard = Object.fromEntries(names.map(n => [n, []]));
		window.tenstep = window.tenstep ?? [];
		for (const name of names) window.tenstep.push(["on", name, detail => window.heard[name].push(detail)]);
	});
	return context;
}

/** A new visitor with one page that shows the chat.  @options: of the browser's context. */
export async function visitor(browser, url, options = {}) {
	const context = await listen(await browser.newContext({ locale: "en-US", viewport: { width: 1100, height: 800 }, ...options }));
	context.setDefaultTimeout(45000);
	const page = await context.newPage();
	const chat = new Chat(page);

	chat.context = context;
	chat.errors = [];
	page.on("pageerror", e => chat.errors.push(e.message));
	await page.goto(url);
	await chat.launcher.waitFor();
	return chat;
}

export const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

/** A whole cancellation: by words, a number and a fact, buttons; until the order is cancelled. */
export const cancellation = (order, fact = "okafor") => [
	["pls cacel my order", /What is the order number/],
	[order, /one of these, as on the order/],
	[fact, /Why would you like to cancel/],
	[/mistake/, new RegExp(`Shall I cancel order ${order}`)],
	[/^Yes/, new RegExp(`Order ${order} is cancelled`)],
];
/** A whole return of one piece of A-1003, whatever else of it went back before. */
export const returning = (piece, fact = "maya.okafor@example.com") => [
	["I want to return something", /What is the order number/],
	["A-1003", /one of these, as on the order/],
	[fact, /do you want to send back|What is the reason/],
	...piece ? [[piece, /What is the reason/]] : [],
	[/does not fit/, /Shall I ask for a return/],
	[/^Yes/, /Here is your label/],
];
