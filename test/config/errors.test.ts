import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../src/config/errors.js";

test("every mistake is a line: its file, its line and key where there are, and what is wrong", () => {
	const error = new ConfigError([
		{ file: "/etc/c.toml", line: 3, key: "limits.total", message: "must be an integer" },
		{ file: "/etc/c.toml", line: 4, message: "not valid TOML" },
		{ file: "/etc/d.toml", message: "cannot be read" },
	]);
	assert.deepEqual(error.message.split("\n"), [
		"/etc/c.toml:3: limits.total must be an integer",
		"/etc/c.toml:4: not valid TOML",
		"/etc/d.toml: cannot be read",
	]);
	assert.deepEqual([error.code, error.faults.length], ["config-invalid", 3]);
});
