import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
	closeSync,
	cpSync,
	existsSync,
	mkdtempSync,
	openSync,
	readFileSync,
	readlinkSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { findUtempter } from "../../src/server/host/utmp.js";
import { terminalIdleSeconds } from "../../src/system/terminal-idle.js";
import { ended, isAlive, privateKiB } from "../support/processes.js";
import { needsRoot, needsTools } from "../support/requirements.js";
import { OURS, STOCK, type Started, start } from "../support/server-process.js";
import { UdpClient, type UdpClientOptions } from "../support/udp-client.js";
import { sleep, until } from "../support/wait.js";

const PORTS = ["-p", "47200:47299"];
const folder = mkdtempSync(join(tmpdir(), "server-"));
const pids: number[] = [];
const clients: UdpClient[] = [];

after(() => {
	for (const client of clients) {
		client.close();
	}
	for (const pid of pids) {
		if (isAlive(pid)) {
			process.kill(pid, "SIGKILL");
		}
	}
	rmSync(folder, { recursive: true });
});

async function run(
	words: readonly string[],
	environment?: NodeJS.ProcessEnv,
	program = OURS,
): Promise<Started> {
	const started = await start(program, words, environment);
	if (started.pid > 0) {
		pids.push(started.pid);
	}
	return started;
}

async function connect({ port, key }: Started, options?: UdpClientOptions): Promise<UdpClient> {
	const client = await UdpClient.connect(port, key, options);
	clients.push(client);
	return client;
}

