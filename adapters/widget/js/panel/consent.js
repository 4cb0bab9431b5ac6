/* Nothing is stored or sent before the buyer agreed, where the shop asks for that. */
import { chat } from "./shared.js";

export let agreed;

export const agree = () => { agreed = true; };
/* Who has a conversation has agreed. */
export const recall = () => { agreed = !chat.config.consent || chat.local("getItem", "token"); };
