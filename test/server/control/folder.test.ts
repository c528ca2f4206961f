import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { existingFolders, ownFolder, serversIn, socketPath } from "../../../src/server/control/folder.js";
import { needsRoot } from "../../support/requirements.js";
import { scratchFolder } from "../../support/scratch.js";

describe("the folder of a user's sockets", () => {
	const uid = process.geteuid?.() ?? 0;
	const at =
		(...paths: string[]) =>
		() =>
			paths;

	it("is the first that is the user's alone, made if need be", () => {
		const [first, second] = [join(scratchFolder(), "first"), join(scratchFolder(), "second")];
		const unmade = join(scratchFolder(), "missing", "folder");
		assert.equal(ownFolder({}, uid, at(unmade, first, second)), first);
		assert.equal(existsSync(second), false);
		assert.deepEqual(existingFolders({}, uid, at(unmade, first, second)), [first]);
		const runtime = scratchFolder();
		assert.equal(ownFolder({ XDG_RUNTIME_DIR: runtime }), join(runtime, "mosh-portguard"));
		assert.notEqual(ownFolder({ XDG_RUNTIME_DIR: "relative" }), "relative/mosh-portguard");
	});

	it("is no link, no file, and nothing that others may enter", () => {
		const folder = scratchFolder();
		const [link, file, shared] = ["link", "file", "shared"].map((name) => join(folder, name)) as [
			string,
			string,
			string,
		];
		const target = join(folder, "target");
		mkdirSync(target, { mode: 0o700 });
		symlinkSync(target, link);
		writeFileSync(file, "");
		mkdirSync(shared);
		chmodSync(shared, 0o750);
		const long = join(folder, "x".repeat(100));
		assert.equal(ownFolder({}, uid, at(link, file, shared, long)), undefined);
		assert.deepEqual(existingFolders({}, uid, at(link, file, shared, long)), []);
	});

	it("is nobody else's, nor in a folder of somebody else's", { skip: needsRoot() }, () => {
		const folder = scratchFolder();
		const foreign = join(folder, "foreign");
		mkdirSync(foreign, { mode: 0o700 });
		spawnSync("chown", ["1234", foreign]);
		assert.equal(ownFolder({}, uid, at(foreign, join(foreign, "inside"))), undefined);
	});

	it("tells by the names of its sockets whose servers they are", () => {
		const folder = scratchFolder();
		for (const path of [
			socketPath(folder, 4712),
			join(folder, "login.json"),
			join(folder, "x.sock"),
			join(folder, "99.tmp"),
		]) {
			writeFileSync(path, "");
		}
		assert.deepEqual(serversIn(folder), [4712]);
		assert.deepEqual(serversIn(join(folder, "missing")), []);
	});
});
