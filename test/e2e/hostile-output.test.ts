/** A live session flooded with the worst known output, beside the stock server with the same: its CPU time and memory. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ATTACKS, flood } from "../support/hostile-output.js";
import { costOf } from "../support/hostile-session.js";
import { needsStockServer } from "../support/mosh-server.js";

const SIZE = { columns: 80, rows: 24 };
const BYTES = 70_000;
const MIB = 1_024;
/** Of CPU time: the stock server takes a few milliseconds, and node compiles first. */
const TIMES_STOCK = 3;
const FLOOR_MS = 1_500;
const MAX_GROWTH_KIB = 64 * MIB;

/** Each took ours 7 s or more, up to minutes, or did not end. */
const WORST = ["insert lines", "delete lines", "scroll up", "scroll down", "insert and print"];
const chosen = ATTACKS.filter(({ name }) => WORST.includes(name) || name === "endless title");

describe("output made to stall a session", { skip: needsStockServer() }, () => {
	for (const attack of chosen) {
		it(`costs little more than it does the stock server: ${attack.name}`, async (t) => {
			const bytes = flood(attack, attack.name === "endless title" ? 100 * BYTES : BYTES);
			const stock = await costOf("stock", bytes, SIZE);
			const ours = await costOf("ours", bytes, SIZE);
			const [mine, theirs] = [ours.cpu.toFixed(0), stock.cpu.toFixed(0)];
			t.diagnostic(`ours ${mine} ms, ${ours.growth} KiB; stock ${theirs} ms, ${stock.growth} KiB`);
			assert.ok(ours.cpu <= TIMES_STOCK * stock.cpu + FLOOR_MS, `${mine} ms of CPU time, stock ${theirs}`);
			assert.ok(ours.growth <= MAX_GROWTH_KIB, `grew by ${ours.growth} KiB`);
		});
	}
});
