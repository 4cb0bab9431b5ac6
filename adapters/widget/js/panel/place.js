/* The transcript on the screen, and where in it the buyer reads. */
import { el } from "../element.js";
import { focus } from "./foot.js";
import { rove } from "./row.js";
import { chat } from "./shared.js";

export const intro = el("p.intro", { dir: "auto" });
/* Says that a proof has ended, and that what was said before is for whoever makes it again. */
export const seal = el("p.seal", { hidden: true });
export const rows = el("div");
/* Below them, what is not on the server's disk yet. */
export const waiting = el("div");
export const dots = el("p.dots", { hidden: true }, "•••");
export const log = el("div.log", {
	role: "log", "aria-live": "off", tabindex: 0, scroll: scrolled, keydown: arrows, focusin: rove, focusout: rove,
}, intro, seal, rows, waiting, dots);
export const news = el("button.news", { hidden: true, click() { bottom(log); focus(); } });
/* The end is in sight, and is to stay so. */
export let down = true;
let top = 0;
let height = 0;
let asked = log;

export const topOf = (e) => e.getBoundingClientRect().top;
const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 60;

/* @row: what the buyer wrote last; a long answer to it is read from its beginning. */
export const readFrom = (row) => { asked = row; };
/* To the end, but not past what the buyer wrote last. */
export function bottom(row = asked) {
	readFrom(row);
	const y = topOf(row) - topOf(log) - 12;

	down = true;
	log.scrollTop += y < 0 ? 1e9 : y;
	news.hidden = atEnd();
}
/* What becomes shorter moves as well, but nobody has turned away from the end. */
function scrolled() {
	const y = log.scrollTop;

	down = atEnd() || down && (y >= top || height != log.scrollHeight);
	top = y;
	height = log.scrollHeight;
	news.hidden ||= atEnd();
}
function arrows(event) {
	const all = [...log.querySelectorAll("article")];
	const at = all.indexOf(chat.root.activeElement.closest("article"));
	const to = { ArrowUp: Math.max(at, 0) - 1, ArrowDown: (at + 1) % all.length, Home: 0, End: -1 }[event.key];

	if (to == null)
		return;
	event.preventDefault();
	all.at(to)?.focus();
}

/* The end stays in sight when something grows. */
export function watchSizes() {
	const watch = new ResizeObserver(() => down && bottom());

	[log, rows, waiting].forEach((e) => watch.observe(e));
}
