/* What the button shares with the panel; ../widget.js makes it. */

export let chat;
export const share = (given) => { chat = given; };
