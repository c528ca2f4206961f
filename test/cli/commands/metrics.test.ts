import assert from "node:assert/strict";
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { metrics } from "../../../src/cli/commands/metrics.js";
import { systemContext } from "../../../src/cli/context.js";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { exposition } from "../../../src/cli/output/prometheus.js";
import type { Status } from "../../../src/guard/report/status.js";
import { PretendedGuard } from "../../support/pretended-guard.js";
import { scratchFolder } from "../../support/scratch.js";

const STATUS: Status = {
	schema: 1,
	guard: { running: true, pid: 1 },
	firewall: { name: "nftables", reason: "because", healthy: true },
	range: { first: 60001, last: 60999 },
	ports: [],
	leftOver: [],
	problems: [],
};

describe("the command", () => {
	let guard: PretendedGuard | undefined;
	afterEach(async () => {
		await guard?.stop();
		guard = undefined;
	});

	/** With a guard that answers `answers`, or without any. */
	async function runs(options: { textfile?: string } = {}, answers?: Status) {
		const folder = scratchFolder();
		const path = `${folder}/${process.geteuid?.() === 0 ? "admin" : "guard"}.sock`;
		if (answers !== undefined) {
			guard = await PretendedGuard.start(() => ({ type: "status", status: answers }), path);
		}
		let written = "";
		const write = (text: string) => {
			written += text;
		};
		const code = await metrics({ ...systemContext({ runtimeFolder: folder }), write }, options);
		return { code, written };
	}

	test("prints the guard's status", async () => {
		assert.deepEqual(await runs({}, STATUS), { code: EXIT.ok, written: exposition(STATUS) });
	});

	test("does not fail where no guard runs: that is a metric", async () => {
		assert.deepEqual(await runs(), { code: EXIT.ok, written: exposition(undefined) });
	});

	test("replaces a textfile whole and leaves nothing beside it", async () => {
		const folder = scratchFolder();
		const textfile = join(folder, "mosh_portguard.prom");
		writeFileSync(textfile, "old");
		assert.deepEqual(await runs({ textfile }, STATUS), { code: EXIT.ok, written: "" });
		assert.equal(readFileSync(textfile, "utf8"), exposition(STATUS));
		assert.deepEqual(readdirSync(folder), ["mosh_portguard.prom"]);
	});

	test("follows no link that somebody else has put in its way", async () => {
		const folder = scratchFolder();
		const textfile = join(folder, "mosh_portguard.prom");
		writeFileSync(join(folder, "victim"), "precious");
		symlinkSync("victim", `${textfile}.${process.pid}`);
		await assert.rejects(runs({ textfile }, STATUS), { code: "EEXIST" });
		assert.equal(readFileSync(join(folder, "victim"), "utf8"), "precious");
	});
});
