import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { bootstrap, release, type SessionProgram } from "../../../src/server/host/bootstrap.js";
import { startProgram } from "../../support/native-pty.js";
import { isStopped } from "../../support/processes.js";
import { needsTools } from "../../support/requirements.js";
import { scratchFolder } from "../../support/scratch.js";
import { BOUNDARY } from "../../support/server-process.js";
import { until } from "../../support/wait.js";

const PROGRAM: SessionProgram = {
	command: ["/bin/zsh", "-c", "a b"],
	loginShell: false,
	entries: ["A=1", "SSH_TTY=/dev/pts/9", "B=100%"],
	terminalVariable: "SSH_TTY",
	directory: "/home/a",
	limits: "1,2",
	signals: { ignored: "1", blocked: "2" },
};
/** The kernel's limit for one argument or variable, with its NUL. */
const LONGEST_BYTES = 128 * 1024;

describe("the bootstrap of a program", () => {
	it("describes the program in the helper's environment", () => {
		const { args, environment, directory } = bootstrap(PROGRAM);
		assert.deepEqual(args, ["program", "1,2", "1", "2"]);
		assert.deepEqual(environment, [
			...["0d=/home/a", "1a=/bin/zsh", "2a=-c", "3a=a b"],
			...["4e=A=1", "5t=SSH_TTY=", "6e=B=100%25"],
		]);
		assert.equal(directory, "");
	});

	it("names a login shell by a dash, and nothing else", () => {
		const named = (loginShell: boolean) =>
			bootstrap({ ...PROGRAM, loginShell }).environment.filter((word) => /^\d+n/.test(word));
		assert.deepEqual([named(true), named(false)], [["0n=-zsh"], []]);
	});

	it("divides what is too long for the kernel, but no character and no escape", () => {
		for (const unit of ["%", "\udcff", "\u20ac", "\u{1f600}", "a%", "a\u{1f600}"]) {
			const entry = `A=${unit.repeat(100_000)}`;
			const parts = bootstrap({ ...PROGRAM, entries: [entry] }).environment.slice(4);
			assert.deepEqual([...new Set(parts.map((part) => /^\d+(.)=/.exec(part)?.[1]))], ["e", "+"]);
			for (const part of parts) {
				assert.ok(Buffer.byteLength(part) < LONGEST_BYTES);
				assert.doesNotMatch(part, /\p{Surrogate}/u);
				assert.doesNotMatch(part, /%.?$/);
			}
		}
	});
});

describe("the helper boundary", () => {
	let folder: string;
	const build = (name: string): Buffer => {
		const script = fileURLToPath(new URL("../../../native/build.sh", import.meta.url));
		const output = join(folder, name);
		execFileSync(script, [output, "-Werror", "-Wconversion", "-Wshadow"], { cwd: folder, stdio: "pipe" });
		return readFileSync(output);
	};

	before(() => {
		folder = scratchFolder();
	});

	it("compiles without a warning, to the same bytes each time", { skip: needsTools("cc") }, () => {
		assert.ok(build("one").equals(build("another")));
	});

	it("takes the words in whichever order they come, as an emulator gives them", async () => {
		const env = { "3e": "B=2", "0a": "/usr/bin/en", "2e": "A=1", "1+": "v" };
		const helper = spawn(BOUNDARY, ["program", "", "0", "0"], { env, stdio: ["ignore", "pipe", "inherit"] });
		const closed = once(helper, "close");
		const printed = text(helper.stdout);
		await until("it has stopped", () => isStopped(helper.pid ?? 0));
		helper.kill("SIGCONT");
		await closed;
		assert.equal(await printed, "A=1\nB=2\n");
	});

	it("runs nothing if words are missing, or if there is something else among them", () => {
		for (const env of [{ "0a": "/bin/true", "2e": "A=1" }, { "0a": "/bin/true", A: "1" }, {}]) {
			const { status, stderr } = spawnSync(BOUNDARY, ["program", "", "0", "0"], { env, encoding: "utf8" });
			assert.deepEqual([status, stderr], [1, "mosh-server: boundary: bad arguments\n"]);
		}
	});

	it("shows other users nothing of the environment while it waits for the client", async () => {
		const program = startProgram(["/bin/true"], { held: true, environment: ["TOKEN=secret"] });
		await until("it has stopped", () => isStopped(program.pty.pid));
		const read = (name: string) => readFileSync(`/proc/${program.pty.pid}/${name}`, "latin1");
		assert.match(read("cmdline"), /boundary\0program\0/);
		assert.ok(!read("cmdline").includes("secret"));
		// Readable only for the user and root.
		assert.ok(read("environ").includes("secret"));
		release(program.pty.pid);
		await program.finished;
	});
});
