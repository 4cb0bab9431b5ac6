// Every operation, in many states of the shop, asked by a client that is not ours; then the ledger is held
// against the platform's OpenAPI files.
import { finish, equal, result, test, truth } from "../browser/lib/tap.mjs";
import { answerFaults, ledgerFaults, requestFaults } from "./lib/oracle.mjs";
import { Shop, lineId, orderId } from "./lib/shop.mjs";

const bin = process.argv[2];
const buyerPays = "seller_cancel_paid_reason_buyer_requested_cancellation";
const damaged = "ecom_order_delivered_refund_and_return_reason_damaged";
const shop = await new Shop(bin, "--quiet").start();

const orders = (body = {}, query = {}) => shop.good("POST", "/order/202309/orders/search", { query: { page_size: 100, ...query }, body });
const detail = async number => (await shop.good("GET", "/order/202309/orders", { query: { ids: orderId(number) } })).orders[0];
const cancel = (number, body = {}) =>
	shop.call("POST", "/return_refund/202309/cancellations", { body: { order_id: orderId(number), cancel_reason: buyerPays, ...body } });
const cancellations = (body = {}, query = {}) => shop.good("POST", "/return_refund/202309/cancellations/search", { query, body });
const returns = (body = {}, query = {}) => shop.good("POST", "/return_refund/202309/returns/search", { query, body });

await test("the oracle itself finds what is wrong", () => {
	const search = { method: "POST", path: "/order/202309/orders/search", operation: "orders.search", token: "x", content_type: "application/json" };
	const signed = "app_key=a&timestamp=1&sign=b";

	truth(requestFaults({ ...search, query: signed, body: "" }).length === 1, "page_size is needed");
	truth(requestFaults({ ...search, query: `${signed}&page_size=x`, body: '{"nonsense":1}' }).length === 2, "two faults");
	truth(requestFaults({ ...search, token: undefined, content_type: "text/plain", query: `${signed}&page_size=1`, body: "{}" }).length === 2, "two headers");
	truth(requestFaults({ method: "GET", path: "/order/202309/nothing", query: "", body: "" }).length === 1, "no such path");
	const data = { orders: [{ id: 5, status: "SENT", line_items: [], user_id: "1", what: 1 }], next_page_token: "", total_count: 1 };
	const answer = { code: 0, message: "Success", request_id: "20260706104837924FC6F94AE7EA730774", data };
	const faults = answerFaults(search, JSON.stringify(answer));

	truth(faults.some(f => f.includes("must be string")), faults);
	truth(faults.some(f => f.includes("allowed values")), faults);
	truth(faults.some(f => f.includes("what")), faults);
});

await test("an app is authorized: code once, tokens, refresh, shops", async () => {
	const { code } = shop;
	const first = await shop.authorize();

	truth(first.access_token.startsWith("TTP_") && first.access_token_expire_in > Date.now() / 1000 + 6 * 86400, first);
	shop.code = code;
	truth((await shop.authorize()) === undefined, "a code is taken once");
	const refresh = async token => {
		const query = { app_key: shop.key, app_secret: shop.secret, refresh_token: token, grant_type: "refresh_token" };

		return (await fetch(`${shop.url}/api/v2/token/refresh?${new URLSearchParams(query)}`)).json();
	};
	const second = await refresh(first.refresh_token);

	equal(0, second.code);
	equal("success", second.message);
	equal(36004001, (await refresh(first.refresh_token)).code, "the old refresh token is void");
	shop.tokens = second.data;
	equal("LOCAL", (await shop.good("GET", "/authorization/202309/shops")).shops[0].seller_type);
	equal("US", (await shop.good("GET", "/seller/202309/shops")).shops[0].region);
});

await test("orders: every state that there is, found, shown, priced", async () => {
	const all = await orders();
	const states = new Set(all.orders.map(order => order.status));

	equal(36, all.total_count);
	for (const state of ["UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED", "CANCELLED"])
		truth(states.has(state), `no order is ${state}`);
	for (const order of all.orders) {
		const { payment } = order;
		const minor = text => Math.round(Number(text) * 100);

		equal(minor(payment.total_amount), minor(payment.sub_total) + minor(payment.shipping_fee) + minor(payment.tax), order.id);
		equal(["UNPAID", "ON_HOLD"].includes(order.status), order.recipient_address === undefined, order.id);
		const price = await shop.good("GET", `/order/202407/orders/${order.id}/price_detail`);

		equal(payment.total_amount, price.payment);
		equal(order.line_items.map(line => line.id), price.line_items.map(line => line.id));
	}
	equal(all.orders.slice(0, 50).map(o => o.id), (await shop.good("GET", "/order/202507/orders", { query: { ids: all.orders.slice(0, 50).map(o => o.id).join(",") } })).orders.map(o => o.id));
	const [first] = (await orders({ order_status: "DELIVERED" })).orders;

	equal("DELIVERED", first.status);
	truth((await orders({ buyer_user_id: first.user_id })).orders.every(order => order.user_id === first.user_id), "a buyer's own");
	equal(1, (await orders({ is_buyer_request_cancel: true })).total_count);
	equal(3, (await detail(1302)).line_items.length, "one line a piece");
});

