/** What a session answers to its user's other logins. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AttachRequest } from "../../src/server/control/messages.js";
import { type ControlHandlerParts, controlHandler } from "../../src/server/control-handler.js";
import { AttachRefused } from "../../src/server/session-ports.js";
import { blankScreen } from "../../src/terminal/screen/screen.js";

const HANDLE = {} as ReturnType<ControlHandlerParts["ports"]["first"]>;
const ATTACH: AttachRequest = { type: "attach", bind: { kind: "any" }, watch: true };

interface World {
	readonly activity?: object;
	readonly admit?: () => Promise<unknown>;
	readonly piece?: object;
}

function answers({ activity = {}, admit, piece }: World = {}) {
	const done: unknown[] = [];
	const session = {
		clientActivity: { ending: false, watchers: 0, lastHeardAt: 400, lastInputAt: undefined, ...activity },
		sight: { ...blankScreen(80, 24), title: "a title" },
		end: (reason: string) => done.push(["end", reason]),
		history: (from: number, colours: boolean) => {
			done.push(["history", from, colours]);
			return piece;
		},
		promise: (key: Uint8Array, handle: unknown, watches: boolean) =>
			done.push(["promise", key.length, handle === HANDLE, watches]),
		withdraw: (handle: unknown) => done.push(["withdraw", handle === HANDLE]),
	};
	const ports = {
		numbers: [60002, 60001],
		admit: async (_question: AttachRequest, warn: (sentence: string) => void) => {
			warn("A warning.");
			return admit === undefined ? { handle: HANDLE, port: 60002 } : admit();
		},
	};
	const parts = {
		session,
		ports,
		startedAt: 7,
		now: () => 1000,
		program: () => "vim",
		promised: (_question: AttachRequest, port: number) => done.push(["promised", port]),
	} as unknown as ControlHandlerParts;
	return { answer: controlHandler(parts), done, session };
}

describe("a session says", () => {
	test("what it is", async () => {
		const peer = { address: "203.0.113.5", port: 9 };
		const { answer } = answers({ activity: { peer, lastInputAt: 250, watchers: 2 } });
		assert.deepEqual((await answer({ type: "who" })).reply, {
			type: "session",
			pid: process.pid,
			startedAt: 7,
			state: "running",
			columns: 80,
			rows: 24,
			title: "a title",
			program: "vim",
			ports: [60002, 60001],
			client: "203.0.113.5",
			silentMs: 600,
			idleMs: 750,
			watchers: 2,
		});
	});

	test("that it has not begun, or is ending", async () => {
		const stateWith = async (activity: object) => {
			const { reply } = await answers({ activity }).answer({ type: "who" });
			return reply.type === "session" && reply.state;
		};
		assert.equal(await stateWith({ lastHeardAt: undefined }), "starting");
		assert.equal(await stateWith({ ending: true }), "ending");
	});

	test("what its user could look back at, or that there is nothing", async () => {
		const { answer, done } = answers({ piece: { text: "x", next: 9 } });
		const question = { type: "history", from: 5, colours: true } as const;
		assert.deepEqual((await answer(question)).reply, { type: "history", text: "x", next: 9 });
		assert.deepEqual(done, [["history", 5, true]]);
		assert.equal((await answers().answer(question)).reply.type, "refused");
	});
});

test("it ends when it is asked to", async () => {
	const { answer, done } = answers();
	assert.deepEqual((await answer({ type: "end" })).reply, { type: "ending" });
	assert.deepEqual(done, [["end", "request"]]);
});

describe("a client that is about to come", () => {
	test("is promised a handle under a key of its own, which is taken back where its asker has gone", async () => {
		const { answer, done } = answers();
		const { reply, undo } = await answer(ATTACH);
		assert.ok(reply.type === "admitted");
		assert.deepEqual([reply.port, reply.key.length, reply.warnings], [60002, 22, ["A warning."]]);
		assert.deepEqual(done, [
			["promise", 16, true, true],
			["promised", 60002],
		]);
		undo?.();
		assert.deepEqual(done.at(-1), ["withdraw", true]);
	});

	test("is refused with the reason, also where the session ends meanwhile", async () => {
		const refused = answers({ admit: () => Promise.reject(new AttachRefused("its ports are in use")) });
		assert.deepEqual((await refused.answer(ATTACH)).reply, {
			type: "refused",
			reason: "its ports are in use",
		});
		const over = { reply: { type: "refused", reason: "its session has ended" } };
		assert.deepEqual(await answers({ activity: { ending: true } }).answer(ATTACH), over);
		const ending = answers({
			admit: async () => {
				Object.assign(ending.session.clientActivity, { ending: true });
				return { handle: HANDLE, port: 60002 };
			},
		});
		assert.deepEqual(await ending.answer(ATTACH), over);
		assert.deepEqual(ending.done, []);
	});

	test("is no reason to hide a mistake of ours", async () => {
		await assert.rejects(
			answers({ admit: () => Promise.reject(new TypeError("x")) }).answer(ATTACH),
			TypeError,
		);
	});
});
