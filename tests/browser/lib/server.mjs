// The program under test: `tenstep serve` as a process of its own, killed and started as often as needed.
import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "./port.mjs";
import { sleep, until } from "./tap.mjs";

export class Server {
	/** @secrets: files beside the configuration, by name. */
	constructor(bin, config, secrets = {}) {
		this.program = join(bin, "tenstep");
		this.folder = mkdtempSync(join(tmpdir(), "tenstep-browser-"));
		this.port = 0;
		for (const [name, text] of Object.entries(secrets))
			writeFileSync(join(this.folder, name), text, { mode: 0o600 });
		writeFileSync(join(this.folder, "config.json"), JSON.stringify({ demo: true, ...config }));
	}

	/** The server's clock from its next start on is ours and so many seconds, until another is set. */
	set clock(seconds) {
		const library = this.path("clock.so");

		if (!existsSync(library))
			execFileSync(process.env.CC || "cc", ["-D_GNU_SOURCE", "-fPIC", "-shared", "-o", library, fileURLToPath(new URL("../../system/keep/clock.c", import.meta.url))]);
		writeFileSync(this.path("clock"), String(seconds));
		this.environment = { LD_PRELOAD: library, TENSTEP_TEST_CLOCK: this.path("clock"), ASAN_OPTIONS: "verify_asan_link_order=0" };
	}

	get url() {
		return `http://127.0.0.1:${this.port}`;
	}

	path(...names) {
		return join(this.folder, ...names);
	}

	async start() {
		const out = openSync(this.path("out"), "w");
		const log = openSync(this.path("log"), "a");
		this.port ||= await freePort();
		const how = ["serve", "--config", this.path("config.json"), "--data", this.path("data"), "--port", String(this.port)];

		this.process = spawn(this.program, how, { stdio: ["ignore", out, log], env: { ...process.env, ...this.environment } });
		this.over = new Promise(done => this.process.once("exit", done));
		closeSync(out);
		closeSync(log);
		this.port = await until(() => {
			const found = /http:\/\/[^\s/]*:(\d+)\/chat\/form/.exec(readFileSync(this.path("out"), "utf8"));

			if (this.process.exitCode !== null) throw new Error(`the server ended: ${this.log().slice(-1500)}`);
			return found && Number(found[1]);
		}, "the server says where it is");
		return this;
	}

	log() {
		return readFileSync(this.path("log"), "utf8");
	}

	/** What AddressSanitizer or UndefinedBehaviorSanitizer had to say, ever. */
	sanitizerReport() {
		return /(==\d+==ERROR|[^\n]*runtime error:)[^]*/.exec(this.log())?.[0].slice(0, 3000) ?? "";
	}

	async kill() {
		this.process.kill("SIGKILL");
		await this.over;
	}

	async restart(downMs = 0) {
		await this.kill();
		await sleep(downMs);
		await this.start();
	}

	async remove() {
		if (this.process?.exitCode === null && this.process.signalCode === null) await this.kill();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
