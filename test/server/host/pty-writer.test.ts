import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { describe, it, type TestContext } from "node:test";
import { PtyWriter, UNWRITTEN_MAX_BYTES } from "../../../src/server/host/pty-writer.js";

const FD = 99;

/** A writer on a terminal that has room for `room` bytes, and time that moves only by `tick`. */
function setUp(t: TestContext, room: number) {
	const terminal = { room, taken: "", attempts: 0 };
	t.mock.timers.enable({ apis: ["setTimeout"] });
	t.mock.method(fs, "writeSync", (fd: number, bytes: Uint8Array) => {
		assert.equal(fd, FD);
		terminal.attempts++;
		if (terminal.room === 0) {
			throw Object.assign(new Error("full"), { code: "EAGAIN" });
		}
		const taken = bytes.subarray(0, terminal.room);
		terminal.room -= taken.length;
		terminal.taken += Buffer.from(taken).toString();
		return taken.length;
	});
	syncBuiltinESMExports();
	t.after(() => {
		t.mock.restoreAll();
		syncBuiltinESMExports();
	});
	return { writer: new PtyWriter(FD), terminal, tick: (ms: number) => t.mock.timers.tick(ms) };
}

describe("writing to a terminal", () => {
	it("passes on at once what there is room for", (t) => {
		const { writer, terminal } = setUp(t, 100);
		writer.write(Buffer.from("key"));
		assert.deepEqual([terminal.taken, writer.unwritten], ["key", 0]);
	});

	it("keeps the rest, in order, until there is room", (t) => {
		const { writer, terminal, tick } = setUp(t, 2);
		writer.write(Buffer.from("abc"));
		writer.write(Buffer.from("def"));
		assert.deepEqual([terminal.taken, writer.unwritten], ["ab", 4]);
		terminal.room = 3;
		tick(1);
		assert.deepEqual([terminal.taken, writer.unwritten], ["abcde", 1]);
		terminal.room = 3;
		tick(1);
		assert.deepEqual([terminal.taken, writer.unwritten], ["abcdef", 0]);
	});

	it("tries a full terminal less and less often, and at once again when it has moved", (t) => {
		const { writer, terminal, tick } = setUp(t, 0);
		writer.write(Buffer.from("abc"));
		for (let ms = 0; ms < 10_000; ms++) {
			tick(1);
		}
		assert.ok(terminal.attempts > 100, `${terminal.attempts} attempts in 10 s`);
		assert.ok(terminal.attempts < 250, `${terminal.attempts} attempts in 10 s`);
		terminal.room = 1;
		for (let ms = 0; ms < 50 && terminal.taken === ""; ms++) {
			tick(1);
		}
		assert.equal(terminal.taken, "a");
		const before = terminal.attempts;
		for (let ms = 0; ms < 7; ms++) {
			tick(1);
		}
		assert.equal(terminal.attempts, before + 3, "after 1, 2 and 4 ms");
	});

	it("keeps so many bytes and no more", (t) => {
		const { writer, terminal, tick } = setUp(t, 0);
		writer.write(Buffer.alloc(UNWRITTEN_MAX_BYTES - 2, "a"));
		writer.write(Buffer.from("bcde"));
		assert.equal(writer.unwritten, UNWRITTEN_MAX_BYTES);
		terminal.room = Number.POSITIVE_INFINITY;
		tick(1);
		writer.write(Buffer.from("f"));
		assert.deepEqual([terminal.taken.slice(-4), writer.accepted], ["abcf", UNWRITTEN_MAX_BYTES + 1]);
	});

	it("writes nothing while held, then goes on or starts anew", (t) => {
		const { writer, terminal, tick } = setUp(t, 1);
		writer.write(Buffer.from("abc"));
		writer.hold();
		terminal.room = 100;
		tick(1000);
		writer.write(Buffer.from("d"));
		assert.deepEqual([terminal.taken, writer.unwritten], ["a", 3]);
		writer.resume();
		assert.equal(terminal.taken, "abcd");
		writer.hold();
		writer.write(Buffer.from("efg"));
		writer.restart(Buffer.from("g"));
		writer.write(Buffer.from("h"));
		assert.deepEqual([terminal.taken, writer.unwritten, writer.accepted], ["abcdgh", 0, 6]);
	});

	it("writes nothing more once stopped, or when the terminal is gone", (t) => {
		const { writer, terminal, tick } = setUp(t, 0);
		writer.write(Buffer.from("abc"));
		writer.stop();
		terminal.room = 100;
		tick(1000);
		writer.write(Buffer.from("def"));
		assert.deepEqual([terminal.taken, writer.unwritten], ["", 0]);

		t.mock.method(fs, "writeSync", () => {
			throw Object.assign(new Error("gone"), { code: "EIO" });
		});
		syncBuiltinESMExports();
		const gone = new PtyWriter(FD);
		gone.write(Buffer.from("abc"));
		assert.equal(gone.unwritten, 0);
	});
});
