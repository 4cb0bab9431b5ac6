/* The buttons under a post, and which of them was chosen. */
import { el } from "../element.js";
import { plain, text } from "./content.js";
import { focus } from "./foot.js";
import { queue, write } from "./queue.js";
import { t } from "./texts.js";

let newest;

export function choices(post) {
	const rating = [1, 2, 3, 4, 5].every((n, i) => post.choices[i]?.id == n);

	return el("div.choices", { role: "group", "aria-label": t("answers") }, post.choices.map(({ id, label }, i) => {
		const star = rating && i < 5;

		return el("button.choice", {
			class: `choice ${star && "star"}`, "data-id": id, dir: "auto", "aria-label": star && t("stars", { n: id }),
			click() {
				write({ t: "press", post: post.n, choice: id }, label);
				focus();
			},
		}, star ? "★" : text(label));
	}));
}
/* Nothing of @row can be pressed any more. */
export function use(row, id) {
	for (const e of row?.querySelectorAll(".choice") ?? []) {
		e.disabled = true;
		if (e.dataset.id == id) {
			e.classList.add("was");
			e.parentNode.ariaLabel = `${t("answers")}: ${e.ariaLabel ?? e.textContent}, ${t("chosen")}`;
		}
	}
}
/* Only the newest can be pressed; what answers one is found by its words. */
export function answer(row) {
	const { who, n, body } = row.post;
	const has = (r) => r.querySelector(".choices");

	if (has(row)) {
		if (newest?.post.n > n)
			use(row);
		else {
			use(newest);
			newest = row;
		}
		const m = queue.find((x) => x.frame.post == n);
		if (m)
			use(row, m.frame.choice);
	}
	let r = who == "buyer" && row;
	while (r && !has(r))
		r = r.previousSibling;
	const choice = r && r.post.choices.find((c) => c.label == plain(body));
	if (choice)
		use(r, choice.id);
}
export const noChoices = () => { newest = null; };