await test("orders: pages neither repeat nor lose any, in both orders", async () => {
	for (const how of [{}, { sort_order: "ASC" }, { sort_field: "update_time" }, { sort_field: "update_time", sort_order: "ASC" }]) {
		const seen = [];
		let token = "";

		do {
			const page = await orders({}, { page_size: 7, ...how, ...(token ? { page_token: token } : {}) });

			seen.push(...page.orders);
			token = page.next_page_token;
		} while (token);
		equal(36, new Set(seen.map(order => order.id)).size);
		equal(36, seen.length);
		const times = seen.map(order => (how.sort_field ? order.update_time : order.create_time) * (how.sort_order ? 1 : -1));

		equal([...times].sort((a, b) => a - b), times, JSON.stringify(how));
	}
	equal(36009004, (await shop.call("POST", "/order/202309/orders/search", { query: { page_size: 7, page_token: "MTIz" }, body: {} })).code);
});

await test("cancellations: made once, searched, approved, rejected", async () => {
	const made = await cancel(1001);

	equal([0, "CANCELLATION_REQUEST_SUCCESS"], [made.code, made.data?.cancel_status]);
	equal("CANCELLED", (await detail(1001)).status);
	equal("SELLER", (await detail(1001)).cancellation_initiator);
	equal(25001051, (await cancel(1001)).code);
	equal(25001011, (await cancel(1305)).code, "the buyer has asked already");
	equal(25001045, (await cancel(1309)).code, "on its way");
	equal(25001045, (await cancel(1308)).code, "packed");
	equal(25001021, (await cancel(1302)).code, "the reason of a paid order, for an unpaid one");
	equal(25001014, (await cancel(1303, { cancel_reason: "because" })).code);
	equal(25001015, (await cancel(1303, { cancel_reason: "ecom_order_to_ship_canceled_reason_better_price" })).code);
	equal(25020005, (await cancel(9999999)).code);
	equal(25005010, (await cancel(1304, { order_line_item_ids: [lineId(1304, 1)] })).code);
	equal("CANCELLATION_REQUEST_COMPLETE", (await cancel(1302, { cancel_reason: "seller_cancel_unpaid_reason_out_of_stock" })).data?.cancel_status, "nothing was paid");
	const cod = await cancel(1303);

	equal("CANCELLATION_REQUEST_COMPLETE", cod.data?.cancel_status);
	const found = await cancellations({ order_ids: [orderId(1303)] });

	equal([cod.data.cancel_id, undefined], [found.cancellations[0].cancel_id, found.cancellations[0].refund_amount]);
	const pending = (await cancellations({ cancel_status: ["CANCELLATION_REQUEST_PENDING"] })).cancellations[0];

	equal(["BUYER_CANCEL", "BUYER", "SELLER_RESPOND_CANCEL"], [pending.cancel_type, pending.role, pending.seller_next_action_response[0].action]);
	const reasons = (await shop.good("GET", "/return_refund/202309/reject_reasons", { query: { return_or_cancel_id: pending.cancel_id } })).reasons;
	const path = `/return_refund/202309/cancellations/${pending.cancel_id}`;

	equal(25001014, (await shop.call("POST", `${path}/reject`, { body: { reject_reason: "no" } })).code);
	equal({}, await shop.good("POST", `${path}/reject`, { query: { idempotency_key: "k1" }, body: { reject_reason: reasons[0].name, comment: "packed" } }));
	equal({}, await shop.good("POST", `${path}/reject`, { query: { idempotency_key: "k1" }, body: { reject_reason: reasons[0].name, comment: "packed" } }));
	equal(25011012, (await shop.call("POST", `${path}/approve`)).code);
	equal(1, (await cancellations({ cancel_status: ["CANCELLATION_REQUEST_CANCEL"] })).total_count, "the filter's own spelling");
	await shop.admin("step", { order: "A-1002", step: "ask_cancel" });
	const asked = (await cancellations({ order_ids: [orderId(1002)] })).cancellations[0];

	equal({}, await shop.good("POST", `/return_refund/202309/cancellations/${asked.cancel_id}/approve`, { body: {} }));
	equal("CANCELLED", (await detail(1002)).status);
	equal(shop.effects("cancellation").filter(e => e.cause === "cancellations.create").length, 3, "the ledger has each once");
});

