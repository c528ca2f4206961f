/** The watchdog beside a guard that hangs, computes, is stopped or ends. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { sleep, until } from "../support/wait.js";

const PROGRAM = fileURLToPath(new URL("../../hooks/watchdog", import.meta.url));
const SOURCE = fileURLToPath(new URL("../../src/daemon/watchdog.ts", import.meta.url));

const running: ChildProcess[] = [];
after(() => {
	for (const child of running) {
		child.kill("SIGKILL");
	}
});

/** A process that gives ten signs of life a second until it is told to hang. `hang`: how. `patience`: in seconds. */
function watched(hang: string, patience = 1): ChildProcess {
	const script = `
		import { Watchdog } from ${JSON.stringify(SOURCE)};
		let hangs = false;
		const work = () => hangs ? new Promise(() => undefined) : Promise.resolve();
		const failed = (cause) => console.log("failed", cause.message);
		const dog = new Watchdog({ program: ${JSON.stringify(PROGRAM)}, work, failed, timeoutSeconds: ${patience}, intervalMs: 100 });
		dog.start();
		process.on("SIGUSR2", () => { ${hang} });
		console.log("started");
		setInterval(() => undefined, 1000);
	`;
	const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	running.push(child);
	return child;
}

async function started(child: ChildProcess): Promise<void> {
	assert.ok(child.stdout);
	await once(child.stdout, "data");
}

describe("a guard", () => {
	test("that gives signs of life stays", async () => {
		const child = watched("", 3);
		await started(child);
		await sleep(4500);
		assert.equal(child.exitCode ?? child.signalCode, null);
	});

	for (const [how, hang] of [
		["whose scan never ends", "hangs = true"],
		["that computes for ever", "for (;;);"],
		["that is stopped", 'process.kill(process.pid, "SIGSTOP")'],
	] as const) {
		test(`${how} is killed`, async () => {
			const child = watched(hang);
			await started(child);
			child.kill("SIGUSR2");
			await until("it is killed", () => child.signalCode === "SIGKILL");
		});
	}

	test("that ends takes its watchdog along, and one whose watchdog was killed gets another", async () => {
		const child = watched("dog.stop(); process.exit(7)");
		await started(child);
		const dogs = () => spawnedBy(child.pid ?? 0);
		await until("it has one", async () => (await dogs()).length === 1);
		const [first = 0] = await dogs();
		process.kill(first, "SIGKILL");
		await until("it has another", async () => (await dogs()).some((pid) => pid !== first));
		const [second = 0] = await dogs();
		child.kill("SIGUSR2");
		await once(child, "exit");
		await until("it has ended too", async () => {
			try {
				return process.kill(second, 0) && false;
			} catch {
				return true;
			}
		});
	});
});

async function spawnedBy(parent: number): Promise<number[]> {
	const pgrep = spawn("pgrep", ["-P", String(parent), "-f", "watchdog"], {
		stdio: ["ignore", "pipe", "ignore"],
	});
	let text = "";
	for await (const chunk of pgrep.stdout) {
		text += chunk;
	}
	return text.trim().split("\n").filter(Boolean).map(Number);
}
