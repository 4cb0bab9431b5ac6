/* Who answers, and how the connection stands: the line below the title, and the bar. */
import { el } from "../element.js";
import { text } from "./content.js";
import { chat } from "./shared.js";
import { speak } from "./speech.js";
import { t } from "./texts.js";

export const sub = el("p.sub");
export const bar = el("p.bar");
export let owner = {};
export let state = "";

export const role = () => t(`is_${owner.owner ?? "bot"}`, { who: owner.person || t("person") });
export function header() {
	sub.textContent = state == "connecting" ? t(state) : role();
	bar.textContent = /offline|barred/.test(state) ? t(state) : owner.owner == "queue" ? text(owner.text) : "";
	bar.hidden = !bar.textContent;
}
export function become(s) {
	if (s == state)
		return;
	if (s == "offline" || state == "offline" && s == "online")
		speak(t(s));
	state = s;
	chat.emit("connection", s);
	header();
}
export function belong(who) {
	owner = who;
	header();
}
