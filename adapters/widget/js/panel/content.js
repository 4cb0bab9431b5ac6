/* The trees that posts are made of, as elements.  What is unknown or not allowed is left out. */
import { el } from "../element.js";
import { chat } from "./shared.js";

export const list = (x) => (Array.isArray(x) ? x : []);
export const text = (x) => typeof x == "object" ? "" : String(x ?? "");

function address(x) {
	try {
		return new URL(text(x), chat.base);
	} catch {
		return {};
	}
}
export function link(href, ...inside) {
	const url = address(href);

	return /^(https?|mailto|tel):$/.test(url.protocol)
		? el("a", { href: url.href, target: "_blank", rel: "noreferrer nofollow" }, inside) : inside;
}
export function picture({ src, alt, w, h }) {
	const url = address(src);

	return [new URL(chat.base).origin, ...list(chat.config.images)].includes(url.origin)
		? el("img.pic", { src: url.href, alt: text(alt), width: w, height: h, loading: "lazy", referrerpolicy: "no-referrer" }) : text(alt);
}
/* A text of the configuration, with its addresses as links. */
export const linked = (s) => text(s).split(/(https?:\/\/[^\s<>"]+[^\s<>".,)])/).map((x, i) => (i % 2 ? link(x, x) : x));

const words = (x) => typeof x == "string" ? x : x?.br ? "\n" : text(x?.b ?? x?.a?.text);
const inline = (x) => x?.b ? el("b", {}, text(x.b)) : x?.a ? link(x.a.href, words(x) || text(x.a.href))
	: x?.br ? el("br") : words(x);
const items = (tag, x, start) => el(tag, { dir: "auto", start }, list(x).map((y) => el("li", {}, list(y).map(inline))));

export const body = (nodes) => list(nodes).map((x) => x?.p ? el("p", { dir: "auto" }, list(x.p).map(inline))
	: x?.ul ? items("ul", x.ul) : x?.ol ? items("ol", x.ol, x.start) : x?.img && picture(x.img));
/* The same as mere words. */
export const plain = (nodes) => list(nodes).flatMap((x) => x?.img ? text(x.img.alt)
	: (x?.p ? [x.p] : list(x?.ul ?? x?.ol)).map((y) => list(y).map(words).join(""))).join("\n");
