/** Mode, access and rate of a listening socket. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { ListeningSocket, type ListeningSocketOptions } from "../../../src/guard/socket/listening-socket.js";
import { FakeClock } from "../../support/fake-clock.js";
import { scratchFolder } from "../../support/scratch.js";
import { until } from "../../support/wait.js";

const cleanups: (() => void)[] = [];
afterEach(() => {
	for (const cleanup of cleanups.splice(0)) {
		cleanup();
	}
});

function setUp(over: Partial<ListeningSocketOptions> = {}) {
	const path = join(scratchFolder(), "socket");
	const failures: unknown[] = [];
	let accepted = 0;
	const socket = new ListeningSocket({
		path,
		mode: 0o640,
		clock: new FakeClock(),
		accept: (client) => {
			accepted++;
			client.on("error", () => undefined);
			cleanups.push(() => client.destroy());
		},
		failed: (cause) => failures.push(cause),
		...over,
	});
	cleanups.push(() => socket.close());
	/** Resolves with whether the connection stays. */
	const connect = async () => {
		const client = createConnection(path).on("error", () => undefined);
		cleanups.push(() => client.destroy());
		return await Promise.race([
			once(client, "close").then(() => false),
			until("it is accepted", () => accepted > 0).then(() => true),
		]);
	};
	return { path, socket, failures, connect, accepted: () => accepted };
}

describe("a socket that listens", () => {
	test("has the mode that was asked for, whatever the umask, and leaves no file when it is closed", async () => {
		const { path, socket, connect } = setUp();
		const umask = process.umask(0o077);
		await socket.open().finally(() => process.umask(umask));
		assert.equal(statSync(path).mode & 0o777, 0o640);
		assert.equal(process.umask(umask), umask);
		assert.equal(await connect(), true);
		socket.close();
		assert.ok(!existsSync(path));
	});

	test("replaces the file of a guard that has ended", async () => {
		const { path, socket } = setUp();
		writeFileSync(path, "stale");
		await socket.open();
		assert.ok(statSync(path).isSocket());
	});

	test("that nobody can be admitted to does not listen", async () => {
		const { path, socket } = setUp({ admit: () => Promise.reject(new Error("no ACL")) });
		await assert.rejects(socket.open(), /no ACL/);
		await until("its file is gone", () => !existsSync(path));
	});

	test("is open to others only after they have been admitted", async () => {
		let mode = 0;
		const { path, socket } = setUp({
			admit: async (made) => {
				mode = statSync(made).mode & 0o777;
				chmodSync(made, 0o660);
			},
		});
		await socket.open();
		assert.deepEqual([mode, statSync(path).mode & 0o777], [0o640, 0o660]);
	});

	test("is gone for a second when its rate is exceeded, then listens again", async () => {
		const { path, socket, connect, accepted, failures } = setUp({ rate: { atOnce: 2, perSecond: 1 } });
		await socket.open();
		await connect();
		await connect();
		await until("two are accepted", () => accepted() === 2);
		const turnedAway = createConnection(path).on("error", () => undefined);
		await once(turnedAway, "close");
		assert.ok(!existsSync(path));
		assert.equal(accepted(), 2);
		const began = performance.now();
		await until("it is back", () => existsSync(path));
		assert.ok(performance.now() - began > 500);
		assert.deepEqual(failures, []);
	});

	test("does not come back after it was closed meanwhile", async () => {
		const { path, socket } = setUp({ rate: { atOnce: 0, perSecond: 1 } });
		await socket.open();
		await once(
			createConnection(path).on("error", () => undefined),
			"close",
		);
		socket.close();
		await new Promise((resolve) => setTimeout(resolve, 1200));
		assert.throws(() => readFileSync(path), /ENOENT/);
	});
});
