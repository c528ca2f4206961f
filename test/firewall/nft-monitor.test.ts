import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { followNft, report } from "../../src/firewall/nft-monitor.js";
import type { Commands } from "../../src/system/commands.js";

/** Of what is told, only that something was missed is of interest. */
const missing = (missed: (cause: string) => void) => ({
	changed: () => undefined,
	committed: () => undefined,
	missed,
});

test("a line is a change, or who made those before", () => {
	const told: unknown[] = [];
	const reports = {
		changed: (change: unknown) => told.push(change),
		committed: (transaction: unknown) => told.push(transaction),
	};
	report('add rule ip filter INPUT udp dport 60001 accept comment "an element of"', reports);
	report("delete element inet admin ports { 60001 }", reports);
	report("# new generation 7 by process 10 (iptables-nft-re)", reports);
	assert.deepEqual(told, [
		{ isDeletion: false, kind: "rule", family: "ip", table: "filter" },
		{ isDeletion: true, kind: "element", family: "inet", table: "admin" },
		{ generation: 7, pid: 10, program: "iptables-nft-re", isOurs: false },
	]);
});

test("where the monitor does not live, the rules are compared, and it is tried again after a while", async () => {
	mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
	let monitors = 0;
	let rules = "a";
	const commands: Partial<Commands> = {
		follow: async (_tool, _args, _onLine, onEnd) => {
			monitors += 1;
			setTimeout(onEnd, 20);
			return { pid: 1, stop: async () => undefined };
		},
		run: async () => ({ stdout: rules, stderr: "", exitCode: 0 }),
	};
	const causes: string[] = [];
	const stop = await followNft(
		commands as Commands,
		missing((cause) => causes.push(cause)),
	);
	const pass = async (ms: number) => {
		for (let at = 0; at < ms; at += 10) {
			mock.timers.tick(10);
			await Promise.resolve();
		}
	};
	try {
		await pass(60_000);
		const interrupted = "monitoring of the rules was interrupted";
		assert.deepEqual([monitors, causes], [4, [interrupted, interrupted, interrupted]]);
		causes.length = 0;
		rules = "b";
		await pass(11_000);
		assert.deepEqual(causes, ["rules have changed"]);
		await pass(600_000);
		assert.deepEqual([monitors, causes.slice(1)], [5, [interrupted]]);
	} finally {
		await stop();
		mock.timers.reset();
	}
});

test("until the monitor is known to listen, the rules are compared: it may load sets first", async () => {
	mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
	let listings = 0;
	let tell = (_line: string): void => undefined;
	const commands: Partial<Commands> = {
		follow: async (_tool, _args, onLine) => {
			tell = onLine;
			return { pid: 1, stop: async () => undefined };
		},
		run: async () => {
			listings += 1;
			return { stdout: String(Math.max(2, listings)), stderr: "", exitCode: 0 };
		},
	};
	const causes: string[] = [];
	const stop = await followNft(
		commands as Commands,
		missing((cause) => causes.push(cause)),
	);
	const pass = async (ms: number) => {
		for (let at = 0; at < ms; at += 10) {
			mock.timers.tick(10);
			await Promise.resolve();
		}
	};
	try {
		await pass(32_000);
		assert.deepEqual([listings, causes], [3, ["monitoring of the rules started", "rules have changed"]]);
		tell("add rule inet filter input accept");
		await pass(60_000);
		assert.equal(listings, 3);
	} finally {
		await stop();
		mock.timers.reset();
	}
});
