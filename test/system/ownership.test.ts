import assert from "node:assert/strict";
import { chmodSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { onlyRootWrites, unsafeReason } from "../../src/system/ownership.js";
import { scratchFolder } from "../support/scratch.js";

test("only root writes to what is root's and nobody else may write to", () => {
	assert.equal(onlyRootWrites({ uid: 0, mode: 0o100755 }), true);
	assert.equal(onlyRootWrites({ uid: 0, mode: 0o041777 }), false);
	assert.equal(onlyRootWrites({ uid: 0, mode: 0o664 }), false);
	assert.equal(onlyRootWrites({ uid: 1000, mode: 0o600 }), false);
});

describe("a file that root is to use", () => {
	test("is safe where nobody else can exchange it", () => {
		assert.equal(
			unsafeReason("/bin", 0, false),
			lstatSync("/bin").isSymbolicLink() ? "is a symbolic link" : "is not a regular file",
		);
		assert.equal(unsafeReason("/etc/passwd", 0, false), undefined);
		assert.equal(unsafeReason("/etc/passwd"), "is not executable");
	});

	test("is not, with the reason, where it or a folder above it is another's", () => {
		const folder = scratchFolder();
		const at = (name: string) => join(folder, name);
		const me = process.geteuid?.() ?? 0;
		for (const name of ["loose", "sound"]) {
			writeFileSync(at(name), "", { mode: 0o755 });
		}
		chmodSync(at("loose"), 0o775);
		symlinkSync(at("sound"), at("link"));
		assert.equal(unsafeReason(at("missing"), me), "does not exist");
		assert.equal(unsafeReason(at("link"), me), "is a symbolic link");
		assert.equal(unsafeReason(at("loose"), me), "is writable by users other than root");
		assert.equal(unsafeReason(at("sound"), me + 1), "is not owned by root");
		mkdirSync(at("open"));
		chmodSync(at("open"), 0o777);
		writeFileSync(at("open/file"), "", { mode: 0o755 });
		assert.equal(
			unsafeReason(at("open/file"), me),
			`is below ${at("open")}, which is writable by users other than root`,
		);
	});
});
