// Telegram, as telegram-test-api plays it: a program that is not ours and speaks both of Telegram's ways. It
// shows no secret with the updates that it brings: a door between the two adds that header and nothing else.
import { execFile } from "node:child_process";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";

import { Server } from "./lib/server.mjs";
import { equal, finish, test, truth, until } from "./lib/tap.mjs";

const TelegramServer = createRequire(import.meta.url)("telegram-test-api");
const secret = "a-word_of-these-tests-only";
const tokens = { polling: "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11", webhook: "654321:XYZ-DEF1234ghIkl-zyx57W2v1u123ew11" };

async function freePort() {
	const server = createServer();
	await new Promise(done => server.listen(0, "127.0.0.1", done));
	const { port } = server.address();
	await new Promise(done => server.close(done));
	return port;
}

const telegram = new TelegramServer({ host: "127.0.0.1", port: await freePort() });
await telegram.start();
const api = telegram.config.apiURL;

const server = await new Server(process.argv[2], {
	channels: {
		asks: { platform: "telegram", token: { file: "asks.token" }, polling: true, api },
		hears: { platform: "telegram", token: { file: "hears.token" }, secret: { file: "hears.secret" }, api },
	},
	limits: { messages_per_minute: 6000 },
}, { "asks.token": tokens.polling, "hears.token": tokens.webhook, "hears.secret": secret }).start();

const door = createServer((incoming, outgoing) => {
	const headers = { ...incoming.headers, "x-telegram-bot-api-secret-token": secret };
	incoming.pipe(request(server.url + incoming.url, { method: incoming.method, headers }, answer => {
		outgoing.writeHead(answer.statusCode, answer.headers);
		answer.pipe(outgoing);
	}));
});
await new Promise(done => door.listen(0, "127.0.0.1", done));

/** A person with a phone. */
class Buyer {
	constructor(token, id) {
		this.client = telegram.getClient(token, { userId: id, chatId: id, firstName: "Maya", timeout: 20000 });
		this.said = [];
	}

	async hear() {
		const all = await this.client.getUpdatesHistory();
		this.said = all.filter(u => u.message?.chat_id === this.client.chatId).map(u => u.message);
		return this.said;
	}

	async hears(words) {
		return until(async () => (await this.hear()).some(m => m.text.includes(words)), `'${words}' is said`);
	}

	async says(text, words) {
		await this.client.sendMessage(this.client.makeMessage(text));
		await this.hears(words);
	}

	async presses(label, words) {
		const button = this.said.flatMap(m => (m.reply_markup?.inline_keyboard ?? []).flat()).findLast(b => b.text.includes(label));
		truth(button, `no button '${label}'`);
		await this.client.sendCallback(this.client.makeCallbackQuery(button.callback_data));
		await this.hears(words);
	}
}

async function cancels(buyer) {
	await buyer.client.sendCommand(buyer.client.makeCommand("/start"));
	await buyer.hears("Hello!");
	await buyer.says("pls cacel my order", "What is the order number?");
	await buyer.says("A-1001", "one of these, as on the order");
	await buyer.says("maya.okafor@example.com", "Why would you like to cancel it?");
	await buyer.presses("I ordered by mistake", "Shall I cancel order A-1001");
	await buyer.presses("Yes", "Order A-1001 is cancelled");
	equal(1, buyer.said.filter(m => m.text.includes("is cancelled")).length, "told once");
}

await test("telegram-test-api: asked for updates: a whole cancellation, with its buttons", () => cancels(new Buyer(tokens.polling, 11)));

await test("telegram-test-api: the address is registered, and updates are brought", async () => {
	await promisify(execFile)(join(process.argv[2], "tenstep"), ["channels", "register", "hears", "--config", server.path("config.json"),
		"--address", `http://127.0.0.1:${door.address().port}`]);
	truth(telegram.webhooks[tokens.webhook]?.url.endsWith("/channels/hears"), telegram.webhooks);
	const buyer = new Buyer(tokens.webhook, 12);
	await buyer.says("where is my parcel", "What is the order number?");
	await buyer.says("A-1101", "one of these, as on the order");
	await buyer.says("liam.brandt@example.net", "A-1101");
});

await test("telegram-test-api: several buyers at once, each in order", async () => {
	const buyers = Array.from({ length: 8 }, (_, i) => new Buyer(tokens.webhook, 100 + i));
	await Promise.all(buyers.map(b => b.says("cancel my order", "What is the order number?")));
	for (const b of buyers) equal(["First I check that it is your order.", "What is the order number?"], b.said.map(m => m.text));
});

equal("", server.sanitizerReport());
await server.remove();
finish();
