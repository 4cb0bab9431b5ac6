// Slack's Web API, played by others: a buyer's conversation is shown there as we send it.
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "../browser/lib/port.mjs";
import { Server } from "../browser/lib/server.mjs";
import { equal, finish, test, truth, until } from "../browser/lib/tap.mjs";
import { bring, outgoing, startProgram, stopProgram } from "./lib/platform.mjs";

const token = "xoxb-token-of-these-tests-0123456789";
const word = "a-secret-of-these-tests-0123456789abcdef";
const folder = mkdtempSync(join(tmpdir(), "tenstep-emulate-"));
const port = await freePort();
const seed = { tokens: { [token]: { login: "my-bot", scopes: ["chat:write"] } }, slack: { team: { name: "Shop", domain: "shop" },
	users: [{ name: "maya", real_name: "Maya", email: "maya@example.com" }], channels: [{ name: "general", topic: "" }], bots: [{ name: "my-bot" }] } };
writeFileSync(join(folder, "seed.json"), JSON.stringify(seed));
const emulate = await startProgram("node_modules/.bin/emulate", ["start", "--service", "slack", "--port", String(port), "--seed", join(folder, "seed.json")],
	/http:\/\/localhost|listening|ready/i);
const api = `http://127.0.0.1:${port}/api`;
const ask = async (method, body) => (await fetch(`${api}/${method}`, { method: "POST", body: JSON.stringify(body),
	headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } })).json();
const server = await new Server(process.argv[2], {
	channels: { slack: { platform: "slack", signing_secret: { file: "word" }, token: { file: "token" }, api } },
}, { word, token }).start();

async function say(channel, text, id) {
	const at = String(Math.floor(Date.now() / 1000));
	const body = JSON.stringify({ type: "event_callback", event_id: id, event_time: 1,
		event: { type: "message", channel, channel_type: "im", user: "U1", text } });

	equal(200, (await bring(server, "slack", { "x-slack-request-timestamp": at,
		"x-slack-signature": "v0=" + createHmac("sha256", word).update(`v0:${at}:${body}`).digest("hex") }, body)).status);
}

await test("slack: another's Web API shows what the bot says", async () => {
	const list = await ask("conversations.list", {});
	const channel = list.channels[0].id;

	await say(channel, "hello", "Ev1");
	await until(async () => await outgoing(server, "slack", "sent") >= 1, "a message is sent");
	const { messages } = await ask("conversations.history", { channel });
	truth(messages.some(m => /Hello! I help with your orders/.test(m.text)), messages);
});

await test("slack: another's Web API refuses as we understand it", async () => {
	await say("D404", "hello", "Ev2");
	await until(async () => await outgoing(server, "slack", "never") >= 1, "it is given up");
	truth(/channel_not_found/.test(server.log()), server.log().slice(-500));
});

await server.remove();
stopProgram(emulate);
rmSync(folder, { recursive: true });
finish();
