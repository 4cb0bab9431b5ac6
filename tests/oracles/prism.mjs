// Every request that goes to LINE and Discord, held against their own OpenAPI files.  The files are not part of this
// repository; without them (../shared/reference/openapi beside it, or TENSTEP_OPENAPI) there is nothing to hold against.
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

import { freePort } from "../browser/lib/port.mjs";
import { Server } from "../browser/lib/server.mjs";
import { equal, finish, skip, test, truth, until } from "../browser/lib/tap.mjs";
import { bring, outgoing, startProgram, stopProgram } from "./lib/platform.mjs";

const folder = process.env.TENSTEP_OPENAPI ?? fileURLToPath(new URL("../../../shared/reference/openapi", import.meta.url));
const word = "a-secret-of-these-tests-0123456789abcdef";
const key = generateKeyPairSync("ed25519");
let n = 0;

const platforms = {
	line: {
		file: "line-messaging-api.yml",
		account: { secret: { file: "word" }, token: { file: "word" } },
		message(text) {
			const body = JSON.stringify({ destination: "U1", events: [{ type: "message", message: { type: "text", id: "1", text },
				webhookEventId: `01H${++n}`, replyToken: "38ef843bde154d9b91c21320ffd17a0f", timestamp: 1, mode: "active",
				source: { type: "user", userId: `U0000000000000000000000000000000${n}` } }] });

			return [{ "x-line-signature": createHmac("sha256", word).update(body).digest("base64") }, body];
		},
	},
	discord: {
		file: "discord.json",
		account: { application: "1000000000000000001", token: { file: "word" },
			public_key: key.publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex") },
		message(text) {
			const at = String(Math.floor(Date.now() / 1000));
			const body = JSON.stringify({ id: String(++n), application_id: "1000000000000000001", type: 2, token: "aW50ZXJhY3Rpb24", version: 1,
				channel_id: `100000000000000010${n}`, user: { id: "1000000000000000006" }, locale: "en-US",
				data: { id: "1", name: "ask", type: 1, options: [{ name: "message", type: 3, value: text }] } });

			return [{ "x-signature-timestamp": at, "x-signature-ed25519": sign(null, Buffer.from(at + body), key.privateKey).toString("hex") }, body];
		},
	},
};

for (const [name, p] of Object.entries(platforms)) {
	const file = join(folder, p.file);

	if (!existsSync(file)) {
		skip(`${name}: what is sent is as its OpenAPI file has it`, `there is no ${p.file}; TENSTEP_OPENAPI names its folder`);
		continue;
	}
	await test(`${name}: what is sent is as its OpenAPI file has it`, async () => {
		const port = await freePort();
		const prism = await startProgram("node_modules/.bin/prism", ["mock", "--errors", "-h", "127.0.0.1", "-p", String(port), file], /is listening/, 90);
		const server = await new Server(process.argv[2], {
			channels: { [name]: { platform: name, ...p.account, api: `http://127.0.0.1:${port}` } },
		}, { word }).start();

		try {
			// A text, a question with a button, and a menu of buttons: all that these codecs write.  What is
			// waited for is prism's judgement; its answers to Discord's calls take half a minute to make up.
			const passed = () => (prism.said.match(/passed the validation rules/g) ?? []).length;

			for (const text of ["cancel my order", "help"]) {
				const before = passed();

				equal(200, (await bring(server, name, ...p.message(text))).status);
				await until(() => passed() > before || /did not pass/.test(prism.said), "prism has judged", 60000);
			}
			const registered = passed();

			spawn(server.program, ["channels", "register", name, "--address", "https://shop.example", "--config", server.path("config.json")],
				{ stdio: "ignore" });
			await until(() => passed() > registered || /did not pass/.test(prism.said), "prism has judged the registration", 60000);
			truth(!/did not pass|UNPROCESSABLE|UNAUTHORIZED|NO_PATH|NO_METHOD/.test(prism.said), "a request is not as the file has it");
			equal(0, await outgoing(server, name, "never"));
		} catch (error) {
			throw new Error(`${error.message}\n${server.log().slice(-1000)}\n${prism.said.slice(-2000)}`);
		} finally {
			stopProgram(prism);
			await server.remove();
		}
	}, 180000);
}
finish();
