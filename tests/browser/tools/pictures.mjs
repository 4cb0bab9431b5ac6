// Takes the pictures of the README: the demo page, and the open chat light, dark, on a phone, right to left.
//     node tests/browser/tools/pictures.mjs build/release
// They are written to adapters/widget/pictures; pngquant, when it is there, makes them small.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { phone, returning, visitor } from "../lib/chat.mjs";
import { launch } from "../lib/chromium.mjs";
import { Server } from "../lib/server.mjs";
import { sleep } from "../lib/tap.mjs";

const folder = fileURLToPath(new URL("../../../adapters/widget/pictures", import.meta.url));
const server = await new Server(process.argv[2], {
	website: { title: "Juniper & Finch", greeting: "Hello! Ask about your order, a refund or a return.", colour: "#2f5d4a", identity: { file: "identity" } },
	limits: { conversations_per_minute: 6000 },
}, { identity: "what these pictures sign buyers with" }).start();
const browser = await launch();

async function take(name, options, work) {
	const chat = await visitor(browser, server.url, { viewport: { width: 1180, height: 760 }, deviceScaleFactor: 1, ...options });

	await work(chat);
	await sleep(400);
	await chat.page.screenshot({ path: `${folder}/${name}.png` });
	await chat.context.close();
	spawnSync("pngquant", ["--force", "--skip-if-larger", "--output", `${folder}/${name}.png`, "96", `${folder}/${name}.png`]);
}

const signIn = async (chat, buyer) => {
	await chat.page.selectOption("#buyer", buyer);
	await chat.page.click("#sign-in button");
	await chat.isOpen();
	await chat.page.evaluate(() => scrollTo(0, 0));
};

await take("demo", {}, async () => {});
await take("light", {}, async chat => {
	await signIn(chat, "buyer-open");
	await chat.talk(["pls cacel my order", /cancel\?/], ["the dress", /Why would you like/], [/mistake/, /Shall I cancel/]);
});
await take("dark", { colorScheme: "dark" }, async chat => {
	await signIn(chat, "buyer-transit");
	await chat.talk(["where is my order?", /A-1101/]);
});
await take("phone", phone, async chat => {
	await chat.open();
	await chat.talk(...returning(/mug/i));
});
await take("rtl", {}, async chat => {
	await chat.page.evaluate(() => { document.documentElement.lang = "ar"; document.documentElement.dir = "rtl"; });
	await signIn(chat, "buyer-transit");
	await chat.talk(["where is my order?", /A-1101/]);
});

await browser.close();
await server.remove();
