/* The demo page: who the visitor is.  A real shop signs the identity on its own server, for the
 * buyer who is logged in there; here the demo server signs it for whoever is chosen. */
"use strict";
const form = document.getElementById("sign-in");
const signed = document.getElementById("signed");
const chat = (...command) => (window.tenstep = window.tenstep || []).push(command);
const name = (buyer) => form.querySelector(`option[value="${buyer}"]`).textContent.split(":")[0];

async function identity(buyer) {
	const answer = await fetch(`/demo/identity?buyer=${encodeURIComponent(buyer)}`);

	if (!answer.ok)
		throw new Error(`no identity: ${answer.status}`);
	return (await answer.json()).token;
}

function signIn(buyer) {
	sessionStorage.setItem("demo-buyer", buyer);
	form.buyer.value = buyer;
	form.querySelector("button").textContent = buyer ? "Change" : "Sign in";
	signed.textContent = buyer ? `You are signed in as ${name(buyer)}.` : "You are a guest.";
	if (buyer)
		chat("identify", () => identity(buyer));
}

form.addEventListener("submit", (event) => {
	event.preventDefault();
	/* The conversation belongs to whoever was here before. */
	if (sessionStorage.getItem("demo-buyer") !== form.buyer.value)
		chat("logout");
	signIn(form.buyer.value);
	chat("open");
});
for (const button of document.querySelectorAll("[data-say]"))
	button.addEventListener("click", () => {
		chat("open");
		chat("send", button.dataset.say);
	});
signIn(sessionStorage.getItem("demo-buyer") || "");
