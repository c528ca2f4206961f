/** Which answers of iptables-save are given twice. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SharedSaves } from "../../../src/firewall/iptables/shared-saves.js";
import type { Commands, Output } from "../../../src/system/commands.js";

const SAVE = "iptables-nft-save";
/** How long a save takes (ms): its answer holds for as long again. */
const TAKES_MS = 60;

/** Its saves print how many there have been. */
function host() {
	const ran: string[] = [];
	const base = {
		run: async (tool: string, args: readonly string[]): Promise<Output> => {
			ran.push([tool, ...args].join(" "));
			const stdout = String(ran.length);
			if (tool === SAVE) {
				await new Promise((done) => setTimeout(done, TAKES_MS));
			}
			if (args.includes("failing")) {
				throw new Error("it failed");
			}
			return { stdout, stderr: "", exitCode: 0 };
		},
	} as Partial<Commands> as Commands;
	const commands = new SharedSaves(base);
	const save = (options = {}, ...args: string[]) =>
		commands.run(SAVE, args, options).then(({ stdout }) => stdout);
	return { ran, commands, save };
}

describe("the answer of iptables-save", () => {
	test("is shared while it is awaited, and holds for as long as it took", async () => {
		const { ran, save } = host();
		assert.deepEqual(await Promise.all([save(), save()]), ["1", "1"]);
		assert.equal(await save(), "1");
		await new Promise((done) => setTimeout(done, TAKES_MS + 20));
		assert.equal(await save(), "2");
		assert.equal(ran.length, 2);
	});

	test("is a new one after a change, by this guard or told of, and where a fresh one is asked for", async () => {
		const { commands, save } = host();
		await save();
		await commands.run("nft", ["-t", "list", "ruleset"]);
		assert.equal(await save(), "1");
		await commands.run("nft", ["-f", "-"], { input: "flush ruleset\n" });
		assert.equal(await save(), "4");
		await commands.run("ufw", ["allow", "60001/udp"]);
		assert.equal(await save(), "6");
		commands.forget();
		assert.equal(await save(), "7");
		assert.equal(await save({ fresh: true }), "8");
	});

	test("is one that began after the change, where one is under way", async () => {
		const { commands, save } = host();
		const before = save();
		commands.forget();
		assert.deepEqual(await Promise.all([before, save()]), ["1", "2"]);
		assert.equal(await save(), "2");
	});

	test("is not waited for by whoever has less time, nor one of other arguments, nor one that failed", async () => {
		const { save } = host();
		assert.deepEqual(await Promise.all([save(), save({ timeoutMs: 500 }), save({}, "-c")]), ["1", "2", "3"]);
		assert.equal(await save({ timeoutMs: 500 }), "1");
		await assert.rejects(save({}, "failing"), /it failed/);
		await assert.rejects(save({}, "failing"), /it failed/);
	});
});
