import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { filterOf, WaysBack, wayBackIn } from "../../../src/firewall/path/reverse-path.js";
import { CommandError } from "../../../src/system/errors.js";
import { scratchFolder } from "../../support/scratch.js";

const WAY = { family: "ipv4", address: "10.79.0.1", interface: "eth1" } as const;

/** By the address that is asked for. */
function waysBack(answer: (remote: string) => { stdout?: string; stderr?: string }) {
	const lines: string[] = [];
	const run = async (tool: string, args: readonly string[]) => {
		lines.push([tool, ...args].join(" "));
		const { stdout = "", stderr = "" } = answer(args[4] ?? "");
		if (stdout === "" && stderr === "") {
			throw new CommandError("tool-missing", "there is no ip");
		}
		return { stdout, stderr, exitCode: stderr === "" ? 0 : 2 };
	};
	return { lines, ways: new WaysBack({ run } as never) };
}

const by = (name: string) => ({
	stdout: `203.0.113.5 from 10.79.0.1 via 10.77.0.2 dev ${name} uid 0 \\    cache \n`,
});

test("the interface of a route", () => {
	assert.equal(wayBackIn(by("eth0").stdout), "eth0");
	assert.equal(wayBackIn(""), undefined);
});

test("the kernel is asked from this host's address, once", async () => {
	const { ways, lines } = waysBack(() => by("eth0"));
	assert.equal(await ways.to("203.0.113.5", WAY), "eth0");
	assert.equal(await ways.to("203.0.113.5", WAY), "eth0");
	assert.deepEqual(lines, ["ip -4 -oneline route get 203.0.113.5 from 10.79.0.1"]);
});

test("no route is told from no answer", async () => {
	for (const stderr of [
		"Network is unreachable",
		"No route to host",
		"Permission denied",
		"Invalid argument",
	]) {
		assert.equal(
			await waysBack(() => ({ stderr: `RTNETLINK answers: ${stderr}` })).ways.to("203.0.113.5", WAY),
			"",
		);
	}
	assert.equal(
		await waysBack(() => ({ stderr: "Error: something else" })).ways.to("203.0.113.5", WAY),
		undefined,
	);
	assert.equal(await waysBack(() => ({})).ways.to("203.0.113.5", WAY), undefined);
});

test("of everybody, of whom some have another way", async () => {
	const split = waysBack((remote) => by(Number(remote.split(".")[0]) < 128 ? "eth1" : "tun0")).ways;
	assert.equal(await split.areSame(WAY), false);
	assert.deepEqual(await split.others(WAY), ["tun0"]);
	assert.equal(await split.areThere(WAY), true);
	const same = waysBack(() => by("eth1")).ways;
	assert.deepEqual([await same.areSame(WAY), await same.others(WAY)], [true, []]);
	const none = waysBack(() => ({ stderr: "RTNETLINK answers: Network is unreachable" })).ways;
	assert.deepEqual([await none.areSame(WAY), await none.areThere(WAY)], [false, false]);
	const unknown = waysBack(() => ({})).ways;
	assert.deepEqual([await unknown.areSame(WAY), await unknown.areThere(WAY)], [undefined, undefined]);
});

test("the stricter of the settings for all and for one interface counts", async () => {
	const folder = scratchFolder();
	const set = async (name: string, value: number) => {
		await mkdir(join(folder, name), { recursive: true });
		await writeFile(join(folder, name, "rp_filter"), `${value}\n`);
	};
	await set("all", 1);
	await set("eth0", 2);
	await set("eth1", 0);
	assert.deepEqual(
		await Promise.all(["eth0", "eth1", "none"].map((name) => filterOf(name, folder))),
		[2, 1, 1],
	);
	assert.equal(await filterOf("eth0", join(folder, "missing")), 0);
});
