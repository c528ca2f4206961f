/** Executables that are gone from their path: of an upgrade, and of an ordinary user who makes them look so. On this kernel. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
	chmodSync,
	chownSync,
	copyFileSync,
	linkSync,
	mkdirSync,
	readlinkSync,
	renameSync,
	rmSync,
} from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { KernelProcessTable, type ProcessFacts } from "../../../src/guard/kernel/processes.js";
import { identify } from "../../../src/guard/sessions/identity.js";
import { isOldVersion } from "../../../src/guard/sessions/old-version.js";
import { FakeHost, MOSH } from "../../support/fake-host.js";
import { needsRoot, needsTools } from "../../support/requirements.js";
import { scratchFolder } from "../../support/scratch.js";

const UID = 61234;
const AS_USER = [`--reuid=${UID}`, `--regid=${UID}`, "--clear-groups"];
const HOME = {
	userNamespace: readlinkSync("/proc/self/ns/user"),
	netNamespace: readlinkSync("/proc/self/ns/net"),
};
const SLEEP = ["600"];

const skip = needsRoot() || needsTools("setpriv", "unshare", "mount", "sleep") || needsNamespaces();

function needsNamespaces(): string | false {
	const made = spawnSync("setpriv", [...AS_USER, "unshare", "--user", "--map-root-user", "--mount", "true"]);
	return made.status !== 0 && "ordinary users may not make user namespaces here";
}

describe("an executable that is gone from its path", { skip }, () => {
	const processes = new KernelProcessTable();
	const running: ChildProcess[] = [];
	/** Root's, like /usr/bin. */
	let library: string;
	let server: string;
	/** The user's. */
	let own: string;

	before(() => {
		library = join(scratchFolder(), "lib");
		own = join(scratchFolder(), "own");
		for (const folder of [library, own]) {
			mkdirSync(folder);
			chmodSync(join(folder, ".."), 0o755);
		}
		chownSync(own, UID, UID);
		server = join(library, "mosh-server");
	});

	function install(path: string): void {
		copyFileSync("/bin/sleep", `${path}.new`);
		chmodSync(`${path}.new`, 0o755);
		renameSync(`${path}.new`, path);
	}

	async function run(...line: string[]): Promise<ChildProcess> {
		const child = spawn("setpriv", [...AS_USER, ...line], { stdio: ["ignore", "pipe", "inherit"] });
		running.push(child);
		await once(child, "spawn");
		return child;
	}

	async function factsOf({ pid = 0 }: ChildProcess): Promise<ProcessFacts> {
		for (;;) {
			const facts = processes.describe(pid);
			assert.ok(facts, "it runs");
			if (!/setpriv$/.test(facts.executable.path)) {
				return facts;
			}
			await new Promise((resolve) => setTimeout(resolve, 5));
		}
	}

	function judge(facts: ProcessFacts): string {
		const socket = { family: "ipv4", address: "192.0.2.1", port: 60001, uid: UID, inode: 1 } as const;
		const trust = { executables: [server], scripts: [] };
		const outcome = identify(facts, socket, trust, HOME, false, (path) => processes.file(path));
		return "code" in outcome ? outcome.code : outcome.kind;
	}

	/** A user namespace with a view of its own. `arrange` runs as its root; resolves with the way into it. */
	async function view(arrange: string): Promise<string> {
		const shell = `set -eu; L=${library} O=${own}; ${arrange}\necho ready; exec sleep 600`;
		const child = await run("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", shell);
		assert.ok(child.stdout);
		assert.match(String((await once(child.stdout, "data"))[0]), /ready/);
		return `/proc/${child.pid}/root`;
	}

	/** The user's program, in the host's own namespaces, that the kernel says is the server's file, deleted. */
	async function assertRefused(program: string): Promise<ProcessFacts> {
		const facts = await factsOf(await run(program, ...SLEEP));
		assert.equal(facts.executable.path, server);
		assert.ok(facts.executable.deleted);
		assert.equal(facts.executable.ownerUid, 0);
		assert.equal(facts.userNamespace, HOME.userNamespace);
		assert.equal(judge(facts), "executable-replaced");
		return facts;
	}

	afterEach(async () => {
		for (const child of running.splice(0)) {
			if (child.exitCode !== null || child.signalCode !== null) {
				continue;
			}
			child.kill("SIGKILL");
			await once(child, "exit");
		}
		rmSync(library, { recursive: true });
		mkdirSync(library);
	});
	after(() => {
		for (const child of running) {
			child.kill("SIGKILL");
		}
	});

	test("counts after an upgrade, while dpkg unpacks, and after it was removed", async () => {
		install(server);
		const old = await run(server, ...SLEEP);
		assert.equal(judge(await factsOf(old)), "executable");
		linkSync(server, `${server}.dpkg-tmp`);
		install(server);
		const facts = await factsOf(old);
		assert.ok(facts.executable.deleted);
		assert.equal(facts.executable.links, 1);
		assert.equal(judge(facts), "executable");
		rmSync(`${server}.dpkg-tmp`);
		assert.equal((await factsOf(old)).executable.links, 0);
		assert.equal(judge(await factsOf(old)), "executable");
		rmSync(server);
		assert.equal(judge(await factsOf(old)), "executable");
		assert.equal(judge(await factsOf(await run("sleep", ...SLEEP))), "untrusted-executable");
	});

	test("does not count from an overlay of the user's that is bound over it", async () => {
		install(server);
		install(join(library, "other"));
		const made = `
			mount -t tmpfs tmpfs $O; mkdir $O/upper $O/work $O/merged
			mount -t overlay overlay -o lowerdir=$L,upperdir=$O/upper,workdir=$O/work,userxattr $O/merged
			mount --bind $O/merged/other ${server}; rm -f $O/merged/other`;
		const { executable } = await assertRefused((await view(made)) + server);
		assert.notEqual(executable.device, processes.file(server)?.device);
	});

	test("does not count when it is another program that an upgrade replaced and a bind mount kept", async () => {
		install(server);
		const other = join(library, "python");
		install(other);
		const root = await view(`mount --bind ${other} ${server}`);
		install(other);
		const { executable } = await assertRefused(root + server);
		// Root's, without a link, on the host's own device: as the old version is.
		assert.equal(executable.links, 0);
		assert.equal(executable.device, processes.file(server)?.device);
	});

	test("does not count when root left a file in the user's own folder, who mounted and unlinked it", async () => {
		install(server);
		install(join(own, "left"));
		const root = await view(`mount --bind $O/left ${server}; rm -f $O/left`);
		await assertRefused(root + server);
	});

	test("does not count by a name that ends like a deleted one's", async () => {
		install(server);
		install(join(library, "other"));
		const named = `${server} (deleted)`;
		const made = `mount --bind $L $O; mount -t tmpfs tmpfs $L; : >"${named}"; mount --bind $O/other "${named}"`;
		const { executable } = await assertRefused((await view(made)) + named);
		assert.equal(executable.links, 1);
	});

	test("another that is there does not count either: from a folder of the user's that is bound over the server's", async () => {
		install(server);
		copyFileSync("/bin/sleep", join(own, "mosh-server"));
		chmodSync(join(own, "mosh-server"), 0o755);
		const root = await view("mount --bind $O $L");
		const facts = await factsOf(await run(root + server, ...SLEEP));
		assert.equal(facts.executable.path, server);
		assert.equal(judge(facts), "executable-replaced");
	});

	test("the same by root's own hand is no old version either", async () => {
		install(server);
		install(`${server} (deleted)`);
		const facts = await factsOf(await run(`${server} (deleted)`, ...SLEEP));
		assert.ok(facts.executable.inPlace);
		assert.equal(judge(facts), "executable-replaced");
	});

	test("a process within the namespace is not at home, whatever it runs", async () => {
		install(server);
		const child = await run("unshare", "--user", "--map-root-user", server, ...SLEEP);
		for (;;) {
			const facts = await factsOf(child);
			if (facts.executable.path === server) {
				assert.equal(judge(facts), "foreign-namespace");
				break;
			}
		}
	});
});

describe("an old version", () => {
	const host = new FakeHost();
	const installed = host.file(MOSH) as NonNullable<ReturnType<FakeHost["file"]>>;
	const old = { ...installed, deleted: true, inode: 4n, links: 0 };
	const isOld = (over: Partial<typeof old>) => isOldVersion({ ...old, ...over }, (path) => host.file(path));

	test("is deleted, in place, and on the device of the new one", () => {
		assert.ok(isOld({}));
		assert.ok(!isOld({ deleted: false }));
		assert.ok(!isOld({ inPlace: false }));
		assert.ok(!isOld({ device: 2n }));
	});

	test("is on the device of the folder when there is no new one", () => {
		host.files.delete(MOSH);
		assert.ok(!isOld({}));
		host.install("/usr/bin");
		assert.ok(isOld({}));
		assert.ok(!isOld({ device: 2n }));
	});

	test("may have a link left, unless its name ends like a deleted one's", () => {
		assert.ok(isOld({ links: 1 }));
		host.install(`${MOSH} (deleted)`);
		assert.ok(!isOld({ links: 1 }));
		assert.ok(isOld({ links: 0 }));
	});
});
