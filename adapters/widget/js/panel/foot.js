/* The foot of the panel: the box for writing, or a question with its answers. */
import { el } from "../element.js";
import { button } from "./button.js";
import { want } from "./connection.js";
import { agree, agreed } from "./consent.js";
import { linked } from "./content.js";
import { isOpen } from "./launcher.js";
import { keepAll } from "./queue.js";
import { chat } from "./shared.js";

export const ask = el("div.ask", { role: "group" });
export const box = el("div.box");

/* To where one goes on; not to the box where that would bring up the keys of a screen. */
export function focus() {
	if (isOpen)
		(ask.querySelector("button") ?? (matchMedia("(pointer:coarse)").matches ? box.closest(".panel") : box.querySelector("textarea")))
			.focus({ preventScroll: true });
}
/* @buttons: the key of a text and what is done; the first is the one that stands out. */
export function question(inside, ...buttons) {
	ask.replaceChildren(el("p", { dir: "auto" }, inside), ...buttons.map(([key, fn], i) => button(`plain${i ? "" : " full"}`, key, fn)));
	ask.hidden = false;
	box.hidden = true;
	ask.ariaLabel = ask.textContent;
	focus();
}
/* No question is left but that of consent.  @back: the focus returns. */
export function settleFoot(back) {
	ask.replaceChildren();
	ask.hidden = agreed;
	box.hidden = !agreed;
	if (agreed)
		return back && focus();
	question(linked(chat.config.consent), ["agree", () => {
		agree();
		chat.session("setItem", "open", 1);
		keepAll();
		want();
		settleFoot(true);
	}]);
}
export const back = ["cancel", settleFoot];
