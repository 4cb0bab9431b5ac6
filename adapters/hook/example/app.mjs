// A shop's own chat, joined to Tenstep: every line that is typed goes there, what is said is printed.
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto"
import { createServer } from "node:http"
import { createInterface } from "node:readline"

const url = process.env.TENSTEP_URL // http://127.0.0.1:8080/channels/NAME
const key = Buffer.from(process.env.TENSTEP_SECRET.replace(/^whsec_/, ""), "base64")
const seen = new Set()
let choices = []

const sign = (id, timestamp, body) =>
	"v1," + createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")
const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

async function send(event) {
	const body = JSON.stringify(event), id = "app_" + randomUUID(), timestamp = String(Math.floor(Date.now() / 1000))
	const headers = { "content-type": "application/json", "webhook-id": id, "webhook-timestamp": timestamp,
		"webhook-signature": sign(id, timestamp, body) }
	const answer = await fetch(url, { method: "POST", body, headers })
	if (!answer.ok) console.error(answer.status, await answer.text()) // send it again
}

createServer(async (request, response) => {
	const body = Buffer.concat(await request.toArray()), h = request.headers
	const good = same(sign(h["webhook-id"], h["webhook-timestamp"], body), h["webhook-signature"] ?? "") &&
		Math.abs(Date.now() / 1000 - h["webhook-timestamp"]) < 300
	response.writeHead(good ? 204 : 401).end()
	const event = JSON.parse(body)
	if (!good || seen.has(h["webhook-id"]) || event.type !== "said") return // what comes twice is shown once
	seen.add(h["webhook-id"])
	choices = event.choices ?? []
	console.log([event.text, ...choices.map((c) => `[${c.label}]`)].join("\n"))
}).listen(Number(process.env.PORT), "127.0.0.1")

for await (const line of createInterface({ input: process.stdin })) {
	const pressed = choices.find((c) => c.label === line.trim())
	await send(pressed ? { type: "press", conversation: "maya", choice: pressed.id }
		: { type: "message", conversation: "maya", text: line.trim() })
}
process.exit(0)
