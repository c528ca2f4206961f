import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createProgram } from "../../src/cli/program.js";

/** What the command line selects; undefined if it is refused, quietly. */
function chosen(...args: string[]): object | undefined {
	let options: object | undefined;
	const program = createProgram((_action, found) => {
		options = found;
	});
	for (const command of [program, ...program.commands]) {
		command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
	}
	try {
		program.parse(args, { from: "user" });
	} catch {
		return undefined;
	}
	return options;
}

describe("the command line", () => {
	for (const args of [
		["status", "--json"],
		["close", "60001", "-n"],
		["explain", "60001", "--from", "2001:db8::1"],
		["reap", "--idle", "12h"],
		["daemon", "--for", "3600"],
		["run", "--", "mosh-server", "new", "-s"],
		["run", "mosh-server", "--json"],
	]) {
		test(`takes ${args.join(" ")}`, () => assert.ok(chosen(...args)));
	}

	for (const args of [
		["dance"],
		["close"],
		["close", "0"],
		["close", "65536"],
		["close", "60001.5"],
		["close", "0x10"],
		["explain", "60001", "--from", "localhost"],
		["reap"],
		["reap", "--idle", "0"],
		["reap", "--idle", "soon"],
		["daemon", "--for", "3601"],
		["hook", "more"],
		["status", "--nonsense"],
	]) {
		test(`refuses ${args.join(" ")}`, () => assert.equal(chosen(...args), undefined));
	}

	test("has options of its own before the command", () => {
		assert.deepEqual(chosen("--config", "/c", "--runtime-folder", "/r", "list"), {
			config: "/c",
			runtimeFolder: "/r",
		});
	});
});
