/* What was written and is not on the server's disk yet, as rows below the transcript. */
import { el } from "../element.js";
import { button } from "./button.js";
import { use } from "./choices.js";
import { ready } from "./connection.js";
import { text } from "./content.js";
import { bottom, waiting } from "./place.js";
import { write } from "./queue.js";
import { message } from "./row.js";
import { t } from "./texts.js";
import { posts } from "./transcript.js";

export function joined(m) {
	m.row = message({ who: "buyer", body: [{ p: [text(m.shown)] }] });
	m.row.id = m.id;
	waiting.append(m.row);
	use(posts.get(m.frame.post), m.frame.choice);
	told(m);
	bottom(m.row);
}
export function told(m, refused) {
	m.row.classList.toggle("waiting", m.n == null);
	m.row.lastChild.replaceChildren(...refused ? [el("span.bad", {}, `${t("failed")}: ${refused} `), button("plain", "again", () => {
		m.row.remove();
		write(m.frame, m.shown);
	})] : [t(m.n != null ? "sent" : ready ? "sending" : "waits")]);
}
/* Its post is there, or will not come. */
export function left(m) {
	if (!m.n || posts.has(m.n))
		m.row.remove();
}
