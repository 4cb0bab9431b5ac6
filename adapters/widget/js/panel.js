/* What is behind the chat button; ../README.md says how it works. */

export const english = {
	open: "Open chat", close: "Close chat", more: "More", write: "Write a message", send: "Send",
	attach: "Send a file", log: "Conversation", buyer: "You", bot: "Assistant", person: "Shop team",
	news: "New messages", chosen: "chosen", answers: "Answers",
	stars: "{n} of 5", sending: "Sending", waits: "Waiting for the connection", sent: "Sent",
	failed: "Not sent", again: "Try again", connecting: "Connecting …",
	offline: "No connection. What you write is sent later.",
	online: "Connected again", barred: "This chat does not work on this page.",
	types: "{who} is typing", is_bot: "Automatic assistant", is_queue: "You are waiting for a person",
	is_person: "You are talking to {who}", limits: "{types}, up to {size}", choose: "Choose a file",
	cancel: "Cancel", uploading: "Uploading {name}", big: "{name} is larger than {size}.",
	kind: "{name}: this kind of file cannot be sent.", lost: "{name} was not uploaded.",
	agree: "Agree and start", save: "Save this conversation", erase: "Erase this conversation",
	sure: "Erase everything written here, also at the shop? This cannot be undone.",
	erased: "The conversation is erased.", long: "This message is too long.",
	unread: { one: "{n} unread message", other: "{n} unread messages" },
	order: "Order {n}", return: "Return {n}", refund: "Refund", pieces: "Quantity {n}",
	total: "Total", paid_with: "Paid with", created: "Ordered", carrier: "Carrier",
	tracking: "Tracking number", deliver_by: "Arrives by", ship_by: "Ships by",
	delivered: "Delivered", cancelled: "Cancelled", requested: "Requested", approved: "Approved",
	paid: "Paid out", deadline: "Until", why: "Reason", label: "Return label", address: "Send to",
	done: "done", next: "to come",
};

const dark = "--tenstep-surface:#17191d;--tenstep-text:#edeff2;--tenstep-shade:#262a30;--tenstep-line:#3c424b;" +
	"--tenstep-quiet:#a9b2bd;--tenstep-bad:#ffb4ab;--tenstep-good:#7ddc9e;--min:.76;--max:1;color-scheme:dark!important";
