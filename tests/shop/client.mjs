// Our own client: `tenstep serve` works with `tenstep shop` and talks to its buyers; every request that it sends is
// held against the platform's OpenAPI files, and what buyers are told against the shop's ledger.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { equal, finish, result, test, truth, until } from "../browser/lib/tap.mjs";
import { ledgerFaults } from "./lib/oracle.mjs";
import { Shop, orderId } from "./lib/shop.mjs";

const bin = process.argv[2];
const shop = await new Shop(bin, "--quiet").start();
const program = join(bin, "tenstep");
const config = shop.path("data/shop/serve.json");

function run(words, input) {
	return new Promise(done => {
		const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"] });
		let said = "";

		for (const stream of [child.stdout, child.stderr]) stream.on("data", chunk => (said += chunk));
		child.stdin.end(input);
		child.once("exit", code => done({ code, said }));
	});
}

async function serve() {
	const out = openSync(shop.path("serve.out"), "w");
	const log = openSync(shop.path("serve.log"), "a");
	const child = spawn(program, ["serve", "--config", config, "--data", shop.path("data"), "--port", "0"], { stdio: ["ignore", out, log] });

	child.over = new Promise(done => child.once("exit", done));
	closeSync(out);
	closeSync(log);
	child.url = await until(() => {
		if (child.exitCode !== null) throw new Error(readFileSync(shop.path("serve.log"), "utf8").slice(-1500));
		return /http:\/\/[^\s/]*:\d+/.exec(readFileSync(shop.path("serve.out"), "utf8"))?.[0];
	}, "the server says where it is");
	return child;
}

const talk = async buyer => (await shop.admin("talk", { buyer })).messages;
const answers = messages => messages.filter(message => message.role === "CUSTOMER_SERVICE").map(message => JSON.parse(message.content).content ?? message.content);

/** The buyer writes; what is answered, when it has the wanted word in it. */
async function say(buyer, text, wanted) {
	const before = answers(await talk(buyer)).length;

	await shop.admin("say", { buyer, text });
	return until(async () => {
		const fresh = answers(await talk(buyer)).slice(before).join("\n");

		if (fresh && !wanted.test(fresh)) throw new Error(`${text} -> ${fresh}`);
		return wanted.test(fresh) && fresh;
	}, `${text} is answered with ${wanted}`);
}

await test("the seller's consent, with the configuration that the shop wrote", async () => {
	const { code, said } = await run(["authorize", "--config", config, "--data", shop.path("data")], `${shop.code}\n`);

	truth(code === 0 && /Juniper & Finch has consented/.test(said), said);
});
const server = await serve();

await shop.admin("webhook", { address: `${server.url}/shop/webhook` });

await test("a buyer is known from the chat, and cancels", async () => {
	await say("buyer-open", "where is my order?", /Blue dress/);
	await say("buyer-open", "cancel the blue dress", /by mistake/);
	await say("buyer-open", "ordered by mistake", /29\.90[^]*Yes/);
	await say("buyer-open", "yes", /is cancelled/);
	equal(1, shop.effects("cancellation").filter(effect => effect.order_id === orderId(1001)).length);
});
await test("the buyer asks where the money is, and hears when it is paid out", async () => {
	await say("buyer-open", "where is my refund?", /refund|29\.90/i);
	await shop.admin("step", { order: "A-1001", step: "pay_out" });
	await until(async () => /paid out/.test(answers(await talk("buyer-open")).at(-1)), "the news");
});
await test("the mug is sent back: named at once, reason, a clear yes, the parcel, the money", async () => {
	await say("buyer-open", "i want to return the mug", /Stoneware mug[^]*damaged/);
	await say("buyer-open", "damaged", /photo/i);
	await say("buyer-open", "skip", /Stoneware mug[^]*Yes/);
	await say("buyer-open", "yes", /12\.50/);
	equal(["AWAITING_BUYER_SHIP"], shop.effects("return").filter(effect => effect.order_id === orderId(1003)).map(effect => effect.return_status));
	for (const step of ["send_back", "receive_back", "pay_out"]) await shop.admin("step", { order: "A-1003", step });
	await until(async () => /12\.50.*paid out/.test(answers(await talk("buyer-open")).at(-1)), "the news");
});
await test("tracking of an order on its way", async () => {
	await say("buyer-transit", "where is my parcel?", /Reno|Salt Lake|on its way|depot/i);
});
await test("an answer that is lost: the buyer is told what the ledger says, and it was done once", async () => {
	await shop.admin("misbehave", { operation: "cancellations.create", act: "done_close", count: 1 });
	await say("buyer-open", "cancel the running shoes", /by mistake/);
	await say("buyer-open", "changed my mind", /64\.50[^]*Yes/);
	await shop.admin("say", { buyer: "buyer-open", text: "yes" });
	await until(async () => /is cancelled|was cancelled|it is done/i.test(answers(await talk("buyer-open")).slice(-2).join("\n")), "the truth", 40000);
	equal(1, shop.effects("cancellation").filter(effect => effect.order_id === orderId(1002) && effect.cause === "cancellations.create").length);
});

server.kill("SIGTERM");
await server.over;
const { faults, requests, operations } = ledgerFaults(shop.ledger());

result(requests > 20 && operations.size >= 10 && !faults.length, `${requests} requests of ${operations.size} operations, as the platform's OpenAPI files want them`, faults.join("\n"));
result(!/ERROR: AddressSanitizer|runtime error/.test(readFileSync(shop.path("serve.log"), "utf8") + shop.log()), "no sanitizer has anything to say");
await shop.remove();
finish();
