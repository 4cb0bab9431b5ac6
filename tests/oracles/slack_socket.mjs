// The Socket Mode that the server is tried with is played by us: Slack's own client takes it for the real one.
import socketMode from "@slack/socket-mode";

import { finish, test, truth } from "../browser/lib/tap.mjs";
import { startProgram, stopProgram } from "./lib/platform.mjs";

const { SocketModeClient, LogLevel } = socketMode;

await test("slack: its own client holds a conversation with our Socket Mode, over a reconnect", async () => {
	const fake = await startProgram("python3", ["-B", "../system/messengers/slack_socket.py"], /http:\S+\n/);
	const client = new SocketModeClient({
		appToken: "xapp-1-A1-socket-mode-token-of-these-tests",
		logLevel: LogLevel.ERROR,
		clientOptions: { slackApiUrl: /http:\S+/.exec(fake.said)[0] + "/api/" },
	});
	const heard = [];

	client.on("message", async ({ event, ack }) => { heard.push(event.text); await ack(); });
	client.on("interactive", async ({ body, ack }) => { heard.push(body.actions[0].value); await ack(); });
	try {
		await client.start();
		for (let i = 0; i < 200 && !/both were acknowledged|rror/.test(fake.said); i++) await new Promise(done => setTimeout(done, 100));
		truth(/both were acknowledged/.test(fake.said), fake.said);
		truth(heard.join() === "hello,7.0", heard);
	} finally {
		stopProgram(fake);
		await Promise.race([client.disconnect(), new Promise(done => setTimeout(done, 2000))]);
	}
});
finish();
process.exit(process.exitCode);
