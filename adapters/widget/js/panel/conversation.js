/* What the server says, given to those whom it is for; and the end of it all. */
import { el } from "../element.js";
import { join, keepToken, key, leave, lose, put, ready, token, wake, want, watch, welcomed } from "./connection.js";
import { agree, recall } from "./consent.js";
import { list, text } from "./content.js";
import { settleFoot } from "./foot.js";
import { identity } from "./identity.js";
import { bottom, seal, waiting } from "./place.js";
import { adopt, empty, find, flush, later, settle, stall, tellAll } from "./queue.js";
import { chat } from "./shared.js";
import { speak } from "./speech.js";
import { become, belong, role } from "./status.js";
import { language, t } from "./texts.js";
import { add, earlier, follow, last, paged, paging, seen, typing, wipe } from "./transcript.js";

let forgetting;

/* By the kind of the frame; ../../PROTOCOL.md names them. */
const on = {
	welcome(f) {
		const other = f.known === false || f.token && f.token != token;
		const anew = f.sealed || !seal.hidden;
		const after = anew ? 0 : last;

		if (f.token)
			keepToken(f.token);
		/* What is too much to catch up with is shown anew, from its end; so is what was sealed meanwhile, or is not any more. */
		if (other || anew || last && list(f.posts)[0]?.n > last + 1)
			wipe();
		if (other && after)
			return lose();
		if (!last)
			follow(f.older);
		seal.hidden = !f.sealed;
		if (f.sealed)
			speak(t("sealed"));
		welcomed();
		list(f.posts).forEach((p) => add(p, !after));
		if (!after)
			bottom();
		become("online");
		belong(f);
		if (f.name)
			chat.emit("identity", { ok: true, name: f.name });
		if (forgetting)
			put({ t: "forget" });
		tellAll();
		adopt();
	},
	post: (f) => add(f),
	ack(f) {
		const m = find(f.id);

		if (m)
			settle(m, f.n);
	},
	refused(f) {
		const m = find(f.id);

		if (!m)
			return;
		if (f.wait)
			return later(f.wait);
		settle(m, 0, text(f.text));
		speak(`${t("failed")}: ${f.text}`);
	},
	typing: (f) => typing(f.who),
	owner(f) {
		belong(f);
		speak(f.text || role());
		chat.emit("owner", f);
	},
	older: paged,
	error(f) {
		chat.emit("error", f);
		later(1000);
		if (paging)
			setTimeout(earlier, 1000);
		if (f.code == "bad_identity")
			chat.emit("identity", { ok: false, text: f.text });
	},
	forgotten() {
		reset();
		speak(t("erased"));
		waiting.append(el("p.note", {}, t("erased")));
		chat.emit("forgotten");
		forgetting?.();
		forgetting = null;
	},
};

/* Erased, or logged out: as if there never had been one. */
export function reset() {
	leave();
	chat.clear();
	empty();
	belong({});
	recall();
	waiting.replaceChildren();
	wipe();
	settleFoot();
}
/* Erases it at the server too. */
export function forget() {
	return new Promise((done) => {
		forgetting = done;
		if (!key())
			on.forgotten();
		else if (!ready || !put({ t: "forget" }))
			want();
	});
}
export async function identify() {
	const signed = await identity();

	if (ready && signed)
		put({ t: "identity", identity: signed });
}
/* What other tabs did. */
function stored({ key: name, newValue }) {
	flush();
	if (name != "tenstep:token" || newValue == token)
		return;
	if (!newValue)
		/* Who asked to forget is told so by the server. */
		return forgetting || token && reset();
	agree();
	settleFoot();
	join();
}

export function begin() {
	watch({
		async hello() {
			const signed = await identity();

			return {
				after: last || undefined, lang: language.tag,
				identity: signed ?? undefined, page: location.pathname.slice(0, 200),
			};
		},
		frame: (f) => on[f.t]?.(f),
		lost(code) {
			stall(code);
			paged();
			tellAll();
		},
	});
	const awake = () => { wake(); seen(); };
	addEventListener("online", awake);
	addEventListener("visibilitychange", () => document.hidden || awake());
	addEventListener("storage", stored);
}