const look = `
:host{--tenstep-surface:#fff;--tenstep-text:#1b1e23;--tenstep-shade:#f1f3f5;--tenstep-line:#d5dae0;
--tenstep-quiet:#59616c;--tenstep-bad:#b3261e;--tenstep-good:#17693a;--min:0;--max:.5;color-scheme:light!important}
:host([theme=dark]){${dark}}
@media(prefers-color-scheme:dark){:host(:not([theme=light])){${dark}}}
.frame{--bubble:var(--tenstep-bubble-radius,16px)}
:focus-visible{outline:2px solid var(--tenstep-text);outline-offset:2px}
.vh{position:absolute!important;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
p,ul,ol,dl,dd{margin:0;padding:0}
a{color:var(--link)}
.panel{position:fixed;inset-inline-end:var(--x);bottom:calc(var(--y) + var(--size) + 14px);width:min(var(--tenstep-width,400px),100% - 2*var(--x));
height:min(var(--tenstep-height,680px),100% - 2*var(--y) - var(--size) - 14px);display:flex;flex-direction:column;color:var(--tenstep-text);
background:var(--tenstep-surface);border:1px solid var(--tenstep-line);border-radius:var(--tenstep-radius,18px);overflow:hidden;overflow-wrap:anywhere;
box-shadow:var(--tenstep-shadow,0 16px 48px #1018283d)}
.head,.box{display:flex;align-items:center;gap:4px;padding:8px}
.head{padding-inline-start:16px;border-bottom:1px solid var(--tenstep-line)}
.title,.top,.now{font-weight:650}
.sub,.name,.meta,.dim,.note,.intro,dt,.step{color:var(--tenstep-quiet)}
.sub,.dim,.note,.pill,.name,.meta{font-size:.85em}
.tool{flex:none;width:42px;height:42px;display:grid;place-items:center;border-radius:50%;color:var(--tenstep-quiet)}
.tool:hover,.bar,.said,.pill,.was,.dots{background:var(--tenstep-shade)}
.log{flex:1;overflow:hidden auto;overscroll-behavior:contain;overflow-anchor:none;padding:12px 16px 4px}
.log:focus-visible{outline-offset:-3px}
.intro,.msg{margin-bottom:12px}
.msg{display:flex;flex-direction:column;align-items:flex-start;gap:4px}
.more{margin-bottom:4px}
.more .meta{display:none}
.buyer{align-items:flex-end}
.note{align-items:center;text-align:center}
.said{max-width:86%;border-radius:var(--bubble);border-end-start-radius:5px;padding:9px 14px;display:grid;gap:8px;white-space:pre-line}
.buyer .said{background:var(--brand);color:var(--on);border-radius:var(--bubble);border-end-end-radius:5px}
.buyer a{color:inherit}
.person .said{border:1px solid var(--link)}
.person .said,.note .said{background:none}
.said ul,.said ol{padding-inline-start:1.4em}
.pic{display:block;max-width:100%;height:auto;max-height:280px;object-fit:contain;border-radius:10px}
.bad{color:var(--tenstep-bad)}
.good{color:var(--tenstep-good)}
.choices,.ask{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.choice,.plain{border:1.5px solid var(--link);color:var(--link);border-radius:20px;padding:6px 16px;text-align:start}
.choice:hover,.plain:hover{text-decoration:underline}
.choice:disabled{border-color:var(--tenstep-line);color:var(--tenstep-quiet);pointer-events:none}
.choice.was{color:var(--tenstep-text)}
.was:not(.star)::before{content:"✓ "/""}
.star{padding:2px 8px;text-align:center;font-size:24px;border-color:var(--tenstep-line);color:var(--tenstep-quiet)}
.star:is(:hover,.was,:has(~:is(:hover,.was))){color:var(--link)}
.full,.go,.go:hover{background:var(--brand);color:var(--on);border-color:transparent}
.card{width:100%;border:1px solid var(--tenstep-line);border-radius:14px}
.card>*{padding:10px 14px}
.card>*+*{border-top:1px solid var(--tenstep-line)}
.top,.item{display:flex;justify-content:space-between;align-items:center;gap:8px}
.top{flex-wrap:wrap}
.pill{padding:2px 10px;border-radius:20px}
.item{padding:5px 0}
.who,.item div{flex:1}
.item .pic{width:48px;height:48px}
.step{position:relative;display:block;padding:3px 26px}
.step::before{content:"";position:absolute;inset-inline-start:3px;top:8px;width:9px;height:9px;border-radius:50%;border:2px solid var(--tenstep-line);background:var(--tenstep-surface);z-index:1}
.step+.step::after{content:"";position:absolute;inset-inline-start:8px;bottom:calc(100% - 8px);height:100%;border-inline-start:2px solid var(--tenstep-line)}
.done,.now{color:inherit}
.done::before,.now::before{border-color:var(--link)}
.done::before{background:var(--link)}
dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px}
dd{text-align:end}
.dots{width:max-content;padding:6px 16px;border-radius:var(--bubble);margin-bottom:12px;letter-spacing:3px}
.foot{position:relative;border-top:1px solid var(--tenstep-line)}
.news{position:absolute;inset-inline:0;margin:auto;bottom:calc(100% + 10px);width:max-content;background:var(--tenstep-text);color:var(--tenstep-surface);border-radius:20px;padding:6px 16px}
.bar,.ask{padding:10px 16px;overflow:auto}
.ask p{flex:1 0 100%;max-height:40vh;overflow:auto}
progress{display:block;width:100%}
.box{align-items:flex-end}
textarea{flex:1;min-width:0;font:inherit;color:inherit;background:none;border:1px solid var(--tenstep-quiet);border-radius:21px;padding:9px 14px;resize:none}
textarea:focus-visible{outline-color:var(--link);outline-offset:-1px}
textarea::placeholder{color:var(--tenstep-quiet);opacity:1}
[dir=rtl] textarea:placeholder-shown{direction:rtl}
@media(max-width:519px),(max-height:479px){
.panel{inset:0;top:var(--top,0);width:auto;height:var(--tall,100dvh);border:0;border-radius:0;
padding:env(safe-area-inset-top) 0 env(safe-area-inset-bottom)}
.panel:not([hidden])~.launcher{display:none}
textarea{font-size:max(16px,1em)}}
@media(pointer:coarse){button{min-height:44px;min-width:44px}}
@media(prefers-reduced-motion:no-preference){
.panel{animation:rise .18s}
.dots{animation:rise .7s infinite alternate}
@keyframes rise{from{opacity:.4;translate:0 6px}}}
@media(forced-colors:active){.said,.pill,.tool{border:1px solid}.done::before{background:Highlight}}`;

