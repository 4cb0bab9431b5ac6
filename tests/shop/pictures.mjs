// What the buyer chat sends around pictures, as it runs: uploads and messages of tests/system/shop_chat/run_pictures.py,
// held against the platform's OpenAPI files by the ledger that its shop leaves.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { finish, test, truth } from "../browser/lib/tap.mjs";
import { ledgerFaults } from "./lib/oracle.mjs";

const script = new URL("../system/shop_chat/run_pictures.py", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "tenstep-pictures-"));
const ledger = join(folder, "ledger.jsonl");
const wanted = ["images.upload", "messages.send", "messages.read", "messages.list", "conversations.list", "conversations.get"];

await test("every request around pictures has the shape of the OpenAPI files", async () => {
	execFileSync("/usr/bin/python3", ["-B", script, join(process.argv[2], "tenstep")], {
		env: { ...process.env, TENSTEP_LEDGER: ledger },
		stdio: "ignore",
	});
	const text = readFileSync(ledger, "utf8");
	const { faults, operations } = ledgerFaults(text);
	const forms = text.split("\n").filter((line) => line.includes('"operation":"images.upload"')).map(JSON.parse);

	truth(faults.length === 0, faults.slice(0, 10).join("\n"));
	truth(forms.length && forms.every((r) => /^multipart\/form-data; boundary=\S+$/.test(r.content_type)), JSON.stringify(forms[0]));
	for (const name of wanted) truth(operations.has(name), `${name} was not played; there were ${[...operations].join(" ")}`);
});
rmSync(folder, { recursive: true });
finish();
