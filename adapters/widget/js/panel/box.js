/* The box that the buyer writes in. */
import { el } from "../element.js";
import { button } from "./button.js";
import { put } from "./connection.js";
import { box, question, settleFoot } from "./foot.js";
import { write } from "./queue.js";
import { owner } from "./status.js";
import { t } from "./texts.js";

export const input = el("textarea.input", { rows: 1, dir: "auto", enterkeyhint: "send", input: typed, keydown: entered });
const go = button("tool", "send", submit, "M12 19V5M6 11l6-6 6 6");
let typedAt = 0;

go.classList.add("go");
box.append(input, go);

function typed() {
	input.rows = 1;
	while (input.rows < 5 && input.scrollHeight > input.clientHeight + 2)
		input.rows++;
	if (owner.owner != "person" || !input.value || Date.now() - typedAt < 3000)
		return;
	typedAt = Date.now();
	put({ t: "typing" });
}
/* Safari ends a composition before its Enter: 229 is all that is left of it. */
function entered(event) {
	if (event.key != "Enter" || event.shiftKey || event.isComposing || event.keyCode == 229)
		return;
	event.preventDefault();
	submit();
}
function submit() {
	const s = input.value.trim();

	if (new Blob([s]).size > 4000)
		return question(t("long"), ["again", settleFoot]);
	if (s)
		write({ t: "say", text: s }, s);
	input.value = "";
	typed();
	input.focus({ preventScroll: true });
}