const list = (x) => (Array.isArray(x) ? x : []);
const topOf = (e) => e.getBoundingClientRect().top;
const text = (x) => typeof x == "object" ? "" : String(x ?? "");
const words = (x) => typeof x == "string" ? x : x?.br ? "\n" : text(x?.b ?? x?.a?.text);

/* What is unknown or not allowed is left out. */
export function renderer(el, base, images) {
	function address(x) {
		try {
			return new URL(text(x), base);
		} catch {
			return {};
		}
	}
	function link(href, ...inside) {
		const url = address(href);

		return /^(https?|mailto|tel):$/.test(url.protocol)
			? el("a", { href: url.href, target: "_blank", rel: "noreferrer nofollow" }, inside) : inside;
	}
	function picture({ src, alt, w, h }) {
		const url = address(src);

		return [new URL(base).origin, ...list(images)].includes(url.origin)
			? el("img.pic", { src: url.href, alt: text(alt), width: w, height: h, loading: "lazy", referrerpolicy: "no-referrer" }) : text(alt);
	}
	const inline = (x) => x?.b ? el("b", {}, text(x.b)) : x?.a ? link(x.a.href, words(x) || text(x.a.href))
		: x?.br ? el("br") : words(x);
	const items = (tag, x, start) => el(tag, { dir: "auto", start }, list(x).map((y) => el("li", {}, list(y).map(inline))));

	return {
		link, picture, body: (nodes) => list(nodes).map((x) => x?.p ? el("p", { dir: "auto" }, list(x.p).map(inline))
			: x?.ul ? items("ul", x.ul) : x?.ol ? items("ol", x.ol, x.start) : x?.img && picture(x.img)),
	};
}

export const plain = (nodes) => list(nodes).flatMap((x) => x?.img ? text(x.img.alt)
	: (x?.p ? [x.p] : list(x?.ul ?? x?.ol)).map((y) => list(y).map(words).join(""))).join("\n");

