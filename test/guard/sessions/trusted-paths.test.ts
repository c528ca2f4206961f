import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Executable } from "../../../src/guard/kernel/processes.js";
import {
	folderOfOthers,
	isPattern,
	TrustedPaths,
	trustedPaths,
} from "../../../src/guard/sessions/trusted-paths.js";

const TRUST = {
	executables: ["/usr/bin/mosh-server", "/nix/store/*/bin/mosh-server", "/opt/mosh-*/v*/mosh-server+"],
	scripts: [{ interpreter: "/usr/bin/node", script: "/usr/lib/server.js" }],
};

describe("a path is listed", () => {
	const paths = new TrustedPaths(TRUST);

	for (const [path, expected] of [
		["/usr/bin/mosh-server", "path"],
		["/nix/store/abc-mosh/bin/mosh-server", "pattern"],
		["/opt/mosh-1/v2/mosh-server+", "pattern"],
		["/opt/mosh-1/v2/mosh-serverr", undefined],
		["/nix/store/a/b/bin/mosh-server", undefined],
		["/nix/store//bin/mosh-server", "pattern"],
		["/usr/bin/mosh-server2", undefined],
		["/usr/bin/node", undefined],
	] as const) {
		test(`${path}: ${expected ?? "not"}`, () => assert.equal(paths.lists(path), expected));
	}

	test("and a holder may run it, or an interpreter", () => {
		assert.deepEqual(
			["/usr/bin/mosh-server", "/usr/bin/node", "/usr/lib/server.js"].map((path) => paths.has(path)),
			[true, true, false],
		);
	});
});

test("the same trust is taken apart once", () => {
	assert.equal(trustedPaths(TRUST), trustedPaths(TRUST));
	assert.notEqual(trustedPaths(TRUST), trustedPaths({ ...TRUST }));
	assert.deepEqual([isPattern("/a/*/b"), isPattern("/a/b")], [true, false]);
});

describe("the place of a path", () => {
	const FOLDER = 0o040755;
	/** Folders with their owner and mode; what is not named is root's. */
	const placed = (folders: Readonly<Record<string, readonly [uid: number, mode: number] | undefined>>) =>
		folderOfOthers("/nix/store/abc/bin/mosh-server", (path) => {
			if (path in folders && folders[path] === undefined) {
				return undefined;
			}
			const [ownerUid, mode] = folders[path] ?? [0, FOLDER];
			return { path, ownerUid, mode } as Executable;
		});

	test("is root's from the top, and a sticky folder does higher up", () => {
		assert.equal(placed({}), undefined);
		assert.equal(placed({ "/nix/store": [0, 0o041777] }), undefined);
	});

	test("is another's where that is not so, and the nearest such folder is told", () => {
		assert.equal(placed({ "/nix/store/abc": [1000, FOLDER] }), "/nix/store/abc");
		assert.equal(placed({ "/nix/store": [0, 0o040777] }), "/nix/store");
		assert.equal(placed({ "/nix/store/abc/bin": [0, 0o041777] }), "/nix/store/abc/bin");
		assert.equal(placed({ "/nix": [1000, 0o041755] }), "/nix");
		assert.equal(placed({ "/nix/store/abc": [0, 0o120777] }), "/nix/store/abc");
		assert.equal(placed({ "/nix/store": undefined }), "/nix/store");
	});
});
