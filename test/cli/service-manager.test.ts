import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { FirewallExchange } from "../../src/cli/firewall-exchange.js";
import { ServiceManager, watchdogIntervalMs } from "../../src/cli/service-manager.js";
import { scratchFolder } from "../support/scratch.js";

describe("what systemd is told", () => {
	const folder = scratchFolder();
	const told = join(folder, "told");
	const command = join(folder, "systemd-notify");
	writeFileSync(command, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >>${told}\n`);
	chmodSync(command, 0o755);

	test("ready after a look, then that it stops", async () => {
		writeFileSync(told, "");
		const manager = new ServiceManager(async () => "fine", { NOTIFY_SOCKET: "/run/notify" }, command);
		await manager.ready();
		await manager.stopping();
		const pid = `/run/notify --pid=${process.pid}`;
		const expected = `${pid} READY=1 STATUS=fine\n${pid} STOPPING=1 STATUS=closing the ports\n`;
		assert.equal(readFileSync(told, "utf8"), expected);
	});

	test("signs of life only after a look that ended", async () => {
		writeFileSync(told, "");
		let looks = 0;
		// The first answers, for READY; all others hang.
		const look = () => (looks++ === 0 ? Promise.resolve("fine") : new Promise<string>(() => undefined));
		const manager = new ServiceManager(look, { NOTIFY_SOCKET: "x", WATCHDOG_USEC: "2000" }, command);
		await manager.ready();
		while (looks < 4) await new Promise((resolve) => setTimeout(resolve, 1));
		await manager.stopping();
		assert.doesNotMatch(readFileSync(told, "utf8"), /WATCHDOG/);
	});

	test("nothing without systemd, and a missing command is no error", async () => {
		writeFileSync(told, "");
		await new ServiceManager(async () => "", {}, command).ready();
		assert.equal(readFileSync(told, "utf8"), "");
		await new ServiceManager(async () => "", { NOTIFY_SOCKET: "x" }, "/nonexistent").ready();
	});

	test("the watchdog's interval is half its time, and only for the process that is meant", () => {
		assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: "90000000", WATCHDOG_PID: "7" }, 7), 45_000);
		assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: "90000000", WATCHDOG_PID: "8" }, 7), undefined);
		assert.equal(watchdogIntervalMs({}, 7), undefined);
		assert.equal(watchdogIntervalMs({ WATCHDOG_USEC: "x" }, 7), undefined);
	});
});

describe("another firewall in force", () => {
	const exchange = (answers: (string | Error)[]) => {
		const failures: string[] = [];
		const find = async () => {
			const answer = answers.shift() ?? "ufw";
			if (answer instanceof Error) throw answer;
			return answer;
		};
		const watch = new FirewallExchange("ufw", find, (cause) => failures.push(cause));
		let came: string | undefined;
		void watch.came.then((name) => {
			came = name;
		});
		const look = async () => {
			await watch.look(0);
			await Promise.resolve();
			return came;
		};
		return { failures, look };
	};

	test("is believed when two looks agree", async () => {
		assert.equal(await exchange(["firewalld", "firewalld"]).look(), "firewalld");
		assert.equal(await exchange(["none", "firewalld"]).look(), undefined);
		assert.equal(await exchange(["none", "ufw"]).look(), undefined);
		assert.equal(await exchange(["ufw"]).look(), undefined);
	});

	test("changes nothing while it cannot be told", async () => {
		const { look, failures } = exchange([new Error("several drop"), "firewalld", "firewalld"]);
		assert.equal(await look(), undefined);
		assert.deepEqual(failures, ["several drop"]);
		assert.equal(await look(), "firewalld");
	});
});
