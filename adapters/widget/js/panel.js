/* Behind the chat button: the connection (../PROTOCOL.md), the queue, and all that is seen. */

export const english = {
	open: "Open chat", close: "Close chat", more: "More", write: "Write a message", send: "Send",
	attach: "Send a file", log: "Conversation", buyer: "You", bot: "Assistant", person: "Shop team",
	earlier: "Earlier messages", news: "New messages", chosen: "chosen", answers: "Answers",
	stars: "{n} of 5", sending: "Sending", waits: "Waiting for the connection", sent: "Sent",
	failed: "Not sent", again: "Try again", connecting: "Connecting …",
	offline: "No connection. What you write is kept and sent as soon as it is back.",
	online: "Connected again", busy: "The chat is very busy. It tries again by itself.",
	barred: "This chat does not work on this page.", types: "{who} is typing",
	robot: "Automatic assistant", queue: "You are waiting for a person", talk: "You are talking to {who}",
	limits: "{types}, up to {size}", choose: "Choose a file", cancel: "Cancel",
	uploading: "Uploading {name}", big: "{name} is larger than {size}.",
	kind: "{name}: files of this kind cannot be sent.", lost: "{name} was not uploaded.",
	agree: "Agree and start", save: "Save this conversation", erase: "Erase this conversation",
	sure: "Erase everything that was written here, also at the shop? This cannot be undone.",
	erased: "The conversation is erased.", long: "This message is too long.",
	unread: { one: "{n} unread message", other: "{n} unread messages" },
	order: "Order {n}", return: "Return {n}", refund: "Refund", pieces: "Quantity {n}",
	total: "Total", paid_with: "Paid with", created: "Ordered", carrier: "Carrier",
	tracking: "Tracking number", deliver_by: "Arrives by", ship_by: "Ships by",
	delivered: "Delivered", cancelled: "Cancelled", requested: "Requested", approved: "Approved",
	paid: "Paid out", deadline: "Until", why: "Reason", label: "Return label", address: "Send to",
	done: "done", now: "now", next: "to come",
};

const dark = "--_paper:#17191d;--_ink:#edeff2;--_shade:#262a30;--_line:#3c424b;--_quiet:#a9b2bd;--_bad:#ffb4ab;" +
	"--_good:#7ddc9e;--up:1;color-scheme:dark";
