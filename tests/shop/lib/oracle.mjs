// The shapes of the platform's interface, from the OpenAPI files inside the npm package @tts-open-toolkit/cli:
// read here, at test time.  They name neither what must be there nor, outside their prose, which words a field
// may have; so what is required of an answer is listed below, a field that they do not know is wrong, and the
// words are taken from the lists in their descriptions.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import Ajv from "ajv";

const require = createRequire(import.meta.url);
const folder = join(
	dirname(require.resolve("@tts-open-toolkit/cli/package.json")),
	"skills/tts-openapi-guide/references/oas/paths",
);
const modules = ["authorization", "customer_service", "event", "fulfillment", "order", "return_refund", "seller"];

// Words that the descriptions forget although the platform's other pages, or its own samples, have them.
const moreWords = {
	cancel_status: ["CANCELLATION_REQUEST_CANCELLED"],
	request_type: ["REFUND", "RETURN", "RETURN_AND_REFUND", "CANCEL"],
	status: ["PARTIALLY_SHIPPING"],
	return_status: ["REJECT_RECEIVE_PACKAGE", "AWAITING_BUYER_RESPONSE"],
	role: ["BUYER", "SELLER", "SYSTEM", "OPERATOR"],
	seller_proposed_return_type: ["PARTIAL_REFUND"],
	return_shipping_document_type: ["SHIPPING_LABEL"], // the description has `SHIPPING_LABE`L
	event_type: ["NEW_CONVERSATION", "NEW_MESSAGE", "CANCELLATION_STATUS_CHANGE", "RETURN_STATUS_CHANGE"],
};

/** The words of a list in a description: "- `A`: what it is" or "- A". */
function wordsOf(name, description = "") {
	const words = new Set();

	if (!/(possible|available) (values|enumerations)|^-\s*`?[A-Z]/im.test(description)) return [];
	for (const [, word] of description.matchAll(/^\s*[-*]\s*`?([A-Z][A-Z0-9_]{2,})`?/gm)) words.add(word);
	if (words.size < 2) return [];
	for (const word of moreWords[name] ?? []) words.add(word);
	return [...words];
}

/** OpenAPI 3.0 to JSON Schema, strict: no member that is not named. */
function strict(name, node) {
	if (node.type === "object")
		return {
			type: "object",
			additionalProperties: false,
			properties: Object.fromEntries(Object.entries(node.properties ?? {}).map(([k, v]) => [k, strict(k, v)])),
		};
	if (node.type === "array") return { type: "array", items: strict(name, node.items ?? {}) };
	if (node.type === "string") {
		const words = wordsOf(name, node.description);

		return words.length && !/locale|reason|content/.test(name) ? { type: "string", enum: ["", ...words] } : { type: "string" };
	}
	if (node.type === "integer") return { type: "integer" };
	return { type: node.type };
}

const ajv = new Ajv({ allErrors: true, strict: false });
const operations = [];

for (const name of modules) {
	const { paths } = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));

	for (const [path, methods] of Object.entries(paths))
		for (const [method, spec] of Object.entries(methods)) {
			const body = spec.requestBody?.content?.["application/json"]?.schema;
			const answer = spec.responses?.["200"]?.content?.["application/json"]?.schema;

			operations.push({
				method: method.toUpperCase(),
				path,
				pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`),
				query: (spec.parameters ?? []).filter(p => p.in === "query"),
				headers: (spec.parameters ?? []).filter(p => p.in === "header" && p.required).map(p => p.name.toLowerCase()),
				hasBody: spec.requestBody !== undefined,
				body: body && ajv.compile(strict("body", body)),
				answer: answer && ajv.compile(strict("answer", answer)),
			});
		}
}

export function find(method, path) {
	const found = operations.filter(o => o.method === method && o.pattern.test(path));

	return found.find(o => !o.path.includes("{")) ?? found[0];
}

// What every answer of an operation has to have; a path into `data`, [] for each of a list.
const needed = {
	"shops.authorized": ["shops[].id", "shops[].cipher", "shops[].region", "shops[].seller_type"],
	"orders.search": ["orders[].id", "orders[].status", "orders[].user_id", "orders[].line_items[].id", "next_page_token", "total_count"],
	"orders.detail": ["orders[].id", "orders[].status", "orders[].user_id", "orders[].create_time", "orders[].update_time",
		"orders[].payment.total_amount", "orders[].payment.currency", "orders[].line_items[].sku_id", "orders[].line_items[].display_status"],
	"orders.price": ["payment", "currency", "line_items[].id"],
	"cancellations.create": ["cancel_id", "cancel_status"],
	"cancellations.search": ["cancellations[].cancel_id", "cancellations[].order_id", "cancellations[].cancel_status",
		"cancellations[].cancel_type", "cancellations[].role", "cancellations[].cancel_reason", "next_page_token", "total_count"],
	"returns.create": ["return_id", "return_status"],
	"returns.search": ["return_orders[].return_id", "return_orders[].order_id", "return_orders[].return_status", "return_orders[].return_type",
		"return_orders[].refund_amount.refund_total", "return_orders[].return_line_items[].order_line_item_id", "next_page_token", "total_count"],
	"returns.records": ["records[].event", "records[].role", "records[].create_time"],
	"reject_reasons": ["reasons[].name", "reasons[].text"],
	"refunds.calculate": ["order_refund_amount.refund_total", "order_refund_amount.currency"],
	"aftersale.eligibility": ["sku_eligibility[].sku_id", "sku_eligibility[].line_item_eligibility[].eligible"],
	"tracking": ["tracking"],
	"packages.search": ["packages[].id", "packages[].status", "next_page_token", "total_count"],
	"packages.detail": ["package_id", "package_status", "orders[].id"],
	"conversations.list": ["conversations[].id", "conversations[].can_send_message", "conversations[].participants[].user_id", "next_page_token"],
	"conversations.create": ["conversation_id"],
	"conversations.get": ["conversation.id", "conversation.participants[].role"],
	"messages.list": ["messages[].id", "messages[].index", "messages[].type", "messages[].content", "messages[].sender.role", "next_page_token"],
	"messages.send": ["message_id"],
	"images.upload": ["url", "width", "height"],
	"agent.get": ["can_accept_chat"],
	"webhooks.list": ["webhooks", "total_count"],
};

