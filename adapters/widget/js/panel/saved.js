/* The conversation as a text file, for the buyer to keep. */
import { el } from "../element.js";
import { rows } from "./place.js";
import { chat } from "./shared.js";
import { time } from "./texts.js";
import { older, page } from "./transcript.js";

/* Gives its text. */
export async function download() {
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
	el("a", { href, download: `${chat.frame.ariaLabel}.txt` }).click();
	setTimeout(() => URL.revokeObjectURL(href), 9000);
	return all;
}
