import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parse } from "smol-toml";
import { ConfigError } from "../../src/config/errors.js";
import { loadConfig, parseConfig } from "../../src/config/load.js";
import { DEFAULTS } from "../../src/config/schema.js";
import { scratchFolder } from "../support/scratch.js";

function folderWith(files: Record<string, string>): string {
	const folder = scratchFolder();
	mkdirSync(join(folder, "config.d"));
	for (const [name, text] of Object.entries(files)) {
		writeFileSync(join(folder, name), text, { mode: 0o644 });
	}
	return folder;
}

function faultsOf(text: string): string {
	try {
		parseConfig("c.toml", text);
	} catch (error) {
		assert.ok(error instanceof ConfigError);
		return error.message;
	}
	assert.fail("was accepted");
}

describe("the commented default file", () => {
	const text = readFileSync(new URL("../../config/mosh-portguard.toml", import.meta.url), "utf8");

	test("sets nothing as it is", () => {
		const tables = Object.values(parse(text));
		assert.ok(tables.every((table) => Object.keys(table as object).length === 0));
	});

	test("uncommented, holds every key with its default", () => {
		const uncommented = JSON.stringify(parse(text.replace(/^#(\w+ = )/gm, "$1")));
		assert.deepEqual(JSON.parse(uncommented), DEFAULTS);
		assert.deepEqual(parseConfig("c.toml", text.replace(/^#(\w+ = )/gm, "$1")), DEFAULTS);
	});
});

describe("several files", () => {
	test("none at all is the defaults", () => {
		const { config, files } = loadConfig(join(folderWith({}), "config.toml"));
		assert.deepEqual(config, DEFAULTS);
		assert.deepEqual(files, []);
	});

	test("are read in order of their names, key by key", () => {
		const folder = folderWith({
			"config.toml": "[limits]\nper_user = 3\ntotal = 7\n",
			"config.d/20.toml": "[limits]\nper_user = 5\n",
			"config.d/10.toml": '[limits]\nper_user = 4\n[users]\ndeny = ["eve"]\n',
			"config.d/30.toml.bak": "nonsense",
		});
		const { config, files } = loadConfig(join(folder, "config.toml"));
		assert.deepEqual(config.limits, { ...DEFAULTS.limits, per_user: 5, total: 7 });
		assert.deepEqual(config.users.deny, ["eve"]);
		assert.equal(files.length, 3);
	});

	test("show the mistakes of all of them at once", () => {
		const folder = folderWith({
			"config.toml": "[limits]\nper_user = 0\n",
			"config.d/a.toml": "[ports]\nlast = 70000\n",
		});
		assert.throws(
			() => loadConfig(join(folder, "config.toml")),
			(error) => error instanceof ConfigError && error.faults.length === 2,
		);
	});

	test("are checked against each other", () => {
		const folder = folderWith({
			"config.toml": "[ports]\nlast = 60010\n",
			"config.d/a.toml": "\n[ports]\nfirst = 60011\n",
		});
		assert.throws(
			() => loadConfig(join(folder, "config.toml")),
			/a\.toml:3: ports\.first must not be greater than ports\.last \(60010\)/,
		);
	});

	test("that others may write are refused", () => {
		const folder = folderWith({ "config.toml": "" });
		chmodSync(join(folder, "config.toml"), 0o664);
		assert.throws(() => loadConfig(join(folder, "config.toml")), /writable by no one else/);
	});
});

describe("mistakes name file, line, key and what is allowed", () => {
	const cases: [string, string, string][] = [
		[
			"a number out of range",
			"\n[limits]\n  per_user = 0",
			"c.toml:3: limits.per_user must be an integer, 1–10000",
		],
		["a string for a number", '[limits]\ntotal = "9"', "c.toml:2: limits.total must be an integer, 1–10000"],
		["a fraction", "limits.total = 1.5", "c.toml:1: limits.total must be an integer, 1–10000"],
		[
			"an unknown key",
			"[ports]\nfrist = 60001",
			"c.toml:2: ports.frist is not a known key; known keys are first, last",
		],
		[
			"an unknown table",
			"[port]\nfirst = 60001",
			"c.toml:1: port is not a known key; known keys are firewall, ufw, iptables, nftables, ports, addresses, users, groups, limits, servers, hooks, log",
		],
		[
			"a wrong word",
			'[firewall]\nname = "pf"',
			'c.toml:2: firewall.name must be one of "auto", "ufw", "iptables", "nftables", "firewalld", "none"',
		],
		[
			"no subnet",
			'[addresses]\nallow = ["192.0.2.0/33"]',
			'c.toml:2: addresses.allow must be a list of addresses or subnets such as ["192.0.2.0/24", "2001:db8::/32"]',
		],
		["a value for a table", "limits = 3", "c.toml:1: limits must be a table"],
		[
			"a relative script",
			'[servers]\n[[servers.scripts]]\ninterpreter = "/usr/bin/node"\nscript = "server.js"',
			"c.toml:4: servers.scripts.0.script must be an absolute path",
		],
		["no TOML", "[limits\n", "c.toml:1: not valid TOML: "],
	];
	for (const [name, text, expected] of cases) {
		test(name, () => assert.ok(faultsOf(text).startsWith(expected), faultsOf(text)));
	}
});
