// Signatures: what the platforms' own libraries believe, the server believes, and what they refuse it refuses.
import { createHmac, generateKeyPairSync, sign } from "node:crypto";

import * as line from "@line/bot-sdk";
import bolt from "@slack/bolt";
import { createWhatsAppAdapter } from "@chat-adapter/whatsapp";
import { verifyKey } from "discord-interactions";

import { Server } from "../browser/lib/server.mjs";
import { equal, finish, test, truth } from "../browser/lib/tap.mjs";
import { bring } from "./lib/platform.mjs";

const now = String(Math.floor(Date.now() / 1000));
const word = "a-secret-of-these-tests-0123456789abcdef";
const key = generateKeyPairSync("ed25519");
const publicKey = key.publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
const silent = { debug() {}, info() {}, warn() {}, error() {}, child() { return silent; } };
const hex = (secret, bytes) => createHmac("sha256", secret).update(bytes).digest("hex");

// Each: how it signs, and what its own library says of it.
const platforms = {
	line: {
		account: { secret: { file: "word" }, token: { file: "word" } },
		headers: body => ({ "x-line-signature": createHmac("sha256", word).update(body).digest("base64") }),
		believed: (body, headers) => line.validateSignature(body, word, headers["x-line-signature"]),
		body: '{"destination":"U1","events":[{"type":"message","message":{"type":"text","id":"1","text":"Đơn hàng 😀"},' +
			'"webhookEventId":"01H","timestamp":1,"source":{"type":"user","userId":"U2"},"mode":"active"}]}',
	},
	slack: {
		account: { signing_secret: { file: "word" }, token: { file: "word" } },
		headers: body => ({ "x-slack-request-timestamp": now, "x-slack-signature": "v0=" + hex(word, `v0:${now}:${body}`) }),
		believed: (body, headers) => {
			try {
				bolt.verifySlackRequest({ signingSecret: word, body, headers });
				return true;
			} catch {
				return false;
			}
		},
		body: '{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel":"D1","channel_type":"im","user":"U1","text":"Đơn"}}',
	},
	discord: {
		account: { application: "1", public_key: publicKey, token: { file: "word" } },
		headers: body => ({ "x-signature-timestamp": now, "x-signature-ed25519": sign(null, Buffer.from(now + body), key.privateKey).toString("hex") }),
		believed: (body, headers) => verifyKey(body, headers["x-signature-ed25519"], headers["x-signature-timestamp"], publicKey),
		body: '{"id":"4","application_id":"1","channel_id":"3","type":3,"token":"t","user":{"id":"6"},"data":{"component_type":2,"custom_id":"1.0"}}',
	},
	whatsapp: {
		account: { number: "1", app_secret: { file: "word" }, token: { file: "word" }, verify_token: { file: "word" } },
		headers: body => ({ "x-hub-signature-256": "sha256=" + hex(word, body) }),
		believed: async (body, headers) => (await whatsapp.handleWebhook(new Request("http://127.0.0.1/", { method: "POST", headers, body }))).status === 200,
		body: '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},' +
			'"messages":[{"from":"1650","id":"w1","timestamp":"1","type":"text","text":{"body":"\\u0110\\u01a1n \\ud83d\\ude00 a\\/b"}}]}}]}]}',
	},
};
const whatsapp = createWhatsAppAdapter({ accessToken: word, appSecret: word, phoneNumberId: "1", verifyToken: word, logger: silent });
const nowhere = { api: "http://127.0.0.1:1" };
const server = await new Server(process.argv[2], {
	channels: Object.fromEntries(Object.entries(platforms).map(([name, p]) => [name, { platform: name, ...p.account, ...nowhere }])),
}, { word }).start();

for (const [name, p] of Object.entries(platforms)) {
	await test(`${name}: what its own library believes is believed`, async () => {
		const headers = p.headers(p.body);

		truth(await p.believed(p.body, headers), "the library does not believe it");
		equal(200, (await bring(server, name, headers, p.body)).status);
	});
	await test(`${name}: what its own library refuses is refused`, async () => {
		const headers = p.headers(p.body);

		for (const forged of [p.body.replace('"type"', '"tyqe"'), p.body + " ", p.body.slice(1), ""]) {
			truth(!(await p.believed(forged, headers)), `the library believes ${forged}`);
			equal(401, (await bring(server, name, headers, forged)).status, forged);
		}
		for (const [header, value] of Object.entries(headers)) {
			const changed = { ...headers, [header]: value.slice(0, -1) + (value.at(-1) === "0" ? "1" : "0") };

			truth(!(await p.believed(p.body, changed)), `the library believes another ${header}`);
			equal(401, (await bring(server, name, changed, p.body)).status, header);
		}
	});
}

await test("whatsapp: the challenge is answered alike", async () => {
	for (const query of [`hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${word}`, "hub.mode=subscribe&hub.challenge=1&hub.verify_token=x"]) {
		const theirs = await whatsapp.handleWebhook(new Request(`http://127.0.0.1/?${query}`));
		const ours = await fetch(`${server.url}/channels/whatsapp?${query}`);

		equal(theirs.status, ours.status);
		if (theirs.status === 200) equal(await theirs.text(), await ours.text());
	}
});

await server.remove();
finish();
