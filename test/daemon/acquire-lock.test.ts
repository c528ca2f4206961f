/** What a guard that starts does about the lock's holder. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { acquireLock } from "../../src/daemon/acquire-lock.js";
import { type Lock, takeLock } from "../../src/daemon/lock.js";
import { pathsIn } from "../../src/daemon/paths.js";
import { type Answer, decodeRequest, encode } from "../../src/guard-protocol/messages.js";
import { scratchFolder } from "../support/scratch.js";

const cleanups: (() => void)[] = [];
afterEach(() => {
	for (const cleanup of cleanups.splice(0)) {
		cleanup();
	}
});

/** A guard that holds the lock and answers on its socket, unless `answer` is absent. */
async function holder(answer?: (lock: Lock) => Answer) {
	const folder = join(scratchFolder(), "run");
	mkdirSync(folder);
	const paths = pathsIn("/nonexistent", folder);
	const lock = takeLock(paths.lock);
	const asked: string[] = [];
	if (answer !== undefined) {
		const server = createServer((socket) => {
			socket.on("data", (line) => {
				const request = decodeRequest(String(line));
				asked.push("error" in request ? request.error : request.type);
				socket.end(encode(answer(lock)));
			});
		});
		await new Promise<void>((resolve) => server.listen(paths.adminSocket, resolve));
		cleanups.push(() => server.close());
	}
	return { paths, lock, asked };
}

const refuses = (): Answer => ({
	type: "error",
	code: "not-permitted",
	reason: "this guard does not hand over",
});

describe("the lock of a guard on demand", () => {
	test("is handed over to one that starts", async () => {
		let ending = false;
		const { paths, asked } = await holder((lock) => {
			if (!ending) {
				setTimeout(() => lock.release(), 50);
			}
			ending = true;
			return { type: "yielded" };
		});
		const lock = await acquireLock(paths, false);
		assert.ok(asked.length > 0 && asked.every((type) => type === "yield"));
		assert.throws(() => takeLock(paths.lock), { code: "already-running" });
		lock.release();
	});

	test("is not asked for by another one on demand", async () => {
		const { paths, asked, lock } = await holder(() => ({ type: "status", status: {} }));
		await assert.rejects(acquireLock(paths, true), { code: "already-running" });
		assert.deepEqual(asked, ["status"]);
		lock.release();
	});
});

test("a guard that does not hand over keeps the lock", async () => {
	const { paths, asked, lock } = await holder(refuses);
	await assert.rejects(acquireLock(paths, false), { code: "already-running" });
	assert.deepEqual(asked, ["yield"]);
	lock.release();
});

test("a holder without a socket, such as a sync, is waited for", async () => {
	const { paths, lock } = await holder();
	setTimeout(() => lock.release(), 100);
	const began = performance.now();
	(await acquireLock(paths, false)).release();
	assert.ok(performance.now() - began > 90);
});

test("a lock that cannot be taken at all is an error at once", async () => {
	const paths = pathsIn("/nonexistent", join(scratchFolder(), "missing"));
	await assert.rejects(acquireLock(paths, false), { code: "lock-failed" });
});
