import assert from "node:assert/strict";
import { test } from "node:test";
import { pathsIn } from "../../src/daemon/paths.js";
import { PUBLIC_SOCKET, userSocket } from "../../src/guard-protocol/messages.js";

test("the guard's paths are those that clients use", () => {
	const { publicSocket, userSockets } = pathsIn("/etc/c.toml");
	assert.equal(publicSocket, PUBLIC_SOCKET);
	assert.equal(userSocket(1000), `${userSockets}/1000`);
});

test("all but the login's notices lie in the runtime folder, which may be another", () => {
	const { config, folder, nudge, ...files } = pathsIn("/etc/c.toml", "/tmp/run");
	assert.deepEqual([config, folder, nudge], ["/etc/c.toml", "/tmp/run", "/tmp/run-login/nudge"]);
	for (const path of Object.values(files)) {
		assert.match(path, /^\/tmp\/run\/[a-z.]+$/);
	}
	assert.equal(new Set(Object.values(files)).size, Object.keys(files).length);
});
