// The Gateway that the server is tried with is played by us: another's client takes it for the real one.
import { REST } from "@discordjs/rest";
import { WebSocketManager, WebSocketShardEvents } from "@discordjs/ws";

import { finish, test, truth } from "../browser/lib/tap.mjs";
import { startProgram, stopProgram } from "./lib/platform.mjs";

await test("discord: another's client holds a session with our Gateway, over a reconnect", async () => {
	const fake = await startProgram("python3", ["-B", "../system/messengers/discord_gateway.py"], /http:\S+\n/);
	const token = "discord-bot-token-of-these-tests";
	const rest = new REST({ api: /http:\S+(?=\/v10)/.exec(fake.said)[0], version: "10" }).setToken(token);
	const manager = new WebSocketManager({ token, intents: 4096, rest, fetchGatewayInformation: () => rest.get("/gateway/bot") });
	const heard = [];

	manager.on(WebSocketShardEvents.Dispatch, (...args) => {
		const data = args.map(a => a?.data ?? a).find(a => a?.t === "MESSAGE_CREATE");

		if (data) heard.push(data.d.content);
	});
	try {
		await manager.connect();
		for (let i = 0; i < 200 && !(/it went on|rror/.test(fake.said) && heard.length > 1); i++)
			await new Promise(done => setTimeout(done, 100));
		truth(/it went on/.test(fake.said), fake.said);
		truth(heard.join() === "hello,missed", heard);
	} finally {
		stopProgram(fake);
		await Promise.race([manager.destroy(), new Promise(done => setTimeout(done, 2000))]);
	}
});
finish();
