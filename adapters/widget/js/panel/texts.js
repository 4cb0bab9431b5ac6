/* The chat's own texts, in the buyer's language, and numbers and times as that writes them. */
import english from "../lang/en.js";
import { text } from "./content.js";
import { chat } from "./shared.js";

export { english };
export let language = {};
let texts;

/* False when the language is the one that it was. */
export async function learn() {
	const { name } = language;

	language = chat.language();
	if (language.name == name)
		return false;
	texts = language.name == "en" ? english
		: (await import(`${chat.base}lang/${language.name}.js`).catch(() => ({ default: english }))).default;
	return true;
}

export function t(key, values = {}) {
	const found = texts[key] ?? english[key];

	return (found[new Intl.PluralRules(language.tag).select(values.n ?? 0)] ?? found.other ?? found)
		.replace(/{(\w+)}/g, (all, name) => values[name]);
}

const number = (n, more) => (+n).toLocaleString(language.tag, more);
export const size = (bytes) => `${number(bytes / 1048576, { maximumSignificantDigits: 2 })} MB`;
export const time = (ms, dateStyle, timeStyle) => new Intl.DateTimeFormat(language.tag, { dateStyle, timeStyle }).format(ms);
/* A value of a card: a time, an amount of money, or words. */
export const value = (x) => typeof x == "number" ? time(x * 1000, "medium")
	: x?.currency ? number(x.amount, { style: "currency", currency: x.currency }) : text(x);
