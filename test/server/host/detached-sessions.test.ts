import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { detachedSessions, detachedWarning } from "../../../src/server/host/detached-sessions.js";

const USER_PROCESS = 7;
const DEAD_PROCESS = 8;

function record(user: string, host: string, line: string, type = USER_PROCESS): Buffer {
	const bytes = Buffer.alloc(384);
	bytes.writeInt16LE(type, 0);
	bytes.write(line, 8);
	bytes.write(user, 44);
	bytes.write(host, 76);
	return bytes;
}

describe("detached sessions", () => {
	const exists = (line: string) => line !== "pts/9";

	it("are the user's other ones without a client whose terminal exists and whose server lives", () => {
		const utmp = Buffer.concat([
			record("ann", "mosh [1]", "pts/1"),
			record("ann", "192.0.2.1 via mosh [2]", "pts/2"),
			record("bob", "mosh [3]", "pts/3"),
			record("ann", "mosh [4]", "pts/9"),
			record("ann", "mosh [5]", "pts/5", DEAD_PROCESS),
			record("ann", "mosh [6]", "pts/6"),
			record("ann", "mosh [7]", "pts/7"),
			record("ann", "mosh [8]", "pts/8"),
			record("ann", "mosh []", "pts/10"),
			Buffer.alloc(100),
		]);
		const lives = (pid: number) => pid < 8;
		assert.deepEqual(detachedSessions(utmp, "ann", "mosh [7]", exists, lives), ["mosh [1]", "mosh [6]"]);
	});

	it("are warned of in white on blue, one or several", () => {
		assert.equal(detachedWarning([]), "");
		const one = detachedWarning(["mosh [1]"]);
		assert.ok(one.startsWith("\x1b[37;44m") && one.endsWith("\r\n\r\n\x1b[m"));
		assert.match(one, /\(mosh \[1\]\)/);
		const several = detachedWarning(["mosh [1]", "mosh [22]"]);
		assert.match(several, / 2 detached/);
		assert.match(several, /^ +- mosh \[1\]\r\n +- mosh \[22\]\r$/m);
	});
});
