import assert from "node:assert/strict";
import { test } from "node:test";
import { CliError, needPrivilege, systemContext } from "../../src/cli/context.js";
import { EXIT } from "../../src/cli/output/exit-codes.js";

test("options before the command name the configuration and the runtime folder", () => {
	const { paths } = systemContext({ config: "/a/config.toml", runtimeFolder: "/b" });
	assert.deepEqual([paths.config, paths.adminSocket], ["/a/config.toml", "/b/admin.sock"]);
	const usual = systemContext({}).paths;
	assert.deepEqual([usual.config, usual.folder], ["/etc/mosh-portguard/config.toml", "/run/mosh-portguard"]);
});

test("what takes privilege says so, with its exit code", () => {
	const context = systemContext({});
	needPrivilege({ ...context, privileged: true }, "close");
	assert.throws(
		() => needPrivilege({ ...context, privileged: false }, "close"),
		(error) =>
			error instanceof CliError &&
			error.exitCode === EXIT.notPermitted &&
			error.message === "close requires root; try sudo",
	);
});
