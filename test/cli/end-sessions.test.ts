import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import type { Context } from "../../src/cli/context.js";
import { endSessions } from "../../src/cli/end-sessions.js";
import { PORT } from "../support/guarded-context.js";

/** What is written, and which processes get a signal; `fault` of process 13 keeps it from getting one. */
function ended(
	ports: readonly (typeof PORT)[],
	options: Parameters<typeof endSessions>[2] = {},
	fault?: string,
) {
	const signalled: unknown[] = [];
	const kill = mock.method(process, "kill", (pid: number, signal: string) => {
		if (pid === 13 && fault !== undefined) {
			throw Object.assign(new Error(fault), { code: fault });
		}
		signalled.push([pid, signal]);
		return true;
	});
	let text = "";
	const write = (more: string) => {
		text += more;
	};
	try {
		endSessions({ write } as Partial<Context> as Context, ports, options);
	} finally {
		kill.mock.restore();
	}
	return { signalled, text };
}

const SECOND = { ...PORT, port: 60002 };

describe("sessions are ended", () => {
	test("once each, however many ports they have", () => {
		const { signalled, text } = ended([PORT, SECOND]);
		assert.deepEqual(signalled, [[4711, "SIGTERM"]]);
		assert.equal(
			text,
			"ended  192.0.2.1:60001  pid 4711  age 1m\nended  192.0.2.1:60002  pid 4711  age 1m\n",
		);
	});

	test("not in a dry run", () => {
		const { signalled, text } = ended([PORT], { dryRun: true, json: true });
		assert.deepEqual(signalled, []);
		const row = { family: "ipv4", address: "192.0.2.1", port: 60001, pid: 4711, uid: 1000 };
		assert.deepEqual(JSON.parse(text), { schema: 1, dryRun: true, ended: [row] });
	});

	test("those that have gone by themselves are not counted", () => {
		const { text } = ended([{ ...PORT, pid: 13 }], {}, "ESRCH");
		assert.equal(text, "no such session\n");
	});

	test("another user's is not this user's to end", () => {
		assert.throws(() => ended([{ ...PORT, pid: 13 }], {}, "EPERM"), { exit: "notPermitted" });
		assert.throws(() => ended([{ ...PORT, pid: 13 }], {}, "EIO"), { code: "EIO" });
	});
});