await test("returns: eligibility, amount, made, decided, paid out, remembered", async () => {
	const eligibility = await shop.good("GET", `/return_refund/202309/orders/${orderId(1310)}/aftersale_eligibility`);
	const may = eligibility.sku_eligibility.flatMap(sku => sku.line_item_eligibility).filter(e => e.request_type === "RETURN_AND_REFUND");

	equal(3, may.filter(e => e.eligible).length, "the earphones may not");
	truth((await shop.good("GET", `/return_refund/202512/orders/${orderId(1310)}/aftersale_eligibility`, { query: { request_types: "REFUND" } })).sku_eligibility[0].line_item_eligibility.every(e => e.request_type === "REFUND"), "as asked");
	const what = { order_id: orderId(1310), order_line_item_ids: [lineId(1310, 1)] };
	const worth = (await shop.good("POST", "/return_refund/202309/refunds/calculate", { body: { ...what, request_type: "RETURN_AND_REFUND", reason_name: damaged } })).order_refund_amount;
	const wish = { ...what, return_type: "RETURN_AND_REFUND", return_reason: damaged, refund_total: worth.refund_total, currency: "USD" };
	const create = (body, key) => shop.call("POST", "/return_refund/202309/returns", { query: key ? { idempotency_key: key } : {}, body });

	equal(25001001, (await create({ ...wish, refund_total: "9999.00" })).code);
	equal(25001001, (await create({ ...wish, currency: "EUR" })).code);
	equal(25001003, (await create({ ...wish, order_id: orderId(1309), order_line_item_ids: undefined })).code);
	const made = await create(wish, "once");

	equal("AWAITING_BUYER_SHIP", made.data?.return_status);
	equal(made.data, (await create(wish, "once")).data, "the first answer again");
	equal(25001011, (await create(wish, "twice")).code);
	await shop.admin("step", { order: "A-1310", step: "send_back" });
	const find = async () => (await returns({ return_ids: [made.data.return_id] })).return_orders[0];

	equal("BUYER_SHIPPED_ITEM", (await find()).return_status);
	const path = `/return_refund/202309/returns/${made.data.return_id}`;

	equal(25020004, (await shop.call("POST", `${path}/approve`, { body: { decision: "APPROVE_REFUND" } })).code);
	equal(25011013, (await shop.call("POST", `${path}/approve`, { body: { decision: "APPROVE_RETURN" } })).code);
	equal({}, await shop.good("POST", `${path}/approve`, { body: { decision: "APPROVE_RECEIVED_PACKAGE" } }));
	equal("RETURN_OR_REFUND_REQUEST_SUCCESS", (await find()).return_status);
	await shop.admin("step", { order: "A-1310", step: "pay_out" });
	equal("RETURN_OR_REFUND_REQUEST_COMPLETE", (await find()).return_status);
	equal(4, (await shop.good("GET", `${path}/records`)).records.length);
	const waiting = (await returns({ return_status: ["RETURN_OR_REFUND_REQUEST_PENDING"] })).return_orders[0];

	equal("SELLER_RESPOND_RETURN", waiting.seller_next_action_response[0].action);
	equal({}, await shop.good("POST", `/return_refund/202309/returns/${waiting.return_id}/approve`, { body: { decision: "OFFER_PARTIAL_REFUND", partial_refund: { amount: "5.00", currency: "USD" } } }));
	equal("AWAITING_BUYER_RESPONSE", (await returns({ return_ids: [waiting.return_id] })).return_orders[0].return_status);
	const money = await create({ ...wish, return_type: "REFUND", return_reason: "ecom_order_delivered_refund_reason_damaged_seller", order_line_item_ids: [lineId(1310, 2)], refund_total: "3.00" });

	equal("RETURN_OR_REFUND_REQUEST_SUCCESS", money.data?.return_status);
	await shop.admin("step", { order: "A-1003", step: "ask_return" });
	const rejected = (await returns({ order_ids: [orderId(1003)] })).return_orders[0];
	const reason = (await shop.good("GET", "/return_refund/202309/reject_reasons", { query: { return_or_cancel_id: rejected.return_id } })).reasons[0].name;

	equal({}, await shop.good("POST", `/return_refund/202309/returns/${rejected.return_id}/reject`, { body: { decision: "REJECT_RETURN", reject_reason: reason } }));
	equal("REFUND_OR_RETURN_REQUEST_REJECT", (await returns({ return_ids: [rejected.return_id] })).return_orders[0].return_status);
	truth((await returns({}, { page_size: 10 })).total_count >= 9, "all of them");
});

