/**
 * sudo relays its caller's signals to root's program, and on SIGUSR1 Node opens an inspector to which every local user can
 * connect. Each of our programs, with and without real sudo, gets signals of every kind at every moment.
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Installed } from "../cli/installed.js";
import { listNft } from "../firewall/nftables/subject.js";
import { labMissing } from "../lab/hosts.js";
import { findTool } from "../support/requirements.js";

const SCRIPT = new URL("signals.py", import.meta.url).pathname;
/** For each program, whichever is reached first. The attack of the version before took 20 to 40 signals. */
const SIGNALS = 1500;
const STARTS = 14;
/** The address of Node's inspector in the format of /proc/net/tcp. */
const INSPECTOR = "0100007F:240D";

const missing =
	(await labMissing("sudo", "python3", "setpriv", "nft")) ??
	(findTool("mosh-server") === undefined ? "needs mosh-server" : false);

interface Outcome {
	readonly starts: number;
	readonly signals: number;
	readonly listening: readonly string[];
}

describe("signals of an ordinary user", { skip: missing, concurrency: 1 }, () => {
	let host: Installed;
	let untouched: string;
	const inside = (path: string) => join(host.folder, path);

	before(async () => {
		host = await Installed.create();
		untouched = await listNft(host.lab);
		// An earlier launcher: nothing between sudo and Node, and no option about the inspector.
		writeFileSync(
			inside("bin/naked"),
			`#!/bin/sh -p\nexec ${process.execPath} ${inside("dist/mosh-portguard.mjs")} "$@"\n`,
			{ mode: 0o755 },
		);
		const commands = [
			"bin/naked status",
			'hooks/login-hook ""',
			"bin/mosh-portguard hook",
			"bin/mosh-portguard status",
		];
		writeFileSync(
			host.lab.server.path("/etc/sudoers"),
			`Defaults env_reset, !setenv\nnobody ALL=(root:root) NOPASSWD: ${commands.map(inside).join(", ")}\n`,
			{ mode: 0o440 },
		);
	});
	after(() => host?.remove());

	async function attack(
		line: readonly string[],
		kinds: readonly string[] = [],
		as = "65534",
	): Promise<Outcome> {
		const user = ["setpriv", `--reuid=${as}`, `--regid=${as}`, "--clear-groups", "env", "HOME=/"];
		const attacker = ["python3", SCRIPT, String(SIGNALS), String(STARTS), ...kinds, "--", ...line];
		const { stdout, stderr } = await host.run(...user, ...attacker);
		assert.match(stdout, /^\{/, stderr);
		return JSON.parse(stdout) as Outcome;
	}

	const sudo = (...line: string[]) => ["sudo", "-n", ...line];

	it("open root's inspector where nothing stands between sudo and Node", async () => {
		const { listening } = await attack(sudo(inside("bin/naked"), "status"), ["SIGUSR1"]);
		assert.deepEqual(listening, [INSPECTOR]);
	});

	it("open nothing, sent by root itself: the guard", async () => {
		const { signals, listening } = await attack([inside("bin/guard"), "daemon"], ["SIGUSR1"], "0");
		assert.deepEqual(listening, []);
		assert.ok(signals > 100, `${signals} signals`);
	});

	const programs: Record<string, () => string[]> = {
		"the hook, through sudo": () => sudo(inside("hooks/login-hook")),
		"the hook, through a rule of sudo for versions before": () => sudo(inside("bin/mosh-portguard"), "hook"),
		"a command, through sudo": () => sudo(inside("bin/mosh-portguard"), "status"),
		"a command": () => [inside("bin/mosh-portguard"), "status"],
		"mosh-server": () => [inside("bin/mosh-server"), "new", "-i", "127.0.0.1", "--", "sleep", "1"],
		"the shim": () => [inside("shim/mosh-server"), "new", "-i", "127.0.0.1", "--", "sleep", "1"],
	};
	for (const [name, line] of Object.entries(programs)) {
		it(`open nothing: ${name}`, async () => {
			const { starts, signals, listening } = await attack(line());
			assert.deepEqual(listening, []);
			assert.ok(starts > 2 && signals > 30, `${signals} signals, ${starts} starts`);
		});
	}

	it("leave neither a program of root's nor a rule", async () => {
		// Else the guard stays for as long as they do.
		const ofThisHost = ["--ns", String(host.lab.server.pid), "--nslist", "net"];
		await host.run("pkill", ...ofThisHost, "-u", "nobody", "-f", "mosh-server");
		await host.until(async () => (await host.run("pgrep", "-u", "root", "-f", `${host.folder}/`)).code === 1);
		await host.until(async () => (await host.portguard("clear")).code === 0);
		assert.equal(await listNft(host.lab), untouched);
	});
});
