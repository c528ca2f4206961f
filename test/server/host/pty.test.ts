import assert from "node:assert/strict";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { release } from "../../../src/server/host/bootstrap.js";
import { READING_TURN_MS } from "../../../src/server/host/pty.js";
import { UNWRITTEN_MAX_BYTES } from "../../../src/server/host/pty-writer.js";
import { runProgram, startProgram } from "../../support/native-pty.js";
import { isStopped } from "../../support/processes.js";
import { sleep, until } from "../../support/wait.js";

const folder = mkdtempSync(join(tmpdir(), "pty-"));
after(() => rmSync(folder, { recursive: true }));

const sh = (script: string): string[] => ["/bin/sh", "-c", script];

describe("a program on a pty", () => {
	it("has the kernel's default terminal plus IUTF8, although bytes are passed", async () => {
		const settings = await runProgram(["stty", "-a"]);
		assert.match(settings, / iutf8/);
		for (const off of ["-ixany", "-imaxbel", "-brkint", "-hupcl"]) {
			assert.match(settings, new RegExp(` ${off}`));
		}
		assert.match(settings, /eol = <undef>; ?\r?\n?eol2 = <undef>/);
		const output = await runProgram(sh("printf '\\303\\050\\377'"));
		assert.equal(output, Buffer.from([0xc3, 0x28, 0xff]).toString());
	});

	it("inherits no file descriptor but its terminal, not even other sessions' terminals", async () => {
		const file = openSync("/dev/null", "r");
		const other = startProgram(["sleep", "100"]);
		const listing = await runProgram(sh("ls -l /proc/$$/fd"));
		other.pty.close();
		await other.finished;
		assert.ok(file > 2);
		const links = listing.split("\r\n").filter((line) => line.includes("->"));
		assert.equal(links.length, 3, listing);
		for (const link of links) {
			assert.match(link, /-> \/dev\/pts\//);
		}
	});

	it("loses no output at its exit, however slowly it is read", async () => {
		const lines = 20_000;
		let held = false;
		const program = startProgram(sh(`seq 1 ${lines}; printf the-end`), {
			onOutput(_text, pty) {
				if (!held) {
					held = true;
					// Longer than node-pty itself would wait after the exit.
					const buffer = new Int32Array(new SharedArrayBuffer(4));
					Atomics.wait(buffer, 0, 0, 400);
					assert.ok(pty.pid > 0);
				}
			},
		});
		const output = await program.finished;
		assert.ok(output.endsWith(`${lines}\r\nthe-end`), output.slice(-40));
		assert.equal(output.split("\r\n").length, lines + 1);
	});

	it("is seen to end when its terminal is let go, with a sibling in the background or not", async () => {
		assert.equal(await runProgram(sh("(sleep 0.3; printf late) & printf soon; wait")), "soonlate");
	});

	it("is hung up when the master is closed", async () => {
		const mark = join(folder, "hup");
		const program = startProgram(
			sh(`trap 'echo hup >${mark}; exit' HUP; printf up; while :; do sleep 0.05; done`),
			{
				onOutput: (text, pty) => text().includes("up") && pty.close(),
			},
		);
		await program.finished;
		await until("the program gets SIGHUP", () => existsSync(mark) && readFileSync(mark, "utf8") === "hup\n");
	});

	it("gets all of 5 MB that it reads slowly", async () => {
		const size = 5_000_000;
		const copy = join(folder, "paste");
		const readNow = join(folder, "read-now");
		const ready = "go";
		const paste = Buffer.alloc(size, "0123456789abcdef ghijklmnopqrstuvwxyz\n");
		let pasted = false;
		const program = startProgram(
			// Reads nothing until it is told to, then all of it.
			sh(
				`stty raw -echo; printf ${ready}; until [ -e ${readNow} ]; do sleep 0.05; done; head -c ${size} >${copy}; printf done`,
			),
			{
				onOutput(text, pty) {
					if (!pasted && text().includes(ready)) {
						pasted = true;
						pty.write(paste);
					}
				},
			},
		);
		await until("the paste is written", () => pasted);
		await sleep(700);
		assert.ok(program.pty.unwritten > size / 2, "the terminal took all of it: nothing was tested");
		writeFileSync(readNow, "");
		assert.match(await program.finished, /done$/);
		assert.ok(readFileSync(copy).equals(paste));
		assert.equal(program.pty.unwritten, 0);
	});

	it("can flood without keeping other events from their turn", async () => {
		let chunks = 0;
		let longest = 0;
		let sinceTurn = 0;
		let running = true;
		// Immediates run once in each turn of the loop, as every other source of events does.
		const turn = (): void => {
			sinceTurn = 0;
			if (running) {
				setImmediate(turn);
			}
		};
		turn();
		const program = startProgram(sh("yes 0123456789abcdef | head -c 8000000"), {
			onOutput() {
				chunks++;
				sinceTurn++;
				longest = Math.max(longest, sinceTurn);
				// As processing it does.
				for (const until = performance.now() + PROCESSING_MS; performance.now() < until; ) {}
			},
		});
		await program.finished;
		running = false;
		assert.ok(chunks > 100, `${chunks} chunks`);
		assert.ok(longest > 1, "a turn for each chunk");
		// At the end, what the kernel still has is read at once: 64 KiB.
		assert.ok(longest <= READING_TURN_MS / PROCESSING_MS + 18, `${longest} chunks in a row`);
	});
});

/** What a piece of output takes in this test (ms): twenty of them fit into a read of libuv. */
const PROCESSING_MS = 0.25;

/** Pastes and types into `program`, once it has said "up" on a terminal with `settings`. Answers with its output. */
async function pasteInto(
	settings: string,
	program: string,
	paste: Uint8Array,
	typed: string,
): Promise<string> {
	let output = "";
	const { pty, finished } = startProgram(sh(`${settings} ${program}`), {
		onOutput: (text) => {
			output = text();
		},
	});
	await until("the program is up", () => output.includes("up"));
	pty.write(paste);
	for (const key of typed) {
		pty.write(Buffer.from(key));
	}
	await finished;
	return output;
}

const lines = (bytes: number): Buffer => Buffer.alloc(bytes, "echo pasted into the wrong program\n");

describe("keys that send a signal", () => {
	for (const [what, settings, paste, key] of [
		["Ctrl-C behind what the kernel has taken", "", 20_000, "\x03"],
		["Ctrl-C behind 5 MB", "", 5_000_000, "\x03"],
		["Ctrl-C behind more than is kept", "", UNWRITTEN_MAX_BYTES + 1, "\x03"],
		["Ctrl-C in a mode without lines", "stty -icanon;", 20_000, "\x03"],
		["Ctrl-\\", "ulimit -c 0;", 100_000, "\x1c"],
		["a key of the user's choice", "stty intr ^X;", 100_000, "\x18"],
		["Ctrl-C where nothing was pasted", "", 0, "\x03"],
	] as const) {
		it(`${what}: interrupts a program that does not read, and no later key is lost`, async () => {
			const deaf = `trap 'echo interrupted' INT QUIT; sh -c 'printf up; exec sleep 1000'; read line; echo "then <$line>"`;
			const output = await pasteInto(settings, deaf, lines(paste), `${key}next\n`);
			assert.match(output, /interrupted\r\n(.*\r\n)?then <next>\r\n$/s);
		});
	}

	for (const [what, settings, read] of [
		["are only bytes to the program", "stty raw -echo;", "\x03abc"],
		["do not discard input", "stty -icanon -echo noflsh; trap '' INT;", "abc"],
	] as const) {
		it(`stay in their place in a paste that is read late, where they ${what}`, async () => {
			const copy = join(folder, `keys-${read.length}`);
			const paste = Buffer.alloc(300_000, "0123456789abcdef ghijklmnopqrstuvwxyz_");
			const late = `printf up; sleep 0.5; head -c ${paste.length + read.length} >${copy}`;
			await pasteInto(settings, late, paste, "\x03abc");
			assert.ok(readFileSync(copy).equals(Buffer.concat([paste, Buffer.from(read)])));
		});
	}
});

describe("the bootstrap", () => {
	it("does not start the program before it is released", async () => {
		const mark = join(folder, "early");
		const program = startProgram(sh(`echo x >${mark}; printf started`), { held: true });
		await until("the bootstrap has come to its stop", () => isStopped(program.pty.pid));
		assert.ok(!existsSync(mark));
		release(program.pty.pid);
		assert.equal(await program.finished, "started");
		assert.ok(existsSync(mark));
	});

	it("makes a login shell", async () => {
		const output = await runProgram(["/bin/bash"], {
			loginShell: true,
			environment: [`PATH=${process.env.PATH}`, `HOME=${folder}`],
			onOutput: (() => {
				let typed = false;
				return (_text, pty) => {
					if (!typed) {
						typed = true;
						pty.write(Buffer.from("echo name=$0; shopt login_shell; exit\n"));
					}
				};
			})(),
		});
		assert.match(output, /name=-bash\r/);
		assert.match(output, /login_shell\s+on/);
	});

	it("says why a program cannot be run, and leaves time to read it", async () => {
		const began = performance.now();
		const output = await runProgram([join(folder, "missing")]);
		assert.match(output, /^mosh-server: .*missing.*(not found|No such file)/);
		assert.ok(performance.now() - began >= 2900);
		writeFileSync(join(folder, "plain"), "", { mode: 0o644 });
		assert.match(await runProgram([join(folder, "plain")]), /Permission denied/);
	});

	it("passes arguments and odd environment names on as they are", async () => {
		const environment = [
			"PATH=/usr/bin:/bin",
			"name=kept",
			"fd=kept",
			"SHLVL=7",
			"PWD=/",
			"BASH_ENV=/x",
			"x.y=1",
			"BASH_FUNC_f%%=() { :; }",
		];
		const output = await runProgram(["env"], { environment });
		for (const entry of environment) {
			assert.ok(output.split("\r\n").includes(entry), `${entry} in ${output}`);
		}
		const words = ["a b", "", "$x", "'q'", "*"];
		assert.equal(await runProgram(["printf", "<%s>", ...words]), words.map((w) => `<${w}>`).join(""));
	});

	it("names the session's own terminal where ssh's was named, in its place", async () => {
		const environment = ["A=1", "SSH_TTY=/dev/pts/99", "Z=1"];
		const output = await runProgram(["/usr/bin/env"], { environment, terminalVariable: "SSH_TTY" });
		assert.match(output, /^A=1\r\nSSH_TTY=\/dev\/pts\/\d+\r\nZ=1\r\n$/);
		assert.ok(!output.includes("/99\r"));
		assert.equal(
			await runProgram(["/usr/bin/env"], { environment: ["A=1"], terminalVariable: "SSH_TTY" }),
			"A=1\r\n",
		);
	});

	it("leaves all signals at their defaults", async () => {
		const status = await runProgram(["cat", "/proc/self/status"]);
		for (const set of ["SigBlk", "SigIgn", "SigCgt"]) {
			assert.match(status, new RegExp(`${set}:\\s+0+\\r`));
		}
	});
});
