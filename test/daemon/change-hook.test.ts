import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChangeHook, type OpenPort } from "../../src/daemon/change-hook.js";
import type { GuardEvent } from "../../src/guard/report/events.js";

const PORT: OpenPort = { family: "ipv4", address: "192.0.2.1", port: 60001, uid: 1000 };
const [A, B, C] = [PORT, { ...PORT, port: 60002 }, { ...PORT, port: 60003 }];

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A hook whose program ends when the test says so. */
function rig() {
	const calls: string[] = [];
	const logged: { event: GuardEvent; fields: unknown }[] = [];
	const ends: ((error?: Error) => void)[] = [];
	let running = 0;
	const hook = new ChangeHook(
		(event, fields) => void logged.push({ event, fields }),
		(file, call) => {
			assert.equal(++running, 1, "one at a time");
			calls.push([file, ...call].join(" "));
			return new Promise((resolve, reject) => {
				ends.push((error) => {
					running--;
					if (error === undefined) resolve();
					else reject(error);
				});
			});
		},
	);
	hook.file = "/hook";
	/** Ends the call under way and lets the next one start. */
	const end = async (error?: Error) => {
		await turn();
		ends.shift()?.(error);
		await turn();
	};
	const endAll = async () => {
		do await end();
		while (ends.length > 0);
	};
	return { hook, calls, logged, end, endAll };
}

describe("the program that is told of open ports", () => {
	test("hears a reset, then each port as it opens and closes, with whose it is", async () => {
		const { hook, calls, endAll } = rig();
		hook.start();
		await endAll();
		hook.see([A]);
		await endAll();
		hook.see([A, { ...B, family: "ipv6", address: "2001:db8::1", uid: 1001 }]);
		await endAll();
		hook.see([]);
		await endAll();
		assert.deepEqual(calls, [
			"/hook reset",
			"/hook open ipv4 192.0.2.1 60001 1000",
			"/hook open ipv6 2001:db8::1 60002 1001",
			"/hook close ipv4 192.0.2.1 60001 1000",
			"/hook close ipv6 2001:db8::1 60002 1001",
		]);
	});

	test("hears nothing of a port that came and went while it was busy", async () => {
		const { hook, calls, end, endAll } = rig();
		hook.start();
		for (let round = 0; round < 100; round++) {
			hook.see([A, B]);
			hook.see([A]);
		}
		await end();
		hook.see([C]);
		await endAll();
		assert.deepEqual(
			calls.map((call) => call.split(" ").slice(1).join(" ")),
			[
				"reset",
				"open ipv4 192.0.2.1 60001 1000",
				"open ipv4 192.0.2.1 60003 1000",
				"close ipv4 192.0.2.1 60001 1000",
			],
		);
	});

	test("hears of a port that another user has now", async () => {
		const { hook, calls, endAll } = rig();
		hook.start();
		hook.see([A]);
		await endAll();
		hook.see([{ ...A, uid: 1001 }]);
		await endAll();
		assert.deepEqual(calls.slice(2), [
			"/hook open ipv4 192.0.2.1 60001 1001",
			"/hook close ipv4 192.0.2.1 60001 1000",
		]);
	});

	test("that fails is logged, not called again, and keeps nothing else back", async () => {
		const { hook, calls, logged, end, endAll } = rig();
		hook.start();
		await endAll();
		hook.see([A, B]);
		await end(new Error("no cloud today"));
		await endAll();
		hook.see([A, B]);
		await endAll();
		assert.deepEqual(calls.slice(1), [
			"/hook open ipv4 192.0.2.1 60001 1000",
			"/hook open ipv4 192.0.2.1 60002 1000",
		]);
		assert.deepEqual(logged, [
			{ event: "hook.failed", fields: { call: "open ipv4 192.0.2.1 60001 1000", cause: "no cloud today" } },
		]);
	});

	test("hears one reset at the end, which waits for the call under way", async () => {
		const { hook, calls, end, endAll } = rig();
		hook.start();
		await endAll();
		hook.see([A, B, C]);
		await turn();
		let stopped = false;
		const stopping = hook.stop().then(() => {
			stopped = true;
		});
		await end();
		assert.equal(stopped, false);
		await end();
		await stopping;
		assert.deepEqual(calls.slice(1), ["/hook open ipv4 192.0.2.1 60001 1000", "/hook reset"]);
		hook.see([A]);
		await endAll();
		assert.equal(calls.length, 3);
	});

	test("hears of no reset where the ports stay open", async () => {
		const { hook, calls, endAll } = rig();
		hook.start();
		hook.see([A]);
		await endAll();
		await hook.stop({ leaveOpen: true });
		assert.equal(calls.length, 2);
	});

	test("another one hears everything from the start; none hears nothing", async () => {
		const { hook, calls, endAll } = rig();
		hook.start();
		hook.see([A]);
		await endAll();
		hook.file = "/other";
		await endAll();
		hook.file = "";
		hook.see([A, B]);
		await hook.stop();
		assert.deepEqual(calls.slice(2), ["/other reset", "/other open ipv4 192.0.2.1 60001 1000"]);
	});

	test("hears nothing before it is started", async () => {
		const { hook, calls } = rig();
		hook.see([A]);
		await hook.stop();
		assert.deepEqual(calls, []);
	});
});
