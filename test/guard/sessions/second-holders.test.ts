import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { afterEach, describe, test } from "node:test";
import { KernelDescriptors } from "../../../src/guard/kernel/descriptors.js";
import { KernelProcessTable } from "../../../src/guard/kernel/processes.js";
import {
	LIMITS,
	SecondHolderSearch,
	type SecondHolders,
} from "../../../src/guard/sessions/second-holders.js";
import { FakeHost } from "../../support/fake-host.js";
import { needsRoot, needsTools } from "../../support/requirements.js";
import { STOCK } from "../../support/server-process.js";
import { until } from "../../support/wait.js";

const nobody: SecondHolders = { shared: new Set(), unsearchable: new Set() };

describe("the search for second holders", () => {
	test("finds another process of the user, whatever it runs", async () => {
		const host = new FakeHost();
		const { pid, socket } = host.serve(60001);
		const search = new SecondHolderSearch(host);
		assert.deepEqual(await search.find([{ ...socket, pid }]), nobody);
		host.spawn(socket.uid, { executable: host.file("/usr/bin/bash") as never, sockets: [1, socket.inode] });
		assert.deepEqual((await search.find([{ ...socket, pid }])).shared, new Set([socket.inode]));
	});

	test("finds another user's process too, where that one has a session", async () => {
		const host = new FakeHost();
		const [passed, root, mallory] = [
			host.serve(60001),
			host.serve(60002, { uid: 0 }),
			host.serve(60003, { uid: 1001 }),
		];
		host.processes.get(mallory.pid)?.sockets.push(passed.socket.inode, root.socket.inode);
		const sockets = [passed, root, mallory].map(({ pid, socket }) => ({ ...socket, pid }));
		const { shared } = await new SecondHolderSearch(host).find(sockets);
		assert.deepEqual(shared, new Set([passed.socket.inode, root.socket.inode]));
	});

	test("gives up on a user with more than it searches, and on no other", async () => {
		for (const bounds of [
			{ ...LIMITS, processes: 3 },
			{ ...LIMITS, descriptors: 5 },
		]) {
			const host = new FakeHost();
			for (let i = 0; i < 4; i++) {
				host.spawn(1001, { sockets: [i, 10 + i] });
			}
			const victim = host.serve(60001);
			const mallory = host.serve(60002, { uid: 1001 });
			host.spawn(1000, { sockets: [victim.socket.inode] });
			const sockets = [victim, mallory].map(({ pid, socket }) => ({ ...socket, pid }));
			assert.deepEqual(await new SecondHolderSearch(host, bounds).find(sockets), {
				shared: new Set([victim.socket.inode]),
				unsearchable: new Set([1001]),
			});
		}
	});

	test("does not search root's processes", async () => {
		const host = new FakeHost();
		const { pid, socket } = host.serve(60001, { uid: 0 });
		host.spawn(0, { sockets: [socket.inode] });
		assert.deepEqual(await new SecondHolderSearch(host).find([{ ...socket, pid }]), nobody);
	});
});

const UID = 61234;
const AS_USER = [`--reuid=${UID}`, `--regid=${UID}`, "--clear-groups"];
/** Not that of some folder of root's. */
const PYTHON = "/usr/bin/python3";
const skip = needsRoot() || needsTools("setpriv") || (!existsSync(PYTHON) && `not installed: ${PYTHON}`);

/** Binds a port and says its inode; then does what is asked. */
const HOLDER = `
import os, socket, sys, time, ctypes, threading, resource
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
inode = os.fstat(s.fileno()).st_ino
def stays(): time.sleep(600)
def fork(child):
    if os.fork() == 0:
        child()
        stays()
def many(n):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    n = min(n, hard - 50)
    for i in range(n): os.dup(0)
`;

describe("second holders on this kernel", { skip }, () => {
	const running: ChildProcess[] = [];
	const search = new SecondHolderSearch(new KernelDescriptors());

	async function holder(code: string): Promise<{ inode: number; uid: number; pid: number }> {
		const program = `${HOLDER}${code}\nprint(inode, flush=True)\nstays()`;
		const child = spawn("setpriv", [...AS_USER, PYTHON, "-c", program], {
			stdio: ["ignore", "pipe", "inherit"],
			detached: true,
		});
		running.push(child);
		assert.ok(child.stdout);
		return { inode: Number((await once(child.stdout, "data"))[0]), uid: UID, pid: child.pid ?? 0 };
	}

	afterEach(async () => {
		for (const child of running.splice(0)) {
			try {
				process.kill(-(child.pid ?? 0), "SIGKILL");
			} catch {
				// It has ended.
			}
		}
	});

	test("none beside a process that forked and let it go", async () => {
		const held = await holder("fork(lambda: s.close())\ntime.sleep(0.3)");
		assert.deepEqual(await search.find([held]), nobody);
	});

	for (const [what, code] of [
		["one that inherited it", "fork(lambda: None)"],
		[
			"one that may not be dumped, which /proc shows as root's",
			"fork(lambda: ctypes.CDLL(None).prctl(4, 0))",
		],
		[
			"one that has it as its 3000th descriptor",
			"n = os.dup(s.fileno())\nfork(lambda: (s.close(), many(3000), os.dup(n), os.close(n)))\ntime.sleep(0.5)",
		],
		[
			"one whose first thread has ended",
			"fork(lambda: (threading.Thread(target=stays).start(), ctypes.CDLL(None).syscall(60, 0)))\ntime.sleep(0.3)",
		],
	] as const) {
		test(what, async () => {
			const held = await holder(code);
			await until("it is found", async () => (await search.find([held])).shared.has(held.inode));
		});
	}

	test("twenty thousand descriptors hold up neither a login nor the event loop", async () => {
		const held = await holder("many(20000)");
		const timed = (work: () => unknown) => {
			const began = ownMs();
			work();
			return ownMs() - began;
		};
		const whole = timed(() => [...new KernelDescriptors().descriptors(held.pid)]);
		const first = timed(() => new KernelProcessTable().socketsOf(held.pid));
		assert.ok(first < whole / 4, `${first} ms of ${whole}`);
		let longest = 0;
		let last = ownMs();
		const beat = setInterval(() => {
			longest = Math.max(longest, ownMs() - last);
			last = ownMs();
		}, 1);
		const found = await search.find([held]);
		clearInterval(beat);
		assert.deepEqual(found, nobody);
		assert.ok(longest < whole / 2, `the event loop stood still for ${longest} ms of ${whole}`);
	});

	test("none of a stock mosh-server", { skip: needsTools("mosh-server") }, async () => {
		const line = [...AS_USER, STOCK, "new", "-i", "127.0.0.1", "--", "sleep", "600"];
		const child = spawn("setpriv", line, {
			stdio: ["ignore", "ignore", "pipe"],
			env: { LC_ALL: "C.UTF-8", PATH: "/usr/bin:/bin" },
		});
		assert.ok(child.stderr);
		let said = "";
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			said += text;
		});
		const pidIn = () => Number(/pid = (\d+)/.exec(said)?.[1]);
		await until("the server says its pid", () => pidIn() > 0);
		const pid = pidIn();
		try {
			const [inode = 0] = new KernelProcessTable().socketsOf(pid).keys();
			await until(
				"the shell is there",
				async () => (await search.find([{ inode, uid: UID, pid }])).shared.size === 0,
			);
		} finally {
			process.kill(pid, "SIGKILL");
		}
	});
});

/** Milliseconds this process has computed: what else the machine has to do does not count. */
function ownMs(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}