await test("tracking and packages", async () => {
	const tracking = (await shop.good("GET", `/fulfillment/202309/orders/${orderId(1101)}/tracking`)).tracking;

	truth(tracking.length >= 2 && tracking[0].update_time_millis > tracking[1].update_time_millis, "newest first");
	const found = await shop.good("POST", "/fulfillment/202309/packages/search", { query: { page_size: 50 }, body: {} });

	truth(found.packages.length > 20, found.total_count);
	for (const { id } of found.packages.slice(0, 10)) equal(id, (await shop.good("GET", `/fulfillment/202309/packages/${id}`)).package_id);
	equal(21008111, (await shop.call("GET", "/fulfillment/202309/packages/1155700000000999999")).code);
});

await test("buyer messages: talks, pages, sending, pictures", async () => {
	const maya = (await detail(1003)).user_id;

	for (let i = 1; i <= 23; i++) await shop.admin("say", { buyer: "buyer-open", text: `line ${i}` });
	const { conversation_id: talk } = await shop.good("POST", "/customer_service/202309/conversations", { body: { buyer_user_id: maya } });
	const list = await shop.good("GET", "/customer_service/202309/conversations", { query: { page_size: 20, locale: "en" } });

	equal([talk, 23, true, 2], [list.conversations[0].id, list.conversations[0].unread_count, list.conversations[0].can_send_message, list.conversations[0].participant_count]);
	equal(maya, list.conversations[0].participants.find(p => p.role === "BUYER").user_id);
	const path = `/customer_service/202309/conversations/${talk}/messages`;
	const seen = [];
	let token = "";

	do {
		const page = await shop.good("GET", path, { query: { page_size: 10, ...(token ? { page_token: token } : {}) } });

		seen.push(...page.messages);
		token = page.next_page_token;
	} while (token);
	equal(23, new Set(seen.map(message => message.id)).size);
	truth(seen.every((m, i) => !i || BigInt(m.index) < BigInt(seen[i - 1].index)), "newest first");
	const send = (type, content) => shop.call("POST", path, { body: { type, content: typeof content === "string" ? content : JSON.stringify(content) } });

	equal(0, (await send("TEXT", { content: "Xin chào 100% “ok”" })).code);
	equal(0, (await send("ORDER_CARD", { order_id: orderId(1003) })).code);
	truth((await send("ORDER_CARD", { order_id: orderId(1101) })).code !== 0, "somebody else's order");
	truth((await send("TEXT", "no json")).code !== 0, "content is JSON");
	truth((await send("TEXT", { content: "x".repeat(2001) })).code !== 0, "too long");
	truth((await send("EMOTICONS", {})).code !== 0, "cannot be sent");
	const form = new FormData();
	const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

	form.set("data", new Blob([png], { type: "image/png" }), "a.png");
	const picture = await shop.good("POST", "/customer_service/202309/images/upload", { form });

	equal([1, 1], [picture.width, picture.height]);
	equal(0, (await send("IMAGE", picture)).code);
	equal(200, (await fetch(picture.url)).status, "the picture is there");
	equal({}, await shop.good("POST", `${path}/read`));
	const one = (await shop.good("GET", `/customer_service/202601/conversations/${talk}`)).conversation;

	equal([0, 3], [one.unread_count, one.participant_count]);
	equal(true, (await shop.good("GET", "/customer_service/202309/agents/settings")).can_accept_chat);
	equal({}, await shop.good("PUT", "/customer_service/202309/agents/settings", { body: { can_accept_chat: false } }));
	truth((await send("TEXT", { content: "hello" })).code !== 0, "the agent is away");
	await shop.good("PUT", "/customer_service/202309/agents/settings", { body: { can_accept_chat: true } });
	await shop.good("GET", "/customer_service/202407/performance", { query: { support_date_ge: "2026-01-01", support_date_lt: "2026-02-01" } });
});

