// Misbehaviour on demand over real sockets, webhooks with their retries, and the clock: what the client sees, and
// what the ledger says was really done.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { connect } from "node:net";

import { equal, finish, result, test, truth, until } from "../browser/lib/tap.mjs";
import { Shop, orderId } from "./lib/shop.mjs";

const bin = process.argv[2];
const reason = "seller_cancel_paid_reason_buyer_requested_cancellation";
const shop = await new Shop(bin, "--quiet", "--fixture", "crowd", "--misbehave", "shops.active:429:1").start();
let next = 0;

await shop.authorize();
const open = (await shop.good("POST", "/order/202309/orders/search", { query: { page_size: 100 }, body: { order_status: "AWAITING_SHIPMENT" } })).orders.map(o => o.id);

/** Cancels an order that nothing was done to yet; what came of it, and how often it was done. */
async function cancelOne(act, { ms, wait = 3000 } = {}) {
	const id = open[next++];

	await shop.admin("misbehave", { operation: "cancellations.create", act, count: 1, ...(ms ? { ms } : {}) });
	const began = Date.now();
	const call = shop.call("POST", "/return_refund/202309/cancellations", { body: { order_id: id, cancel_reason: reason } });
	const told = await Promise.race([
		call.catch(error => ({ error: error.cause?.code ?? error.cause?.message ?? error.message })),
		new Promise(done => setTimeout(done, wait, { error: "nothing" })),
	]);
	const done = shop.effects("cancellation").filter(effect => effect.order_id === id).length;

	return { ...told, done, took: Date.now() - began, id };
}

await test("from the command line: the first request is one too many", async () => {
	equal([429, 36009002], Object.values(await shop.call("GET", "/seller/202309/shops")).slice(0, 2));
	equal(0, (await shop.call("GET", "/seller/202309/shops")).code);
});

for (const [act, status, code] of [["500", 500, 36009003], ["503", 503, 36009003], ["429", 429, 36009002]])
	await test(`${act}: told, and nothing is done`, async () => {
		const { done, ...told } = await cancelOne(act);

		equal([status, code, 0], [told.status, told.code, done]);
	});
await test("swallow: closed without an answer, and nothing is done", async () => {
	const told = await cancelOne("swallow");

	truth(told.error && told.done === 0, told);
});
await test("done_close: closed without an answer, and done once", async () => {
	const told = await cancelOne("done_close");

	truth(told.error && told.done === 1, told);
});
await test("done_timeout: silence, and done once", async () => {
	const told = await cancelOne("done_timeout", { ms: 60000, wait: 1500 });

	equal(["nothing", 1], [told.error, told.done]);
});
await test("done_500: an error is told, and it was done", async () => {
	const told = await cancelOne("done_500");

	equal([500, 1], [told.status, told.done]);
});
await test("slow: done and answered, after a while", async () => {
	const told = await cancelOne("slow", { ms: 700 });

	truth(told.code === 0 && told.done === 1 && told.took >= 690, told);
});
await test("late: done at once, answered after a while", async () => {
	const id = open[next];
	const call = cancelOne("late", { ms: 900 });

	await until(() => shop.effects("cancellation").some(effect => effect.order_id === id), "it was done", 600);
	const told = await call;

	truth(told.code === 0 && told.done === 1 && told.took >= 890, told);
});
await test("wrong_id: another id than the ledger's", async () => {
	const told = await cancelOne("wrong_id");
	const [effect] = shop.effects("cancellation").filter(each => each.order_id === told.id);

	truth(told.code === 0 && told.data.cancel_id !== effect.cancel_id, told);
});
await test("truncated: less than was announced, and done", async () => {
	const told = await cancelOne("truncated");

	truth(told.error && told.done === 1, told);
});
await test("no_json: a page of HTML, and done", async () => {
	const told = await cancelOne("no_json");

	truth(/JSON/.test(told.error) && told.done === 1, told);
});
await test("afterwards the shop behaves, and says that each was done once", async () => {
	equal(0, (await cancelOne("slow", { ms: 1 })).code);
	const effects = shop.effects("cancellation");

	equal(effects.length, new Set(effects.map(effect => effect.order_id)).size);
});

await test("a client that leaves in the middle of a late answer does no harm", async () => {
	await shop.admin("misbehave", { operation: "shops.authorized", act: "late", count: 1, ms: 400 });
	const { hostname, port } = new URL(shop.url);
	const query = { app_key: shop.key, timestamp: String(Math.floor(Date.now() / 1000)) };

	query.sign = shop.sign("/authorization/202309/shops", query, "");
	const socket = connect(port, hostname);

	socket.write(`GET /authorization/202309/shops?${new URLSearchParams(query)} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nx-tts-access-token: ${shop.tokens.access_token}\r\n\r\n`);
	await new Promise(done => setTimeout(done, 150));
	socket.destroy();
	await new Promise(done => setTimeout(done, 500));
	equal(0, (await shop.call("GET", "/seller/202309/shops")).code);
});

