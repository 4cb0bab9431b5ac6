/* What can be done with the whole conversation. */
import { forget } from "./conversation.js";
import { back, question, settleFoot } from "./foot.js";
import { download } from "./saved.js";
import { t } from "./texts.js";

export function options() {
	question("", ["save", () => { settleFoot(true); download(); }],
		["erase", () => question(t("sure"), ["erase", () => { settleFoot(true); forget(); }], back)], back);
}
