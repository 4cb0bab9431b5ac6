// The chat in a text browser: no JavaScript, no style, no pointer.
import { Lynx } from "./lib/lynx.mjs";
import { Server } from "./lib/server.mjs";
import { finish, result, test, truth } from "./lib/tap.mjs";

const server = await new Server(process.argv[2], {
	website: { title: "Shop help", greeting: "Hello. How can I help?" },
	limits: { messages_per_minute: 6000, conversations_per_minute: 6000 },
}).start();

const inLynx = work => async () => {
	const lynx = new Lynx(`${server.url}/chat/form`);
	try {
		await lynx.shows(/How can I help/);
		await work(lynx);
	} catch (error) {
		error.stack += `\non the screen: ${(await lynx.screen()).slice(-600)}`;
		throw error;
	} finally {
		lynx.end();
	}
};

await test("W24: lynx: a whole cancellation", inLynx(async lynx => {
	await lynx.say("pls cacel my order");
	await lynx.shows(/What is the order number/);
	await lynx.say("A-1001");
	await lynx.shows(/one of these, as on the order/);
	await lynx.say("okafor");
	await lynx.shows(/Why would you like to cancel/);
	await lynx.press("I ordered by mistake");
	await lynx.shows(/Shall I cancel order A-1001/);
	await lynx.press("Yes");
	const screen = await lynx.shows(/Order A-1001 is cancelled/);
	truth(/You .*pls cacel my order.*Shop help .*First I check/.test(screen), screen);
}));

await test("W24: lynx: a whole return, up to the label", inLynx(async lynx => {
	await lynx.say("I want to return something");
	await lynx.shows(/What is the order number/);
	await lynx.say("A-1003");
	await lynx.shows(/one of these, as on the order/);
	await lynx.say("okafor");
	await lynx.shows(/do you want to send back/);
	await lynx.press("Stoneware mug");
	await lynx.shows(/What is the reason/);
	await lynx.press("It does not fit");
	await lynx.shows(/Shall I ask for a return/);
	await lynx.press("Yes");
	await lynx.shows(/Here is your label: \[\d+\]https:\/\/juniper-finch\.example\/labels\//);
	const screen = await lynx.shows(/Return R-\d+/);
	truth(/Requested \(done\)/.test(screen) && /Stoneware mug.*\$12\.50/.test(screen), screen);
}));

result(!server.sanitizerReport(), "text browser: no sanitizer report", server.sanitizerReport());
await server.remove();
finish();
