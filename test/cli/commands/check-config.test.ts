import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type CheckConfigOptions, checkConfig } from "../../../src/cli/commands/check-config.js";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { runs } from "../../support/guarded-context.js";

const checked = (toml: string | undefined, options: CheckConfigOptions = {}) =>
	runs((context) => {
		const config = join(context.paths.folder, "config.toml");
		if (toml !== undefined) {
			writeFileSync(config, toml, { mode: 0o600 });
		}
		return checkConfig({ ...context, paths: { ...context.paths, config } }, options);
	});

describe("a configuration is", () => {
	test("valid, or there is none", async () => {
		assert.match((await checked("")).text, /config\.toml: valid\n$/);
		const { code, text } = await checked(undefined);
		assert.deepEqual([code, /^no .*config\.toml: the defaults apply\n$/.test(text)], [EXIT.ok, true]);
	});

	test("invalid, with every mistake as text or JSON", async () => {
		const { code, complaints, text } = await checked("[limits]\ntotal = 0\nper_user = 0\n");
		assert.deepEqual([code, text], [EXIT.badConfig, ""]);
		assert.match(complaints, /config\.toml:2: limits\.total must be /);
		assert.match(complaints, /config\.toml:3: limits\.per_user must be /);
		const json = JSON.parse((await checked("[limits]\ntotal = 0\n", { json: true })).text);
		assert.deepEqual([json.valid, json.faults.length, json.faults[0].line], [false, 1, 2]);
	});

	test("valid, with warnings of names that nobody knows, servers that the service hides, and hooks that are not root's", async () => {
		const { code, text } = await checked(`
			users.allow = ["alice", "bob"]
			servers.executables = ["/home/alice/mosh-server"]
			hooks.on_change = "/nonexistent/hook"`);
		assert.equal(code, EXIT.ok);
		assert.match(text, /^warning: this host has no user bob$/m);
		assert.doesNotMatch(text, /alice$/m);
		assert.match(text, /^warning: \/home\/alice\/mosh-server is below \/home, which the service hides/m);
		assert.match(text, /^warning: hooks\.on_change will not be run: \/nonexistent\/hook does not exist$/m);
		const json = JSON.parse((await checked('users.allow = ["bob"]', { json: true })).text);
		assert.deepEqual([json.valid, json.unknownNames, json.config.users.allow], [true, ["user bob"], ["bob"]]);
	});
});

test("the drop-in that shows the service a server is printed alone", async () => {
	const { text } = await checked("", { dropIn: true });
	assert.doesNotMatch(text, /valid/);
});
