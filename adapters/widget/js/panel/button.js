/* Buttons, with a picture or with words. */
import { el, icon } from "../element.js";
import { t } from "./texts.js";

const labels = [];

/* @d: the path of the picture; then the words of @key are the button's name. */
export function button(style, key, click, d) {
	const b = el(`button.${style}`, { part: d ? key : style, click }, d ? icon(d) : t(key));

	if (d)
		labels.push([b, key]);
	return b;
}
/* After a change of the language. */
export function relabel() {
	for (const [b, key] of labels)
		b.title = b.ariaLabel = t(key);
}
