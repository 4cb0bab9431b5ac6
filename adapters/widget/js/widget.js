/* The chat button on a shop's page; ../README.md says how it works. */
import { el, icon } from "./element.js";

(() => {
	"use strict";
	const script = document.currentScript;
	let made;

	/* Also after a page of one piece has replaced its body, or has brought the script once more. */
	function embed() {
		const { bot, ...given } = script.dataset;

		if (!document.body)
			addEventListener("DOMContentLoaded", embed);
		else if (bot != null && !document.querySelector("tenstep-chat"))
			document.body.append(made ??= el("tenstep-chat", given));
	}
	if (window.tenstep?.version)
		return embed();

	const base = new URL(".", script.src).href;
	const look = `
:host{all:initial!important;-webkit-user-select:text!important;display:block!important;position:fixed!important;z-index:var(--tenstep-z,2147483000)!important}
@media print{:host{display:none!important}}
.frame{--brand:var(--tenstep-colour,var(--_brand,#3d4fb8));--on:#fff;--link:var(--brand);--x:var(--tenstep-inset-x,20px);
--y:var(--tenstep-inset-y,20px);--size:var(--tenstep-launcher-size,56px);
font:var(--tenstep-font-size,15px)/1.45 var(--tenstep-font,system-ui,"Noto Sans",sans-serif)}
@supports(color:color(from red srgb-linear r g b)){.frame{--k:clamp(0,(.18 - .2126*r - .7152*g - .0722*b)*9999,1);
--on:color(from var(--brand) srgb-linear var(--k) var(--k) var(--k));
--link:oklch(from var(--brand) clamp(var(--min),l,var(--max)) c h)}}
*{box-sizing:border-box}
button{font:inherit;color:inherit;background:none;border:1px solid transparent;margin:0;padding:0;cursor:pointer;
touch-action:manipulation}
svg{display:block;width:24px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
[hidden]{display:none!important}
.launcher,.greeting{position:fixed;bottom:calc(var(--y) + env(safe-area-inset-bottom));inset-inline-end:var(--x);
box-shadow:0 4px 16px #10182847}
.left>*{left:var(--x)!important;right:auto!important}
.right>*{right:var(--x)!important;left:auto!important}
.launcher{width:var(--size);height:var(--size);border-radius:var(--tenstep-launcher-radius,50%);display:grid;
place-items:center;background:var(--brand);color:var(--on)}
.launcher:focus-visible,.greeting:focus-visible{outline:2px solid #fff;box-shadow:0 0 0 4px #14161a}
.launcher[aria-busy] svg{opacity:.5}
.badge{position:absolute;top:-4px;inset-inline-end:-4px;min-width:22px;border:2px solid #fff;border-radius:11px;
background:#b3261e;color:#fff;font-size:12px;line-height:18px}
.greeting{max-width:280px;margin-bottom:calc(var(--size) + 12px);padding:12px;border-radius:14px;background:#fff;color:#1b1e23}
@media(forced-colors:active){.launcher,.greeting{border-color:ButtonText}}`;

	const sheets = [];
	function style(text) {
		const sheet = new CSSStyleSheet();

		sheet.replaceSync(text);
		sheets.push(sheet);
		chat.root.adoptedStyleSheets = sheets;
	}

	const heard = {};
	const emit = (name, detail) => heard[name]?.forEach((fn) => queueMicrotask(() => fn(detail)));

	/* What the button and the panel share. */
	let isThere;
	const there = new Promise((resolve) => { isThere = resolve; });
	const page = document.documentElement;
	const chat = { base, style, emit, config: { languages: {} } };

	chat.language = () => {
		const short = (tag) => tag.toLowerCase().split("-")[0];
		const own = chat.asked ?? chat.element.getAttribute("lang");
		const wanted = own ? [own] : [page.lang, navigator.language];
		/* What follows may be no locale, and throw: "pt-PT-ao90" (WordPress), "en-undefined". */
		const [tag] = /^\w+(-\w{2,3}\b)?/.exec(wanted.find((l) => chat.config.languages[short(l)]) ?? "en");
		const name = short(tag);

		return {
			tag, name, rtl: /ar|he/.test(name) ||
				!own && getComputedStyle(page).direction == "rtl",
		};
	};

	let configured;
	const configure = () => configured ??= (async () => {
		const answer = await fetch(`${base}config`);

		if (!answer.ok)
			throw answer.status;
		chat.config = await answer.json();
		const { colour, greeting } = chat.config;
		if (colour)
			style(`.frame{--_brand:${colour}}`);
		if (greeting && chat.element.hasAttribute("greet") && !panel)
			chat.frame.append(chat.greeting =
				el("button.greeting", { dir: "auto", click: toggle }, greeting));
		chat.element.refresh();
	})().catch((error) => {
		configured = null;
		throw error;
	});

	let tries = "";
	let panel;
	const load = () => panel ??= there.then(async () => {
		chat.launcher.ariaBusy = true;
		try {
			await configure();
			/* A browser remembers a failed import: another address is another try. */
			return await (await import(`${base}panel.js${tries}`)).start(chat);
		} catch (error) {
			tries += "?";
			panel = null;
			chat.badge.textContent = "!";
			chat.badge.hidden = false;
			emit("error", { code: "not_loaded", text: String(error) });
			throw error;
		} finally {
			chat.launcher.ariaBusy = null;
		}
	});

	const storage = (kind, method, key, value) => {
		try {
			return window[kind][method](`tenstep:${key}`, value);
		} catch {
			return null;
		}
	};
	chat.local = (...what) => storage("localStorage", ...what);
	chat.session = (...what) => storage("sessionStorage", ...what);
	chat.queues = () => Object.keys(chat.local("valueOf") ?? {})
		.filter((key) => key.startsWith("tenstep:queue:")).map((key) => key.slice(8));
	chat.clear = () => [...chat.queues(), "token"].forEach((key) => chat.local("removeItem", key));
	const call = (name, is = () => true) => async (...values) => is() && (await load())[name](...values);
	const identify = call("identify", () => panel);
	const logout = call("logout", () => panel);

	const api = {
		version: "1.0",
		open: call("open"),
		close: call("close", () => panel),
		toggle: call("toggle"),
		send: call("send"),
		identify(source) {
			chat.identity = source;
			return identify();
		},
		logout() {
			chat.identity = null;
			chat.clear();
			return logout();
		},
		forget: call("forget", () => panel || chat.local("getItem", "token")),
		download: call("download"),
		async language(tag) {
			chat.asked = tag;
			await chat.element?.refresh();
		},
		theme(name) {
			chat.element?.setAttribute("theme", name);
		},
		on(name, fn) {
			(heard[name] ??= new Set()).add(fn);
			return () => api.off(name, fn);
		},
		off(name, fn) {
			heard[name]?.delete(fn);
		},
		push(...commands) {
			for (const [name, ...values] of commands)
				there.then(() => api[name](...values)).catch(console.warn);
		},
	};
	const toggle = () => api.push(["toggle"]);
	const watch = new MutationObserver(() => chat.element.refresh());
	/* The page's own keys and the traps of its dialogs are not for what is written here. */
	const stay = (event) => event.stopPropagation();

	chat.badge = el("span.badge", { "aria-hidden": true, hidden: "" });
	chat.launcher = el("button.launcher", { "aria-haspopup": "dialog", "aria-expanded": "false", click: toggle },
		icon("M4 5.5h16v11H11l-4.5 4v-4H4zM8 9.5h8M8 12.5h5"), chat.badge);
	chat.frame = el("div", { role: "region", keydown: stay, keyup: stay, keypress: stay, focusin: stay }, chat.launcher);

	class Chat extends HTMLElement {
		/* The first builds the chat; one that comes when it is gone, takes it over. */
		connectedCallback() {
			const first = !chat.element;

			if (chat.element?.isConnected)
				return;
			chat.element = this;
			chat.root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
			chat.root.append(chat.frame);
			style(first ? look : "");
			for (const e of [page, this])
				watch.observe(e, { attributeFilter: ["lang", "dir", "side"] });
			this.refresh();
			if (!first)
				return;
			configure().catch(() => {});
			isThere();
			if (this.hasAttribute("open"))
				api.push(["open", chat.session]);
			else if (chat.session("getItem", "open") || chat.queues()[0])
				load().then((p) => p.resume(), () => {});
		}

		/* What is around it was taken away. */
		disconnectedCallback() {
			if (made && this.parentNode)
				queueMicrotask(embed);
		}

		refresh() {
			const { name, rtl } = chat.language();

			chat.frame.dir = rtl ? "rtl" : "ltr";
			chat.frame.lang = name;
			chat.frame.className = `frame ${this.getAttribute("side")}`;
			chat.frame.ariaLabel = chat.config.title || "Chat";
			if (!chat.refresh)
				chat.launcher.ariaLabel = chat.config.languages[name] ?? "Chat";
			return chat.refresh?.();
		}
	}

	const before = window.tenstep;
	window.tenstep = api;
	if (Array.isArray(before))
		api.push(...before);
	customElements.define("tenstep-chat", Chat);
	embed();
})();
