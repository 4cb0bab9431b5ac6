/* The panel itself: opened and closed, and as large as it may be. */
import { el } from "../element.js";
import { button } from "./button.js";
import { want } from "./connection.js";
import { agreed } from "./consent.js";
import { ask, box, focus, settleFoot } from "./foot.js";
import { badge, isOpen, opened } from "./launcher.js";
import { options } from "./menu.js";
import { bottom, down, log, news } from "./place.js";
import { chat } from "./shared.js";
import { bar, sub } from "./status.js";
import { seen } from "./transcript.js";
import { dragover, given, upload } from "./upload.js";

export const phone = matchMedia("(max-width:519px),(max-height:479px)");
export const title = el("p.title");
export const panel = el("div.panel", { role: "dialog", tabindex: -1, hidden: true, keydown: keyed, paste: given, drop: given, dragover },
	el("div.head", {}, el("div.who", {}, title, sub), button("tool", "more", options, "M5 8h14M5 12h14M5 16h14"), button("tool", "close", close, "M6 6l12 12M18 6L6 18")),
	bar, log, el("div.foot", {}, news, ask, box));
let pulling;

/* @quiet: chat.session when nobody asked for it just now. */
export function open(quiet) {
	if (isOpen)
		return;
	opened(true);
	chat.greeting?.remove();
	panel.hidden = false;
	want();
	fit();
	badge(0);
	bottom();
	if (agreed)
		chat.session("setItem", "open", 1);
	/* It is there already when the page was loaded again. */
	if (phone.matches && !history.state?.tenstep)
		history.pushState({ ...history.state, tenstep: 1 }, "");
	if (quiet != chat.session || phone.matches)
		focus();
	seen();
	chat.emit("open");
}
export function close() {
	if (!isOpen)
		return;
	opened(false);
	panel.hidden = true;
	chat.session("removeItem", "open");
	badge(0);
	chat.launcher.focus({ preventScroll: true });
	if (history.state?.tenstep)
		history.back();
	chat.emit("close");
}
function keyed(event) {
	if (event.key == "Escape") {
		event.stopPropagation();
		if (ask.hidden || !agreed || upload)
			close();
		else
			settleFoot(true);
	}
}
/* To what a phone shows beside its keys. */
function fit() {
	panel.ariaModal = phone.matches;
	panel.style = `--tall:${visualViewport.height}px;--top:${visualViewport.offsetTop}px`;
	if (down)
		bottom();
}
/* On a phone the chat is all there is. */
function pull({ target }) {
	if (!phone.matches || !isOpen || pulling || target == chat.element)
		return;
	/* A dialog of the page may pull as well; it wins. */
	pulling = true;
	focus();
	pulling = false;
}

export function begin() {
	chat.frame.prepend(panel);
	visualViewport.onresize = visualViewport.onscroll = fit;
	addEventListener("popstate", () => phone.matches && !history.state?.tenstep && close());
	addEventListener("focusin", pull);
}
