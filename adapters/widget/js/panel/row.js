/* One post, as it stands in the transcript. */
import { el } from "../element.js";
import { card } from "./card.js";
import { choices } from "./choices.js";
import { body, link, list, picture, text } from "./content.js";
import { english, size, t, time } from "./texts.js";

export const nameOf = (post) => text(post.name) || t(english[post.who] ? post.who : "bot");
const attachment = ({ url, name, type, bytes }) => link(url, /^image/.test(type) ? picture({ src: url, alt: name }) : `${name} (${size(bytes)})`);

export function message(post) {
	const { who, at, file } = post;
	const nodes = body(post.body);
	const today = time(at, "medium") == time(Date.now(), "medium");
	const row = el("article.msg", { class: `msg ${who}`, part: `message ${who}`, tabindex: -1 },
		el("span.name", { class: "vh" }, who != "note" && nameOf(post)),
		(nodes.some(Boolean) || file) && el("div.said", {}, nodes, file && attachment(file)),
		card(post.card),
		list(post.choices)[0] && choices(post),
		who != "note" && el("span.meta", { dir: "auto" }, time(at, today ? undefined : "medium", "short"), who == "buyer" && ` · ${t("sent")}`));

	row.post = post;
	rove({ target: row });
	return row;
}
/* Links are reached from their own row only. */
export function rove({ target, type, relatedTarget }) {
	const row = target.closest("article");

	for (const a of row?.querySelectorAll("a") ?? [])
		a.tabIndex = type == "focusin" || relatedTarget && row.contains(relatedTarget) ? 0 : -1;
}
/* What one says in a row has the name before the first only, and the time after the last. */
export function group(row) {
	const before = row?.previousSibling;
	const same = before?.post.who == row?.post.who && before?.post.name == row?.post.name;

	before?.classList.toggle("more", same);
	if (row)
		row.firstChild.className = same || /buyer|note/.test(row.post.who) ? "vh" : "name";
}
