/** The program in the session receives, byte for byte, what ssh's shell gave to mosh-server, as with the stock server. */

import assert from "node:assert/strict";
import { type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import {
	chmodSync,
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import {
	clientOf,
	type ExactStart,
	type Received,
	receivedFrom,
	startExactly,
} from "../support/exact-start.js";
import { isAlive } from "../support/processes.js";
import { SeededRandom } from "../support/random.js";
import { ensureBuilt } from "../support/relocated-server.js";
import { needsRoot, needsTools } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";
import { BOUNDARY, OURS, STOCK } from "../support/server-process.js";
import { until } from "../support/wait.js";

const OPTIONS = ["new", "-i", "127.0.0.1", "-c", "256", "-p", "47100:47199"];
const NOBODY = 65534;
/** A user without other processes, since the limit applies to all processes of a user. */
const LONELY = 61_234;
const MEBI = 1024 * 1024;
const folder = scratchFolder();
const BASIC = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", `HOME=${folder}`];

before(() => {
	ensureBuilt();
	chmodSync(folder, 0o777);
	// Some of the servers are started by other users.
	chmodSync(join(OURS, "../.."), 0o755);
});

/** Strings are bytes as Latin-1. */
async function both(
	words: readonly string[],
	start: Omit<ExactStart, "words">,
	options: readonly string[] = OPTIONS,
): Promise<{ readonly ours: Received; readonly stock: Received }> {
	const stock = await receivedFrom([STOCK, ...options], words, start, folder);
	const ours = await receivedFrom([OURS, ...options], words, start, folder);
	return { ours, stock };
}

async function assertAsStock(
	words: readonly string[],
	start: Omit<ExactStart, "words">,
	options?: readonly string[],
): Promise<Received> {
	const { ours, stock } = await both(words, start, options);
	assert.deepEqual(ours, stock);
	return ours;
}

function targetOf(link: string): string {
	try {
		return readlinkSync(link);
	} catch {
		return "closed meanwhile";
	}
}

/** Random bytes except NUL. */
function anyBytes(random: SeededRandom, length: number): string {
	return random.bytes(length).toString("latin1").replaceAll("\0", "\x80");
}

function several(random: SeededRandom, count: number, make: () => string): string[] {
	return Array.from({ length: 1 + random.below(count) }, make);
}

describe("what the program in the session gets", {
	skip: needsTools("mosh-server", "python3", "perl"),
}, () => {
	for (const seed of [1, 2, 3, 4]) {
		it(`any bytes as arguments and environment, seed ${seed}`, async () => {
			const random = new SeededRandom(seed);
			const name = () => anyBytes(random, random.below(12)).replaceAll("=", "_");
			const names = several(random, 20, name);
			const words = several(random, 30, () => anyBytes(random, random.below(300)));
			const entries = [
				...BASIC,
				...names.map((known) => `${known}=${anyBytes(random, random.below(300))}`),
				// Repeated names, and entries without "=".
				...names.slice(0, 5).map((known) => `${known}=${anyBytes(random, 3)}`),
				...several(random, 3, name),
			];
			const received = await assertAsStock(words, { entries });
			assert.deepEqual(received.words, words);
			for (const entry of entries) {
				assert.ok(received.entries.includes(entry), entry);
			}
		});
	}

	it("arguments and variables of the greatest length that the kernel accepts", async () => {
		const longest = 128 * 1024 - 1;
		const words = ["\xff".repeat(longest), "%".repeat(longest), "\xf0\x9f\xab\xa8".repeat(longest >> 2)];
		const entries = [...BASIC, `A=${"\xc3\xa4\xff".repeat(43_000)}`, "B=%ff%00"];
		const received = await assertAsStock(words, { entries });
		assert.deepEqual(received.words, words);
	});

	it("variables that shells alter, unaltered", async () => {
		const shells = [
			...["BASHOPTS=x", "SHELLOPTS=braceexpand", "PS1=$(id)", "PS4=+", "IFS=abc", "POSIXLY_CORRECT=", "_=/x"],
			...["COLUMNS=1", "LINES=2", "OLDPWD=/nowhere", "PWD=/nowhere", "SHLVL=7", "BASH_FUNC_f%%=() { :; }"],
			...["x.y=1", "OPTIND=9", "PPID=1", "UID=5", "RANDOM=4", "BASH=/x", "MOSH_FD=1", "core=2", "node=3"],
			...[
				"MALLOC_ARENA_MAX=9",
				"NODE_OPTIONS=--require=/missing.js",
				"NODE_REPL_EXTERNAL_MODULE=/missing.js",
				...["NODE_CHANNEL_FD=9", "NODE_UNIQUE_ID=1", "UV_THREADPOOL_SIZE=1024", "OPENSSL_CONF=/missing"],
			],
			...[
				"NODE_NO_WARNINGS=0",
				"TERM=dumb",
				"TERM=again",
				"STY=1",
				"STY=2",
				"NCURSES_NO_UTF8_ACS=0",
				"__proto__=1",
			],
			"without-equals",
			"=",
			"=value",
			"TWICE=1",
			"TWICE=2",
		];
		const received = await assertAsStock([], { entries: [...BASIC, ...shells] });
		assert.ok(received.entries.includes("IFS=abc") && received.entries.includes("BASHOPTS=x"));
	});

	it("the client's locale in the same places", async () => {
		const entries = ["LC_ALL=C", "A=1", "LANG=", "LC_TIME=C", "LC_ALL=POSIX", "Z=1", ...BASIC];
		const options = [...OPTIONS, "-l", "LANG=C.UTF-8", "-l", "LC_NAME=C", "-l", "A=2"];
		await assertAsStock([], { entries: entries.filter((entry) => entry !== "LANG=C.UTF-8") }, options);
	});

	it("a home directory and a login shell whose names are not UTF-8", async () => {
		const bytes = (text: string) => Buffer.from(text, "latin1");
		const home = `${folder}/h\xff\xe4me`;
		mkdirSync(bytes(home));
		const shell = `${home}/sh\xfe`;
		symlinkSync("/bin/sh", bytes(shell));
		const entries = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", `HOME=${home}`, `SHELL=${shell}`];
		assert.equal((await assertAsStock([], { entries })).directory, home);
		const seen: string[] = [];
		for (const server of [STOCK, OURS]) {
			const run = await startExactly({ words: [server, ...OPTIONS], entries });
			const client = await clientOf(run);
			const file = join(folder, `shell-${seen.length}`);
			client.type(`cat /proc/$$/cmdline >${file}.part; mv ${file}.part ${file}\r`);
			await until("the shell has written the file", () => existsSync(file));
			seen.push(readFileSync(file, "latin1"));
			client.close();
			process.kill(run.pid, "SIGKILL");
		}
		assert.deepEqual(seen, ["-sh\xfe\0", "-sh\xfe\0"]);
	});

	it("every soft limit, though Node needs more", async () => {
		const received = await assertAsStock([], {
			entries: BASIC,
			limits: {
				NOFILE: [100, 4000],
				CORE: [1234, 99_999],
				STACK: [256 * 1024, 64 * MEBI],
				AS: [100 * MEBI, -1],
				DATA: [50 * MEBI, -1],
				CPU: [100, 200],
				FSIZE: [10 * MEBI, 20 * MEBI],
				NPROC: [5000, 6000],
				MEMLOCK: [4096, 8192],
				SIGPENDING: [50, 60],
				MSGQUEUE: [1000, 2000],
				RSS: [MEBI, MEBI],
			},
		});
		assert.match(received.limits.join("\n"), /^Max open files +100 +4000 /m);
		assert.match(received.limits.join("\n"), /^Max address space +104857600 +unlimited /m);
	});

	it("soft limits that are the hard ones, low ones too", async () => {
		await assertAsStock([], {
			entries: BASIC,
			limits: {
				NOFILE: [64, 64],
				CORE: [0, 0],
				STACK: [2 * MEBI, 2 * MEBI],
				MEMLOCK: [0, 0],
				SIGPENDING: [0, 0],
			},
		});
	});

	// Not SIGUSR1 and SIGCHLD, whose original disposition the launcher cannot know: the program has the defaults.
	it("signals, mask for new files, priority and groups", { skip: needsRoot() }, async () => {
		const received = await assertAsStock([], {
			entries: BASIC,
			ignored: [1, 2, 3, 13, 15, 20, 34, 40, 64],
			blocked: [2, 12, 14, 50],
			umask: 0o027,
			nice: 5,
			uid: NOBODY,
			groups: [1, 2, 3],
		});
		assert.ok(received.status.includes("Groups:\t1 2 3 "), received.status.join("\n"));
	});
});

describe("the server itself", () => {
	it("keeps no descriptor that ssh's shell had open, whatever its number", async () => {
		const file = join(folder, "inherited");
		const inherited = openSync(file, "w");
		const stdio: StdioOptions = ["ignore", "pipe", "pipe"];
		// 10 and above are out of reach for the launcher's shell.
		for (let at = 3; at <= 20; at++) {
			stdio[at] = inherited;
		}
		const child = spawn(OURS, OPTIONS, { env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" }, stdio });
		closeSync(inherited);
		let stderr = "";
		child.stderr?.setEncoding("utf8").on("data", (text: string) => {
			stderr += text;
		});
		child.stdout?.resume();
		await once(child, "close");
		const pid = Number(/pid = (\d+)/.exec(stderr)?.[1]);
		const open = readdirSync(`/proc/${pid}/fd`).map((fd) => targetOf(`/proc/${pid}/fd/${fd}`));
		process.kill(pid, "SIGKILL");
		assert.ok(open.length > 3);
		assert.ok(!open.includes(file), open.join());
	});
});

describe("the restart in a scope of its own", { skip: needsTools("python3") }, () => {
	it("has the environment and the arguments that the launcher was given", async () => {
		const random = new SeededRandom(5);
		const words = several(random, 30, () => anyBytes(random, random.below(100)));
		const entries = [
			...BASIC,
			"IFS=x",
			"x.y=1",
			"A=1",
			"A=2",
			"no-equals",
			"=",
			`B=${anyBytes(random, 300)}`,
		];
		const anew = `"$0" restore $$ /usr/bin/env sh -c 'cat /proc/$$/environ /proc/$$/cmdline' "$@"; exit`;
		const run = await startExactly({ words: ["/bin/sh", "-c", anew, BOUNDARY, "sh", ...words], entries });
		const own = ["sh", "-c", "cat /proc/$$/environ /proc/$$/cmdline", "sh"];
		assert.deepEqual(run.stdout.split("\0"), [...entries, ...own, ...words, ""]);
	});
});

describe("the stock server behind the shim", { skip: needsTools("mosh-server", "python3", "perl") }, () => {
	it("passes on the bytes and limits that the shim was given, whatever its shells and its Node make of them", async () => {
		const random = new SeededRandom(6);
		const words = several(random, 30, () => anyBytes(random, random.below(100)));
		const entries = [
			...[...BASIC, "IFS=x", "x.y=1", "A=1", "A=2", "no-equals", "=", `B=${anyBytes(random, 300)}`],
			...[
				"NODE_CHANNEL_FD=9",
				"NODE_UNIQUE_ID=1",
				"NODE_OPTIONS=--require=/missing.js",
				"UV_THREADPOOL_SIZE=0",
			],
		];
		const start = { entries, limits: { NOFILE: [100, 4000], CORE: [1234, 99_999] } } as const;
		const stock = await receivedFrom([STOCK, ...OPTIONS], words, start, folder);
		const shim = fileURLToPath(new URL("../../shim/mosh-server", import.meta.url));
		const behind = await receivedFrom([shim, ...OPTIONS], words, start, folder);
		assert.deepEqual(
			[behind.words, behind.entries, behind.limits, behind.directory],
			[stock.words, stock.entries, stock.limits, stock.directory],
		);
		assert.deepEqual(behind.words, words);
	});
});

describe("limits too low for Node", { skip: needsTools("python3") }, () => {
	const cases: readonly (readonly [limit: string, value: number, word: RegExp, uid?: number])[] = [
		["AS", 500 * MEBI, /address space is too low: it is 500 MiB/],
		["DATA", 32 * MEBI, /data is too low: it is 32 MiB/],
		["STACK", 512 * 1024, /stack is too low/],
		["NOFILE", 25, /open files is too low: it is 25/],
		["NOFILE", 12, /open files is too low/],
		["NPROC", 4, /processes is too low: .* the limit is 4/, LONELY],
		["NPROC", 12, /processes is too low: .* the limit is 12/, LONELY],
	];
	for (const [limit, value, word, uid] of cases) {
		it(`${limit} ${value}: one sentence and status 1, at once`, {
			skip: uid !== undefined && needsRoot(),
		}, async () => {
			const began = performance.now();
			const run = await startExactly({
				words: [OURS, ...OPTIONS],
				entries: BASIC,
				limits: { [limit]: [value, value] },
				...(uid !== undefined && { uid }),
			});
			assert.deepEqual([run.status, run.stdout], [1, ""], run.stderr);
			assert.match(run.stderr, word);
			// The shell may have printed a message of its own first.
			assert.match(run.stderr, /(^|\n)mosh-server: [^\n]+\n$/);
			assert.ok(performance.now() - began < 10_000);
			assert.ok(!isAlive(run.pid) || run.pid === 0);
		});
	}
});
