import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { DEFAULTS } from "../../src/config/schema.js";
import { dropIn, HOMES, hiddenServers, INACCESSIBLE } from "../../src/daemon/hidden-servers.js";

const SANDBOX = readFileSync(new URL("../../systemd/sandbox.conf", import.meta.url), "utf8");

function hidden(executables: string[], scripts: { interpreter: string; script: string }[] = [], unsafe = "") {
	return hiddenServers({ servers: { executables, scripts } }, (path) =>
		unsafe !== "" && path.startsWith(unsafe) ? "is not owned by root" : undefined,
	);
}

test("what is taken for hidden is what the sandbox hides", () => {
	const paths = /^InaccessiblePaths=(.*)$/m.exec(SANDBOX)?.[1]?.split(" ");
	assert.deepEqual(
		paths?.map((path) => path.replace(/^-/, "")),
		[...INACCESSIBLE],
	);
	assert.match(SANDBOX, /^ProtectHome=yes$/m);
	assert.match(SANDBOX, /^PrivateTmp=yes$/m);
	assert.equal(HOMES.length, 3);
});

test("where a package puts a mosh-server, nothing is hidden", () => {
	assert.deepEqual(
		hidden([...DEFAULTS.servers.executables, "/nix/store/*/bin/mosh-server", "/opt/x/mosh-server"]),
		[],
	);
	assert.equal(dropIn([]), "");
});

describe("a server in a hidden folder", () => {
	test("is shown by its own folder, and nothing else becomes visible", () => {
		const text = dropIn(hidden(["/srv/mosh/bin/mosh-server"]));
		const lines = text.trim().split("\n").slice(1);
		assert.deepEqual(lines, [
			"[Service]",
			"InaccessiblePaths=",
			"InaccessiblePaths=-/etc/shadow -/etc/gshadow -/etc/ssh -/root -/var/lib -/var/log -/var/spool",
			"TemporaryFileSystem=/srv:ro",
			"BindReadOnlyPaths=-/srv/mosh/bin",
		]);
	});

	test("below homes empties them instead of shutting them", () => {
		const text = dropIn(hidden(["/home/mosh/bin/mosh-server"]));
		assert.match(text, /^ProtectHome=tmpfs$/m);
		assert.match(text, /^BindReadOnlyPaths=-\/home\/mosh\/bin$/m);
		assert.match(text, / -\/root /);
		assert.doesNotMatch(text, /^TemporaryFileSystem=/m);
	});

	test("right below it is shown alone", () => {
		assert.match(dropIn(hidden(["/srv/mosh-server"])), /^BindReadOnlyPaths=-\/srv\/mosh-server$/m);
	});

	test("that is a script is shown too, and its interpreter", () => {
		const text = dropIn(
			hidden([], [{ interpreter: "/var/lib/node/bin/node", script: "/srv/mosh/dist/mosh-server.cjs" }]),
		);
		assert.match(text, /^BindReadOnlyPaths=-\/srv\/mosh\/dist\nBindReadOnlyPaths=-\/var\/lib\/node\/bin$/m);
		assert.match(text, /^TemporaryFileSystem=\/var\/lib:ro\nTemporaryFileSystem=\/srv:ro$/m);
	});

	for (const [what, path] of [
		["that others may exchange", "/home/eve/mosh-server"],
		["that is a pattern", "/srv/*/mosh-server"],
		["in the home of root", "/root/bin/mosh-server"],
		["in a folder for everybody", "/tmp/mosh/mosh-server"],
		["beside the host's keys", "/etc/ssh/x/mosh-server"],
		["whose name would be a second path", "/srv/a b/mosh-server"],
		["whose name is a specifier", "/srv/%h/mosh-server"],
		["whose name names a target", "/srv/a:/etc/mosh-server"],
		["whose name begins a line", "/srv/a\r[Unit]/mosh-server"],
	] as const) {
		test(`${what} is not shown, and the reason is told`, () => {
			const found = hidden([path], [], "/home/eve");
			assert.equal(dropIn(found), "");
			assert.ok(found[0]?.reason);
		});
	}
});