const look = `
.frame{--_paper:#fff;--_ink:#1b1e23;--_shade:#f1f3f5;--_line:#d5dae0;--_quiet:#59616c;--_bad:#b3261e;--_good:#17693a;
--up:0;color-scheme:light}
:host([theme=dark]) .frame{${dark}}
@media(prefers-color-scheme:dark){:host(:not([theme=light])) .frame{${dark}}}
.frame{--paper:var(--tenstep-surface,var(--_paper));--ink:var(--tenstep-text,var(--_ink));--shade:var(--tenstep-shade,var(--_shade));
--line:var(--tenstep-line,var(--_line));--quiet:var(--tenstep-quiet,var(--_quiet));--bad:var(--tenstep-bad,var(--_bad));
--good:var(--tenstep-good,var(--_good));--link:var(--ink);--bubble:var(--tenstep-bubble-radius,16px)}
@supports(color:color(from red srgb-linear r g b)){.frame{--l:(.2126*r + .7152*g + .0722*b);
--m:clamp(0,(.3 - var(--l))/(1 - var(--l)),1)*var(--up);--d:min(1,.15/(var(--l) + .001) + var(--up)*99);
--link:color(from var(--brand) srgb-linear calc(r*var(--d) + (1 - r)*var(--m)) calc(g*var(--d) + (1 - g)*var(--m)) calc(b*var(--d) + (1 - b)*var(--m)))}}
:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
.vh{position:absolute!important;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
p,ul,ol,dl,dd{margin:0;padding:0}
a{color:var(--link)}
.panel{position:fixed;inset-inline-end:var(--x);bottom:calc(var(--y) + var(--size) + 14px);width:min(var(--tenstep-width,400px),100vw - 2*var(--x));
height:min(var(--tenstep-height,680px),100vh - 2*var(--y) - var(--size) - 14px);display:flex;flex-direction:column;color:var(--ink);
background:var(--paper);border:1px solid var(--line);border-radius:var(--tenstep-radius,18px);overflow:hidden;overflow-wrap:anywhere;
box-shadow:var(--tenstep-shadow,0 16px 48px #1018283d,0 2px 8px #1018281f)}
.head,.box{display:flex;align-items:center;gap:4px;padding:8px}
.head{padding-inline-start:18px;border-bottom:1px solid var(--line)}
.who{flex:1}
.title,.top,.now{font-weight:650}
.sub,.name,.meta,.dim,.note,.intro,dt,.step,.early{color:var(--quiet)}
.sub,.dim,.note,.early,.pill{font-size:.87em}
.name,.meta{font-size:.8em;padding:0 4px}
.tool{flex:none;width:42px;height:42px;display:grid;place-items:center;border-radius:50%;color:var(--quiet)}
.tool:hover,.bar,.said,.pill,.was,.dots{background:var(--shade)}
.bar{padding:8px 18px}
.log{flex:1;overflow:hidden auto;overscroll-behavior:contain;padding:14px 16px 4px}
.log:focus-visible{outline-offset:-3px}
.early{display:block;margin:auto}
.intro{margin-bottom:14px}
.msg{margin-bottom:12px;display:flex;flex-direction:column;align-items:flex-start;gap:4px;content-visibility:auto;contain-intrinsic-size:auto 66px}
.more{margin-bottom:4px}
.more .meta{display:none}
.buyer{align-items:flex-end}
.note{align-items:center;text-align:center}
.said{max-width:86%;border-radius:var(--bubble);border-end-start-radius:5px;padding:9px 13px;display:grid;gap:7px;white-space:pre-line}
.buyer .said{background:var(--brand);color:var(--on);border-radius:var(--bubble);border-end-end-radius:5px}
.buyer a{color:inherit}
.person .said{background:none;border:1px solid var(--link)}
.note .said{background:none}
.said ul,.said ol{padding-inline-start:1.4em}
.pic{display:block;max-width:100%;height:auto;max-height:280px;object-fit:contain;border-radius:10px}
.waiting .said{opacity:.8}
.bad{color:var(--bad)}
.good{color:var(--good)}
.choices,.ask{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.choice,.plain,.early{border:1.5px solid var(--link);color:var(--link);border-radius:20px;padding:7px 15px;text-align:start}
.choice:hover:enabled,.plain:hover{text-decoration:underline}
.choice:disabled{border-color:var(--line);color:var(--quiet);cursor:default}
.choice.was{color:var(--ink)}
.was::before{content:"✓ "/""}
.star{padding:2px 8px;font-size:24px;border-color:var(--line)!important}
.star:enabled:is(:hover,:focus-visible),.star:enabled:has(~:hover),.star.was,.star:has(~.was){color:var(--link)}
.star.was::before{content:none}
.plain.full,.go,.go:hover{background:var(--brand);color:var(--on);border-color:transparent}
.card{width:100%;border:1px solid var(--line);border-radius:14px}
.card>*{padding:11px 14px}
.card>*+*{border-top:1px solid var(--line)}
.top,.item{display:flex;justify-content:space-between;align-items:center;gap:12px}
.pill{padding:2px 10px;border-radius:20px;font-weight:550}
.item{padding:5px 0}
.item div{flex:1}
.item .pic{width:48px;height:48px}
ul.item,ol.steps{list-style:none}
.step{position:relative;display:block;padding:3px 26px}
.step::before{content:"";position:absolute;inset-inline-start:3px;top:8px;width:9px;height:9px;border-radius:50%;border:2px solid var(--line);background:var(--paper);z-index:1}
.step+.step::after{content:"";position:absolute;inset-inline-start:8px;bottom:calc(100% - 8px);height:100%;border-inline-start:2px solid var(--line)}
.step.done,.step.now{color:inherit}
.done::before,.now::before{border-color:var(--link)!important}
.done::before{background:var(--link)!important}
dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px}
dd{text-align:end}
.dots{width:max-content;padding:6px 14px;border-radius:var(--bubble);margin-bottom:10px;letter-spacing:3px}
.foot{position:relative;border-top:1px solid var(--line)}
.news{position:absolute;inset-inline:0;margin:auto;bottom:calc(100% + 10px);width:max-content;background:var(--ink);color:var(--paper);border-radius:20px;padding:6px 16px}
.ask{padding:12px 18px}
.ask p{flex:1 0 100%;max-height:40vh;overflow:auto}
progress{flex:1}
.box{align-items:flex-end}
textarea{flex:1;min-width:0;font:inherit;color:inherit;background:none;border:1px solid var(--quiet);border-radius:21px;padding:9px 14px;resize:none}
textarea::placeholder{color:var(--quiet);opacity:1}
@media(max-width:519px),(max-height:479px){
.panel{inset:0;top:var(--top,0);width:auto;height:var(--tall,100dvh);border:0;border-radius:0;
padding:env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left)}
.panel:not([hidden])~.launcher{display:none}
textarea{font-size:max(16px,1em)}}
@media(pointer:coarse){button{min-height:44px;min-width:44px}}
@media(prefers-reduced-motion:no-preference){
.panel{animation:rise .18s}
.dots{animation:rise .7s infinite alternate}
@keyframes rise{from{opacity:.4;translate:0 6px}}}
@media(forced-colors:active){.said,.pill,.tool{border:1px solid}.done::before{background:Highlight!important}}`;

const list = (x) => (Array.isArray(x) ? x : []);
const text = (x) => String(x ?? "");

/* Storage may be forbidden or full: then it is as if there were none. */
const storage = (kind) => new Proxy({}, {
	get: (none, method) => (key, value) => {
		try {
			return window[kind][method](`tenstep:${key}`, value);
		} catch {
			return null;
		}
	},
});
const local = storage("localStorage");
const session = storage("sessionStorage");

/* Nodes of a post to elements; what is unknown or not allowed is left out.  @images: origins. */
export function renderer(el, base, images) {
	function link(href, inside) {
		const url = URL.canParse(text(href), base) && new URL(text(href), base);

		return url && /^(https?|mailto|tel):$/.test(url.protocol)
			? el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow" }, inside) : inside;
	}
	function picture({ src, alt, w, h }) {
		const url = URL.canParse(text(src), base) && new URL(text(src), base);

		return url && [new URL(base).origin, ...list(images)].includes(url.origin)
			? el("img.pic", { src: url.href, alt: text(alt), width: w, height: h, loading: "lazy", referrerpolicy: "no-referrer" }) : text(alt);
	}
	const inline = (x) => x?.b ? el("b", {}, text(x.b)) : x?.a ? link(x.a.href, text(x.a.text ?? x.a.href))
		: x?.br ? el("br") : words(x);
	const line = (tag) => (x) => el(tag, { dir: "auto" }, list(x).map(inline));
	const block = (x) => x?.p ? line("p")(x.p) : x?.ul ? el("ul", {}, list(x.ul).map(line("li")))
		: x?.ol ? el("ol", { start: x.start }, list(x.ol).map(line("li"))) : x?.img && picture(x.img);

	return { link, picture, body: (nodes) => list(nodes).map(block) };
}

