/** What wakes the guard: the stream of destroyed sockets, as `ss` writes it. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Commands } from "../../../src/firewall/run.js";
import { destroyedPort, SocketDestroyTrigger } from "../../../src/guard/kernel/watch.js";

describe("a destroyed socket", () => {
	test("is known by its local port", () => {
		assert.equal(destroyedPort("0      -1     127.0.0.1:60001     0.0.0.0:*"), 60001);
		assert.equal(destroyedPort("UNCONN 0 -1 [fd00::1]:60001 [::]:*"), 60001);
		assert.ok(Number.isNaN(destroyedPort("Recv-Q Send-Q")));
		assert.ok(Number.isNaN(destroyedPort("")));
	});

	test("wakes only when its port is one that somebody is believed to hold", async () => {
		let write: (line: string) => void = () => assert.fail("not followed");
		const follow: Commands["follow"] = async (_tool, _args, onLine) => {
			write = onLine;
			return { pid: 1, stop: async () => undefined };
		};
		const held = new Set([60001]);
		const trigger = new SocketDestroyTrigger({ follow }, (port) => held.has(port));
		let woken = 0;
		trigger.start(
			() => woken++,
			() => assert.fail("it works"),
		);
		write("0      -1     127.0.0.1:60002     0.0.0.0:*");
		write("0      -1     127.0.0.1:53     0.0.0.0:*");
		assert.equal(woken, 0);
		write("0      -1     127.0.0.1:60001     0.0.0.0:*");
		assert.equal(woken, 1);
		await trigger.stop();
	});
});
