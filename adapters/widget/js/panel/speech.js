/* What is spoken by screen readers, once. */
import { el } from "../element.js";

export const live = el("div.vh", { "aria-live": "polite" });
let hush;

/* All go at once: each on its own would lay out the rest again. */
export function speak(s) {
	live.append(el("p", {}, s));
	clearTimeout(hush);
	hush = setTimeout(() => live.replaceChildren(), 9000);
}
