/** One client of the guard, on a stream in memory. The limits of all clients together: listener.test.ts. */

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { afterEach, describe, test } from "node:test";
import type { Status } from "../../../src/guard/report/status.js";
import { GuardConnection } from "../../../src/guard/socket/connection.js";
import { type ClientKind, UserQuota } from "../../../src/guard/socket/user-quota.js";
import { type Answer, encode, type Request } from "../../../src/guard-protocol/messages.js";
import { FakeClock } from "../../support/fake-clock.js";
import { memoryGuard, until } from "../../support/memory-guard.js";

const UID = 1000;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0)) {
		await cleanup();
	}
});

/** Takes what the guard writes at once. */
class Stream extends Duplex {
	written = "";

	override _read(): void {}

	override _write(chunk: Buffer, _encoding: string, done: () => void): void {
		this.written += chunk.toString();
		done();
	}

	destroySoon(): void {
		this.end(() => this.destroy());
	}

	get answers(): (Answer & { readonly code?: string })[] {
		return this.written
			.split("\n")
			.slice(0, -1)
			.map((line) => JSON.parse(line));
	}
}

interface Client {
	readonly kind?: ClientKind;
	readonly yielded?: () => void;
	readonly maySync?: boolean;
	readonly sessions?: number;
}

/** A client of a guard with one genuine session, of user 1000 on port 60001. */
async function connected({ kind = "user", yielded, maySync = true, sessions = 20 }: Client = {}) {
	const parts = memoryGuard();
	const { pid } = parts.host.serve(60001, { uid: UID });
	await parts.guard.start();
	cleanups.push(() => parts.guard.stop({ leaveOpen: true }));
	const clock = new FakeClock();
	const uids = { anonymous: undefined, root: 0, user: UID };
	const quota = new UserQuota(kind, uids[kind], sessions, clock);
	const told: string[] = [];
	/** A connection of the same user, or of another kind of client. */
	const open = (other?: ClientKind) => {
		const stream = new Stream();
		const its = other === undefined ? quota : new UserQuota(other, uids[other], sessions, clock);
		const connection = new GuardConnection(stream as unknown as Socket, parts.guard, its, clock, {
			leased: () => told.push("leased"),
			reportedFor: (of) => told.push(`reported for ${of}`),
			dropped: (reason) => told.push(`dropped: ${reason}`),
			maySync: () => maySync,
			yielded,
		});
		connection.start();
		return stream;
	};
	const stream = open();
	const say = async (...requests: Request[]) => {
		stream.push(requests.map(encode).join(""));
		await settled();
		return stream.answers;
	};
	const report = { type: "report", family: "ipv4", address: "192.0.2.1", port: 60001, pid } as const;
	return { ...parts, clock, quota, told, stream, say, report, open };
}

