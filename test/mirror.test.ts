/** test/ mirrors src/ file by file: each file of src/ has a test file of its name, and each test file there tests the file of its name. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { transformSync } from "esbuild";

const SOURCE = new URL("../src/", import.meta.url);
const TESTS = new URL("./", import.meta.url);

/** Files with functions and without a test file, each with its reason. Those without functions need none: types, constants, errors. */
const WITHOUT_TEST: Readonly<Record<string, string>> = {
	"cli/main": "an entry point: test/cli/installed.test.ts runs it",
	"cli/commands/daemon": "hands over to the daemon",
	"cli/doctor/check": "three literals",
	"daemon/create-guard": "wiring: test/cli/installed.test.ts runs it",
	"daemon/daemon": "wiring: test/cli/installed.test.ts runs it",
	"server/entry": "an entry point: test/server/process.test.ts runs it",
	"server/main": "wiring: test/server/process.test.ts runs it",
	"server/serve": "wiring: test/server/process.test.ts runs it",
	"server/host/pty-binding": "loads a module; test/server/host/pty.test.ts uses it",
	"system/clock": "node's clock under another name",
	"system/forwarding-commands":
		"four methods that call others of the same name; the classes that extend it have tests",
	"terminal/emulator/xterm-corrections":
		"wiring: each correction has a test file, with an emulator that has them all",
};

/** Test files that try more than one file together, each with what that is. */
const OF_MORE: Readonly<Record<string, string>> = {
	"cli/login-cost": "what a login takes of the guard as it is installed, beside few sessions and many",
	"cli/installed": "the command and the guard as they are installed",
	"cli/truth": "what the installed guard says, against what a datagram meets",
	"cli/users": "users and groups whom the host's databases have",
	"cli/without-service": "the installed command where no service runs",
	"daemon/on-change": "the daemon and a program of the administrator's",
	"firewall/concurrency": "guards and administrators that change rules at the same time",
	"firewall/iptables/mixed": "tables of iptables into which nft has written",
	"firewall/nftables/admin-set": "a set of the administrator's",
	"firewall/nftables/commands": "how many commands each step takes",
	"firewall/nftables/lease": "openings that end by themselves",
	"firewall/nftables/walked-rules": "insertion points, by the walk",
	"firewall/path/field": "rule sets of the field, recorded",
	"firewall/path/kernel.property": "the walk against the kernel",
	"guard/sessions/overlap-kernel": "overlap as the kernel has it",
	"server/boundary": "native/boundary.c",
	"server/process": "the server as it is built",
	"server/session/floods": "a session whose program prints more than can be read",
	"server/session/interactive-latency":
		"a session with and without native scrollback, and with its history open",
	"server/session/resized-window": "native scrollback in a terminal that gets another size",
	"ssp/convergence": "both ends on a bad path",
	"ssp/hostile": "datagrams of a hostile peer",
	"ssp/receive-cases": "recorded cases of reception",
	"ssp/sessions": "recorded sessions",
	"terminal/diff/recorded-sessions": "recorded sessions",
	"terminal/emulator/emulation-vectors": "vectors of the stock client",
	"terminal/emulator/hostile-output": "output that is made to cost",
	"terminal/emulator/width-safety.property": "emulator, diff and a client with other widths",
};

/** Of files with an ending, their names without it. */
function namesIn(folder: URL, ending: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(ending))
		.map((name) => name.slice(0, -ending.length))
		.sort();
}

const sources = namesIn(SOURCE, ".ts");
const rooms = new Set(sources.map((name) => name.split("/")[0]));
const tests = namesIn(TESTS, ".test.ts").filter(
	(name) => name.includes("/") && rooms.has(name.split("/")[0]),
);
/** `screen-diff.property` is of `screen-diff`. */
const isOf = (source: string) => (name: string) => name === source || name.startsWith(`${source}.`);

test("every file with functions has a test file of its name, or a reason for having none", () => {
	const untested = sources.filter((source) => !tests.some(isOf(source)) && needsTest(source));
	assert.deepEqual(untested, Object.keys(WITHOUT_TEST).sort());
});

test("every test file beside them is of a file, or of more than one, with a reason", () => {
	const strange = tests.filter((name) => !sources.some((source) => isOf(source)(name)));
	assert.deepEqual(strange, Object.keys(OF_MORE).sort());
	// No file has come that one of them could be of.
	assert.deepEqual(
		Object.keys(OF_MORE).filter((name) => existsSync(new URL(`${name}.ts`, SOURCE))),
		[],
	);
});

function needsTest(source: string): boolean {
	return !source.includes("/generated/") && !source.endsWith("/index") && hasFunction(source);
}

/** In what is left without types and comments. A constructor is none: errors have one. */
function hasFunction(source: string): boolean {
	const { code } = transformSync(readFileSync(new URL(`${source}.ts`, SOURCE), "utf8"), { loader: "ts" });
	return /=>|\bfunction\b|^\s+(?!constructor\b)[\w#][\w# ]*\(.*\) \{$/m.test(code);
}
