/* The connection with the server: made, watched, and made again when it is lost. */
import { agreed } from "./consent.js";
import { isOpen } from "./launcher.js";
import { lock } from "./lock.js";
import { chat } from "./shared.js";
import { become, state } from "./status.js";

export let token, ready;
let heard, socket, wanted, dialing, timer, asked, asking;
let lostAt = 0;
let heardAt = 0;

/* Where nothing can be stored it is known here only. */
export const key = () => chat.local("getItem", "token") ?? token;
export function keepToken(given) {
	chat.local("setItem", "token", token = given);
}
export const put = (f) => socket?.readyState == 1 && (socket.send(JSON.stringify(f)), true);

function connect(now) {
	if (!wanted || !agreed || socket || dialing || state == "barred")
		return;
	clearTimeout(timer);
	if (now && state != "offline")
		become("connecting");
	if (key())
		return dial();
	dialing = true;
	lock("tenstep:new", () => new Promise(dial));
}
/* @free: ends the lock under which the first tab of all asks for a token. */
function dial(free) {
	const s = socket = new WebSocket(chat.base.replace(/^http/, "ws").slice(0, -1));

	dialing = false;
	heardAt = Date.now();
	s.onopen = async () => {
		const hello = await heard.hello();

		token = key();
		s.send(JSON.stringify({ t: "hello", v: 1, token, ...hello }));
	};
	s.onmessage = ({ data }) => {
		const f = JSON.parse(data);

		heardAt = Date.now();
		if (s == asked)
			asked = null;
		if (s == socket)
			heard.frame(f);
		if (f.t == "welcome")
			free?.();
	};
	s.onclose = ({ code }) => {
		free?.();
		if (s == socket)
			lose(code);
	};
}
/* A clock that was set back is not waited for. */
const since = (then) => Math.abs(Date.now() - then);
/* Gives up the connection; what is wanted is tried again after a while. */
export function lose(code) {
	const s = socket;

	socket = ready = null;
	s?.close();
	heard.lost(code);
	clearTimeout(timer);
	if (!wanted)
		return become("");
	if (code == 4003)
		return become("barred");
	lostAt ||= Date.now();
	setTimeout(() => wanted && !ready && become("offline"), 1000);
	const wait = code == 1013 ? 9000 : Math.min(isOpen ? 5000 : 30000, 400 + since(lostAt) / 20);
	timer = setTimeout(connect, wait * (0.1 + Math.random() * 0.9));
}
function look() {
	const silent = since(heardAt);

	if (socket && silent > (ready ? 40000 : 10000))
		lose();
	if (silent > 20000)
		put({ t: "ping" });
}
/* The browser says that there is no network.  That may be wrong, and what was under way may still arrive: so the
 * connection is asked again and again, and given up when it does not answer. */
function doubt() {
	clearTimeout(asking);
	asked = !navigator.onLine && socket;
	if (!asked)
		return;
	if (ready)
		put({ t: "ping" });
	asking = setTimeout(() => asked && asked == socket ? lose() : doubt(), 2500);
}

/* The server has answered hello. */
export function welcomed() {
	ready = true;
	lostAt = 0;
}
/* By the buyer, who waits for it. */
export function want() {
	wanted = true;
	connect(true);
}
/* Without one: the page was loaded again. */
export function resume() {
	wanted = agreed;
	connect();
}
/* Another tab has the buyer's conversation, or another one. */
export function join() {
	wanted = true;
	lose();
}
export function leave() {
	wanted = false;
	lose();
	token = undefined;
	lostAt = 0;
}
export function wake() {
	connect(true);
	heardAt = Math.min(heardAt, Date.now() - 36000);
	put({ t: "ping" });
}
/* @listener: hello() gives what is said first, frame(f) and lost(code) hear what comes. */
export function watch(listener) {
	heard = listener;
	setInterval(look, 5000);
	addEventListener("offline", doubt);
}
