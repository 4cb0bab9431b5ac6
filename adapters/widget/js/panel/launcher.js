/* The button in the page's corner: whether the panel is open, and how many posts were not seen. */
import { chat } from "./shared.js";
import { t } from "./texts.js";

export let isOpen = false;
export let unread = 0;

export function opened(is) {
	isOpen = chat.launcher.ariaExpanded = is;
}
export function badge(n) {
	unread = n;
	chat.badge.textContent = n;
	chat.badge.hidden = !n;
	chat.launcher.ariaLabel = isOpen ? t("close") : t("open") + (n ? `, ${t("unread", { n })}` : "");
	chat.emit("unread", n);
}
