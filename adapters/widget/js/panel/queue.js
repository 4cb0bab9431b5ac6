/* What the buyer wrote and the server has not acknowledged: kept, and sent one at a time, in order. */
import { put, ready, want } from "./connection.js";
import { agreed } from "./consent.js";
import { lock } from "./lock.js";
import { chat } from "./shared.js";
import { t } from "./texts.js";

export let queue = [];
let shown, sender, before, sending;
let count = 0;

const keyOf = (m) => `queue:${m.id.split(":")[0]}`;
function keep(key) {
	const mine = queue.filter((m) => keyOf(m) == key);

	if (mine[0] && agreed) {
		chat.local("setItem", key, JSON.stringify(mine, (name, x) => name == "row" ? undefined : x));
		chat.session("setItem", "queue", `queue:${sender}`);
	} else
		chat.local("removeItem", key);
}
export const keepAll = () => queue.forEach((m) => keep(keyOf(m)));
/* True: it is this tab's, until that is closed. */
const hold = (key) => new Promise((known) => {
	lock(`tenstep:${key}`, { ifAvailable: true }, (mine) => {
		known(mine);
		return mine && new Promise(() => {});
	});
});
/* What tabs that are gone have left goes before all that is here. */
export async function adopt() {
	/* Names begin with the time: the oldest queue comes to stand first. */
	for (const key of chat.queues().sort().reverse())
		if (await hold(key))
			try {
				JSON.parse(chat.local("getItem", key) ?? "[]").forEach(enqueue);
			} catch {
				chat.local("removeItem", key);
			}
	flush();
}
/* @at: its place; else behind all the others. */
function enqueue(m, at = queue.length) {
	queue.splice(at, 0, m);
	shown.joined(m);
}
/* What this tab wrote before it was loaded again goes first, whoever sends it; but not for ever. */
const overtakes = () => performance.now() < 6e4 && chat.local("getItem", before) && !queue.some((m) => keyOf(m) == before);
export function flush() {
	if (!ready || sending || !queue[0] || overtakes())
		return;
	sending = queue[0];
	put({ ...sending.frame, id: sending.id });
}

/* @f: say, press or file; @words: what the buyer sees of it.  Gives the post's number when the server has it. */
export function write(f, words) {
	const m = { id: `${sender}:${++count}`, frame: f, shown: words };
	const answer = new Promise((done, fail) => Object.assign(m, { done, fail }));

	answer.catch(() => {});
	enqueue(m);
	keep(keyOf(m));
	want();
	flush();
	return answer;
}
export const find = (id) => queue.find((m) => m.id == id);
/* @n: its post, 0 when that is not known; @refused: why there will be none. */
export function settle(m, n, refused) {
	queue = queue.filter((x) => x != m);
	keep(keyOf(m));
	sending = null;
	m.n = n;
	shown.told(m, refused);
	if (refused)
		m.fail?.(new Error(refused));
	else {
		m.done?.(n);
		chat.emit("sent", { id: m.id, n });
		shown.left(m);
	}
	flush();
}
export const later = (ms) => sending && setTimeout(() => {
	sending = null;
	flush();
}, ms);
/* The connection is lost. */
export function stall(code) {
	if (code == 1009 && sending)
		settle(sending, 0, t("long"));
	sending = null;
}
export const tellAll = () => queue.forEach((m) => shown.told(m));
export const empty = () => { queue = []; };

/* @viewer: joined(m), told(m, refused) and left(m) show what becomes of a message. */
export async function begin(viewer) {
	shown = viewer;
	before = chat.session("getItem", "queue");
	sender = Date.now().toString(36) + Math.random().toString(36).slice(2);
	await hold(`queue:${sender}`);
	setInterval(adopt, 5000);
	await adopt();
}
