// Ports that stay free while nobody listens.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

function isFree(port) {
	return new Promise(done => {
		const server = createServer();

		server.once("error", () => done(false));
		server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
	});
}

/** By another test, or by this one from now on to its end: between the choice and the listening others choose too. */
function isClaimed(port) {
	return new Promise(done => {
		const claim = createServer();

		claim.once("error", () => done(true));
		claim.listen(`\0tenstep test port ${port}`, () => {
			claim.unref();
			done(false);
		});
	});
}

/** Not one of those that the system gives to whoever wants any: it is still there for a server that was killed. */
export async function freePort() {
	const given = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s/)[0]);

	for (;;) {
		const port = Math.floor(given / 3 + Math.random() * (given * 2 / 3));

		if (!await isClaimed(port) && await isFree(port)) return port;
	}
}
