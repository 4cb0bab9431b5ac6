// A browser that shows text only and knows no JavaScript, used by its keys in a terminal of its own.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sleep, until } from "./tap.mjs";

const down = "\x1bOB";
const beginning = "\x01";
const redraw = "\x0c";

export class Lynx {
	/** @url holds nothing that a shell would take for its own. */
	constructor(url) {
		this.home = mkdtempSync(join(tmpdir(), "tenstep-lynx-"));
		this.out = "";
		writeFileSync(join(this.home, "cfg"), "INFOSECS:0\nMESSAGESECS:0\nALERTSECS:0\n"); // it waits for its readers else
		this.process = spawn("script", ["-qfec", `stty rows 250 cols 90; exec lynx -cfg='${this.home}/cfg' -number_fields -accept_all_cookies '${url}'`, "/dev/null"], {
			env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8", TERM: "vt100", HOME: this.home },
		});
		this.process.stdout.on("data", d => { this.out += d; });
		this.process.on("error", () => {});
	}

	/** All that is on the screen, without how it is laid out. */
	async screen() {
		this.out = "";
		this.process.stdin.write(redraw);
		for (let n = -1; n !== this.out.length;) {
			n = this.out.length;
			await sleep(60);
		}
		// eslint-disable-next-line no-control-regex
		return this.out.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>78]|[\x0e\x0f]/g, " ").replace(/\s+/g, " ").replace(/\[(\d+)\] /g, "[$1]");
	}

	/** @words at the end of what was said, before the box. */
	shows(words) {
		return until(async () => {
			const screen = await this.screen();
			return /Arrow keys/.test(screen) && words.test(screen) && screen;
		}, `lynx shows ${words}`);
	}

	async goTo(number) {
		this.process.stdin.write(beginning);
		await sleep(40);
		for (let i = 1; i < number; i++) this.process.stdin.write(down);
		await sleep(40);
	}

	async say(text) {
		const [, box] = /\[(\d+)\]_{20}/.exec(await this.shows(/\[\d+\]_{20}/));
		await this.goTo(Number(box));
		this.process.stdin.write(text);
		await this.shows(new RegExp(`\\[${box}\\]${text.replace(/[.+]/g, "\\$&").slice(0, 40)}`));
		this.process.stdin.write(down + down + down); // each of the box's three lines is a field
		await sleep(100);
		this.process.stdin.write("\r");
		await sleep(100);
	}

	async press(label) {
		const button = new RegExp(`\\[(\\d+)\\][^()]*\\) ?${label}`); // its value stands before its label
		await this.goTo(Number(button.exec(await this.shows(button))[1]));
		this.process.stdin.write("\r");
	}

	end() {
		this.process.kill("SIGKILL");
		rmSync(this.home, { recursive: true, force: true });
	}
}
