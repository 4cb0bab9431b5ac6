// The chat without JavaScript, in a browser whose JavaScript is off; and what axe says of its page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { launch } from "./lib/chromium.mjs";
import { Server } from "./lib/server.mjs";
import { equal, finish, result, test, truth } from "./lib/tap.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const server = await new Server(process.argv[2], {
	website: { title: "Shop help", greeting: "Hello. How can I help?" },
	limits: { messages_per_minute: 6000, conversations_per_minute: 6000 },
}).start();
const browser = await launch();
const form = () => `${server.url}/chat/form`;

async function say(page, text) {
	await page.getByLabel("Your message").fill(text);
	await page.getByRole("button", { name: "Send" }).click();
}
const press = (page, label) => page.getByRole("button", { name: label }).click();
const shows = (page, words) => page.getByText(words).last().waitFor({ timeout: 30000 });

async function cancel(page) {
	await say(page, "cancel my order");
	await shows(page, /What is the order number/);
	await say(page, "A-1001");
	await shows(page, /one of these, as on the order/);
	await say(page, "maya.okafor@example.com");
	await shows(page, /Why would you like to cancel/);
	await press(page, /mistake/);
	await shows(page, /Shall I cancel order A-1001/);
	await press(page, /^Yes/);
	await shows(page, /cancelled/);
}

await test("form: a browser without JavaScript cancels an order", async () => {
	const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
	const refused = [];
	page.on("console", m => m.type() === "error" && !m.location().url.endsWith("/favicon.ico") && refused.push(m.text()));
	await page.goto(form());
	await shows(page, /How can I help/);
	await cancel(page);
	await page.reload();
	equal(1, await page.getByText("cancel my order", { exact: true }).count(), "sent again by a reload");
	equal([], refused);
});

await test("form: a link from another site leads to the chat that there is", async () => {
	const context = await browser.newContext({ javaScriptEnabled: false });
	const page = await context.newPage();
	await page.goto(form());
	await say(page, "hello there");
	await shows(page, /I help with your orders/);
	await context.route("http://shop.example/", route =>
		route.fulfill({ contentType: "text/html", body: `<a href="${form()}">chat</a>` }));
	await page.goto("http://shop.example/");
	await page.getByRole("link", { name: "chat" }).click();
	await shows(page, /hello there/);
});

await test("W19: form: the page speaks the browser's language, its errors too, from right to left as well", async () => {
	for (const [locale, words] of Object.entries({
		"de-AT": ["de", "ltr", "Ihre Nachricht", "Senden", "Bitte schreiben Sie zuerst etwas."],
		"ar": ["ar", "rtl", "رسالتك", "إرسال", "يُرجى كتابة شيء أولًا."],
		"sv": ["en", "ltr", "Your message", "Send", "Please write something first."],
	})) {
		const context = await browser.newContext({ javaScriptEnabled: false, bypassCSP: true, locale });
		const page = await context.newPage();
		await page.goto(form());
		await page.getByLabel(words[2], { exact: true }).fill("  ");
		await page.getByRole("button", { name: words[3], exact: true }).click();
		equal(words[4], await page.getByRole("alert").innerText());
		await page.getByLabel(words[2], { exact: true }).fill("hello there");
		await page.getByRole("button", { name: words[3], exact: true }).click();
		await shows(page, /I help with your orders/);
		const html = await page.content();
		truth(html.includes(`<html lang="${words[0]}" dir="${words[1]}">`) && html.includes('<ol class="posts" lang="en" dir="ltr">'), html.slice(0, 300));
		await context.close();
	}
});

const states = {
	"empty": async page => page.goto(form()),
	"a question with buttons": async page => say(page, "cancel my order"),
	"an error": async page => {
		await say(page, "  ");
		await page.getByRole("alert").waitFor();
	},
	"a card": async page => {
		await say(page, "where is my parcel");
		await say(page, "A-1101");
		await say(page, "liam.brandt@example.net");
		await page.locator(".card").first().waitFor();
	},
};
for (const scheme of ["light", "dark"]) {
	const page = await (await browser.newContext({ bypassCSP: true, colorScheme: scheme, viewport: { width: 360, height: 740 } })).newPage();
	for (const [name, reach] of Object.entries(states)) {
		await test(`form: axe finds nothing: ${name}, ${scheme}`, async () => {
			await reach(page);
			await page.evaluate(axe);
			const { violations } = await page.evaluate(() => globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
			equal([], violations.map(v => `${v.id}: ${v.nodes[0].html}`));
			truth((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360, "wider than a phone");
		});
	}
}

await browser.close();
result(!server.sanitizerReport(), "form: no sanitizer report", server.sanitizerReport());
await server.remove();
finish();