/** Until all that follows at once from what was said is done. */
async function settled(): Promise<void> {
	for (let i = 0; i < 50; i++) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

const typesOf = (answers: readonly Answer[]) => answers.map(({ type }) => type);

describe("a client of the guard", () => {
	test("is answered in the order of its requests, whatever each takes", async () => {
		const { say } = await connected();
		const answers = await say(
			{ type: "status" },
			{ type: "arm", seconds: 5 },
			{ type: "ask", family: "ipv4", address: "192.0.2.1", port: 60001 },
		);
		assert.deepEqual(typesOf(answers), ["status", "armed", "open"]);
	});

	test("gets one lease, which ends with the connection", async () => {
		const { say, report, told, guard, stream } = await connected();
		assert.deepEqual(typesOf(await say(report)), ["open"]);
		assert.deepEqual(told, ["leased"]);
		assert.equal(guard.leases.count, 1);
		const [, again] = await say(report);
		assert.ok(again?.type === "error" && again.code === "bad-message");
		stream.destroy();
		await settled();
		assert.equal(guard.leases.count, 0);
	});

	test("tells of its session's client by a lease only, and is not answered", async () => {
		const { say, report, guard } = await connected();
		const update = { type: "update", client: { address: "203.0.113.5", port: 5 } } as const;
		assert.deepEqual(await say(update), []);
		assert.deepEqual(typesOf(await say(report, update)), ["open"]);
		assert.equal(guard.status().ports[0]?.client?.address, "203.0.113.5");
	});

	test("that names no socket of its own gets no lease, and learns nothing about others' processes", async () => {
		const { say, report, guard, told, stream } = await connected();
		await say({ ...report, port: 60002 });
		await until(() => stream.answers.length > 0);
		const [answer] = stream.answers;
		assert.ok(answer?.type === "refused" && answer.code === "not-bound");
		assert.doesNotMatch(answer.reason, /\d/);
		assert.equal(guard.leases.count, 0);
		assert.deepEqual(told, []);
	});

	test("that is anonymous has its user told of", async () => {
		const { say, report, told } = await connected({ kind: "anonymous" });
		await say(report);
		assert.ok(told.includes(`reported for ${UID}`), told.join());
	});

	test("on loopback stays without a lease, and as many do as a user may have sessions", async () => {
		const { say, report, quota, told, open, stream } = await connected({ sessions: 1 });
		const loopback = { ...report, address: "127.0.0.1" };
		assert.deepEqual(typesOf(await say(loopback)), ["open"]);
		const second = open();
		second.push(encode(loopback));
		await settled();
		assert.deepEqual(typesOf(second.answers), ["open"]);
		assert.deepEqual(told, ["leased"]);
		assert.equal(quota.loopback, 1);
		stream.destroy();
		await settled();
		assert.equal(quota.loopback, 0);
	});
});

describe("what only root may", () => {
	const close = { type: "close", port: 60001 } as const;

	test("close a port", async () => {
		const user = await connected();
		await user.guard.reconcile();
		const [refused] = await user.say(close);
		assert.ok(refused?.type === "error" && refused.code === "not-permitted");
		assert.equal(user.firewall.open.length, 1);
		const root = await connected({ kind: "root" });
		await root.guard.reconcile();
		const [closed] = await root.say(close);
		assert.deepEqual(closed?.type === "synced" && closed.closed.map(({ port }) => port), [60001]);
		assert.equal(root.firewall.open.length, 0);
	});

	test("have it hand over, where it does so at all", async () => {
		let yields = 0;
		const yielded = () => {
			yields++;
		};
		assert.deepEqual(typesOf(await (await connected({ yielded })).say({ type: "yield" })), ["error"]);
		assert.deepEqual(typesOf(await (await connected({ kind: "root" })).say({ type: "yield" })), ["error"]);
		assert.equal(yields, 0);
		assert.deepEqual(typesOf(await (await connected({ kind: "root", yielded })).say({ type: "yield" })), [
			"yielded",
		]);
		assert.equal(yields, 1);
	});

	test("see where clients are", async () => {
		const { say, report, open } = await connected();
		await say(report, { type: "update", client: { address: "203.0.113.5", port: 5 } });
		const root = open("root");
		root.push(encode({ type: "status" }));
		await settled();
		const clientIn = (answer: Answer | undefined) =>
			answer?.type === "status" && (answer.status as Status).ports[0]?.client?.address;
		assert.equal(clientIn(root.answers[0]), "203.0.113.5");
		assert.equal(clientIn((await say({ type: "status" })).at(-1)), undefined);
	});

	test("sync as often as they like", async () => {
		const [limited] = await (await connected({ maySync: false })).say({ type: "sync" });
		assert.ok(limited?.type === "error" && limited.code === "too-fast");
		assert.deepEqual(
			typesOf(await (await connected({ kind: "root", maySync: false })).say({ type: "sync" })),
			["synced"],
		);
	});
});

describe("a client is dropped", () => {
	test("with the reason in words when a line is none of the protocol's, or too long", async () => {
		for (const text of ["nonsense\n", '{"v":1,"type":"dance"}\n', "x".repeat(5000)]) {
			const { stream, told } = await connected();
			stream.push(text);
			await settled();
			assert.deepEqual(
				stream.answers.map(({ code }) => code),
				["bad-message"],
			);
			assert.equal(stream.destroyed, true);
			assert.match(told.join(), /^dropped: /);
		}
	});

	test("when it sends more than 20 messages at once, or than 5 a second after", async () => {
		const armed: Request = { type: "arm", seconds: 1 };
		const { say, clock, stream } = await connected();
		assert.equal((await say(...Array<Request>(20).fill(armed))).length, 20);
		clock.advance(1000);
		assert.equal((await say(...Array<Request>(5).fill(armed))).length, 25);
		assert.equal(stream.destroyed, false);
		const answers = await say(armed);
		assert.equal(answers.at(-1)?.code, "too-fast");
		assert.equal(stream.destroyed, true);
	});
});

test("the failure of a firewall is told as one", async () => {
	const { say, firewall } = await connected({ kind: "root" });
	firewall.failure = new Error("out of order");
	const [answer] = await say({ type: "sync" });
	assert.deepEqual(answer?.type === "error" && [answer.code, answer.reason], ["failed", "out of order"]);
});