describe("mosh-server as a process", () => {
	it("announces itself on the right streams in the right order and detaches", async () => {
		const { status, stdout, stderr, pid } = await run(["new", ...PORTS]);
		assert.equal(status, 0);
		assert.match(stdout, /^MOSH CONNECT 472\d\d [A-Za-z0-9+/]{21}[AQgw]\n$/);
		assert.match(
			stderr,
			/^\nmosh-server \(mosh 1\.4\.0\) \[.*\]\n(.+\n){4}\n\[mosh-server detached, pid = \d+\]\n$/,
		);
		assert.ok(isAlive(pid));
		assert.equal(readFileSync(`/proc/${pid}/comm`, "utf8"), "mosh-server\n");
		for (const fd of [0, 1, 2]) {
			assert.equal(readlinkSync(`/proc/${pid}/fd/${fd}`), "/dev/null");
		}
		assert.match(readFileSync(`/proc/${pid}/limits`, "utf8"), /^Max core file size +0 /m);
		process.kill(pid, "SIGTERM");
		await ended(pid, "the server");
	});

	it("keeps nothing open that its starter gave it, whatever its number", async () => {
		// A shell with further copies of the pipe, low and high, which ends only when all of them are closed.
		const script = `exec 7>&1 8>&2 19>&1 20>&1; exec "$0" "$@"`;
		const { status, pid } = await run(["-c", script, OURS, "new", ...PORTS], undefined, "/bin/bash");
		assert.equal(status, 0);
		assert.ok(isAlive(pid));
	});

	it("goes on when its starter reads nothing after the line for the client, as mosh --local, with -v too", async () => {
		for (const verbose of [[], ["-vv"]]) {
			const reader = `"$0" "$@" 2>&1 | { read line; echo "$line"; exec <&-; }`;
			const words = ["-c", reader, OURS, "new", ...verbose, ...PORTS, "--", "sh", "-c", "echo up; read x"];
			const started = await run(words, undefined, "/bin/bash");
			const client = await connect(started);
			await client.sees("up");
			client.type("\r");
			await until("the session is over", () => client.over);
		}
	});

	it("says that nobody reads the line for the client", async () => {
		const unread = `(sleep 0.2; "$0" "$@"; echo "status $?" >&2) | :`;
		const { stderr } = await run(["-c", unread, OURS, "new", ...PORTS], undefined, "/bin/sh");
		assert.match(
			stderr,
			/^mosh-server: cannot announce the session on standard output: .*EPIPE.*\nstatus 1\n$/,
		);
	});

	it("answers a client before there is a session", async () => {
		const copy = join(folder, "without-session");
		cpSync(dirname(dirname(OURS)), copy, { recursive: true });
		writeFileSync(join(copy, "dist/session.cjs"), "exports.serve = () => {};");
		const client = await connect(
			await run(["new", "-i", "127.0.0.1", ...PORTS], undefined, join(copy, "bin/mosh-server")),
		);
		await until("the client has an answer", () => client.transport.remote.number === 1n);
		assert.equal(client.transport.confirmedLocal.end, 1);
	});

	it("starts from a symlink and from another directory", async () => {
		const link = join(folder, "linked");
		symlinkSync(OURS, link);
		assert.equal((await run(["new", ...PORTS], undefined, link)).status, 0);
	});

	it("prints an empty line first on a terminal, and is not hung up with it", async () => {
		const script = `${OURS} new ${PORTS.join(" ")}`;
		const { stdout } = spawnSync("script", ["-qec", script, "/dev/null"], {
			env: { PATH: process.env.PATH, HOME: "/", LANG: "C.UTF-8" },
			encoding: "utf8",
			stdio: ["ignore", "pipe", "pipe"],
		});
		assert.match(stdout, /^\r\n\r?\n?\r\n?MOSH CONNECT \d+ \S{22}\r\n|^\r+\n\r\nMOSH CONNECT/);
		const pid = Number(/pid = (\d+)/.exec(stdout)?.[1]);
		pids.push(pid);
		await sleep(300);
		assert.ok(isAlive(pid));
	});

	it("says in one line that it could not start, with status 1", async () => {
		const copy = join(folder, "copy");
		cpSync(join(dirname(OURS), "../dist"), join(copy, "dist"), { recursive: true });
		cpSync(dirname(OURS), join(copy, "bin"), { recursive: true });
		writeFileSync(join(copy, "dist/mosh-server.cjs"), "process.exit(0)");
		const ended = await run(["new", ...PORTS], undefined, join(copy, "bin/mosh-server"));
		assert.deepEqual([ended.status, ended.stdout], [1, ""]);
		assert.match(ended.stderr, /^mosh-server: .* before it was ready\n$/);
		rmSync(join(copy, "dist"), { recursive: true });
		const unbuilt = await run(["new", ...PORTS], undefined, join(copy, "bin/mosh-server"));
		assert.deepEqual([unbuilt.status, unbuilt.stdout], [1, ""]);
		assert.match(unbuilt.stderr, /^mosh-server: not built yet.*\n$/);
	});

	it("does not care for NODE_OPTIONS, and passes it on", async () => {
		const NODE_OPTIONS = "--require=/missing.js";
		const started = await run(
			["new", ...PORTS, "--", "sh", "-c", "echo $NODE_OPTIONS $MALLOC_ARENA_MAX.; read x"],
			{
				PATH: process.env.PATH,
				LANG: "C.UTF-8",
				NODE_OPTIONS,
			},
		);
		const client = await connect(started);
		await client.sees(`${NODE_OPTIONS} .`);
	});

	it("says help and version on stdout", async () => {
		const help = await run(["--help"]);
		assert.deepEqual([help.status, help.stderr], [0, ""]);
		assert.match(help.stdout, /^Usage: mosh-server .*new .*\n(.+\n)*$/);
		const version = await run(["new", "--version"]);
		assert.deepEqual([version.status, version.stderr, version.stdout.split("\n").length], [0, "", 6]);
	});

	it("says that what a command prints could not be written, unless its reader has seen enough", async () => {
		for (const words of [["--help"], ["--version"], ["list"], ["list", "--json"]] as const) {
			const written = await run(["-c", `"$0" "$@" >/dev/full`, OURS, ...words], undefined, "/bin/sh");
			assert.equal(written.status, 1, words.join(" "));
			assert.match(written.stderr, /^mosh-server: no output: ENOSPC: no space left on device.*\n$/);
			const left = `{ (sleep 0.2; "$0" "$@"; echo "status $?" >&2) | :; }`;
			const closed = await run(["-c", left, OURS, ...words], undefined, "/bin/sh");
			assert.equal(closed.stderr, "status 0\n", words.join(" "));
		}
	});

	it("refuses nonsense on stderr with status 1", async () => {
		const refused = await run(["new", "-p", "99999"]);
		assert.deepEqual([refused.status, refused.stdout], [1, ""]);
		assert.match(refused.stderr, /Bad UDP port/);
		const first = await run(["new", "-p", "47299"]);
		await until("the session has its pty", () => terminalIdleSeconds(first.pid) !== undefined);
		const second = await run(["new", "-p", "47299"]);
		assert.deepEqual([first.status, second.status, second.stdout], [0, 1, ""]);
		assert.match(second.stderr, /Address already in use/);
		const holder = `UDP port 47299 is held by process ${first.pid} (mosh-server), into whose session nobody has typed for`;
		assert.ok(second.stderr.includes(`\nmosh-server: ${holder} `), second.stderr);
		assert.ok(second.stderr.endsWith(`; \`kill ${first.pid}\` ends it.\n`), second.stderr);
	});

	it("takes C.UTF-8 where the original refuses, saying so in one line", async () => {
		const { status, stderr, stdout } = await run(["new", ...PORTS, "-l", "LANG=xx_XX.UTF-8"], {
			PATH: process.env.PATH,
			LC_ALL: "C",
		});
		assert.equal(status, 0);
		assert.match(stdout, /^MOSH CONNECT/);
		assert.match(stderr, /^mosh-server: no usable UTF-8 locale: .*Using C\.UTF-8\.\n\nmosh-server/);
	});

	it("ignores SIGHUP and SIGPIPE, keeps SIGUSR1 from node's debugger, and obeys SIGTERM", async () => {
		const { pid, stderr } = await run(["new", ...PORTS]);
		process.kill(pid, "SIGHUP");
		process.kill(pid, "SIGPIPE");
		await sleep(200);
		assert.ok(isAlive(pid));
		process.kill(pid, "SIGUSR1");
		await ended(pid, "the server");
		assert.ok(!stderr.includes("Debugger"));
	});
});

