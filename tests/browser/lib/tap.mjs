// The Test Anything Protocol, as tests/tap.sh speaks it.
let n = 0;
let failed = 0;

export function result(good, name, why = "") {
	n++;
	if (!good) failed++;
	console.log(`${good ? "ok" : "not ok"} ${n} - ${name}`);
	if (!good)
		for (const line of String(why).split("\n").slice(0, 30)) console.log(`#   ${line.slice(0, 600)}`);
	return good;
}

/** A function that throws when something is wrong; one that does not come back fails too. */
export async function test(name, work, ms = 180000) {
	const from = Date.now();
	let timer;
	const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`not over after ${ms} ms`)), ms); });
	try {
		await Promise.race([work(), late]);
		result(true, `${name} # ${Date.now() - from} ms`);
	} catch (error) {
		result(false, name, error?.stack ?? error);
	} finally {
		clearTimeout(timer);
	}
}

/** What cannot be tried here, and why: said aloud, never silently. */
export function skip(name, why) {
	console.log(`ok ${++n} - ${name} # SKIP ${why}`);
}

export function equal(wanted, got, what = "") {
	const a = JSON.stringify(wanted);
	const b = JSON.stringify(got);
	if (a !== b) throw new Error(`${what}\nwanted: ${a}\ngot:    ${b}`);
}

export function truth(good, what) {
	if (!good) throw new Error(typeof what === "string" ? what : JSON.stringify(what));
}

/** A number worth reading in the log; it decides nothing. */
export function note(text) {
	console.log(`# ${text}`);
}

export function finish() {
	console.log(`1..${n}`);
	process.exit(failed || !n ? 1 : 0);
}

export const sleep = ms => new Promise(done => setTimeout(done, ms));

/** Waits until @look answers something, and gives that. */
export async function until(look, what, ms = 30000) {
	const end = Date.now() + ms;
	let error;
	for (;;) {
		try {
			const found = await look();
			if (found) return found;
			error = undefined;
		} catch (e) {
			error = e;
		}
		if (Date.now() > end) throw new Error(`waited in vain for: ${what}${error ? `\n${error.stack}` : ""}`);
		await sleep(20);
	}
}
