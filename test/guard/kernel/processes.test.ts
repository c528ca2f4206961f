import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { KernelProcessTable } from "../../../src/guard/kernel/processes.js";
import { HolderFinder } from "../../../src/guard/sessions/holders.js";
import { needsRoot, needsTools } from "../../support/requirements.js";
import { scratchFolder } from "../../support/scratch.js";

const running: ChildProcess[] = [];
const folder = scratchFolder();
after(() => {
	for (const child of running) {
		child.kill("SIGKILL");
	}
	// Deeper than Node can remove.
	spawnSync("rm", ["-rf", folder]);
});

async function saying(word: RegExp, file: string, ...args: string[]): Promise<number> {
	const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"], cwd: folder });
	running.push(child);
	assert.ok(child.stdout);
	assert.match(String((await once(child.stdout, "data"))[0]), word);
	return child.pid ?? 0;
}

/** Copies a program 20 folders of 250 letters deep and becomes it. */
const DEEP = `
	use File::Copy;
	for (1 .. 20) { mkdir "d" x 250; chdir "d" x 250 or die; }
	copy("/bin/sleep", "sleep") or die;
	chmod 0755, "sleep";
	$| = 1;
	print "ready\\n";
	exec "./sleep", "600";
`;

describe("a process", () => {
	const processes = new KernelProcessTable();

	test("is one, and none of its threads is, whose numbers follow on it", () => {
		const threads = readdirSync("/proc/self/task").map(Number);
		assert.ok(threads.length > 1);
		assert.deepEqual(
			threads.filter((thread) => processes.isProcess(thread)),
			[process.pid],
		);
		assert.ok((processes.newestPid() ?? 0) > 0);
		assert.ok(!processes.isProcess(0x7fff_ffff));
	});

	test("of the test itself, as the kernel knows it", () => {
		const facts = processes.describe(process.pid);
		assert.equal(facts?.executable.path, process.execPath);
		assert.equal(facts?.parent, process.ppid);
		assert.equal(facts?.effectiveUid, process.geteuid?.());
		assert.ok(facts?.groups.includes(process.getegid?.() ?? -1));
		assert.equal(facts?.executable.deleted, false);
		assert.ok(processes.pids().includes(process.pid));
	});

	test("has a socket still until it closes it there", async () => {
		const socket = createSocket("udp4").bind(0, "127.0.0.1");
		await once(socket, "listening");
		const sockets = [...processes.socketsOf(process.pid).values()];
		const still = () => sockets.filter((one) => processes.hasStill(process.pid, one)).length;
		assert.equal(still(), sockets.length);
		socket.close();
		await once(socket, "close");
		assert.equal(still(), sockets.length - 1);
	});

	test("whose file was unlinked keeps its path, its inode and its owner", async () => {
		const folder = scratchFolder();
		const path = join(folder, "sleep (1)");
		copyFileSync("/bin/sleep", path);
		const inode = processes.file(path)?.inode;
		const child = spawn(path, ["60"]);
		await once(child, "spawn");
		rmSync(path);
		const facts = processes.describe(child.pid ?? 0);
		assert.equal(facts?.executable.path, path);
		assert.equal(facts?.executable.deleted, true);
		assert.equal(facts?.executable.inode, inode);
		assert.equal(processes.executablePath(child.pid ?? 0), path);
		assert.equal(processes.file(path), undefined);
		child.kill();
		await once(child, "exit");
		assert.equal(processes.describe(child.pid ?? 0), undefined);
		assert.deepEqual(processes.socketsOf(child.pid ?? 0), new Map());
	});

	test("with a path that the kernel does not print blinds nobody", { skip: needsTools("perl") }, async () => {
		const pid = await saying(/ready/, "perl", "-e", DEEP);
		while (processes.executablePath(pid) !== undefined) {
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
		assert.equal(processes.describe(pid), undefined);
		assert.ok(!processes.socketsOf(pid).has(1));
		const search = {
			inodes: new Set([1]),
			paths: new Set(["/usr/bin/mosh-server"]),
			isUnlisted: () => true,
			hints: [pid],
			busy: new Set<number>(),
		};
		const found = new HolderFinder(processes).find(search);
		assert.equal(found.byInode.size + found.unlistedByInode.size, 0);
	});

	test("without supplementary groups is in its own group only", {
		skip: needsRoot() || needsTools("setpriv"),
	}, async () => {
		const line = [
			"--reuid=61234",
			"--regid=61235",
			"--clear-groups",
			"sh",
			"-c",
			"echo ready; exec sleep 600",
		];
		const pid = await saying(/ready/, "setpriv", ...line);
		assert.deepEqual(processes.describe(pid)?.groups, [61235]);
	});
});
