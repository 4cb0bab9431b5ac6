// The page of `tenstep shop`: shows the orders and moves them on.  No library, no markup made from texts.
const $ = id => document.getElementById(id);
const stepWords = {
	pay: "Pay", release: "Let the hour pass", ship: "Ship", collect: "Carrier collects", deliver: "Deliver", complete: "Complete",
	approve: "Approve", refuse: "Refuse", send_back: "Buyer sends it back", receive_back: "Parcel is back, fine", pay_out: "Pay out",
	ask_cancel: "Buyer asks to cancel", withdraw: "Buyer takes it back", ask_return: "Buyer asks for a return", take_offer: "Buyer takes the offer",
};
let token = sessionStorage.getItem("shop-token") ?? "";
let shop;

/** @parts are texts or elements. */
function make(tag, className, ...parts) {
	const element = document.createElement(tag);

	if (className) element.className = className;
	element.append(...parts);
	return element;
}

function say(text, wrong = false) {
	$("told").textContent = text;
	$("told").classList.toggle("wrong", wrong);
}

async function ask(path, body = {}) {
	const answer = await fetch(`/shop/admin/${path}`, {
		method: "POST",
		headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
		body: JSON.stringify(body),
	});
	const told = await answer.json();

	if (answer.status === 401) signIn();
	if (!answer.ok) throw new Error(told.error);
	return told;
}

function signIn() {
	token = "";
	sessionStorage.removeItem("shop-token");
	$("sign-in").hidden = false;
	$("counter").hidden = true;
}

const when = at => new Date(at * 1000).toISOString().replace("T", " ").slice(0, 16);

function showOrder(order) {
	const states = [order.status, order.cancellation && `cancellation ${order.cancellation}`, order.return && `return ${order.return}`, order.refund && `refund ${order.refund}`];
	const item = make("li", "",
		make("span", "number", order.number),
		make("div", "", make("div", "", order.items), make("div", "quiet", `${order.name}, ${when(order.created)}`)),
		make("span", "total", `$${order.total}`),
	);
	const steps = make("div", "steps", ...states.filter(Boolean).map(state => make("span", "state", state)));

	for (const step of order.steps) {
		const button = make("button", "", stepWords[step] ?? step);

		button.type = "button";
		button.setAttribute("aria-label", `${order.number}: ${button.textContent}`);
		button.addEventListener("click", () => act("step", { order: order.number, step }, `${order.number}: ${button.textContent}`));
		steps.append(button);
	}
	item.append(steps);
	return item;
}

function fits(order) {
	const who = $("who").value;
	const which = $("which").value;

	return (!who || order.buyer === who) && (!which || (which === "steps" ? order.cancellation === "pending" || order.return === "waiting_seller" || order.return === "offered" : order.status === which));
}

function fill(select, options) {
	const chosen = select.value;

	if (select.options.length === options.length) return;
	select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
	if (chosen) select.value = chosen;
}

function show() {
	const focused = document.activeElement?.getAttribute("aria-label");

	$("now").textContent = `${when(shop.now)} UTC`;
	fill($("who"), [["", "everybody"], ...shop.buyers.map(b => [b.id, b.name])]);
	fill($("buyer"), shop.buyers.map(b => [b.id, b.name]));
	fill($("goods"), shop.goods.map(g => [g.sku, `${g.title}${g.variant ? `, ${g.variant}` : ""}: $${g.price}`]));
	fill($("operation"), [["*", "any operation"], ["writes", "what changes something"], ...shop.operations.map(o => [o, o])]);
	$("orders").replaceChildren(...shop.orders.filter(fits).map(showOrder));
	$("rules").replaceChildren(...shop.rules.map(r => make("li", "", `${r.operation}: ${r.act}, ${r.count ? `${r.count} more` : "always"}`)));
	const { taken, waiting, dropped, addresses } = shop.webhooks;

	$("hooks").textContent = `${taken} taken, ${waiting} waiting, ${dropped} given up. ${addresses ? `To ${addresses}` : "Nobody wants any."}`;
	if (focused) document.querySelector(`button[aria-label="${CSS.escape(focused)}"]`)?.focus();
}

/** A message as people read it: its text, or what kind of card it is. */
function wordsOf({ type, content }) {
	try {
		const inside = JSON.parse(content);

		return inside.content ?? `[${type}] ${Object.values(inside).join(" ")}`;
	} catch {
		return content;
	}
}

async function showTalk() {
	const { messages } = await ask("talk", { buyer: $("buyer").value });
	const list = $("talk");
	const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 4;

	if (list.childElementCount === messages.length && list.dataset.buyer === $("buyer").value) return;
	list.dataset.buyer = $("buyer").value;
	list.replaceChildren(...messages.map(message => make("li", message.role, wordsOf(message))));
	if (atEnd || list.childElementCount < 3) list.scrollTop = list.scrollHeight;
}

let last = "";

async function refresh() {
	const fresh = await ask("state");
	const { now, ...rest } = fresh;
	const text = JSON.stringify(rest);

	shop = fresh;
	$("sign-in").hidden = true;
	$("counter").hidden = false;
	if (text === last) $("now").textContent = `${when(now)} UTC`;
	else show();
	last = text;
	await showTalk();
}

let before = Promise.resolve();

/** One after the other, as they were pressed: answers do not overtake each other. */
function act(path, body, told) {
	before = before.then(async () => {
		try {
			await ask(path, body);
			say(told);
			await refresh();
		} catch (error) {
			say(error.message, true);
		}
	});
}

function onSubmit(id, work) {
	$(id).addEventListener("submit", event => {
		event.preventDefault();
		work();
	});
}

onSubmit("sign-in", () => {
	token = $("token").value.trim();
	sessionStorage.setItem("shop-token", token);
	refresh().then(() => say(""), error => say(error.message, true));
});
onSubmit("say", () => {
	const text = $("text").value;

	$("text").value = "";
	act("say", { buyer: $("buyer").value, text }, "Sent");
});
onSubmit("buy", () => act("order", { buyer: $("buyer").value, goods: $("goods").value }, "The order is placed; it waits for payment"));
onSubmit("wrong", () =>
	act("misbehave", { operation: $("operation").value, act: $("act").value, count: Number($("count").value) }, "So be it"));
$("behave").addEventListener("click", () => act("misbehave", { clear: true }, "The shop behaves again"));
for (const button of document.querySelectorAll("[data-advance]"))
	button.addEventListener("click", () => act("clock", { advance: button.dataset.advance }, `The shop's clock went on: ${button.textContent}`));
for (const id of ["who", "which"]) $(id).addEventListener("change", show);
$("buyer").addEventListener("change", () => showTalk());

const given = /^#token=(.+)$/.exec(location.hash)?.[1];

if (given) {
	token = decodeURIComponent(given);
	sessionStorage.setItem("shop-token", token);
	history.replaceState(null, "", location.pathname);
}
if (token) refresh().catch(error => say(error.message, true));
else signIn();
setInterval(() => token && !document.hidden && refresh().catch(error => say(error.message, true)), 2000);
