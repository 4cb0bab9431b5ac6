// The npm client tiktok-shop-sdk, whose hosts are led to `tenstep shop`: list, detail, cancel, search, return.
import { TikTokShopSDK } from "tiktok-shop-sdk";

import { equal, finish, result, test, truth } from "../browser/lib/tap.mjs";
import { ledgerFaults } from "./lib/oracle.mjs";
import { Shop, lineId, orderId } from "./lib/shop.mjs";

const shop = await new Shop(process.argv[2], "--quiet").start();
const realFetch = globalThis.fetch;

globalThis.fetch = (url, options) =>
	realFetch(String(url).replace(/^https:\/\/(open-api\.tiktokglobalshop\.com|auth\.tiktok-shops\.com)/, shop.url), options);

const sdk = new TikTokShopSDK({ appKey: shop.key, appSecret: shop.secret });

await test("authorize, shops, refresh", async () => {
	const { data } = await sdk.auth.getAccessToken({ auth_code: shop.code, grant_type: "authorized_code" });

	sdk.setAccessToken(data.access_token);
	const { data: refreshed } = await sdk.auth.refreshAccessToken({ refresh_token: data.refresh_token, grant_type: "refresh_token" });

	sdk.setAccessToken(refreshed.access_token);
	const { data: mine } = await sdk.shop.getAuthorizedShops();

	sdk.setShopCipher(mine.shops[0].cipher);
	equal("US", mine.shops[0].region);
});

await test("list, detail, price", async () => {
	const list = await sdk.order.getOrderList({ query: { page_size: 10, sort_field: "create_time", sort_order: "DESC" }, body: { order_status: "AWAITING_SHIPMENT" } });

	truth(list.data.orders.length > 3, list);
	const ids = list.data.orders.slice(0, 3).map(order => order.id);

	equal(ids, (await sdk.order.getOrderDetail({ ids })).data.orders.map(order => order.id));
	truth((await sdk.order.getPriceDetail({ order_id: ids[0] })).data.payment, "a price");
});

await test("cancel, search, refused a second time", async () => {
	const what = { order_id: orderId(1001), cancel_reason: "seller_cancel_reason_out_of_stock" };
	const calculated = await sdk.return_refund.calculateCancellation({ order_id: what.order_id, request_type: "CANCEL", reason_name: what.cancel_reason });

	equal("29.90", calculated.data.order_refund_amount.refund_total);
	const made = await sdk.return_refund.cancelOrder(what);
	const found = await sdk.return_refund.searchCancellation({ query: { page_size: 10 }, body: { order_ids: [what.order_id] } });

	equal(made.data.cancel_id, found.data.cancellations[0].cancel_id);
	let refused;

	await sdk.return_refund.cancelOrder(what).catch(error => (refused = error));
	equal(25001051, refused?.code);
	equal("CANCELLED", (await sdk.order.getOrderDetail({ ids: [what.order_id] })).data.orders[0].status);
});

await test("a buyer's request approved, another rejected", async () => {
	for (const [number, way] of [["1002", "approve"], ["1304", "reject"]]) {
		await shop.admin("step", { order: `A-${number}`, step: "ask_cancel" });
		const { data } = await sdk.return_refund.searchCancellation({ query: { page_size: 10 }, body: { order_ids: [orderId(number)] } });
		const { cancel_id } = data.cancellations[0];
		const reasons = await sdk.return_refund.getRejectReasons({ return_or_cancel_id: cancel_id });

		if (way === "approve") await sdk.return_refund.approveCancellation({ cancel_id, query: { idempotency_key: "a" } });
		else await sdk.return_refund.rejectCancellation({ cancel_id, query: {}, body: { reject_reason: reasons.data.reasons[0].name, comment: "packed" } });
	}
});

await test("return: eligible, made, searched, approved, its records", async () => {
	const order_id = orderId(1003);
	const eligible = await sdk.return_refund.getAftersaleEligibility({ order_id, query: { initiate_aftersale_user: "SELLER" } });

	truth(eligible.data.sku_eligibility.length === 2, eligible);
	const made = await sdk.return_refund.createReturn({
		query: { idempotency_key: "b" },
		body: { order_id, return_type: "RETURN_AND_REFUND", return_reason: "ecom_order_delivered_refund_and_return_reason_damaged", refund_total: "12.50", currency: "USD", order_line_item_ids: [lineId(1003, 2)] },
	});
	const { return_id } = made.data;

	await shop.admin("step", { order: "A-1003", step: "send_back" });
	await sdk.return_refund.approveReturn({ return_id, query: { idempotency_key: "c" }, body: { decision: "APPROVE_RECEIVED_PACKAGE" } });
	const found = await sdk.return_refund.searchReturn({ query: { page_size: 10 }, body: { order_ids: [order_id] } });

	equal([return_id, "RETURN_OR_REFUND_REQUEST_SUCCESS"], [found.data.return_orders[0].return_id, found.data.return_orders[0].return_status]);
	truth((await sdk.return_refund.getReturnRecord({ return_id, query: {} })).data.records.length === 3, "three records");
});

await test("webhooks, tracking, packages", async () => {
	await sdk.event.updateShopWebhook({ event_type: "ORDER_STATUS_CHANGE", address: "https://shop.example/hook" });
	equal(1, (await sdk.event.getShopWebhooks()).data.total_count);
	await sdk.event.deleteShopWebhook({ event_type: "ORDER_STATUS_CHANGE" });
	truth((await sdk.fulfillment.getTracking?.({ order_id: orderId(1101) })) !== null, "tracking");
});

const { faults, requests } = ledgerFaults(shop.ledger());

result(requests > 15 && !faults.length, `${requests} requests of the package and their answers have the platform's shapes`, faults.join("\n"));
await shop.remove();
finish();
