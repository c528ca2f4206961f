/**
 * Tests of a built package: a mosh-server loads what lies beside its own file and nothing of the caller's, however it was
 * called. Otherwise a program that the guard trusts would run anybody's code without a trace.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { scratchFolder } from "../support/scratch.js";
import { until } from "../support/wait.js";

/** Words as the launcher gives them: its process id, the original soft limits (none here), then the user's. */
const WORDS = [String(process.pid), "", "new", "-i", "127.0.0.1", "--", "/bin/true"];

/** readlink(2) and readlinkat(2) fail with ENOENT from here on, also for what is executed next. Arguments: program, argv[0]… */
const WITHOUT_READLINK = `
	my @filter = ([0x20, 0, 0, 0], [0x15, 1, 0, 89], [0x15, 0, 1, 267], [0x06, 0, 0, 0x50002], [0x06, 0, 0, 0x7fff0000]);
	my $filter = join "", map { pack "SCCL", @$_ } @filter;
	syscall(157, 38, 1, 0, 0, 0) == 0 or die;
	syscall(157, 22, 2, my $program = pack("Sx6P", scalar @filter, $filter), 0, 0) == 0 or die;
	my $file = shift;
	exec { $file } @ARGV;
`;

/** `library` has the package's programs. */
export function testOwnFiles(library: string): void {
	/** The caller's folder: whatever is loaded from it leaves this mark. */
	const foreign = scratchFolder();
	const mark = join(foreign, "mark");
	const single = join(library, "mosh-server");
	const script = `${single}.cjs`;
	const running: ChildProcess[] = [];

	before(() => {
		for (const name of ["ssp", "xterm", "session", "commands", "mosh-server", "called"].map(
			(n) => `${n}.cjs`,
		)) {
			const code = `require("fs").appendFileSync(${JSON.stringify(mark)}, ${JSON.stringify(name)}); process.exit();`;
			writeFileSync(join(foreign, name), code);
		}
		writeFileSync(join(foreign, "pty.node"), "no shared object");
		writeFileSync(join(foreign, "boundary"), `#!/bin/sh\necho boundary >>${mark}\n`, { mode: 0o755 });
	});
	after(() => {
		for (const child of running) {
			child.kill("SIGKILL");
		}
	});

	/** Resolves with a server that has announced itself. */
	async function announced(file: string, args: readonly string[], argv0?: string): Promise<ChildProcess> {
		const child = spawn(file, args, {
			...(argv0 === undefined ? {} : { argv0 }),
			cwd: foreign,
			env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" },
			stdio: ["ignore", "pipe", "ignore", "pipe"],
		});
		running.push(child);
		assert.ok(child.stdout);
		const [said] = await once(child.stdout, "data");
		assert.match(String(said), /MOSH CONNECT/);
		return child;
	}

	async function assertOwnFiles(child: ChildProcess): Promise<void> {
		await until("the session has its pty", () => {
			const ended = child.exitCode !== null || child.signalCode !== null;
			return ended || readFileSync(`/proc/${child.pid}/maps`, "utf8").includes(join(library, "pty.node"));
		});
		assert.equal(child.exitCode, null);
		assert.ok(!existsSync(mark), "nothing of the caller's was loaded");
	}

	for (const argv0 of ["called", "mosh-server", "./called", ""]) {
		test(`the single executable, called "${argv0}" from another folder`, async () => {
			await assertOwnFiles(await announced(single, WORDS, argv0));
		});
	}

	test("the single executable, called by a path in another folder", async () => {
		await assertOwnFiles(await announced(single, WORDS, join(foreign, "called")));
	});

	test("the single executable by a symbolic link, and the script by one", async () => {
		symlinkSync(single, join(foreign, "link"));
		await assertOwnFiles(await announced(join(foreign, "link"), WORDS));
		symlinkSync(script, join(foreign, "link.cjs"));
		await assertOwnFiles(await announced(process.execPath, [join(foreign, "link.cjs"), ...WORDS]));
	});

	test("the script, with node called by a path in another folder", async () => {
		await assertOwnFiles(await announced(process.execPath, [script, ...WORDS], join(foreign, "called")));
	});

	test("the single executable that cannot learn where it lies ends", {
		skip: process.arch !== "x64",
	}, async () => {
		const name = join(foreign, "mosh-server");
		const child = spawn("perl", ["-e", WITHOUT_READLINK, single, name, ...WORDS], { stdio: "ignore" });
		const [code] = await once(child, "exit");
		assert.notEqual(code, 0);
		assert.ok(!existsSync(mark), "nothing of the caller's was loaded");
	});
}
