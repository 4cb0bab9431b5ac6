// What the oracles' tests have in common: a program of others' started and stopped, a webhook brought, a count read.
import { spawn } from "node:child_process";

import { sleep } from "../../browser/lib/tap.mjs";

/** A program whose words are kept; ready when one of them matches. */
export async function startProgram(command, args, ready, seconds = 60) {
	const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
	const program = { child, said: "" };

	for (const stream of [child.stdout, child.stderr]) stream.on("data", data => { program.said += data; });
	child.on("error", error => { program.said += error; });
	for (let end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50)) {
		if (ready.test(program.said)) return program;
		if (child.exitCode !== null) break;
	}
	stopProgram(program);
	throw new Error(`${command} did not start: ${program.said.slice(-1500)}`);
}

export function stopProgram(program) {
	try {
		process.kill(-program.child.pid, "SIGKILL"); // with all that it started
	} catch { /* it is gone */ }
}

export async function bring(server, name, headers, body) {
	const answer = await fetch(`${server.url}/channels/${name}`, { method: "POST", headers, body });

	return { status: answer.status, body: await answer.text() };
}

/** A counter or gauge of /metrics, 0 when it is not there. */
export async function metric(server, name) {
	const page = await (await fetch(`${server.url}/metrics`)).text();
	const line = page.split("\n").find(l => l.startsWith(`${name} `));

	return line ? Number(line.split(" ").pop()) : 0;
}

export async function outgoing(server, name, result) {
	return metric(server, `tenstep_channel_sends_total{channel="${name}",result="${result}"}`);
}