export async function start(chat) {
	const { el, icon, emit, local, session, config, frame, launcher } = chat;
	const { link, picture, body } = renderer(el, chat.base, config.images);
	const phone = matchMedia("(max-width:519px),(max-height:479px)");
	const held = new Set();
	/* A browser that keeps nothing for the page has no locks either, or refuses them. */
	const alone = (key, ...more) => more.pop()(!held.has(key) && held.add(key));
	const lock = (...what) => navigator.locks?.request(...what).catch(() => alone(...what)) ?? alone(...what);

	let language = {};
	let texts;
	function t(key, values = {}) {
		const found = texts[key] ?? english[key];

		return (found[new Intl.PluralRules(language.tag).select(values.n ?? 0)] ?? found.other ?? found)
			.replace(/{(\w+)}/g, (all, name) => values[name]);
	}
	const number = (n, more) => (+n).toLocaleString(language.tag, more);
	const size = (n) => `${number(n / 1048576, { maximumSignificantDigits: 2 })} MB`;
	const time = (ms, dateStyle, timeStyle) => new Intl.DateTimeFormat(language.tag, { dateStyle, timeStyle }).format(ms);
	const value = (x) => typeof x == "number" ? time(x * 1000, "medium")
		: x?.currency ? number(x.amount, { style: "currency", currency: x.currency }) : text(x);

	let sender, before;
	let count = 0;
	let queue = [];
	let agreed = !config.consent || local("getItem", "token");

	const keyOf = (m) => `queue:${m.id.split(":")[0]}`;
	function keep(key) {
		const mine = queue.filter((m) => keyOf(m) == key);

		if (mine[0] && agreed) {
			local("setItem", key, JSON.stringify(mine, (name, x) => name == "row" ? undefined : x));
			session("setItem", "queue", `queue:${sender}`);
		} else
			local("removeItem", key);
	}
	const hold = (key) => new Promise((known) => {
		lock(`tenstep:${key}`, { ifAvailable: true }, (mine) => {
			known(mine);
			return mine && new Promise(() => {});
		});
	});
	async function adopt() {
		/* Names begin with the time: the oldest queue comes to stand first. */
		for (const key of chat.queues().sort().reverse())
			if (await hold(key))
				try {
					JSON.parse(local("getItem", key) ?? "[]").forEach(enqueue);
				} catch {
					local("removeItem", key);
				}
		flush();
	}
	/* What this tab wrote before it was loaded again goes first, whoever sends it; but not for ever. */
	const overtakes = () => performance.now() < 6e4 && local("getItem", before) && !queue.some((m) => keyOf(m) == before);
	async function begin() {
		before = session("getItem", "queue");
		sender = Date.now().toString(36) + Math.random().toString(36).slice(2);
		queue = [];
		waiting.replaceChildren();
		await hold(`queue:${sender}`);
		await adopt();
	}
	/* Without a place: behind all the others. */
	function enqueue(m, at = queue.length) {
		queue.splice(at, 0, m);
		m.row = message({ who: "buyer", body: [{ p: [text(m.shown)] }] });
		m.row.id = m.id;
		asked = m.row;
		waiting.append(m.row);
		use(posts.get(m.frame.post), m.frame.choice);
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
	function settle(m, n, refused) {
		queue = queue.filter((x) => x != m);
		keep(keyOf(m));
		sending = null;
		m.n = n;
		tell(m, refused);
		if (refused)
			m.fail?.(new Error(refused));
		else {
			m.done?.(n);
			emit("sent", { id: m.id, n });
			if (!n || posts.has(n))
				m.row.remove();
		}
		flush();
	}
	function tell(m, refused) {
		m.row.classList.toggle("waiting", m.n == null);
		m.row.lastChild.replaceChildren(...refused ? [el("span.bad", {}, `${t("failed")}: ${refused} `), button("plain", "again", () => {
			m.row.remove();
			write(m.frame, m.shown);
		})] : [t(m.n != null ? "sent" : ready ? "sending" : "waits")]);
	}

	let socket, sending, token, timer, forgetting, paging, ready, wanted, dialing, older;
	let last = 0;
	let lostAt = 0;
	let heardAt = 0;
	let state = "";
	let owner = {};

	function paged(more) {
		paging?.(more);
		paging = null;
	}
	const put = (f) => socket?.readyState == 1 && (socket.send(JSON.stringify(f)), true);
	function flush() {
		if (!ready || sending || !queue[0] || overtakes())
			return;
		sending = queue[0];
		put({ ...sending.frame, id: sending.id });
	}
	const later = (ms) => setTimeout(() => {
		sending = null;
		flush();
	}, ms);
	function become(s) {
		if (s == state)
			return;
		if (s == "offline" || state == "offline" && s == "online")
			speak(t(s));
		state = s;
		emit("connection", s);
		header();
	}
	/* What is no token (a shop's page for logging in) goes to the server too, which says so, but not all of it. */
	async function identity() {
		try {
			const signed = await Promise.race([chat.identity?.call ? chat.identity() : chat.identity,
				new Promise((done) => setTimeout(done, 4000))]);

			return signed && encodeURI(signed).slice(0, 2048);
		} catch (error) {
			emit("identity", { ok: false, text: String(error) });
		}
	}
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
	/* Where nothing can be stored it is known here only. */
	const key = () => local("getItem", "token") ?? token;
	function dial(free) {
		const s = socket = new WebSocket(chat.base.replace(/^http/, "ws").slice(0, -1));

		dialing = false;
		heardAt = Date.now();
		s.onopen = async () => {
			const signed = await identity();

			token = key();
			s.send(JSON.stringify({
				t: "hello", v: 1, token, after: last || undefined, lang: language.tag,
				identity: signed ?? undefined, page: location.pathname.slice(0, 200),
			}));
		};
		s.onmessage = ({ data }) => {
			const f = JSON.parse(data);

			heardAt = Date.now();
			if (s == socket)
				on[f.t]?.(f);
			if (f.t == "welcome")
				free?.();
		};
		s.onclose = ({ code }) => {
			free?.();
			if (s == socket)
				lost(code);
		};
	}
	/* A clock that was set back is not waited for. */
	const since = (then) => Math.abs(Date.now() - then);
	function lost(code) {
		const s = socket;

		if (code == 1009 && sending)
			settle(sending, 0, t("long"));
		socket = sending = ready = null;
		paged();
		s?.close();
		queue.forEach((m) => tell(m));
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
	function wake() {
		connect(true);
		heardAt = Math.min(heardAt, Date.now() - 36000);
		put({ t: "ping" });
		seen();
	}
	setInterval(() => {
		const silent = since(heardAt);

		if (socket && silent > (ready ? 40000 : 10000))
			lost();
		if (silent > 20000)
			put({ t: "ping" });
		adopt();
	}, 5000);

	const on = {
		welcome(f) {
			const other = f.known === false || f.token && f.token != token;
			const after = last;

			if (f.token)
				local("setItem", "token", token = f.token);
			/* What is too much to catch up with is shown anew, from its end. */
			if (other || last && list(f.posts)[0]?.n > last + 1)
				wipe();
			if (other && after)
				return lost();
			if (!last)
				older = f.older;
			ready = true;
			lostAt = 0;
			list(f.posts).forEach((p) => add(p, !after));
			if (!after)
				bottom();
			become("online");
			on.owner(f);
			if (f.name)
				emit("identity", { ok: true, name: f.name });
			if (forgetting)
				put({ t: "forget" });
			queue.forEach((m) => tell(m));
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
			settle(m, 0, text(f.text));
			speak(`${t("failed")}: ${f.text}`);
		},
		typing: (f) => typing(f.who),
		owner(f) {
			owner = f;
			header();
			if (f.t == "owner") {
				speak(f.text || role());
				emit("owner", f);
			}
		},
		older(f) {
			const first = rows.firstChild;
			const y = first && topOf(first);

			list(f.posts).forEach((p) => add(p, true));
			older = f.older;
			header();
			if (first)
				log.scrollTop += topOf(first) - y;
			paged(true);
		},
		error(f) {
			emit("error", f);
			if (sending)
				later(1000);
			if (paging)
				setTimeout(earlier, 1000);
			if (f.code == "bad_identity")
				emit("identity", { ok: false, text: f.text });
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

	function reset() {
		wanted = false;
		lost();
		chat.clear();
		queue = [];
		owner = {};
		token = undefined;
		lostAt = 0;
		agreed = !config.consent;
		waiting.replaceChildren();
		wipe();
		settleFoot();
	}

	const posts = new Map();
	const labels = [];
	let unread = 0;
	let readTo = 0;
	let down = true;
	let top = 0;
	let isOpen, newest, upload, reading, typingTimer, hush, pulling;

	function button(style, key, click, d) {
		const b = el(`button.${style}`, { part: d ? key : style, click }, d ? icon(d) : t(key));

		if (d)
			labels.push([b, key]);
		return b;
	}
	const title = el("p.title");
	const sub = el("p.sub");
	const bar = el("p.bar");
	const intro = el("p.intro", { dir: "auto" });
	const rows = el("div");
	const waiting = el("div");
	const dots = el("p.dots", { hidden: true }, "•••");
	const log = el("div.log", {
		role: "log", "aria-live": "off", tabindex: 0, scroll: scrolled, keydown: arrows, focusin: rove, focusout: rove,
	}, intro, rows, waiting, dots);
	const news = el("button.news", { hidden: true, click() { asked = log; bottom(); focus(); } });
	const ask = el("div.ask", { role: "group" });
	const input = el("textarea.input", { rows: 1, dir: "auto", enterkeyhint: "send", input: typed, keydown: entered });
	const clip = button("tool", "attach", offer, "M20 11l-8 8a5 5 0 0 1-7-7l8-8a3 3 0 0 1 5 5l-8 8a2 2 0 0 1-3-3l7-7");
	const go = button("tool", "send", submit, "M12 19V5M6 11l6-6 6 6");
	const box = el("div.box", {}, clip, input, go);
	const dragover = (event) => event.dataTransfer.types.includes("Files") && event.preventDefault();
	const panel = el("div.panel", { role: "dialog", tabindex: -1, hidden: true, keydown: keyed, paste: given, drop: given, dragover },
		el("div.head", {}, el("div.who", {}, title, sub), button("tool", "more", options, "M5 8h14M5 12h14M5 16h14"), button("tool", "close", close, "M6 6l12 12M18 6L6 18")),
		bar, log, el("div.foot", {}, news, ask, box));
	const live = el("div.vh", { "aria-live": "polite" });

	/* All go at once: each on its own would lay out the rest again. */
	function speak(s) {
		live.append(el("p", {}, s));
		clearTimeout(hush);
		hush = setTimeout(() => live.replaceChildren(), 9000);
	}
	const nameOf = (post) => text(post.name) || t(english[post.who] ? post.who : "bot");
	const role = () => t(`is_${owner.owner ?? "bot"}`, { who: owner.person || t("person") });
	function header() {
		sub.textContent = state == "connecting" ? t(state) : role();
		bar.textContent = /offline|barred/.test(state) ? t(state) : owner.owner == "queue" ? text(owner.text) : "";
		bar.hidden = !bar.textContent;
		intro.hidden = older;
	}
	function badge(n) {
		unread = n;
		chat.badge.textContent = n;
		chat.badge.hidden = !n;
		launcher.ariaLabel = isOpen ? t("close") : t("open") + (n ? `, ${t("unread", { n })}` : "");
		emit("unread", n);
	}

	function add(post, old) {
		const { n, who } = post;

		if (!(n > 0) || posts.has(n))
			return;
		const row = message(post);
		let before = rows.lastChild;
		while (before?.post.n > n)
			before = before.previousSibling;
		rows.insertBefore(row, before ? before.nextSibling : rows.firstChild);
		posts.set(n, row);
		last = Math.max(last, n);
		[row, row.nextSibling].forEach(group);
		const mine = queue.find((m) => m.id == post.id);
		if (mine)
			settle(mine, n);
		waiting.querySelector(`[id="${post.id}"]`)?.remove();
		if (who == "buyer")
			asked = old ? asked : row;
		else
			typing();
		answered(row);
		if (old)
			return;
		emit("message", post);
		const said = [plain(post.body), post.file?.name, ...list(post.choices).map((c) => c.label)].filter(Boolean).join(", ");
		speak(who == "note" ? said : `${nameOf(post)}: ${said}`);
		news.hidden = down;
		while (down && posts.size > 200) {
			older = posts.delete(rows.firstChild.post.n);
			rows.firstChild.remove();
		}
		if (isOpen)
			seen();
		else if (who != "buyer")
			badge(unread + 1);
	}
	function group(row) {
		const before = row?.previousSibling;
		const same = before?.post.who == row?.post.who && before?.post.name == row?.post.name;

		before?.classList.toggle("more", same);
		if (row)
			row.firstChild.className = same || /buyer|note/.test(row.post.who) ? "vh" : "name";
	}
	function message(post) {
		const { who, at, file, card } = post;
		const nodes = body(post.body);
		const drawn = draw(card);
		const today = time(at, "medium") == time(Date.now(), "medium");
		const row = el("article.msg", { class: `msg ${who}`, part: `message ${who}`, tabindex: -1 },
			el("span.name", { class: "vh" }, who != "note" && nameOf(post)),
			(nodes.some(Boolean) || file) && el("div.said", {}, nodes, file && attachment(file)),
			drawn && el("div.card", { part: `card ${card.card}` }, drawn),
			list(post.choices)[0] && choices(post),
			who != "note" && el("span.meta", {}, time(at, today ? undefined : "medium", "short"), who == "buyer" && ` · ${t("sent")}`));

		row.post = post;
		rove({ target: row });
		return row;
	}
	const attachment = ({ url, name, type, bytes }) => link(url, /^image/.test(type) ? picture({ src: url, alt: name }) : `${name} (${size(bytes)})`);

	function choices(post) {
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
	function use(row, id) {
		for (const e of row?.querySelectorAll(".choice") ?? []) {
			e.disabled = true;
			if (e.dataset.id == id) {
				e.classList.add("was");
				e.parentNode.ariaLabel = `${t("answers")}: ${e.ariaLabel ?? e.textContent}, ${t("chosen")}`;
			}
		}
	}
	function answered(row) {
		const { who, n, body: nodes } = row.post;
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
		const choice = r && r.post.choices.find((c) => c.label == plain(nodes));
		if (choice)
			use(r, choice.id);
	}

	const heads = {
		__proto__: null,
		order: (c) => [t("order", { n: c.number }), c.status_text, c.status],
		refund: (c) => [t("refund") + (c.order ? ` · ${t("order", { n: c.order })}` : ""), value(c.amount), c.state],
		return: (c) => [t("return", { n: c.id }), c.state_text, c.state],
	};
	function head([label, status, code]) {
		const mood = /DELIV|COMPL|paid/.test(code) ? "good" : /CANC|reject/.test(code) && "bad";

		return el("div.top", {}, label, status && el("span.pill", { class: `pill ${mood}` }, status));
	}
	const items = (c) => list(c.items)[0] && el("ul.items", {}, c.items.map((x) => el("li.item", {},
		x.image && picture({ src: x.image }),
		el("div", {}, x.title, el("div.dim", {}, [x.variant, x.quantity > 1 && t("pieces", { n: x.quantity })].filter(Boolean).join(" · "))),
		value(x.price))));
	const steps = (c) => list(c.steps)[0] && el("ol.steps", {}, c.steps.map((s) => el("li.step", { class: `step ${s.state}`, "aria-current": s.state == "now" && "step" },
		s.text, s.state != "now" && el("span.vh", {}, ` (${t(s.state)})`))));
	const facts = (c) => el("dl.facts", {}, ("total refund paid_with created carrier requested approved paid deadline why address tracking label " +
		"ship_by deliver_by delivered cancelled").split(" ").filter((name) => c[name]).map((name) => [el("dt", {}, t(name)),
		el("dd", {}, el("bdi", {}, name == "label" ? link(c.label, "PDF") : value(c[name])))]));
	const short = (c) => el("div", {}, head(heads.order(c)), items(c), el("div.dim", {}, `${value(c.created)} · ${value(c.total)}`));
	const draw = (c) => c?.card == "orders" ? list(c.orders).map(short)
		: heads[c?.card] && [head(heads[c.card](c)), items(c), steps(c), facts(c)];

	let asked = log;
	const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 60;
	/* To the end, but not past what the buyer wrote last: a long answer is read from its beginning. */
	function bottom() {
		const y = topOf(asked) - topOf(log) - 12;

		down = true;
		log.scrollTop += y < 0 ? 1e9 : y;
		news.hidden = atEnd();
	}
	function scrolled() {
		const y = log.scrollTop;

		down = atEnd() || down && y >= top;
		top = y;
		news.hidden ||= atEnd();
		seen();
		if (y < 150)
			page();
	}
	const earlier = () => put({ t: "older", before: rows.firstChild?.post.n });
	/* True when older ones have come; false when there are none, or the connection was lost. */
	function page() {
		return older && ready && !paging && earlier() && new Promise((done) => { paging = done; });
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
		if (who && dots.hidden)
			speak(t("types", { who: who == "person" && owner.person || t(who) }));
		dots.hidden = !who;
		if (!who)
			return;
		typingTimer = setTimeout(typing, 6000);
		if (down)
			bottom();
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

	function arrows(event) {
		const all = [...log.querySelectorAll("article")];
		const at = all.indexOf(chat.root.activeElement.closest("article"));
		const to = { ArrowUp: Math.max(at, 0) - 1, ArrowDown: (at + 1) % all.length, Home: 0, End: -1 }[event.key];

		if (to == null)
			return;
		event.preventDefault();
		all.at(to)?.focus();
	}
	function rove({ target, type, relatedTarget }) {
		const row = target.closest("article");

		for (const a of row?.querySelectorAll("a") ?? [])
			a.tabIndex = type == "focusin" || relatedTarget && row.contains(relatedTarget) ? 0 : -1;
	}
	function keyed(event) {
		if (event.key == "Escape") {
			event.stopPropagation();
			if (ask.hidden || !agreed || upload)
				close();
			else
				settleFoot(true);
		}
	}
	function focus() {
		if (isOpen)
			(ask.querySelector("button") ?? (matchMedia("(pointer:coarse)").matches ? panel : input)).focus({ preventScroll: true });
	}

	let typedAt = 0;
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

	function question(inside, ...buttons) {
		ask.replaceChildren(el("p", { dir: "auto" }, inside), ...buttons.map(([key, fn], i) => button(`plain${i ? "" : " full"}`, key, fn)));
		ask.hidden = false;
		box.hidden = true;
		ask.ariaLabel = ask.textContent;
		focus();
	}
	function settleFoot(back) {
		ask.replaceChildren();
		ask.hidden = agreed;
		box.hidden = !agreed;
		if (agreed)
			return back && focus();
		question(linked(config.consent), ["agree", () => {
			agreed = wanted = true;
			session("setItem", "open", 1);
			queue.forEach((m) => keep(keyOf(m)));
			connect(true);
			settleFoot(true);
		}]);
	}
	const back = ["cancel", settleFoot];
	const linked = (s) => text(s).split(/(https?:\/\/[^\s<>"]+[^\s<>".,)])/).map((x, i) => (i % 2 ? link(x, x) : x));
	function options() {
		question("", ["save", () => { settleFoot(true); download(); }],
			["erase", () => question(t("sure"), ["erase", () => { settleFoot(true); forget(); }], back)], back);
	}

	const max = config.files?.max_bytes;
	const kinds = list(config.files?.types);
	function offer() {
		const pick = el("input", { type: "file", accept: kinds.join(), change: () => take(pick.files[0]) });

		question(t("limits", { types: config.files.names, size: size(max) }),
			["choose", () => pick.click()], back);
	}
	/* Dropped or pasted; what has words as well is text. */
	function given(event) {
		const data = event.clipboardData ?? event.dataTransfer;

		if (!data.files[0] || data.getData("text"))
			return;
		event.preventDefault();
		if (max && !box.hidden)
			take(data.files[0]);
	}
	function take(file) {
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
		upload = new XMLHttpRequest();
		upload.upload.onprogress = (e) => { progress.value = e.loaded / e.total; };
		upload.onabort = () => { upload = null; settleFoot(true); };
		upload.onerror = () => bad("lost");
		upload.onload = ({ target }) => {
			if (target.status != 201)
				return bad({ 413: "big", 415: "kind" }[target.status] ?? "lost");
			write({ t: "file", file: JSON.parse(target.response).file }, name);
			target.onabort();
		};
		upload.open("POST", `${chat.base}upload`);
		upload.setRequestHeader("Authorization", `Bearer ${token}`);
		upload.setRequestHeader("X-File-Name", encodeURIComponent(name));
		upload.send(file);
		question([label, progress], ["cancel", () => upload?.abort()]);
	}

	function forget() {
		return new Promise((done) => {
			forgetting = done;
			wanted = true;
			if (!key())
				on.forgotten();
			else if (!ready || !put({ t: "forget" }))
				connect(true);
		});
	}
	async function download() {
		while (older && await page());
		let all = "";
		for (const row of rows.children) {
			const walk = document.createTreeWalker(row);
			for (all += time(row.post.at, "medium", "short"); walk.nextNode();) {
				const s = walk.currentNode.data ?? walk.currentNode.alt;
				if (s)
					all += ` ${s}`;
			}
			all += "\n\n";
		}
		const href = URL.createObjectURL(new Blob([all], { type: "text/plain" }));
		el("a", { href, download: `${title.textContent}.txt` }).click();
		setTimeout(() => URL.revokeObjectURL(href), 9000);
		return all;
	}

	function open(quiet) {
		if (isOpen)
			return;
		isOpen = wanted = true;
		chat.greeting?.remove();
		panel.hidden = false;
		launcher.ariaExpanded = true;
		connect(true);
		viewport();
		badge(0);
		bottom();
		if (agreed)
			session("setItem", "open", 1);
		/* It is there already when the page was loaded again. */
		if (phone.matches && !history.state?.tenstep)
			history.pushState({ ...history.state, tenstep: 1 }, "");
		if (quiet != session || phone.matches)
			focus();
		seen();
		emit("open");
	}
	function close() {
		if (!isOpen)
			return;
		isOpen = false;
		panel.hidden = true;
		launcher.ariaExpanded = false;
		session("removeItem", "open");
		badge(0);
		launcher.focus({ preventScroll: true });
		if (history.state?.tenstep)
			history.back();
		emit("close");
	}
	function viewport() {
		panel.ariaModal = phone.matches;
		panel.style = `--tall:${visualViewport.height}px;--top:${visualViewport.offsetTop}px`;
		if (down)
			bottom();
	}
	async function refresh() {
		const { name } = language;

		language = chat.language();
		if (language.name == name)
			return down && bottom();
		texts = language.name == "en" ? english
			: (await import(`${chat.base}lang/${language.name}.js`).catch(() => ({ default: english }))).default;
		title.textContent = panel.ariaLabel = frame.ariaLabel;
		for (const [b, key] of labels)
			b.title = b.ariaLabel = t(key);
		news.textContent = t("news");
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
		emit("language", language.tag);
	}

	chat.style(look);
	intro.append(...linked(config.greeting));
	clip.hidden = !max;
	go.classList.add("go");
	frame.prepend(panel);
	frame.append(live);
	chat.refresh = refresh;
	await refresh();
	/* Given up at the next look, unless something is heard after all. */
	addEventListener("offline", () => heardAt = 0);
	addEventListener("online", wake);
	addEventListener("visibilitychange", () => document.hidden || wake());
	addEventListener("popstate", () => phone.matches && !history.state?.tenstep && close());
	visualViewport.onresize = visualViewport.onscroll = viewport;
	addEventListener("focusin", ({ target }) => {
		if (!phone.matches || !isOpen || pulling || target == chat.element)
			return;
		/* A dialog of the page may pull as well; it wins. */
		pulling = true;
		focus();
		pulling = false;
	});
	const watch = new ResizeObserver(() => down && bottom());
	[log, rows, waiting].forEach((e) => watch.observe(e));
	addEventListener("storage", ({ key, newValue }) => {
		flush();
		if (key != "tenstep:token" || newValue == token)
			return;
		if (!newValue)
			/* Who asked to forget is told so by the server. */
			return forgetting || token && reset();
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
			if (session("getItem", "open") && !phone.matches)
				open(session);
			connect();
		},
		async identify() {
			const signed = await identity();

			if (ready && signed)
				put({ t: "identity", identity: signed });
		},
	};
}