await test("webhooks are set, listed and dropped", async () => {
	const path = "/event/202309/webhooks";

	equal({}, await shop.good("PUT", path, { body: { event_type: "NEW_MESSAGE", address: "https://shop.example/hook" } }));
	equal(1, (await shop.good("GET", path)).total_count);
	equal({}, await shop.good("DELETE", path, { body: { event_type: "NEW_MESSAGE" } }));
	equal({}, await shop.good("DELETE", path, { body: { event_type: "NEW_MESSAGE" } }), "twice is fine");
	equal(0, (await shop.good("GET", path)).total_count);
	equal(36009004, (await shop.call("PUT", path, { body: { event_type: "NONSENSE", address: "https://a.example" } })).code);
});

await test("the gate: each check, and that it comes in its order", async () => {
	const path = "/order/202309/orders/search";
	const ask = (change, where = path, method = "POST") => shop.call(method, where, { query: { page_size: 1 }, body: {}, change });
	const spoil = (...what) => r => {
		for (const each of what) each(r);
	};
	const noCipher = r => delete r.query.shop_cipher;
	const badToken = r => (r.headers["x-tts-access-token"] = "TTP_x");
	const badSign = r => (r.query.sign = "0".repeat(64));
	const old = r => (r.query.timestamp = String(Math.floor(Date.now() / 1000) - 301));
	const ahead = r => (r.query.timestamp = String(Math.floor(Date.now() / 1000) + 40));
	const badKey = r => (r.query.app_key = "x");
	const got = async (change, ...rest) => {
		const { status, code, message } = await ask(change, ...rest);

		return [status, code, message.split(/[.] /)[0]];
	};

	equal([404, 36009009, "Invalid path"], await got({ before: spoil(badKey, noCipher) }, "/order/202309/nothing"));
	equal([405, 36009010, "Invalid method"], await got({ before: spoil(badKey, noCipher) }, path, "PUT"));
	equal([400, 36009014, "Invalid API version"], await got({ before: spoil(badKey, noCipher) }, "/order/202301/orders/search"));
	equal([401, 36009004, "Invalid credentials"], await got({ before: spoil(badKey, old, noCipher) }));
	equal([400, 36009004, "Invalid timestamp"], await got({ before: spoil(old, noCipher), after: badSign }));
	equal([400, 36009004, "Invalid timestamp"], await got({ before: ahead }));
	equal([401, 36009004, "Missing credentials"], await got({ before: badToken, after: r => delete r.query.sign }));
	equal([401, 106001, "Invalid credentials"], await got({ before: spoil(badToken, noCipher), after: badSign }));
	equal([401, 36009004, "Invalid credentials"], await got({ before: spoil(badToken, noCipher) }));
	equal([400, 106013, "Missing identifier"], await got({ before: noCipher }));
	equal([400, 106011, "Invalid identifier"], await got({ before: r => (r.query.shop_cipher = "GCP_x") }));
	equal([400, 36009004, "Unexpected identifier"], await got({ before: r => (r.query.shop_cipher = "GCP_x") }, "/authorization/202309/shops", "GET").catch(async () => {
		const a = await shop.call("GET", "/authorization/202309/shops", { change: { before: r => (r.query.shop_cipher = "GCP_x") } });

		return [a.status, a.code, a.message.split(/[.] /)[0]];
	}));
	await shop.admin("scopes", { scopes: "seller.customer_service" });
	equal([401, 105005, "Access denied"], await got({ before: noCipher }));
	await shop.admin("scopes", {});
	equal(36009022, (await shop.call("POST", path, { query: { page_size: 1 }, body: "{" })).code);
	equal(36009004, (await shop.call("POST", path, { query: { page_size: 0 }, body: {} })).code);
	equal(36009004, (await shop.call("POST", path, { query: { page_size: 1 }, body: { order_status: "SENT" } })).code);
	equal(0, (await ask({ before: r => Object.assign(r.query, { shop_id: "", version: "202309" }) })).code, "odd extras are signed and left alone");
	await shop.admin("expire");
	equal([401, 105002, "Expired credentials"], await got({ before: noCipher }));
});

await shop.stop();
const { faults, requests, answers, operations } = ledgerFaults(
	shop.ledger().split("\n").filter(line => !/"code":36009(004|009|010|014|022)|"code":10[56]\d{3}|EMOTICONS/.test(line)).join("\n"));

result(!faults.length, `${requests} requests and ${answers} answers of ${operations.size} operations have the platform's shapes`, faults.join("\n"));
result(operations.size >= 33, "all operations were asked", [...operations].join(" "));
result(!/ERROR: AddressSanitizer|runtime error/.test(shop.log()), "no sanitizer has anything to say", shop.log());
await shop.remove();
finish();
