// Every request that the order API's client sends, in every operation, held against the platform's OpenAPI files: the
// contract test tests/contract/shop_sandbox_test.c plays them and leaves the ledgers of its shops.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { finish, test, truth } from "../browser/lib/tap.mjs";
import { ledgerFaults } from "./lib/oracle.mjs";

const bin = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), "tenstep-requests-"));
const ledger = join(folder, "ledger.jsonl");
const wanted = [
	"orders.detail", "orders.search", "cancellations.create", "cancellations.search", "cancellations.approve",
	"returns.create", "returns.search", "refunds.calculate", "aftersale.eligibility", "tracking",
];

await test("every request of every operation has the shape of the OpenAPI files", async () => {
	execFileSync(join(bin, "tests", "shop_sandbox_test"), { env: { ...process.env, TENSTEP_LEDGER: ledger }, stdio: "ignore" });
	const { faults, requests, operations } = ledgerFaults(readFileSync(ledger, "utf8"));

	truth(faults.length === 0, faults.slice(0, 10).join("\n"));
	truth(requests > 200, `only ${requests} requests`);
	for (const name of wanted) truth(operations.has(name), `${name} was not played; there were ${[...operations].join(" ")}`);
});
rmSync(folder, { recursive: true });
finish();