function has(data, path) {
	if (!path) return data !== undefined;
	const [first, ...rest] = path.split(".");
	const list = first.endsWith("[]");
	const value = data?.[list ? first.slice(0, -2) : first];

	if (list) return Array.isArray(value) && value.every(each => has(each, rest.join(".")));
	return value !== undefined && (rest.length === 0 || has(value, rest.join(".")));
}

const common = new Set(["app_key", "timestamp", "sign", "shop_cipher", "access_token", "version", "shop_id"]);

function valueFits(schema, text) {
	if (schema?.type === "integer") return /^-?\d+$/.test(text);
	if (schema?.type === "boolean") return text === "true" || text === "false";
	return true;
}

/** What is wrong with a request, as lines; the platform's token host has no OpenAPI file. */
export function requestFaults({ method, path, query, body, token, content_type: type }) {
	const faults = [];
	const operation = find(method, path);

	if (path.startsWith("/api/v2/token/")) return faults;
	if (!operation) return [`no such operation: ${method} ${path}`];
	const given = new URLSearchParams(query);

	for (const [name, value] of given) {
		const parameter = operation.query.find(p => p.name === name);

		if (!parameter && !common.has(name)) faults.push(`query: unknown parameter ${name}`);
		if (parameter && !valueFits(parameter.schema, value)) faults.push(`query: ${name}=${value}`);
	}
	for (const parameter of operation.query)
		if (parameter.required && !given.get(parameter.name)) faults.push(`query: ${parameter.name} is missing`);
	if (operation.headers.includes("x-tts-access-token") && !token) faults.push("header: x-tts-access-token is missing");
	if (operation.headers.includes("content-type") && !/^(application\/json|multipart\/form-data)/.test(type ?? ""))
		faults.push(`header: content-type: ${type}`);
	for (const name of ["app_key", "timestamp", "sign"]) if (!given.get(name)) faults.push(`query: ${name} is missing`);
	if (body && body !== "{}") {
		if (!operation.body) faults.push("a body where none belongs");
		else if (!operation.body(JSON.parse(body))) faults.push(...operation.body.errors.map(show));
	}
	return faults;
}

/** What is wrong with an answer; @operation is the shop's own name of it. */
export function answerFaults({ method, path, operation: name }, text) {
	const operation = find(method, path);
	const faults = [];
	let answer;

	try {
		answer = JSON.parse(text);
	} catch (error) {
		return [`no JSON: ${error.message}`];
	}
	for (const key of ["code", "message", "request_id"]) if (answer[key] === undefined) faults.push(`${key} is missing`);
	if (!/^\d{14}[0-9A-F]{18,20}$/.test(answer.request_id ?? "")) faults.push(`request_id: ${answer.request_id}`);
	if (/:\s*\d{16,}/.test(text)) faults.push("an id that is a number");
	if (!operation?.answer) return faults;
	if (!operation.answer(answer)) faults.push(...operation.answer.errors.map(show));
	if (answer.code === 0)
		for (const path of needed[name] ?? []) if (!has(answer.data, path)) faults.push(`data.${path} is missing`);
	return faults;
}

function show(error) {
	const extra = error.params?.additionalProperty ?? error.params?.allowedValues?.join("|") ?? "";

	return `${error.instancePath || "/"} ${error.message} ${extra}`.slice(0, 400);
}

/** All lines of a ledger of `tenstep shop`; each fault with its line's number. */
export function ledgerFaults(text) {
	const counts = { requests: 0, answers: 0, operations: new Set() };
	const faults = [];

	text.split("\n").forEach((line, at) => {
		const entry = line ? JSON.parse(line) : {};

		if (entry.kind !== "request" || !entry.operation) return;
		counts.requests++;
		counts.operations.add(entry.operation);
		for (const fault of requestFaults(entry)) faults.push(`line ${at + 1}: ${entry.operation}: request: ${fault}`);
		if (!entry.answer || entry.answer === "***") return;
		counts.answers++;
		for (const fault of answerFaults(entry, entry.answer)) faults.push(`line ${at + 1}: ${entry.operation}: answer: ${fault}`);
	});
	return { faults, ...counts };
}
