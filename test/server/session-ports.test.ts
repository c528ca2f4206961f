/** Which ports a session has, and for whom another is opened. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import type { Answer } from "../../src/guard-protocol/messages.js";
import type { AttachRequest } from "../../src/server/control/messages.js";
import { UdpPort } from "../../src/server/host/udp-port.js";
import { AttachRefused, MAX_PORTS, SessionPorts, suits } from "../../src/server/session-ports.js";
import { PretendedGuard } from "../support/pretended-guard.js";
import { scratchFolder } from "../support/scratch.js";

const reached = (address: string): AttachRequest => ({
	type: "attach",
	bind: { kind: "ssh" },
	ssh: `192.0.2.9 5 ${address} 22`,
	watch: false,
});

describe("a port", () => {
	const port = (address: string) => ({ address, port: 60001 });
	const wants = (bind: AttachRequest["bind"], more: Partial<AttachRequest> = {}) => ({ bind, ...more });

	it("suits a client that reaches the host by its address, within its range", () => {
		const ssh = { kind: "ssh" } as const;
		assert.ok(suits(port("192.0.2.1"), reached("192.0.2.1")));
		assert.ok(!suits(port("192.0.2.1"), reached("192.0.2.2")));
		assert.ok(!suits(port("192.0.2.1"), reached("2001:db8::1")));
		assert.ok(suits(port("2001:db8::1"), reached("2001:db8::1")));
		assert.ok(suits(port("192.0.2.1"), reached("::ffff:192.0.2.1")));
		assert.ok(!suits(port("192.0.2.1"), wants(ssh)), "nobody knows how it comes");
		assert.ok(!suits(port("192.0.2.1"), wants({ kind: "any" }, { ssh: "192.0.2.9 5 192.0.2.1 22" })));
		assert.ok(suits(port("192.0.2.1"), wants({ kind: "address", address: "192.0.2.1" })));
		const range = (first: number, last: number) => ({ ...reached("192.0.2.1"), ports: { first, last } });
		assert.ok(suits(port("192.0.2.1"), range(60000, 60001)));
		assert.ok(!suits(port("192.0.2.1"), range(60002, 60010)));
		assert.ok(suits(port("192.0.2.1"), range(0, 0)), "any port was asked for");
	});

	it("of a wildcard suits all of its family", () => {
		assert.ok(suits(port("0.0.0.0"), reached("192.0.2.2")));
		assert.ok(suits(port("0.0.0.0"), wants({ kind: "any" })));
		assert.ok(!suits(port("0.0.0.0"), reached("::1")));
		assert.ok(suits(port("::"), reached("192.0.2.2")));
	});
});

describe("the ports of a session", () => {
	const cleanups: (() => unknown)[] = [];
	afterEach(async () => {
		for (const cleanup of cleanups.splice(0).reverse()) {
			await cleanup();
		}
	});

	async function portsWith(answer: Answer = { type: "open" }, expendable = false) {
		const guard = join(scratchFolder(), "guard.sock");
		const pretended = await PretendedGuard.start(() => answer, guard);
		const first = await UdpPort.bind("127.0.0.1", 0);
		const ports = new SessionPorts(first, undefined, {
			budget: 10_000,
			receive: () => {},
			giveUp: () => expendable,
			guard,
		});
		cleanups.push(
			() => pretended.stop(),
			() => ports.close(),
		);
		return { ports, handle: ports.first() };
	}
	const quiet = (sentence: string) => assert.fail(sentence);
	const asked = (address: string) => ({ ...reached(address), ports: { first: 0, last: 0 } });

	it("grow by one for an address that none of them has, whoever asks first, and shrink when nobody needs it", async () => {
		const { ports, handle } = await portsWith();
		const same = await ports.admit(asked("127.0.0.1"), quiet);
		assert.equal(ports.numbers.length, 1);
		const [other, third] = await Promise.all([
			ports.admit(asked("127.0.0.2"), quiet),
			ports.admit(asked("127.0.0.2"), quiet),
		]);
		assert.equal(other.port, third.port);
		assert.notEqual(other.handle, third.handle);
		assert.equal(ports.numbers.length, 2);
		assert.notEqual(ports.leaseOf(handle), ports.leaseOf(third.handle));
		ports.closeUnused([third.handle, same.handle]);
		assert.equal(ports.numbers.length, 2);
		ports.closeUnused([third.handle]);
		assert.deepEqual(ports.numbers, [third.port]);
		assert.equal(ports.leaseOf(handle), undefined);
	});

	it("are few: those by which nobody has the session or watches make room", async () => {
		const { ports } = await portsWith();
		for (let at = 2; at <= MAX_PORTS; at++) {
			await ports.admit(asked(`127.0.0.${at}`), quiet);
		}
		await assert.rejects(ports.admit(asked("127.0.0.9"), quiet), AttachRefused);
		assert.equal(ports.numbers.length, MAX_PORTS);
		const { ports: others } = await portsWith({ type: "open" }, true);
		for (let at = 2; at <= 9; at++) {
			await others.admit(asked(`127.0.0.${at}`), quiet);
			assert.equal(others.numbers.length, 2);
		}
	});

	it("do not grow where the guard refuses, or none can be bound", async () => {
		const { ports } = await portsWith({ type: "refused", code: "user-limit", reason: "the user has 1 port" });
		await assert.rejects(
			ports.admit(asked("127.0.0.2"), quiet),
			/the guard refuses another port: the user has 1 port/,
		);
		assert.equal(ports.numbers.length, 1);
		const [port = 0] = ports.numbers;
		const taken = {
			...reached("127.0.0.1"),
			bind: { kind: "any" },
			ports: { first: port, last: port },
		} as const;
		await assert.rejects(
			ports.admit(taken, () => {}),
			AttachRefused,
		);
	});

	it("grow with a warning where a rule shuts the port", async () => {
		const { ports } = await portsWith({ type: "refused", code: "blocked", reason: "closed by a rule" });
		const warnings: string[] = [];
		await ports.admit(asked("127.0.0.2"), (sentence) => warnings.push(sentence));
		assert.match(warnings[0] ?? "", /may not be open: closed by a rule\.$/);
		assert.equal(ports.numbers.length, 2);
	});
});
