import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { describe, it, type TestContext } from "node:test";
import { print, tell, writeAll } from "../../../src/server/startup/stdio.js";

/** Writing to a descriptor is replaced by `write`. */
function mockWrites(t: TestContext, write: (fd: number, bytes: Uint8Array) => number): void {
	t.mock.method(fs, "writeSync", write);
	syncBuiltinESMExports();
	t.after(() => {
		t.mock.restoreAll();
		syncBuiltinESMExports();
	});
}

describe("writing everything", () => {
	it("goes on after partial writes and while a pipe is full", (t) => {
		let written = "";
		let calls = 0;
		mockWrites(t, (_fd, bytes) => {
			if (++calls % 2 === 0) {
				throw Object.assign(new Error("full"), { code: "EAGAIN" });
			}
			written += Buffer.from(bytes.subarray(0, 3)).toString("latin1");
			return Math.min(3, bytes.length);
		});
		writeAll(1, "MOSH CONNECT é");
		assert.equal(Buffer.from(written, "latin1").toString(), "MOSH CONNECT é");
	});

	it("throws when nobody reads, unless it need not be read, and writes nothing for no text", (t) => {
		mockWrites(t, () => {
			throw Object.assign(new Error("gone"), { code: "EPIPE" });
		});
		assert.throws(() => writeAll(1, "text"), { code: "EPIPE" });
		tell(1, "text");
		writeAll(1, "");
	});

	it("tells why the output of a command could not be written, but not of a reader that has left", (t) => {
		for (const [code, told] of [
			["ENOSPC", "no space"],
			["EBADF", "no space"],
			["EPIPE", undefined],
			["EIO", undefined],
		] as const) {
			mockWrites(t, () => {
				throw Object.assign(new Error("no space"), { code });
			});
			assert.equal(print(1, "text"), told, code);
			assert.equal(print(1, ""), undefined);
			t.mock.restoreAll();
		}
	});
});
