// The page behind the counter of `tenstep shop`, in a browser: a demo driven by hand, the strict policy, and axe.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { Shop } from "../shop/lib/shop.mjs";
import { launch } from "./lib/chromium.mjs";
import { equal, finish, result, test, truth, until } from "./lib/tap.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const shop = await new Shop(process.argv[2], "--quiet").start();
const browser = await launch();
const page = await browser.newPage();
const complaints = [];

page.on("console", message => ["error", "warning"].includes(message.type()) && !/status of 401/.test(message.text()) && complaints.push(message.text()));
page.on("pageerror", error => complaints.push(error.message));

const told = wanted => page.waitForFunction(text => document.querySelector("#told").textContent.includes(text), wanted);
const press = name => page.getByRole("button", { name, exact: true }).click();
const order = number => page.locator("#orders > li", { has: page.getByText(number, { exact: true }) });

await test("without the token nothing is shown; a wrong one is told", async () => {
	await page.goto(`${shop.url}/shop/`);
	await page.getByLabel("The admin's token").fill("wrong");
	await press("Open the shop");
	await told("token is needed");
	equal(true, await page.locator("#counter").isHidden());
});

await test("the address that the shop prints opens it, and keeps the token out of the history", async () => {
	const address = /behind the counter +(\S+)/.exec(shop.said)[1];

	await page.goto("about:blank");
	await page.goto(address);
	await page.waitForSelector("#orders > li");
	equal(36, await page.locator("#orders > li").count());
	truth(!page.url().includes("token"), page.url());
});

await test("an order from its payment to the money's way back", async () => {
	await press("A-1302: Pay");
	await press("A-1302: Let the hour pass");
	await press("A-1302: Buyer asks to cancel");
	await press("A-1302: Approve");
	await press("A-1302: Pay out");
	await until(async () => /CANCELLED.*cancellation complete.*refund paid/.test(await order("A-1302").innerText().then(text => text.replace(/\s+/g, " "))), "it shows");
	equal(["CANCELLATION_REQUEST_PENDING", "CANCELLATION_REQUEST_SUCCESS", "CANCELLATION_REQUEST_COMPLETE"], shop.effects("cancellation").map(effect => effect.cancel_status));
});

await test("orders are picked by buyer and by state", async () => {
	await page.locator("#who").selectOption("buyer-open");
	equal(3, await page.locator("#orders > li").count());
	await page.locator("#which").selectOption("DELIVERED");
	equal(1, await page.locator("#orders > li").count());
	await page.locator("#who").selectOption("");
	await page.locator("#which").selectOption("");
});

await test("a buyer buys, and writes; markup stays text", async () => {
	await page.locator("#buyer").selectOption("buyer-new");
	await page.locator("#goods").selectOption("mug");
	await press("Place the order");
	await page.getByRole("button", { name: "A-1331: Pay", exact: true }).waitFor();
	await page.getByLabel("Message", { exact: true }).fill("<img src=x onerror=alert(1)> where is it?");
	await press("Send");
	await page.waitForSelector("#talk li.BUYER");
	equal("<img src=x onerror=alert(1)> where is it?", await page.locator("#talk li.BUYER").innerText());
	equal(0, await page.locator("#talk img").count());
});

await test("the clock goes on, and what is due happens", async () => {
	const before = await page.locator("#now").innerText();

	await press("+1 day");
	await told("+1 day");
	await until(async () => (await page.locator("#now").innerText()) > before, "another day");
	await order("A-1301").getByText("AWAITING_SHIPMENT").waitFor();
});

await test("the next request goes wrong as asked, and is forgotten again", async () => {
	await shop.authorize();
	await page.locator("#operation").selectOption("shops.active");
	await page.locator("#act").selectOption("429");
	await press("So be it");
	await page.getByText("shops.active: 429, 1 more").waitFor();
	equal(429, (await shop.call("GET", "/seller/202309/shops")).status);
	await press("So be it");
	await page.getByText("shops.active: 429, 1 more").waitFor();
	await press("Behave again");
	await told("behaves again");
	equal(200, (await shop.call("GET", "/seller/202309/shops")).status);
});

await test("by keyboard: a step is taken, and the focus is not lost", async () => {
	const button = page.getByRole("button", { name: "A-1001: Ship", exact: true });

	await button.focus();
	await page.keyboard.press("Enter");
	await page.getByRole("button", { name: "A-1001: Carrier collects", exact: true }).waitFor();
});

for (const scheme of ["light", "dark"])
	for (const width of [1280, 390])
		await test(`axe finds nothing: ${scheme}, ${width} wide, and nothing is wider than the page`, async () => {
			await page.emulateMedia({ colorScheme: scheme });
			await page.setViewportSize({ width, height: 900 });
			await page.evaluate(axe);
			const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations", "passes"] }));

			truth(passes.length > 10, "axe looked at nothing");
			truth(!violations.length, violations.map(v => `${v.id}: ${v.nodes[0].html}`).join("\n"));
			truth(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it is wider");
		});

result(!complaints.length, "no complaint of the browser's, its policy's neither", complaints.join("\n"));
await browser.close();
await shop.remove();
finish();