const words = (x) => typeof x == "string" ? x : x?.br ? "\n" : text(x?.b ?? x?.a?.text);
/* The same nodes as plain text. */
export const plain = (nodes) => list(nodes).flatMap((x) => x?.img ? text(x.img.alt)
	: (x?.p ? [x.p] : list(x?.ul ?? x?.ol)).map((y) => (x.p ? "" : "- ") + list(y).map(words).join("")))
	.join("\n");

export async function start(chat) {
	const { el, icon, emit, config, frame, launcher } = chat;
	const { link, picture, body } = renderer(el, chat.base, config.images);
	const phone = matchMedia("(max-width:519px),(max-height:479px)");
	const locks = navigator.locks ?? { request: (key, ...more) => more.pop()(true) };

	/* Words */

	let language = {};
	let texts;
	function t(key, values = {}) {
		const found = texts[key] ?? english[key];
		const s = found.other ? found[new Intl.PluralRules(language.tag).select(values.n)] ?? found.other : found;

		return s.replace(/\{(\w+)\}/g, (all, name) => (language.rtl ? `\u2068${values[name]}\u2069` : values[name]));
	}
	const number = (n, more) => new Intl.NumberFormat(language.tag, more).format(n);
	const size = (n) => n < 1e6 ? number(n / 1024, { style: "unit", unit: "kilobyte", maximumFractionDigits: 0 })
		: number(n / 1048576, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });
	const time = (ms, more) => Math.abs(ms) < 8e15 ? new Intl.DateTimeFormat(language.tag, more).format(ms) : "";
	const date = (ms) => time(ms, { dateStyle: "medium", timeStyle: "short" });
	function value(x) {
		if (typeof x == "number")
			return time(x * 1000, { dateStyle: "medium" });
		try {
			return x?.currency ? number(x.amount, { style: "currency", currency: x.currency }) : text(x);
		} catch {
			return `${x.amount} ${x.currency}`;
		}
	}

	/* What is written and not acknowledged, in order.  Each tab has a key for its own, held by a
	 * lock; a key whose lock is free is of a tab that is gone, and is sent on under the same ids. */

	let sender;
	let count = 0;
	let queue = [];
	let held = [];
	let agreed = !config.consent || local.getItem("token");

	const keyOf = (m) => `queue:${m.id.split(":")[0]}`;
	function keep(key) {
		const mine = queue.filter((m) => keyOf(m) == key);

		if (!mine.length)
			local.removeItem(key);
		else if (agreed)
			local.setItem(key, JSON.stringify(mine.map(({ id, frame: f, shown }) => ({ id, frame: f, shown }))));
	}
	const hold = (key, options) => new Promise((known) => {
		locks.request(`tenstep:${key}`, options, (lock) => {
			known(lock);
			return lock && new Promise((free) => held.push(free));
		});
	});
	async function begin() {
		sender = crypto.getRandomValues(new BigUint64Array(1))[0].toString(36);
		queue = [];
		waiting.replaceChildren();
		await hold(`queue:${sender}`, {});
		await adopt();
	}
	const keys = () => {
		try {
			return Object.keys(localStorage).filter((key) => key.startsWith("tenstep:queue:")).map((key) => key.slice(8));
		} catch {
			return [];
		}
	};
	async function adopt() {
		for (const key of keys())
			if (key != `queue:${sender}` && !queue.some((m) => keyOf(m) == key) && await hold(key, { ifAvailable: true }))
				JSON.parse(local.getItem(key) ?? "[]").forEach(enqueue);
		flush();
	}
	function enqueue(m) {
		queue.push(m);
		m.row = el("article.msg", { class: "msg buyer waiting", tabindex: -1 }, el("span.vh", {}, `${t("buyer")}: `),
			el("div.said", { dir: "auto" }, text(m.shown)), el("span.meta"));
		waiting.append(m.row);
		choicesOf(m.frame.post, m.frame.choice);
		tell(m);
		bottom();
	}
	function write(f, shown) {
		const m = { id: `${sender}:${++count}`, frame: f, shown };
		const answer = new Promise((done, fail) => Object.assign(m, { done, fail }));

		answer.catch(() => {});
		enqueue(m);
		keep(keyOf(m));
		wanted = true;
		connect(true);
		flush();
		return answer;
	}
	function settle(m, n) {
		queue = queue.filter((x) => x != m);
		keep(keyOf(m));
		if (sending == m)
			sending = null;
		m.n = n;
		if (!n || posts.has(n))
			m.row.remove();
		tell(m);
		m.done?.(n);
		emit("sent", { id: m.id, n });
		flush();
	}
	/* How it stands with a message, in words below it. */
	function tell(m, refused) {
		m.row.classList.toggle("waiting", m.n == null && !refused);
		m.row.lastChild.replaceChildren(...refused ? [el("span.bad", {}, `${t("failed")}: ${refused} `), button("plain", "again", () => {
			m.row.remove();
			write(m.frame, m.shown);
		})] : [t(m.n != null ? "sent" : ready ? "sending" : "waits")]);
	}

	/* The connection.  One message is on its way at a time, so that none overtakes. */

	let socket, sending, token, timer, signature, forgetting, paging;
	let ready = false;
	let wanted = false;
	let dialing = false;
	let older = false;
	let last = 0;
	let asked = 0;
	let lostAt = 0;
	let heardAt = 0;
	let state = "";
	let owner = {};

	const put = (f) => socket?.readyState == 1 && (socket.send(JSON.stringify(f)), true);
	function flush() {
		if (!ready || sending || !queue.length)
			return;
		sending = queue[0];
		put({ ...sending.frame, id: sending.id });
	}
	const later = (ms) => setTimeout(() => {
		sending = null;
		flush();
	}, ms);

	/* The page's function is asked anew when the identity that it gave is about to end. */
	async function identity() {
		try {
			if (JSON.parse(atob(signature.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).exp > Date.now() / 1000 + 30)
				return signature;
		} catch {
			signature = null;
		}
		try {
			signature = await (typeof chat.identity == "function" ? chat.identity() : chat.identity);
		} catch (error) {
			emit("identity", { ok: false, text: text(error) });
		}
		return signature ?? undefined;
	}
	function become(s) {
		if (s == state)
			return;
		if (s == "offline" || state == "offline" && s == "online")
			speak(t(s));
		state = s;
		emit("connection", s);
		header();
	}
	async function connect(now) {
		if (!wanted || !agreed || socket || dialing || state == "barred")
			return;
		clearTimeout(timer);
		dialing = true;
		if (now && state != "offline")
			become("connecting");
		const signed = await identity();
		/* Tabs that open together must not make a conversation each. */
		if (local.getItem("token"))
			dial(signed);
		else
			locks.request("tenstep:new", () => new Promise((free) => { dial(signed, free); }));
	}
	function dial(signed, free = () => {}) {
		const s = socket = new WebSocket(chat.base.replace(/^http/, "ws").slice(0, -1));

		dialing = false;
		heardAt = Date.now();
		s.onopen = () => {
			token = local.getItem("token") ?? undefined;
			asked = last;
			put({ t: "hello", v: 1, token, after: last || undefined, lang: language.tag, identity: signed, page: location.pathname.slice(0, 200) });
		};
		s.onmessage = ({ data }) => {
			const f = JSON.parse(data);

			heardAt = Date.now();
			if (s == socket)
				on[f.t]?.(f);
			if (f.t == "welcome")
				free();
		};
		s.onclose = ({ code }) => {
			free();
			if (s == socket)
				lost(code);
		};
	}
	function lost(code) {
		const s = socket;

		socket = sending = null;
		ready = false;
		s?.close();
		queue.forEach((m) => tell(m));
		if (!wanted)
			return become("");
		lostAt ||= Date.now();
		if (code == 4003)
			return become("barred");
		/* Quick at first, 5 s when it has been away for long; never all at the same time. */
		const away = Date.now() - lostAt;
		const wait = code == 1013 ? 8000 : code == 1001 ? 1000 : Math.min(isOpen ? 5000 : 30000, 300 + away / 10);

		if (code == 1013)
			become("busy");
		setTimeout(() => wanted && !ready && become("offline"), 1000);
		clearTimeout(timer);
		timer = setTimeout(connect, wait * (0.4 + Math.random() * 0.6));
	}
	function wake() {
		if (document.visibilityState == "hidden")
			return;
		connect(true);
		if (put({ t: "ping" }))
			setTimeout(() => socket && Date.now() - heardAt > 3000 && lost(), 3000);
		seen();
	}
	setInterval(() => {
		if (socket && Date.now() - heardAt > (ready ? 40000 : 10000))
			lost();
		else if (Date.now() - heardAt > 20000)
			put({ t: "ping" });
		adopt();
	}, 5000);

	const on = {
		welcome(f) {
			const other = f.known === false || f.token && f.token != token;

			if (f.token)
				local.setItem("token", token = f.token);
			if (other)
				wipe();
			const old = !posts.size;
			ready = true;
			lostAt = 0;
			become("online");
			list(f.posts).forEach((p) => add(p, old));
			if (old)
				older = f.older;
			if (other && asked && f.last > last)
				put({ t: "older", before: f.last + 1 });
			on.owner(f);
			if (f.name)
				emit("identity", { ok: true, name: f.name });
			if (forgetting)
				put({ t: "forget" });
			emit("ready", f.last);
			queue.forEach((m) => tell(m));
			seen();
			adopt();
		},
		post: (f) => add(f),
		ack(f) {
			const m = queue.find((x) => x.id == f.id);

			if (m)
				settle(m, f.n);
		},
		refused(f) {
			const m = queue.find((x) => x.id == f.id);

			if (!m)
				return;
			if (f.wait)
				return later(f.wait);
			settle(m, -1);
			tell(m, f.text);
			m.fail?.(new Error(f.text));
			speak(`${t("failed")}: ${f.text}`);
		},
		typing: (f) => typing(f.who),
		owner(f) {
			owner = f;
			header();
			if (f.t == "owner") {
				speak(f.text || role());
				emit("owner", { owner: f.owner, person: f.person });
			}
		},
		older(f) {
			const first = rows.firstChild;
			const y = first?.offsetTop;

			list(f.posts).forEach((p) => add(p, true));
			older = f.older;
			if (first)
				log.scrollTop += first.offsetTop - y;
			header();
			paging?.();
			paging = null;
		},
		async error(f) {
			emit("error", f);
			if (f.code == "stored_not" || f.code == "too_fast")
				later(1000);
			if (f.code == "bad_identity") {
				signature = null;
				emit("identity", { ok: false, text: f.text });
			}
		},
		forgotten() {
			reset();
			speak(t("erased"));
			waiting.append(el("p.note", {}, t("erased")));
			emit("forgotten");
			forgetting?.();
			forgetting = null;
		},
	};

	/* Nothing is known any more: in this tab and, as the token is gone, in the others. */
	function reset() {
		wanted = false;
		lost();
		clearTimeout(timer);
		[...keys(), "token"].forEach((key) => local.removeItem(key));
		queue = [];
		owner = {};
		token = null;
		lostAt = 0;
		agreed = !config.consent;
		waiting.replaceChildren();
		wipe();
		settleFoot();
	}

	/* What is seen */

	const posts = new Map();
	let isOpen = false;
	let unread = 0;
	let readTo = 0;
	let down = true;
	let newest, upload, reading, typingTimer;

	const labelled = [];
	/* A button with a text, or with a picture and the text as its name. */
	function button(style, key, click, d, more) {
		const b = el(`button.${style}`, { type: "button", click, ...more }, d && icon(d));

		if (d || style == "news" || style == "early")
			labelled.push([b, key, d]);
		else
			b.append(t(key));
		return b;
	}
	const title = el("p.title", { dir: "auto" });
	const sub = el("p.sub");
	const bar = el("p.bar");
	const early = button("early", "earlier", page);
	const intro = el("p.intro", { dir: "auto" });
	const rows = el("div");
	const waiting = el("div");
	const dots = el("p.dots", { hidden: "" }, "•••");
	const log = el("div.log", {
		role: "log", "aria-live": "off", tabindex: 0, scroll: scrolled, keydown: arrows, focusin: rove, focusout: rove,
	}, early, intro, rows, waiting, dots);
	const news = button("news", "news", () => { bottom(); focus(); });
	const ask = el("div.ask", { role: "group" });
	const input = el("textarea.input", { rows: 1, dir: "auto", enterkeyhint: "send", autocomplete: "off", input: typed, keydown: entered, paste: pasted });
	const clip = button("tool", "attach", offer, "M20 11l-8.500 8.500a5 5 0 0 1-7-7L13 4a3.400 3.400 0 0 1 5 5l-8.500 8.500a1.700 1.700 0 0 1-2.500-2.500l7.500-7.500", { part: "attach" });
	const more = button("tool", "more", options, "M5 12h.01M12 12h.01M19 12h.01", { part: "more" });
	const go = button("tool", "send", submit, "M12 19V5M6 11l6-6 6 6", { class: "tool go", part: "send" });
	const box = el("div.box", {}, clip, input, go);
	const panel = el("div.panel", { role: "dialog", tabindex: -1, hidden: "", keydown: keyed },
		el("div.head", {}, el("div.who", {}, title, sub), more, button("tool", "close", close, "M6 6l12 12M18 6L6 18", { part: "close" })),
		bar, log, el("div.foot", {}, news, ask, box));
	const live = el("div.vh", { role: "status" });

	function speak(s) {
		const line = el("p", {}, s);

		live.append(line);
		setTimeout(() => line.remove(), 9000);
	}
	const nameOf = (post) => text(post.name) || t(english[post.who] ? post.who : "bot");
	const role = () => owner.owner == "person" ? t("talk", { who: owner.person || t("person") }) : t(owner.owner == "queue" ? "queue" : "robot");
	function header() {
		sub.textContent = state == "connecting" ? t(state) : role();
		bar.textContent = /offline|busy|barred/.test(state) ? t(state) : owner.owner == "queue" ? text(owner.text) : "";
		bar.hidden = !bar.textContent;
		early.hidden = !older;
		intro.hidden = older;
	}
	function badge(n) {
		unread = n;
		chat.badge.textContent = number(n);
		chat.badge.hidden = !n;
		launcher.setAttribute("aria-label", isOpen ? t("close") : n ? `${t("open")}, ${t("unread", { n })}` : t("open"));
		emit("unread", n);
	}

	/* A post's place is its number, and it is there once. */
	function add(post, old) {
		const { n, who } = post;

		if (!(n > 0) || posts.has(n))
			return;
		const stay = down;
		const row = message(post);
		let before = rows.lastChild;
		while (before?.post.n > n)
			before = before.previousSibling;
		if (before)
			before.after(row);
		else
			rows.prepend(row);
		posts.set(n, row);
		last = Math.max(last, n);
		group(row);
		if (row.nextSibling)
			group(row.nextSibling);
		for (const e of [...waiting.children])
			if (e.id == post.id)
				e.remove();
		const mine = queue.find((m) => m.id == post.id);
		if (mine)
			settle(mine, n);
		if (who != "buyer")
			typing();
		answered(row);
		if (old)
			return bottom();
		emit("message", post);
		const said = [plain(post.body), post.file?.name, ...list(post.choices).map((c) => c.label)].filter(Boolean).join(", ");
		speak(who == "note" ? said : `${nameOf(post)}: ${said}`);
		if (stay || who == "buyer")
			bottom();
		news.hidden = down;
		if (isOpen)
			seen();
		else if (who != "buyer")
			badge(unread + 1);
	}
	/* Of several in a row the first has the name, the last the time. */
	function group(row) {
		const before = row.previousSibling;
		const same = before?.post.who == row.post.who && before.post.name == row.post.name;

		before?.classList.toggle("more", same);
		row.firstChild.className = same || /buyer|note/.test(row.post.who) ? "vh" : "name";
	}
	function message(post) {
		const { who, at, file } = post;
		const nodes = body(post.body);
		const row = el("article.msg", { class: `msg ${who}`, part: `message ${who}`, tabindex: -1 },
			el("span", {}, who != "note" && `${nameOf(post)}: `),
			(nodes.some(Boolean) || file) && el("div.said", {}, nodes, file && attachment(file)),
			Object.hasOwn(cards, post.card?.card) && el(`div.card`, { part: `card ${post.card.card}` }, cards[post.card.card](post.card)),
			list(post.choices).length && choices(post),
			who != "note" && el("span.meta", {}, time(at, new Date(at).toDateString() == new Date().toDateString() ? { timeStyle: "short" }
				: { dateStyle: "medium", timeStyle: "short" }), who == "buyer" && ` · ${t("sent")}`));

		row.post = post;
		rove({ target: row });
		return row;
	}
	const attachment = ({ url, name, type, bytes }) => link(url, text(type).startsWith("image/") && url
		? picture({ src: url, alt: name }) : `${text(name)} (${size(bytes)})`);

	/* Choices can be pressed as long as no newer ones are there. */
	function choices(post) {
		const all = list(post.choices);
		const rating = "12345".split("").every((n, i) => all[i]?.id == n);

		return el("div.choices", { role: "group", "aria-label": t("answers") }, all.map(({ id, label }, i) => {
			const star = rating && i < 5;
			const b = el("button.choice", {
				type: "button", class: star && "choice star", "data-id": id, dir: "auto", "aria-label": star && t("stars", { n: id }),
				click() {
					write({ t: "press", post: post.n, choice: text(id) }, text(label));
					focus();
				},
			}, star ? "★" : text(label));
			b.title = star ? text(label) : "";
			return b;
		}));
	}
	const choicesOf = (n, id) => posts.has(n) && use(posts.get(n), id);
	function use(row, id) {
		for (const e of row.querySelectorAll(".choice")) {
			e.disabled = true;
			if (e.dataset.id == id && !e.matches(".was")) {
				e.classList.add("was");
				e.parentNode.setAttribute("aria-label", `${t("answers")}: ${e.ariaLabel ?? e.textContent}, ${t("chosen")}`);
			}
		}
	}
	function answered(row) {
		const { who, n, body: nodes } = row.post;
		const has = (r) => r.querySelector(".choices");

		if (has(row)) {
			const old = newest?.post.n > n ? row : newest;
			newest = old == row ? newest : row;
			if (old)
				use(old);
			const m = queue.find((x) => x.frame.post == n);
			if (m)
				use(row, m.frame.choice);
		}
		let r = who == "buyer" && row;
		while (r && !has(r))
			r = r.previousSibling;
		const choice = r && r.post.choices.find((c) => c.label == plain(nodes));
		if (choice)
			use(r, choice.id);
	}

	/* Cards */

	const top = (label, status, code) => el("div.top", { dir: "auto" }, label,
		status && el("span.pill", { class: `pill ${/DELIV|COMPL|paid/.test(code) ? "good" : /CANC|reject/.test(code) ? "bad" : ""}` }, text(status)));
	const items = (c) => list(c.items).length && el("ul.item", { class: "items" }, c.items.map((x) => el("li.item", {},
		x.image && picture({ src: x.image, w: 48, h: 48 }),
		el("div", { dir: "auto" }, text(x.title), el("div.dim", {}, [x.variant, x.quantity > 1 && t("pieces", { n: number(x.quantity) })].filter(Boolean).join(" · "))),
		value(x.price))));
	const steps = (c) => list(c.steps).length && el("ol.steps", {}, c.steps.map((s) => el("li.step", { class: `step ${s.state}`, "aria-current": s.state == "now" && "step" },
		text(s.text), s.state != "now" && el("span.vh", {}, ` (${t(s.state == "done" ? "done" : "next")})`))));
	function facts(c, names) {
		const there = names.split(" ").filter((name) => c[name]);

		return there.length && el("dl.facts", {}, there.map((name) => [el("dt", {}, t(name)),
			el("dd", { dir: "auto" }, name == "label" ? link(c.label, t("label")) : value(c[name]))]));
	}
	const order = (c) => [top(t("order", { n: c.number }), c.status_text, c.status), items(c)];
	const cards = {
		order: (c) => [...order(c), steps(c), facts(c, "total paid_with created carrier tracking ship_by deliver_by delivered cancelled")],
		orders: (c) => list(c.orders).map((x) => el("div", {}, order(x), el("div.dim", {}, `${value(x.created)} · ${value(x.total)}`))),
		refund: (c) => [top(`${t("refund")} · ${t("order", { n: c.order })}`, value(c.amount), c.state), steps(c), facts(c, "paid_with requested approved paid deadline why")],
		return: (c) => [top(t("return", { n: c.id }), c.state_text, c.state), items(c), steps(c), facts(c, "refund deadline address tracking label")],
	};

	/* Scrolling, and what has been read */

	function bottom() {
		down = true;
		news.hidden = true;
		log.scrollTop = 1e9;
	}
	function scrolled() {
		down = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
		if (down)
			news.hidden = true;
		seen();
		if (log.scrollTop < 150)
			page();
	}
	function page() {
		if (!older || !ready || paging)
			return null;
		put({ t: "older", before: rows.firstChild?.post.n ?? last + 1 });
		return new Promise((done) => { paging = done; });
	}
	function seen() {
		reading ??= setTimeout(() => {
			reading = null;
			if (isOpen && down && !document.hidden && last > readTo && put({ t: "read", n: last }))
				readTo = last;
		}, 1000);
	}
	function typing(who) {
		clearTimeout(typingTimer);
		const name = who == "person" ? owner.person || t("person") : t("bot");

		if (who && dots.hidden)
			speak(t("types", { who: name }));
		dots.hidden = !who;
		if (who) {
			typingTimer = setTimeout(typing, 6000);
			if (down)
				bottom();
		}
	}
	function wipe() {
		rows.replaceChildren();
		posts.clear();
		last = readTo = 0;
		older = newest = null;
		typing();
		badge(0);
		header();
	}

	/* Keys and focus.  The transcript is one stop of the Tab key; arrows go through it. */

	function arrows(event) {
		const all = [...rows.children, ...waiting.children];
		const at = all.indexOf(chat.root.activeElement.closest("article"));
		const to = { ArrowUp: at < 0 ? all.length - 1 : at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];

		if (to == null)
			return;
		event.preventDefault();
		all[to]?.focus();
	}
	/* Links are on the way of the Tab key only from their own message. */
	function rove({ target, type, relatedTarget }) {
		const row = target.closest("article");
		const inside = type == "focusin" || row?.contains(relatedTarget ?? null);

		row?.querySelectorAll("a").forEach((a) => { a.tabIndex = inside ? 0 : -1; });
	}
	function keyed(event) {
		if (event.key == "Escape") {
			event.stopPropagation();
			if (!ask.hidden && agreed && !upload)
				settleFoot(true);
			else
				close();
		}
		/* On a phone the page is covered: the Tab key stays inside. */
		const all = [...panel.querySelectorAll("button,textarea,a,[tabindex='0']")].filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility());
		if (event.key == "Tab" && phone.matches && chat.root.activeElement == all.at(event.shiftKey ? 0 : -1)) {
			event.preventDefault();
			all.at(event.shiftKey ? -1 : 0).focus();
		}
	}
	/* On a touch screen focus in the box would bring the keyboard up. */
	function focus() {
		if (isOpen)
			(ask.querySelector("button") ?? (matchMedia("(pointer:coarse)").matches ? panel : input)).focus({ preventScroll: true });
	}

	/* Writing */

	function typed() {
		input.rows = 1;
		while (input.rows < 5 && input.scrollHeight > input.clientHeight + 2)
			input.rows++;
		if (owner.owner == "person" && input.value && !(Date.now() - typed.at < 3000)) {
			typed.at = Date.now();
			put({ t: "typing" });
		}
	}
	function entered(event) {
		if (event.key != "Enter" || event.shiftKey || event.isComposing)
			return;
		event.preventDefault();
		submit();
	}
	function submit() {
		const s = input.value.trim();

		if (new TextEncoder().encode(s).length > 4000)
			return question(t("long"), ["again", settleFoot]);
		if (s)
			write({ t: "say", text: s }, s);
		input.value = "";
		typed();
		input.focus({ preventScroll: true });
	}

	/* Below the transcript is the box, or something that has to be answered first. */

	function question(inside, ...buttons) {
		ask.replaceChildren(el("p", { dir: "auto" }, inside), ...buttons.map((b, i) => b.append ? b
			: button(i ? "plain" : "full", b[0], b[1], "", { class: i ? "plain" : "plain full" })));
		ask.hidden = false;
		box.hidden = true;
		ask.setAttribute("aria-label", ask.firstChild.textContent);
		focus();
	}
	function settleFoot(back) {
		ask.replaceChildren();
		ask.hidden = agreed;
		box.hidden = !agreed;
		if (!agreed)
			question(linked(config.consent), ["agree", () => {
				agreed = wanted = true;
				queue.forEach((m) => keep(keyOf(m)));
				connect(true);
				settleFoot(true);
			}]);
		else if (back)
			focus();
	}
	const back = ["cancel", settleFoot];
	const linked = (s) => text(s).split(/(https?:\/\/[^\s<>"]+[^\s<>".,)])/).map((x, i) => (i % 2 ? link(x, x) : x));
	function options() {
		question("", ["save", () => { settleFoot(true); download(); }],
			["erase", () => question(t("sure"), ["erase", () => { settleFoot(true); forget(); }], back)], back);
	}

	const max = config.files?.max_bytes ?? 5242880;
	const kinds = list(config.files?.types);
	function offer() {
		const pick = el("input", { type: "file", accept: kinds.join(), change: () => take(pick.files[0]) });

		question(t("limits", {
			types: kinds.map((k) => k.split("/")[1].toUpperCase()).join(", "), size: size(max),
		}), ["choose", () => pick.click()], back);
	}
	function take(file) {
		const { name } = file;
		const bad = (key, retry) => {
			upload = null;
			speak(t(key, { name, size: size(max) }));
			question(el("span.bad", {}, t(key, { name, size: size(max) })), retry ? ["again", () => take(file)] : ["choose", offer], back);
		};

		if (file.size > max)
			return bad("big");
		if (!kinds.includes(file.type))
			return bad("kind");
		const label = t("uploading", { name });
		const progress = el("progress", { value: 0, "aria-label": label });
		upload = new XMLHttpRequest();
		upload.upload.onprogress = (e) => { progress.value = e.loaded / e.total; };
		upload.onabort = () => { upload = null; settleFoot(true); };
		upload.onerror = () => bad("lost", true);
		upload.onload = ({ target }) => {
			if (target.status != 201)
				return bad({ 413: "big", 415: "kind" }[target.status] ?? "lost", true);
			write({ t: "file", file: JSON.parse(target.response).file }, name);
			target.onabort();
		};
		upload.open("POST", `${chat.base}upload`);
		upload.setRequestHeader("Authorization", `Bearer ${token}`);
		upload.setRequestHeader("X-File-Name", encodeURIComponent(name));
		upload.send(file);
		question(label, progress, ["cancel", () => upload?.abort()]);
	}
	function pasted(event) {
		const file = event.clipboardData.files[0];

		if (!file || !kinds.length)
			return;
		event.preventDefault();
		take(file);
	}

	/* Erasing, saving */

	function forget() {
		return new Promise((done) => {
			forgetting = done;
			wanted = true;
			if (!token && !local.getItem("token"))
				on.forgotten();
			else if (!ready || !put({ t: "forget" }))
				connect(true);
		});
	}
	async function download() {
		while (older && ready)
			await page();
		const lines = [...rows.children].map(({ post: p }) => {
			const all = p.card?.orders ?? [p.card ?? {}];
			const cards1 = all.map((c) => [c.number ?? c.order ?? c.id, c.status_text ?? c.state_text ?? c.state, value(c.total ?? c.amount ?? c.refund)].filter(Boolean).join(", "));

			return `${date(p.at)}  ${nameOf(p)}: ${[plain(p.body), p.file?.name, ...cards1, ...list(p.choices).map((c) => `[${c.label}]`)].filter(Boolean).join("\n\t")}`;
		});
		const all = `${title.textContent}, ${date(Date.now())}\n\n${lines.join("\n")}\n`;
		const href = URL.createObjectURL(new Blob([all], { type: "text/plain" }));
		el("a", { href, download: "chat.txt" }).click();
		setTimeout(() => URL.revokeObjectURL(href), 9000);
		return all;
	}

	/* Opening and closing */

	function open(quiet) {
		if (isOpen)
			return;
		isOpen = wanted = true;
		chat.greeting?.remove();
		panel.hidden = false;
		launcher.setAttribute("aria-expanded", true);
		connect(true);
		viewport();
		badge(0);
		bottom();
		if (agreed)
			session.setItem("open", 1);
		if (phone.matches)
			history.pushState({ ...history.state, tenstep: 1 }, "");
		if (quiet != "quiet")
			focus();
		seen();
		emit("open");
	}
	function close() {
		if (!isOpen)
			return;
		isOpen = false;
		panel.hidden = true;
		launcher.setAttribute("aria-expanded", false);
		session.removeItem("open");
		badge(0);
		launcher.focus({ preventScroll: true });
		if (history.state?.tenstep)
			history.back();
		emit("close");
	}
	function viewport() {
		panel.setAttribute("aria-modal", phone.matches);
		placed.replaceSync(`.panel{--tall:${visualViewport.height}px;--top:${visualViewport.offsetTop}px}`);
		if (down)
			bottom();
	}
	async function refresh() {
		const { name } = language;

		language = chat.language();
		if (language.name == name)
			return;
		texts = english;
		if (language.name != "en")
			texts = (await import(`${chat.base}lang/${language.name}.js`).catch(() => ({ default: english }))).default;
		title.textContent = config.title || "Chat";
		panel.setAttribute("aria-label", title.textContent);
		for (const [b, key, d] of labelled)
			if (d)
				b.title = b.ariaLabel = t(key);
			else
				b.textContent = t(key);
		input.placeholder = input.ariaLabel = t("write");
		log.ariaLabel = t("log");
		const all = [...posts.values()];
		newest = null;
		posts.clear();
		rows.replaceChildren();
		all.forEach((row) => add(row.post, true));
		queue.forEach((m) => tell(m));
		badge(unread);
		header();
		settleFoot();
		if (name)
			emit("language", language.tag);
	}

	chat.style(look);
	const placed = chat.style("");
	intro.append(...linked(config.greeting));
	clip.hidden = !kinds.length;
	frame.prepend(panel);
	frame.append(live);
	chat.refresh = refresh;
	await refresh();
	addEventListener("online", wake);
	document.addEventListener("visibilitychange", wake);
	addEventListener("popstate", () => phone.matches && !history.state?.tenstep && close());
	visualViewport.onresize = visualViewport.onscroll = viewport;
	new ResizeObserver(() => down && bottom()).observe(log);
	/* A page that is put aside must not hold what another tab could send. */
	addEventListener("pagehide", () => {
		wanted = false;
		lost();
		held.forEach((free) => free());
		held = [];
	});
	addEventListener("pageshow", ({ persisted }) => persisted && begin().then(() => {
		wanted = agreed;
		connect();
	}));
	addEventListener("storage", ({ key, newValue }) => {
		if (key != "tenstep:token" || newValue == token)
			return;
		if (!newValue)
			return token && reset();
		agreed = wanted = true;
		settleFoot();
		lost();
	});
	await begin();

	return {
		open, close, forget, download,
		toggle: () => (isOpen ? close() : open()),
		send: (s) => write({ t: "say", text: text(s) }, text(s)),
		logout: reset,
		resume() {
			wanted = agreed;
			if (session.getItem("open") && !phone.matches)
				open("quiet");
			connect();
		},
		async identify() {
			signature = null;
			const signed = await identity();
			if (ready && signed)
				put({ t: "identity", identity: signed });
		},
	};
}
