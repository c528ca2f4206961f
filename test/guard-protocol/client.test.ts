/** The client's end of the guard's socket, with a pretended guard or none at the other. */

import assert from "node:assert/strict";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { dirname, join } from "node:path";
import { afterEach, describe, it, mock } from "node:test";
import { ask, GuardLease, socketFor } from "../../src/guard-protocol/client.js";
import { userSocket } from "../../src/guard-protocol/messages.js";
import { PretendedGuard, type Said } from "../support/pretended-guard.js";
import { scratchFolder } from "../support/scratch.js";
import { sleep, until } from "../support/wait.js";

const PORT = { family: "ipv4", address: "192.0.2.1", port: 60001 } as const;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) {
		await cleanup();
	}
});

async function pretend(answer: () => Said, path: string): Promise<PretendedGuard> {
	const guard = await PretendedGuard.start(answer, path);
	cleanups.push(() => guard.stop());
	return guard;
}

function leaseAt(path: string, pauses?: readonly number[]): GuardLease {
	const lease = new GuardLease(PORT, 7, path, pauses);
	cleanups.push(() => lease.stop());
	return lease;
}

const socketPath = () => join(scratchFolder(), "guard.sock");

/** Makes the user's own socket beside a public one possible. */
function ownSocket(path: string): string {
	const own = userSocket(process.geteuid?.() ?? 0, path);
	mkdirSync(dirname(own));
	return own;
}

describe("a question", () => {
	it("is answered by the guard, and the connection ends", async () => {
		const path = socketPath();
		const guard = await pretend(() => ({ type: "armed", seconds: 5 }), path);
		assert.deepEqual(await ask({ type: "arm", seconds: 5 }, path), { v: 1, type: "armed", seconds: 5 });
		assert.deepEqual(guard.heard, [{ type: "arm", seconds: 5 }]);
	});

	it("without an answer fails with what is known of the cause", async () => {
		await assert.rejects(ask({ type: "status" }, socketPath()), { code: "no-guard" });
		const closing = socketPath();
		await pretend(() => "closes", closing);
		await assert.rejects(ask({ type: "status" }, closing), { code: "closed" });
		const silent = socketPath();
		await pretend(() => undefined, silent);
		await assert.rejects(ask({ type: "status" }, silent, 20), { code: "no-answer" });
		const strange = socketPath();
		await pretend(() => ({ v: 2, type: "open" }) as Said, strange);
		await assert.rejects(ask({ type: "status" }, strange), { code: "bad-answer" });
	});

	it("is asked again while the guard's queue is full, until the time is over", async () => {
		const path = socketPath();
		const guard = await pretend(() => ({ type: "open" }), path);
		const full = Object.assign(new Error("EAGAIN"), { code: "EAGAIN" });
		const { createConnection } = net;
		let attempts = 0;
		const { mock: refusals } = mock.method(net, "createConnection", (at: string) => {
			const socket = ++attempts <= 3 ? new net.Socket() : createConnection(at);
			return attempts <= 3 ? socket.destroy(full) : socket;
		});
		syncBuiltinESMExports();
		cleanups.push(() => {
			refusals.restore();
			syncBuiltinESMExports();
		});
		assert.equal((await ask({ type: "ask", ...PORT }, path)).type, "open");
		assert.equal(attempts, 4);
		assert.equal(guard.heard.length, 1);
		attempts = Number.NEGATIVE_INFINITY;
		await assert.rejects(ask({ type: "ask", ...PORT }, path, 60), { code: "no-answer" });
	});
});

it("the user's own socket is taken if there is one, else the public one", () => {
	const path = socketPath();
	assert.equal(socketFor(path), path);
	const own = ownSocket(path);
	writeFileSync(own, "");
	assert.equal(socketFor(path), own);
});