// Webhooks

const got = [];
let status = 200;
const receiver = createServer((request, response) => {
	const chunks = [];

	request.on("data", chunk => chunks.push(chunk));
	request.on("end", () => {
		const body = Buffer.concat(chunks);

		got.push({ ...JSON.parse(body), signature: request.headers.authorization, right: createHmac("sha256", shop.secret).update(shop.key).update(body).digest("hex") });
		response.writeHead(status).end();
	});
});

await new Promise(done => receiver.listen(0, "127.0.0.1", done));
await shop.admin("webhook", { address: `http://127.0.0.1:${receiver.address().port}/hook` });

await test("a message and a step are posted, signed, once", async () => {
	await shop.admin("say", { buyer: "crowd-07", text: "hello" });
	await until(() => got.length === 1, "the message");
	equal([14, "BUYER", true], [got[0].type, got[0].data.sender.role, got[0].signature === got[0].right]);
	await shop.admin("step", { order: "A-5010", step: "ship" });
	await until(() => got.length === 2, "the order");
	equal([1, "AWAITING_COLLECTION", orderId(5010)], [got[1].type, got[1].data.order_status, got[1].data.order_id]);
	await new Promise(done => setTimeout(done, 600));
	equal(2, got.length);
});

await test("refused, it comes again after 2 min, 30 min, 3 h, 12 h of the shop's time, then never", async () => {
	status = 500;
	got.length = 0;
	await shop.admin("say", { buyer: "crowd-08", text: "anybody?" });
	await until(() => got.length === 1, "the first try");
	for (const [at, advance] of [[2, "125s"], [3, "1805s"], [4, "10805s"], [5, "43205s"]]) {
		await new Promise(done => setTimeout(done, 200));
		equal(at - 1, got.length);
		await shop.admin("clock", { advance });
		await until(() => got.length >= at, `try ${at}`);
	}
	const chat = got.filter(event => event.type === 14);

	equal(1, new Set(chat.map(event => event.tts_notification_id)).size);
	await shop.admin("clock", { advance: "3d" });
	await new Promise(done => setTimeout(done, 400));
	equal(5, got.filter(event => event.type === 14).length);
});

await test("an outage is caught up with: nothing is lost, all is signed", async () => {
	status = 200;
	got.length = 0;
	await shop.admin("webhook", { off: true });
	for (let i = 0; i < 20; i++) await shop.admin("say", { buyer: "crowd-09", text: `line ${i}` });
	await new Promise(done => setTimeout(done, 400));
	equal(0, got.filter(event => event.type === 14).length);
	await shop.admin("webhook", { off: false });
	await until(() => got.filter(event => event.type === 14).length === 20, "all of them");
	truth(got.every(event => event.signature === event.right), "signatures");
});

await test("killed and started again: orders, tokens and what was not taken are still there", async () => {
	const { options } = shop;

	status = 500;
	got.length = 0;
	await shop.admin("say", { buyer: "crowd-10", text: "before the end" });
	await until(() => got.some(event => event.type === 14), "the first try");
	shop.process.kill("SIGKILL");
	await shop.over;
	shop.options = [...options];
	const tokens = shop.tokens;

	await shop.start();
	shop.tokens = tokens;
	equal(0, (await shop.call("POST", "/order/202309/orders/search", { query: { page_size: 1 }, body: {} })).code);
	status = 200;
	got.length = 0;
	await shop.admin("clock", { advance: "13h" });
	await until(() => got.some(event => event.type === 14 && /before the end/.test(event.data.content)), "it comes again");
});

await test("the page and its calls: the page is there, the calls need the token", async () => {
	const page = await fetch(`${shop.url}/shop/`);

	truth(/default-src 'none'/.test(page.headers.get("content-security-policy")), "the policy");
	for (const name of ["page.js", "page.css"]) equal(200, (await fetch(`${shop.url}/shop/${name}`)).status);
	equal(401, (await fetch(`${shop.url}/shop/admin/state`, { method: "POST", body: "{}" })).status);
	equal(200, (await shop.admin("state")).orders.length);
	for (const path of ["/images/../shop.db", "/images/%2e%2e%2fapp.secret", "/images/x.png"]) truth((await fetch(shop.url + path)).status >= 400, path);
	await shop.admin("step", { order: "A-5010", step: "pay" }).then(() => truth(false, "not in this state"), error => truth(/409/.test(error.message), error.message));
});

receiver.close();
result((await shop.stop()) === 0, "it ends well");
result(!/ERROR: AddressSanitizer|runtime error|LeakSanitizer/.test(shop.log()), "no sanitizer has anything to say", shop.log());
await shop.remove();
finish();
