/* All posts that there are, in the order of their numbers. */
import { answer, noChoices } from "./choices.js";
import { put, ready } from "./connection.js";
import { list, plain } from "./content.js";
import { badge, isOpen, unread } from "./launcher.js";
import { bottom, dots, down, intro, log, news, readFrom, rows, seal, topOf, waiting } from "./place.js";
import { find, settle } from "./queue.js";
import { group, message, nameOf } from "./row.js";
import { chat } from "./shared.js";
import { speak } from "./speech.js";
import { owner } from "./status.js";
import { t } from "./texts.js";

export const posts = new Map();
export let last = 0;
export let older, paging;
let readTo = 0;
let reading, typingTimer;

/* @old: it is not news. */
export function add(post, old) {
	const { n, who } = post;

	if (!(n > 0) || posts.has(n))
		return;
	const row = message(post);
	let before = rows.lastChild;
	while (before?.post.n > n)
		before = before.previousSibling;
	rows.insertBefore(row, before ? before.nextSibling : rows.firstChild);
	posts.set(n, row);
	last = Math.max(last, n);
	[row, row.nextSibling].forEach(group);
	const mine = find(post.id);
	if (mine)
		settle(mine, n);
	waiting.querySelector(`[id="${post.id}"]`)?.remove();
	if (who != "buyer")
		typing();
	else if (!old)
		readFrom(row);
	answer(row);
	if (old)
		return;
	chat.emit("message", post);
	const said = [plain(post.body), post.file?.name, ...list(post.choices).map((c) => c.label)].filter(Boolean).join(", ");
	speak(who == "note" ? said : `${nameOf(post)}: ${said}`);
	news.hidden = down;
	while (down && posts.size > 200) {
		follow(posts.delete(rows.firstChild.post.n));
		rows.firstChild.remove();
	}
	if (isOpen)
		seen();
	else if (who != "buyer")
		badge(unread + 1);
}
/* In another language. */
export function redraw() {
	const all = [...posts.values()];

	noChoices();
	posts.clear();
	rows.replaceChildren();
	all.forEach((row) => add(row.post, true));
}
export function wipe() {
	rows.replaceChildren();
	posts.clear();
	last = readTo = 0;
	seal.hidden = true;
	follow(false);
	noChoices();
	typing();
	badge(0);
}

/* @is: there are older posts than the first of these. */
export function follow(is) {
	older = intro.hidden = is;
}
export const earlier = () => put({ t: "older", before: rows.firstChild?.post.n });
/* True when older ones have come; false when there are none, or the connection was lost. */
export function page() {
	return older && ready && !paging && earlier() && new Promise((done) => { paging = done; });
}
/* @f: what has come; none when the connection was lost. */
export function paged(f) {
	const first = rows.firstChild;
	const y = first && topOf(first);

	if (f) {
		list(f.posts).forEach((p) => add(p, true));
		follow(f.older);
		if (first)
			log.scrollTop += topOf(first) - y;
	}
	paging?.(f);
	paging = null;
}

/* A second after the buyer has come to the end, the server is told so. */
export function seen() {
	reading ??= setTimeout(() => {
		reading = null;
		if (isOpen && down && !document.hidden && last > readTo && put({ t: "read", n: last }))
			readTo = last;
	}, 1000);
}
log.addEventListener("scroll", () => {
	seen();
	if (log.scrollTop < 150)
		page();
});

/* @who: who types; none when nobody does any more. */
export function typing(who) {
	clearTimeout(typingTimer);
	if (who && dots.hidden)
		speak(t("types", { who: who == "person" && owner.person || t(who) }));
	dots.hidden = !who;
	if (!who)
		return;
	typingTimer = setTimeout(typing, 6000);
	if (down)
		bottom();
}
