// Pictures in the buyer chat: tests/system/shop_chat/run_pictures.py is run, and what it sent is held against the
// platform's OpenAPI files by the ledger that its shop leaves.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { finish, result, test, truth } from "../browser/lib/tap.mjs";
import { ledgerFaults } from "./lib/oracle.mjs";

const script = new URL("../system/shop_chat/run_pictures.py", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "tenstep-pictures-"));
const ledger = join(folder, "ledger.jsonl");
const wanted = ["images.upload", "messages.send", "messages.read", "messages.list", "conversations.list", "conversations.get"];

const { stdout } = spawnSync("/usr/bin/python3", ["-B", script, join(process.argv[2], "tenstep")], {
	env: { ...process.env, TENSTEP_LEDGER: ledger },
	encoding: "utf8",
});
const cases = stdout.split(/^(?=ok |not ok )/m).map(text => /^(not )?ok \d+ - (.*)\n?([^]*)/.exec(text)).filter(Boolean);

for (const [, not, name, why] of cases) result(!not, name, why);
result(/^1\.\.\d+$/m.test(stdout) && cases.length > 1, "pictures: all of it was run", stdout);

await test("every request around pictures has the shape of the OpenAPI files", async () => {
	const text = readFileSync(ledger, "utf8");
	const { faults, operations } = ledgerFaults(text);
	const forms = text.split("\n").filter((line) => line.includes('"operation":"images.upload"')).map(JSON.parse);

	truth(faults.length === 0, faults.slice(0, 10).join("\n"));
	truth(forms.length && forms.every((r) => /^multipart\/form-data; boundary=\S+$/.test(r.content_type)), JSON.stringify(forms[0]));
	for (const name of wanted) truth(operations.has(name), `${name} was not played; there were ${[...operations].join(" ")}`);
});
rmSync(folder, { recursive: true });
finish();