describe("a session of a process", () => {
	it("runs a command, carries keys and screen, and ends with it", async () => {
		const started = await run(["new", ...PORTS, "--", "sh", "-c", "read x; echo got:$x; read y"]);
		const client = await connect(started);
		client.type("kéy\r");
		await client.sees("got:kéy");
		client.type("\r");
		await until("the session is over", () => client.over);
		await ended(started.pid, "the server");
	});

	it("gives back, once it is calm, what a flood has taken", async () => {
		const started = await run(["new", ...PORTS, "--", "sh", "-c", "seq 1000000; echo done; read x"]);
		const client = await connect(started);
		await client.sees("done");
		const full = privateKiB(started.pid);
		await until("a part of it is free", () => privateKiB(started.pid) < full * 0.85, {
			limitMs: 30_000,
			explain: () => `${full} kB became ${privateKiB(started.pid)}`,
		});
	});

	it("ends when the client does, hanging up the program", async () => {
		const started = await run(["new", ...PORTS, "--", "sh", "-c", "echo pid=$$.; sleep 1000"]);
		const client = await connect(started);
		await client.sees(/pid=\d+\./);
		const program = Number(/pid=(\d+)\./.exec(client.text)?.[1]);
		client.transport.startShutdown();
		await until("the server acknowledges", () => client.transport.shutdownAcknowledged);
		await ended(started.pid, "the server");
		await ended(program, "the program");
	});

	it("gives a login shell to a user without a home directory, and says what is wrong", async () => {
		const started = await run(["new", ...PORTS], {
			PATH: process.env.PATH,
			LANG: "C.UTF-8",
			HOME: join(folder, "nowhere"),
			SHELL: "/bin/sh",
		});
		const client = await connect(started);
		await client.sees("cannot change to the home directory");
		client.type("echo works\r");
		await client.sees("works");
	});

	it("does not need a reader of what it says after MOSH CONNECT, where mosh may stop reading", async () => {
		const words = ["new", ...PORTS, "--", "sh", "-c", "printf there; read x"];
		const child = spawn(OURS, words, {
			stdio: ["ignore", "pipe", "pipe"],
			env: { PATH: process.env.PATH, HOME: "/", LANG: "C.UTF-8" },
		});
		child.stderr.destroy();
		const [line] = (await once(child.stdout, "data")) as [Buffer];
		const [, port = "0", key = ""] = /^MOSH CONNECT (\d+) (\S{22})$/m.exec(line.toString()) ?? [];
		await once(child, "exit");
		const client = await UdpClient.connect(Number(port), key);
		clients.push(client);
		await client.sees("there");
		client.type("\r");
		await until("the session is over", () => client.over);
	});

	it("restores the core limit for the program", async () => {
		const script = `ulimit -S -c 1; exec "$0" "$@"`;
		const words = [
			"-c",
			script,
			OURS,
			"new",
			...PORTS,
			"--",
			"sh",
			"-c",
			"echo core=$(ulimit -S -c).; read x",
		];
		const limit = spawnSync("/bin/bash", ["-c", "ulimit -S -c 1; exec sh -c 'ulimit -S -c'"], {
			encoding: "utf8",
		}).stdout.trim();
		const client = await connect(await run(words, undefined, "/bin/bash"));
		await client.sees(`core=${limit || "0"}.`);
	});

	it("gives programs the environment, the terminal and the directory that the stock server gives", {
		skip: existsSync(STOCK) ? false : "stock mosh-server is not installed",
	}, async () => {
		const environment = {
			PATH: process.env.PATH,
			HOME: folder,
			SHELL: "/bin/bash",
			LANG: "C.UTF-8",
			LC_TIME: "C",
			STY: "123.x",
			SHLVL: "3",
			TERM: "screen",
			SSH_CONNECTION: "127.0.0.1 1 127.0.0.1 2",
			SSH_TTY: "/dev/pts/99",
			ODD: "a=b c\td",
			"BASH_FUNC_f%%": "() { :; }",
		};
		const seen: string[][] = [];
		for (const program of [STOCK, OURS]) {
			const file = join(folder, program === OURS ? "ours" : "stock");
			const script = `{ env -0; pwd; stty -a; grep ^Sig[BIC] /proc/self/status; } >${file}.part; mv ${file}.part ${file}; read x`;
			const words = [
				"new",
				"-s",
				"-c",
				"256",
				...PORTS,
				"-l",
				"LANG=de_DE.UTF-8",
				"--",
				"/bin/bash",
				"-pc",
				script,
			];
			await connect(await run(words, environment, program));
			await until(`${program} runs something`, () => existsSync(file));
			// Unlike the stock server's, it names a terminal that is there.
			const received = readFileSync(file, "utf8").replace(/SSH_TTY=.*?\0/, "SSH_TTY=?\0");
			seen.push(received.split("\0").sort());
		}
		assert.deepEqual(seen[1], seen[0]);
	});

	it("does not warn of another login that begins at the same moment", {
		skip: findUtempter() === undefined ? "no utempter helper" : needsRoot() || needsTools("unshare"),
	}, async () => {
		// Two servers in one /run of their own, whose user has a home without .hushlogin.
		const privately = `mount -t tmpfs run /run && install -g utmp -m 664 /dev/null /run/utmp && "$@"; exec "$@"`;
		const words = ["-m", "sh", "-c", privately, "sh", OURS, "new", ...PORTS];
		const { stdout, stderr } = await start("unshare", words, {
			PATH: process.env.PATH,
			LANG: "C.UTF-8",
			HOME: mkdtempSync(join(folder, "home-")),
			SHELL: "/bin/sh",
		});
		const found = [...stdout.matchAll(/^MOSH CONNECT (\d+) (\S{22})$/gm)];
		assert.equal(found.length, 2);
		pids.push(...[...stderr.matchAll(/pid = (\d+)/g)].map(([, pid]) => Number(pid)));
		await sleep(500);
		for (const [, port, key = ""] of found) {
			const client = await UdpClient.connect(Number(port), key);
			clients.push(client);
			client.type("echo a''b\r");
			await client.sees("ab");
			assert.ok(!client.text.includes("detached"), client.text);
		}
	});

	describe("in a /run of its own with a utmp file and the real helper", {
		skip: findUtempter() === undefined ? "no utempter helper" : needsRoot() || needsTools("unshare", "who"),
	}, () => {
		/** Not every host keeps a utmp, and this one's is not for tests. */
		async function privately(command: readonly string[]) {
			const prepare = 'mount -t tmpfs run /run && install -g utmp -m 664 /dev/null /run/utmp && exec "$@"';
			const words = ["-m", "sh", "-c", prepare, "sh", OURS, "new", ...PORTS, "--", ...command];
			const started = await start("unshare", words);
			pids.push(started.pid);
			// Stays readable when the namespace has ended.
			const utmp = openSync(`/proc/${started.pid}/root/run/utmp`, "r");
			after(() => closeSync(utmp));
			const who = () =>
				spawnSync("who", ["/dev/stdin"], { stdio: [utmp, "pipe", "inherit"], encoding: "utf8" }).stdout;
			return { started, who, record: `(127.0.0.1 via mosh [${started.pid}])` };
		}

		for (const [how, end] of [
			["logout", ({ client }) => client.type("\r")],
			["a signal", ({ pid }) => process.kill(pid, "SIGTERM")],
			["the client", ({ client }) => client.transport.startShutdown()],
		] as [string, (session: { client: UdpClient; pid: number }) => void][]) {
			it(`who shows it from its first client to its end by ${how}`, async () => {
				const { started, who, record } = await privately(["sh", "-c", "read x"]);
				assert.equal(who(), "");
				const client = await connect(started);
				await until("its client is listed", () => who().includes(record));
				end({ client, pid: started.pid });
				await ended(started.pid, "the server");
				assert.equal(who(), "");
			});
		}

		it("a paste hangs nothing, whether it is read, echoed in colour or not read at all", async () => {
			const coloured = 500_000;
			const program = `
				system "stty -icanon -echo"; $| = 1; $SIG{INT} = sub { $deaf = 0 };
				for (;;) {
					for ($deaf = 1, $read = 0; $deaf; select undef, undef, undef, 0.05) { print "tick ", ++$ticks, "\n" }
					print "interrupted\n";
					while ($read < ${coloured}) {
						$read += sysread STDIN, $keys, 65536;
						$keys =~ s/(.)/"e[3" . ord($1) % 8 . "m$1e[m"/ges;
						print $keys;
					}
					print "\nread $read\n";
				}`;
			const { started, who, record } = await privately(["perl", "-e", program]);
			const client = await connect(started, { keep: 10_000 });
			const ticks = () => Number(/.*tick (\d+)/s.exec(client.text)?.[1] ?? 0);
			const ticksOn = async (count: number) => {
				const before = ticks();
				await until("the program's output goes on", () => ticks() >= before + count);
			};
			const paste = async (size: number) => {
				const text = "0123456789abcdef ghijklmnopqrstuvwxyz\n".repeat(size / 38 + 1).slice(0, size);
				// As the stock client reads its terminal.
				for (let at = 0; at < size; at += 16_384) {
					client.type(text.slice(at, at + 16_384));
					await sleep(1);
				}
			};
			await until("the helper has had the terminal", () => who().includes(record));
			await ticksOn(1);
			await paste(20_000);
			await ticksOn(3);
			await paste(5_000_000);
			await ticksOn(3);
			client.type("\x03");
			await client.sees("interrupted");
			await paste(coloured);
			await client.sees(`read ${coloured}`);
			await ticksOn(1);
			await paste(100_000);
			await ticksOn(1);
			process.kill(started.pid, "SIGTERM");
			await ended(started.pid, "the server");
		});
	});

	it("writes its begin, its client and its end to the journal", {
		skip: needsRoot() || needsTools("unshare"),
	}, async () => {
		const journal = mkdtempSync(join(folder, "journal-"));
		const lines: string[] = [];
		const listener = createServer((stream) => {
			let text = "";
			stream.setEncoding("utf8").on("data", (part: string) => {
				text += part;
			});
			// After a header of seven lines, of which the first names the writer (sd_journal_stream_fd(3)).
			stream.on("end", () => lines.push(`${text.split("\n")[0]}: ${text.split("\n")[7]}`));
		}).listen(join(journal, "stdout"));
		const privately =
			'mount -t tmpfs run /run && mkdir -p /run/systemd/journal && mount --bind "$0" /run/systemd/journal && exec "$@"';
		const words = ["-m", "sh", "-c", privately, journal, OURS, "new", ...PORTS, "--", "sleep", "1000"];
		const started = await start("unshare", words);
		pids.push(started.pid);
		await connect(started);
		await until("line 2", () => lines.length === 2);
		process.kill(started.pid, "SIGTERM");
		await until("line 3", () => lines.length === 3);
		listener.close();
		const session = `mosh-server: user \\S+ session ${started.pid}`;
		for (const [index, what] of [
			`begins, UDP port ${started.port}`,
			"connected from 127\\.0\\.0\\.1",
			"ended: a signal",
		].entries()) {
			assert.match(lines[index] ?? "", new RegExp(`^${session} ${what}$`));
		}
	});

	it("reports every datagram with -v and finds its own diffs to be right", async () => {
		const [out, err] = [join(folder, "verbose.out"), join(folder, "verbose.err")];
		const program =
			"printf '\\033[31mcolour\\007\\033]0;title\\007\\344\\270\\255'; read x; printf '\\033[2J%s' $x; read y";
		const words = ["new", "-v", ...PORTS, "--", "sh", "-c", program];
		await start("/bin/sh", ["-c", `exec "$0" "$@" >${out} 2>${err}`, OURS, ...words]);
		const said = () => readFileSync(err, "utf8");
		const [, port = "0", key = ""] = /^MOSH CONNECT (\d+) (\S+)$/m.exec(readFileSync(out, "utf8")) ?? [];
		pids.push(Number(/pid = (\d+)/.exec(said())?.[1]));
		const client = await UdpClient.connect(Number(port), key);
		clients.push(client);
		await client.sees("colour");
		client.type("wörd\r");
		await client.sees("wörd");
		client.type("\r");
		await until("the server says that it ends", () =>
			readFileSync(out, "utf8").endsWith("\n[mosh-server is exiting.]\n"),
		);
		assert.match(said(), /^Server now attached to client at 127\.0\.0\.1:\d+$/m);
		assert.match(
			said(),
			/^Sent \[0=>\d+\] id \d+, frag 0 ack=\d+, throwaway=0, len=\d+,.* timeout=\d+, srtt=/m,
		);
		assert.match(said(), /^Received state \d+ \[coming from 0, ack 0\]$/m);
		assert.ok(!said().includes("verification failed"), said());
	});
});
