/* A file that the buyer sends: chosen, dropped or pasted. */
import { el } from "../element.js";
import { button } from "./button.js";
import { token } from "./connection.js";
import { list } from "./content.js";
import { back, box, question, settleFoot } from "./foot.js";
import { identity } from "./identity.js";
import { write } from "./queue.js";
import { chat } from "./shared.js";
import { speak } from "./speech.js";
import { size, t } from "./texts.js";

const clip = button("tool", "attach", offer, "M20 11l-8 8a5 5 0 0 1-7-7l8-8a3 3 0 0 1 5 5l-8 8a2 2 0 0 1-3-3l7-7");
/* While one is on its way. */
export let upload;
let max, kinds;

/* What the shop takes, by its configuration. */
export function begin() {
	max = chat.config.files?.max_bytes;
	kinds = list(chat.config.files?.types);
	clip.hidden = !max;
	box.prepend(clip);
}
function offer() {
	const pick = el("input", { type: "file", accept: kinds.join(), change: () => take(pick.files[0]) });

	question(t("limits", { types: chat.config.files.names, size: size(max) }),
		["choose", () => pick.click()], back);
}
export const dragover = (event) => event.dataTransfer.types.includes("Files") && event.preventDefault();
/* Dropped or pasted; what has words as well is text. */
export function given(event) {
	const data = event.clipboardData ?? event.dataTransfer;

	if (!data.files[0] || data.getData("text"))
		return;
	event.preventDefault();
	if (max && !box.hidden)
		take(data.files[0]);
}
async function take(file) {
	const { name } = file;
	const bad = (key) => {
		const why = t(key, { name, size: size(max) });

		upload = null;
		speak(why);
		question(el("span.bad", {}, why), key == "lost" ? ["again", () => take(file)] : ["choose", offer], back);
	};
	const label = t("uploading", { name });
	const progress = el("progress", { value: 0, "aria-label": label });

	if (file.size > max || !kinds.includes(file.type))
		return bad(file.size > max ? "big" : "kind");
	const x = upload = new XMLHttpRequest();
	x.upload.onprogress = (e) => { progress.value = e.loaded / e.total; };
	x.onabort = () => { upload = null; settleFoot(true); };
	x.onerror = () => bad("lost");
	x.onload = () => {
		if (x.status != 201)
			return bad({ 413: "big", 415: "kind" }[x.status] ?? "lost");
		write({ t: "file", file: JSON.parse(x.response).file }, name);
		x.onabort();
	};
	/* What is not sent yet says nothing when it is aborted. */
	question([label, progress], ["cancel", () => { x.abort(); x.onabort(); }]);
	const signed = await identity();
	if (upload != x)
		return;
	x.open("POST", `${chat.base}upload`);
	x.setRequestHeader("Authorization", `Bearer ${token}`);
	x.setRequestHeader("X-File-Name", encodeURIComponent(name));
	if (signed)
		x.setRequestHeader("X-Chat-Identity", signed);
	x.send(file);
}
