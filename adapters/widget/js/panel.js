/* What is behind the chat button; ../README.md says how it works. */
import { input } from "./panel/box.js";
import { relabel } from "./panel/button.js";
import { resume } from "./panel/connection.js";
import { recall } from "./panel/consent.js";
import { body, linked, plain, text } from "./panel/content.js";
import * as conversation from "./panel/conversation.js";
import * as dialog from "./panel/dialog.js";
import { settleFoot } from "./panel/foot.js";
import { badge, isOpen, unread } from "./panel/launcher.js";
import { look } from "./panel/look.js";
import { bottom, down, intro, log, news, seal, watchSizes } from "./panel/place.js";
import * as queue from "./panel/queue.js";
import { download } from "./panel/saved.js";
import { chat, share } from "./panel/shared.js";
import { live } from "./panel/speech.js";
import { header } from "./panel/status.js";
import { english, language, learn, t } from "./panel/texts.js";
import { redraw } from "./panel/transcript.js";
import * as upload from "./panel/upload.js";
import * as waiting from "./panel/waiting.js";

export { body, english, plain, share };

/* The page's language or the element may have changed. */
async function refresh() {
	if (!await learn())
		return down && bottom();
	dialog.title.textContent = dialog.panel.ariaLabel = chat.frame.ariaLabel;
	relabel();
	news.textContent = t("news");
	seal.textContent = t("sealed");
	input.placeholder = input.ariaLabel = t("write");
	log.ariaLabel = t("log");
	redraw();
	queue.tellAll();
	badge(unread);
	header();
	settleFoot();
	chat.emit("language", language.tag);
}

/* @given: what the button shares; gives what it calls. */
export async function start(given) {
	share(given);
	recall();
	chat.style(look);
	intro.append(...linked(chat.config.greeting));
	upload.begin();
	dialog.begin();
	chat.frame.append(live);
	chat.refresh = refresh;
	await refresh();
	conversation.begin();
	watchSizes();
	await queue.begin(waiting);

	return {
		open: dialog.open, close: dialog.close, forget: conversation.forget, download,
		toggle: () => (isOpen ? dialog.close() : dialog.open()),
		send: (s) => queue.write({ t: "say", text: text(s) }, text(s)),
		logout: conversation.reset,
		resume() {
			if (chat.session("getItem", "open") && !dialog.phone.matches)
				dialog.open(chat.session);
			resume();
		},
		identify: conversation.identify,
	};
}
