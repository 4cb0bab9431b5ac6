// `tenstep shop` as a process of its own, and a client that signs for itself: nothing of it is ours but this page.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { until } from "../../browser/lib/tap.mjs";

export const cipher = "GCP_JfDemoAAAAD8mXkq3vYb0tTq5Jr2Zc9K";

export class Shop {
	constructor(bin, ...options) {
		this.program = join(bin, "tenstep");
		this.folder = mkdtempSync(join(tmpdir(), "tenstep-shop-"));
		this.options = options;
	}

	path(...names) {
		return join(this.folder, ...names);
	}

	async start() {
		const out = openSync(this.path("out"), "w");
		const log = openSync(this.path("log"), "a");

		this.process = spawn(this.program, ["shop", "--port", "0", "--data", this.path("data"), ...this.options], {
			stdio: ["ignore", out, log],
		});
		this.over = new Promise(done => this.process.once("exit", done));
		closeSync(out);
		closeSync(log);
		this.url = await until(() => {
			const said = readFileSync(this.path("out"), "utf8");

			if (this.process.exitCode !== null) throw new Error(`the shop ended: ${this.log().slice(-1500)}`);
			return /Ctrl-C/.test(said) && /http:\/\/127\.0\.0\.1:\d+/.exec(said)[0];
		}, "the shop says where it is");
		this.said = readFileSync(this.path("out"), "utf8");
		this.key = /app key +(\S+)/.exec(this.said)[1];
		this.secret = /app secret +(\S+)/.exec(this.said)[1];
		this.code = /authorisation code +(\S+)/.exec(this.said)[1];
		this.adminToken = readFileSync(this.path("data/shop/admin.token"), "utf8").trim();
		return this;
	}

	log() {
		return readFileSync(this.path("log"), "utf8");
	}

	ledger() {
		return readFileSync(this.path("data/shop/ledger.jsonl"), "utf8");
	}

	effects(what) {
		return this.ledger()
			.split("\n")
			.filter(line => line.startsWith('{"kind":"effect"'))
			.map(line => JSON.parse(line))
			.filter(effect => !what || effect.what === what);
	}

	async stop() {
		this.process.kill("SIGTERM");
		return this.over;
	}

	async remove() {
		if (this.process?.exitCode === null) {
			this.process.kill("SIGKILL");
			await this.over;
		}
		rmSync(this.folder, { recursive: true, force: true });
	}

	async admin(path, body = {}) {
		const answer = await fetch(`${this.url}/shop/admin/${path}`, {
			method: "POST",
			headers: { authorization: `Bearer ${this.adminToken}`, "content-type": "application/json" },
			body: JSON.stringify(body),
		});
		const told = await answer.json();

		if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${told.error}`);
		return told;
	}

	async authorize() {
		const query = new URLSearchParams({
			app_key: this.key,
			app_secret: this.secret,
			auth_code: this.code,
			grant_type: "authorized_code",
		});

		this.code = "";
		this.tokens = (await (await fetch(`${this.url}/api/v2/token/get?${query}`)).json()).data;
		return this.tokens;
	}

	sign(path, query, body) {
		const names = Object.keys(query)
			.filter(name => !["sign", "access_token"].includes(name))
			.sort();
		const text = path + names.map(name => name + query[name]).join("") + body;

		return createHmac("sha256", this.secret).update(this.secret + text + this.secret).digest("hex");
	}

	/** One signed call.  @change may spoil the request: ({ query, headers }) before it leaves. */
	async call(method, path, { query = {}, body, change, form } = {}) {
		const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
		const request = {
			query: { app_key: this.key, timestamp: String(Math.floor(Date.now() / 1000)), ...query },
			headers: { "x-tts-access-token": this.tokens?.access_token ?? "", "content-type": "application/json" },
		};

		if (!/^\/(authorization|seller)\//.test(path)) request.query.shop_cipher = cipher;
		change?.before?.(request);
		request.query.sign = this.sign(path, request.query, form ? "" : text);
		change?.after?.(request);
		if (form) delete request.headers["content-type"];
		const answer = await fetch(`${this.url}${path}?${new URLSearchParams(request.query)}`, {
			method,
			headers: request.headers,
			body: form ?? (body === undefined ? undefined : text),
		});

		return { status: answer.status, ...(await answer.json()) };
	}

	/** A call that has to succeed. */
	async good(method, path, options) {
		const answer = await this.call(method, path, options);

		if (answer.status !== 200 || answer.code !== 0)
			throw new Error(`${method} ${path}: ${answer.status} ${answer.code} ${answer.message}`);
		return answer.data;
	}
}

export const orderId = number => `57646141303${String(number).padStart(7, "0")}`;
export const lineId = (number, position) => `576461420${String(number * 100 + position).padStart(9, "0")}`;
