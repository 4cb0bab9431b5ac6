// node tests/shop/lib/ledger.mjs LEDGER...: whether every request and every answer in ledgers of `tenstep shop` has the shape
// of the platform's OpenAPI files.
import { readFileSync } from "node:fs";

import { ledgerFaults } from "./oracle.mjs";

let bad = 0;

for (const path of process.argv.slice(2)) {
	const { faults, requests, answers, operations } = ledgerFaults(readFileSync(path, "utf8"));

	for (const fault of faults.slice(0, 50)) console.log(`${path}: ${fault}`);
	console.log(`${path}: ${requests} requests, ${answers} answers of ${operations.size} operations, ${faults.length} faults`);
	bad += faults.length;
}
process.exit(bad ? 1 : 0);
