/* Cards: an order, several, a refund, a return. */
import { el } from "../element.js";
import { link, list, picture } from "./content.js";
import { t, value } from "./texts.js";

const heads = {
	__proto__: null,
	order: (c) => [t("order", { n: c.number }), c.status_text, c.status],
	refund: (c) => [t("refund") + (c.order ? ` · ${t("order", { n: c.order })}` : ""), value(c.amount), c.state],
	return: (c) => [t("return", { n: c.id }), c.state_text, c.state],
};
function head([label, status, code]) {
	const mood = /DELIV|COMPL|paid/.test(code) ? "good" : /CANC|reject/.test(code) && "bad";

	return el("div.top", {}, label, status && el("span.pill", { class: `pill ${mood}` }, status));
}
const items = (c) => list(c.items)[0] && el("ul.items", {}, c.items.map((x) => el("li.item", {},
	x.image && picture({ src: x.image }),
	el("div", {}, x.title, el("div.dim", {}, [x.variant, x.quantity > 1 && t("pieces", { n: x.quantity })].filter(Boolean).join(" · "))),
	value(x.price))));
const steps = (c) => list(c.steps)[0] && el("ol.steps", {}, c.steps.map((s) => el("li.step", { class: `step ${s.state}`, "aria-current": s.state == "now" && "step" },
	s.text, s.state != "now" && el("span.vh", {}, ` (${t(s.state)})`))));
const facts = (c) => el("dl.facts", {}, ("total refund paid_with created carrier requested approved paid deadline why address tracking label " +
	"ship_by deliver_by delivered cancelled").split(" ").filter((name) => c[name]).map((name) => [el("dt", {}, t(name)),
	el("dd", {}, el("bdi", {}, name == "label" ? link(c.label, "PDF") : value(c[name])))]));
const short = (c) => el("div", {}, head(heads.order(c)), items(c), el("div.dim", {}, `${value(c.created)} · ${value(c.total)}`));

/* Nothing where there is none, or of a kind that is not known. */
export function card(c) {
	const inside = c?.card == "orders" ? list(c.orders).map(short)
		: heads[c?.card] && [head(heads[c.card](c)), items(c), steps(c), facts(c)];

	return inside && el("div.card", { part: `card ${c.card}` }, inside);
}
