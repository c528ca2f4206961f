/** Events of destroyed sockets, as `ss` prints them. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { destroyedPort, SocketDestroyTrigger } from "../../../src/guard/triggers/socket-destroy-trigger.js";
import type { Commands } from "../../../src/system/commands.js";

const RANGE = { first: 60001, last: 60999 };

describe("a destroyed socket", () => {
	test("is known by its local port", () => {
		assert.equal(destroyedPort("0      -1     127.0.0.1:60001     0.0.0.0:*"), 60001);
		assert.equal(destroyedPort("UNCONN 0 -1 [fd00::1]:60001 [::]:*"), 60001);
		assert.ok(Number.isNaN(destroyedPort("Recv-Q Send-Q")));
		assert.ok(Number.isNaN(destroyedPort("")));
	});

	test("is an event only if a socket on its port is known", async () => {
		let write: (line: string) => void = () => assert.fail("not followed");
		const follow: Commands["follow"] = async (_tool, _args, onLine) => {
			write = onLine;
			return { pid: 1, stop: async () => undefined };
		};
		const held = new Set([60001]);
		const trigger = new SocketDestroyTrigger(
			{ follow },
			() => RANGE,
			(port) => held.has(port),
		);
		const events: unknown[] = [];
		trigger.start(
			(port) => events.push(port),
			() => assert.fail("it works"),
		);
		write("0      -1     127.0.0.1:60002     0.0.0.0:*");
		write("0      -1     127.0.0.1:53     0.0.0.0:*");
		assert.deepEqual(events, []);
		write("0      -1     127.0.0.1:60001     0.0.0.0:*");
		assert.deepEqual(events, [60001]);
		await trigger.stop();
	});

	test("is asked of the kernel for the range alone", async () => {
		let asked: readonly string[] = [];
		const follow: Commands["follow"] = async (_tool, args) => {
			asked = args;
			return { pid: 1, stop: async () => undefined };
		};
		const trigger = new SocketDestroyTrigger(
			{ follow },
			() => RANGE,
			() => true,
		);
		trigger.start(
			() => undefined,
			() => undefined,
		);
		assert.equal(asked.at(-1), "sport >= :60001 and sport <= :60999");
		await trigger.stop();
	});

	test("is made up for by regular events while a flood has ended the stream", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
		const ends: (() => void)[] = [];
		const follow: Commands["follow"] = async (_tool, _args, _onLine, onEnd) => {
			ends.push(onEnd);
			return { pid: 1, stop: async () => undefined };
		};
		const trigger = new SocketDestroyTrigger(
			{ follow },
			() => RANGE,
			() => true,
		);
		let events = 0;
		let failures = 0;
		trigger.start(
			() => events++,
			() => failures++,
		);
		const turn = () => new Promise((resolve) => setImmediate(resolve));
		// The second time it stays away for a second.
		for (const wait of [100, 900]) {
			ends.at(-1)?.();
			t.mock.timers.tick(wait);
			await turn();
		}
		assert.deepEqual([ends.length, failures], [2, 2]);
		assert.equal(events, 6);
		t.mock.timers.tick(100);
		await turn();
		assert.equal(ends.length, 3);
		t.mock.timers.tick(10_000);
		assert.equal(events, 6);
		await trigger.stop();
	});
});
