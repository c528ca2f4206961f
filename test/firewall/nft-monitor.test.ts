import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, mock, test } from "node:test";
import { promisify } from "node:util";
import { GenerationReader, watchNft } from "../../src/firewall/nft-monitor.js";
import type { Commands } from "../../src/system/commands.js";
import { needsRoot, needsTools } from "../support/requirements.js";

describe("changes as nft's monitor prints them", () => {
	const read = (...lines: string[]) => {
		const reader = new GenerationReader(
			(line) => line.includes(" ip filter "),
			(pid) => pid === 10,
		);
		return lines.flatMap((line) => reader.read(line) ?? []);
	};

	test("name the program that made them, unless it was ours or they do not concern us", () => {
		const ours = [
			"add rule ip filter MOSH-PORTGUARD udp dport 60001 accept",
			"# new generation 7 by process 10 (iptables-nft-re)",
		];
		const others = [
			"delete rule ip filter INPUT handle 5",
			"# new generation 8 by process 11 (iptables-nft)",
		];
		const irrelevant = ["add table inet x", "# new generation 9 by process 12 (nft)"];
		assert.deepEqual(read(...ours, ...others, ...irrelevant), ["iptables-nft"]);
	});

	test("are not taken for those of the next program", () => {
		const lines = [
			"add rule ip filter INPUT accept",
			"# new generation 7 by process 10 (x)",
			"# new generation 8 by process 11 (y)",
		];
		assert.deepEqual(read(...lines), []);
	});
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
	const watch = await watchNft(commands as Commands, {
		concerns: () => true,
		listener: (cause) => causes.push(cause),
	});
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
		await watch.stop();
		mock.timers.reset();
	}
});

const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url));

/** Changes rules by commands of its own and by one that is not, and prints what the watch says of each. */
const WATCHING = `
	import { execFileSync } from "node:child_process";
	import { once } from "node:events";
	import { SystemCommands } from ${source("system/commands.ts")};
	import { watchNft } from ${source("firewall/nft-monitor.ts")};
	const commands = new SystemCommands();
	const heard = new EventTarget();
	const causes = [];
	const watch = await watchNft(commands, {
		concerns: () => true,
		listener: (cause) => {
			causes.push(cause);
			heard.dispatchEvent(new Event("cause"));
		},
	});
	await once(heard, "cause");
	await commands.run("nft", ["-f", "-"], { input: "add table inet ours" });
	await commands.run("iptables-nft-restore", ["--noflush"], { input: "*filter\\n:OURS - [0:0]\\nCOMMIT\\n" });
	await commands.run("nft", ["list", "tables"]);
	execFileSync("nft", ["add", "table", "inet", "theirs"]);
	await once(heard, "cause");
	console.log(JSON.stringify(causes));
	await watch.stop();
	process.exit();
`;

test("until the monitor is known to listen, the rules are compared: it may load sets first", async () => {
	mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
	let listings = 0;
	let tell = (_line: string): void => undefined;
	const commands: Partial<Commands> = {
		started: () => false,
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
	const watch = await watchNft(commands as Commands, {
		concerns: () => true,
		listener: (cause) => causes.push(cause),
	});
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
		await watch.stop();
		mock.timers.reset();
	}
});

test("a guard in a process namespace of its own, where the kernel's numbers mean nothing, knows its own changes", {
	skip: needsRoot() || needsTools("unshare", "nft", "iptables-nft-restore"),
}, async () => {
	const { stdout } = await promisify(execFile)("unshare", [
		...["--net", "--pid", "--fork", "--mount-proc", "--kill-child", process.execPath],
		...["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", WATCHING],
	]);
	assert.deepEqual(JSON.parse(stdout), ["monitoring of the rules started", "nft changed the rules"]);
});