describe("a report", () => {
	it("ends with the first answer: open, refused, or refused although the guard has opened the port", async () => {
		for (const [answer, outcome] of [
			[{ type: "open" }, { state: "open" }],
			[
				{ type: "refused", code: "user-limit", reason: "too many" },
				{ state: "not-open", code: "user-limit", reason: "too many", refused: true },
			],
			[
				{ type: "refused", code: "blocked", reason: "a rule" },
				{ state: "not-open", code: "blocked", reason: "a rule" },
			],
			[
				{ type: "error", code: "too-fast", reason: "too many messages" },
				{ state: "not-open", code: "too-fast", reason: "too many messages", refused: true },
			],
		] as const) {
			const path = socketPath();
			const guard = await pretend(() => answer as Said, path);
			assert.deepEqual(await leaseAt(path).start(), outcome);
			assert.deepEqual(guard.heard, [{ type: "report", ...PORT, pid: 7 }]);
		}
	});

	it("moves to the user's own socket when the guard has made one, where alone it is believed what is said of the client", async () => {
		const path = socketPath();
		const own = ownSocket(path);
		const unmoved = `${own}.new`;
		const ownGuard = await pretend(() => ({ type: "open" }), unmoved);
		const publicGuard = await pretend(() => {
			renameSync(unmoved, own);
			return { type: "open" };
		}, path);
		const lease = leaseAt(path);
		assert.deepEqual(await lease.start(), { state: "open" });
		await until("the report is made there too", () => ownGuard.heard.length === 1);
		lease.update({ silentMs: 5 });
		await until("the update", () => ownGuard.heard.length === 2);
		assert.deepEqual(ownGuard.heard, [
			{ type: "report", ...PORT, pid: 7 },
			{ type: "update", silentMs: 5 },
		]);
		assert.equal(publicGuard.heard.length, 1);
	});

	it("is made again to a guard that comes later, with what is known of the client by then", async () => {
		const path = socketPath();
		const lease = leaseAt(path);
		assert.equal((await lease.start()).state, "not-open");
		lease.update({ client: { address: "203.0.113.5", port: 5 }, silentMs: 1000, idleMs: 7000 });
		const guard = await pretend(() => ({ type: "open" }), path);
		await until("report and update", () => guard.heard.length === 2);
		const [first, second] = guard.heard;
		assert.equal(first?.type, "report");
		assert.ok(second?.type === "update");
		assert.deepEqual(second.client, { address: "203.0.113.5", port: 5 });
		// They had grown before the guard came; an update repeated as it was would have them shrink.
		assert.ok((second.silentMs ?? 0) > 1000 && (second.idleMs ?? 0) > 7000);
	});
});

describe("without a guard", () => {
	const PAUSES = [1, 2];

	/** A lease that has tried all that it tries, and only watches. */
	async function watching(path: string): Promise<GuardLease> {
		const lease = leaseAt(path, PAUSES);
		assert.equal((await lease.start()).state, "not-open");
		await sleep(50);
		return lease;
	}

	for (const [what, folders] of [
		["beside its folder", []],
		["while its folder is missing", ["run", "mosh-portguard"]],
	] as const) {
		it(`is watched for ${what}, and reported to when it comes`, async () => {
			const scratch = scratchFolder();
			const path = join(scratch, ...folders, "guard.sock");
			const { mock: attempts } = mock.method(net, "createConnection");
			syncBuiltinESMExports();
			cleanups.push(() => {
				attempts.restore();
				syncBuiltinESMExports();
			});
			await watching(path);
			assert.equal(attempts.callCount(), 1 + PAUSES.length, "it is not asked for any more");
			mkdirSync(dirname(path), { recursive: true });
			const guard = await pretend(() => ({ type: "open" }), path);
			await until("the report", () => guard.heard.length === 1);
		});
	}

	it("is watched for again after one that has come and gone", async () => {
		const path = socketPath();
		await watching(path);
		for (let count = 1; count <= 3; count++) {
			const guard = await PretendedGuard.start(() => ({ type: "open" }), path);
			await until("the report", () => guard.heard.length === 1);
			await guard.stop();
			await sleep(50);
		}
	});
});
