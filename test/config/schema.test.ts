/** Which values the keys may have. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigError } from "../../src/config/errors.js";
import { parseConfig } from "../../src/config/load.js";
import { DEFAULTS } from "../../src/config/schema.js";

describe("users and groups", () => {
	const listed = (name: string) =>
		parseConfig("c.toml", `users.allow = [${JSON.stringify(name)}]`).users?.allow;

	for (const name of [
		"alice",
		"_svc$",
		"CORP\\alice",
		"CORP/alice",
		"domain users@corp.example",
		"jürgen",
		"山田",
		"o'neil",
		"first.last+x",
		"1000",
		"4294967294",
		"a".repeat(256),
	]) {
		test(`may be called ${name.slice(0, 40)}`, () => assert.deepEqual(listed(name), [name]));
	}

	for (const [what, name] of [
		["nothing", ""],
		["a colon", "a:b"],
		["a line's end", "a\nb"],
		["a tab", "a\tb"],
		["an escape", "a\u001b[2J"],
		["a control character of Latin-1", "a\u0085b"],
		["a line separator", "a\u2028b"],
		["a blank in front", " a"],
		["a blank behind", "a "],
		["an option", "-s"],
		["more than 256 characters", "a".repeat(257)],
		["a number that is no id", "4294967295"],
	] as const) {
		test(`may not be ${what}`, () => assert.throws(() => listed(name), ConfigError));
	}
});

describe("patterns of executables", () => {
	const listed = (path: string) => () =>
		parseConfig("c.toml", `servers.executables = [${JSON.stringify(path)}]`);

	for (const path of ["/nix/store/*/bin/mosh-server", "/opt/mosh-*/v*/mosh-server", "/*/mosh-server"]) {
		test(`${path} is one`, () => assert.doesNotThrow(listed(path)));
	}
	for (const path of [
		"/usr/bin/*",
		"/opt/*a*/mosh-server",
		"/opt/**/mosh-server",
		"*/mosh-server",
		"/opt/*/../mosh-server",
		"/opt/*/mosh-*",
	]) {
		test(`${path} is none`, () => assert.throws(listed(path), ConfigError));
	}
});

describe("addresses and subnets", () => {
	const listed = (subnet: string) => () =>
		parseConfig("c.toml", `addresses.allow = [${JSON.stringify(subnet)}]`);

	for (const subnet of ["192.0.2.1", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32", "::1", "::/128"]) {
		test(`${subnet} is one`, () => assert.doesNotThrow(listed(subnet)));
	}
	for (const subnet of [
		"",
		"192.0.2.0/33",
		"192.0.2.0/",
		"192.0.2.0/24/8",
		"::/129",
		"fe80::1%eth0",
		"host",
		"/8",
		"1.2.3/8",
	]) {
		test(`${JSON.stringify(subnet)} is none`, () => assert.throws(listed(subnet), ConfigError));
	}
});

test("the defaults are allowed values themselves", () => {
	const { servers, ...rest } = DEFAULTS;
	for (const [table, keys] of Object.entries({ ...rest, servers: { executables: servers.executables } })) {
		for (const [key, value] of Object.entries(keys)) {
			assert.doesNotThrow(
				() => parseConfig("c.toml", `${table}.${key} = ${JSON.stringify(value)}`),
				`${table}.${key}`,
			);
		}
	}
});
