/** The folder of the guard's sockets: who owns it, who may write to it, and what is refused in its place. */

import assert from "node:assert/strict";
import { chmodSync, chownSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { claimRuntimeFolder, prepareRuntimeFolder, put } from "../../src/daemon/runtime-folder.js";
import { needsRoot } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";

const NOBODY = 65534;

describe("the runtime folder", () => {
	test("is made, or taken as it is and shut for writing", () => {
		const path = join(scratchFolder(), "run");
		prepareRuntimeFolder(path);
		chmodSync(path, 0o777);
		prepareRuntimeFolder(path);
		assert.equal(statSync(path).mode & 0o777, 0o755);
	});

	test("may be the service's user's for root, and a guard that is root makes it root's", {
		skip: needsRoot(),
	}, () => {
		const path = join(scratchFolder(), "run");
		prepareRuntimeFolder(path);
		chownSync(path, NOBODY, NOBODY);
		prepareRuntimeFolder(path);
		assert.equal(statSync(path).uid, NOBODY);
		assert.throws(() => prepareRuntimeFolder(path, 12345), { code: "unsafe-folder" });
		claimRuntimeFolder(path);
		assert.equal(statSync(path).uid, 0);
	});

	test("is refused as a link or somebody else's", () => {
		const path = join(scratchFolder(), "run");
		symlinkSync("/tmp", path);
		assert.throws(() => prepareRuntimeFolder(path), { code: "unsafe-folder" });
		assert.throws(() => prepareRuntimeFolder(scratchFolder(), 12345), { code: "unsafe-folder" });
	});
});

test("a file is written anew, never through a link", () => {
	const folder = scratchFolder();
	const [file, link] = [join(folder, "ready"), join(folder, "link")];
	writeFileSync(file, "a longer text than the next");
	put(file, "1234\n");
	assert.equal(readFileSync(file, "utf8"), "1234\n");
	symlinkSync(file, link);
	assert.throws(() => put(link, "evil"), { code: "ELOOP" });
	assert.equal(readFileSync(file, "utf8"), "1234\n");
});
