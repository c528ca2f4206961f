/**
 * Getting a session back: the stock mosh wrapper and client, a real sshd, and firewalls that drop by default and that only the
 * guard opens. What a lossy network, a minute, an hour and hostile input do is tried in test/server/session/clients.test.ts and
 * test/server/control, without waiting for them.
 */

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { BACKENDS, type Backend, nftables } from "../latency/backends.js";
import { type Login, LoginHost, type LoginOptions, needsLoginHost, PROMPT } from "../latency/login-host.js";
import { inFull, unlessFull } from "../support/extent.js";
import { childrenOf, ended, isAlive } from "../support/processes.js";
import { until } from "../support/wait.js";

/** A client counts as gone after 10 s. */
const GONE_MS = 10_500;
/** That no session has by itself. */
const RANGES = [60_100, 60_200, 60_300] as const;

interface Session extends Login {
	readonly serverPid: number;
}

const elsewhere = BACKENDS.filter(({ name }) => ["ufw", "firewalld"].includes(name));

async function beside(backend: Backend, more: (host: () => Attaching) => void): Promise<void> {
	describe(`attach beside ${backend.name}`, {
		skip: (await needsLoginHost(...backend.tools, "vim")) || unlessFull(backend.name === "firewalld"),
	}, () => {
		let host: Attaching;
		before(async () => {
			host = new Attaching(await LoginHost.start(backend));
		});
		after(() => host?.login.close());
		afterEach(() => host.login.endAll());
		takingOver(() => host);
		more(() => host);
		atTheLimit(() => host);
	});
}

class Attaching {
	readonly login: LoginHost;
	readonly #word: string;

	constructor(login: LoginHost) {
		this.login = login;
		this.#word = login.serverWord("ours");
	}

	/** A session at its prompt. */
	async session(options: LoginOptions = {}): Promise<Session> {
		const known = new Set((await this.login.holders()).map(({ pid }) => pid));
		const login = await this.login.login(options);
		await login.terminal.seeText(PROMPT);
		const holder = (await this.login.holders()).find(({ pid }) => !known.has(pid));
		assert.ok(holder !== undefined);
		return { ...login, serverPid: holder.pid };
	}

	/** What the server's commands print for a user. */
	async says(words: string, user: LoginOptions["user"] = "alice"): Promise<string> {
		return (await this.login.ssh(user ?? "alice", `${this.#word} ${words}`)).stdout;
	}

	/** What the guard has opened, whether for a session or left over. */
	async open(): Promise<readonly { readonly port: number }[]> {
		const { ports, leftOver } = await this.login.installed.decided();
		return [...ports.filter(({ state }) => state === "open"), ...leftOver];
	}

	/** What a server holds, in ascending order. */
	async portsOf(serverPid: number): Promise<number[]> {
		const holders = (await this.login.holders()).filter(({ pid }) => pid === serverPid);
		return holders.map(({ port }) => port).sort((a, b) => a - b);
	}

	/** The shell's process, as it says itself. */
	async shellOf({ serverPid }: Session): Promise<number> {
		return until("the server has a shell", () => childrenOf(serverPid)[0]);
	}
}

function takingOver(given: () => Attaching): void {
	it("takes a live session over by its port: the client before ends at once, and types nothing more", async (t) => {
		const host = given();
		const first = await host.session();
		const next = await host.login.login({ words: `attach ${first.serverPid}` });
		const began = performance.now();
		await next.terminal.seeText(PROMPT);
		assert.equal(await first.terminal.exited(), 0);
		t.diagnostic(
			`${(performance.now() - began).toFixed()} ms from the new client's start to the other's end`,
		);
		await first.terminal.type("lost");
		await next.terminal.enter("echo mine-$((40 + 2))");
		const { rows } = await next.terminal.seeText("mine-42");
		assert.ok(!rows.some((row) => row.includes("lost")));
		assert.deepEqual(await host.portsOf(first.serverPid), [first.port]);
		assert.equal(next.port, first.port);
	});

	it("takes a live session over by the other family: two ports until the client before has been told, then one", async () => {
		const host = given();
		const first = await host.session();
		const shell = await host.shellOf(first);
		process.kill(first.clientPid, "SIGSTOP");
		const next = await host.login.login({ family: 6, words: `attach ${first.serverPid}` });
		await next.terminal.seeText(PROMPT);
		assert.equal((await host.open()).length, 2);
		const { ports } = await host.login.installed.status();
		assert.deepEqual(
			ports.map(({ pid, family }) => [pid, family]).sort(),
			[
				[first.serverPid, "ipv4"],
				[first.serverPid, "ipv6"],
			],
			"one session with its ports",
		);
		await first.terminal.type("lost");
		process.kill(first.clientPid, "SIGCONT");
		assert.equal(await first.terminal.exited(), 0, "its usual end, when it wakes");
		await until("the port is closed that nobody needs", async () => (await host.open()).length === 1);
		await next.terminal.enter("echo pid-$$");
		const screen = await next.terminal.seeText(`pid-${shell}`);
		assert.ok(!screen.rows.some((row) => row.includes("lost")));
		assert.ok(isAlive(first.serverPid));
	});
}

/** The last, since it leaves the limit in force. */
function atTheLimit(given: () => Attaching): void {
	describe("whose user may have two ports", () => {
		before(async () => {
			const { login } = given();
			login.configure("per_user = 2\n");
			await login.installed.stopDaemon();
			await login.installed.startDaemon();
		});

		it("has two at most, however many clients are on their way, and one when nobody comes", async () => {
			const host = given();
			const { serverPid, port: first, terminal } = await host.session();
			for (const port of RANGES) {
				const said = await host.says(`attach ${serverPid} new -s -p ${port}`);
				assert.match(said, new RegExp(`^MOSH CONNECT ${port} `, "m"));
				assert.deepEqual(await host.portsOf(serverPid), [first, port]);
				await until("both are open, and no other", async () => {
					const open = await host.open();
					return open.length === 2 && open.every(({ port: one }) => one === first || one === port);
				});
			}
			await terminal.enter("echo still-$((40 + 2))");
			await terminal.seeText("still-42");
			// A promise lasts for a minute.
			if (inFull(true, false)) {
				await until("one port is left", async () => (await host.open()).length === 1, { pollMs: 1000 });
				assert.deepEqual(await host.portsOf(serverPid), [first]);
			}
		});

		it("is refused a third in one line, and the session is left alone", async () => {
			const host = given();
			const [session, other] = [await host.session(), await host.session()];
			const refused = await host.login.mosh({ family: 6, words: `attach ${session.serverPid}` });
			try {
				assert.notEqual(await refused.exited(), 0);
				// The wrapper's own words come last.
				const said = await until("it says why", () => {
					const text = refused.output().toString().replaceAll("\r", "");
					return text.includes("startup message") && text;
				});
				const [line, ...others] = said.split("\n").filter((text) => text.startsWith("mosh-server:"));
				assert.match(
					line ?? said,
					/cannot attach to process \d+: the guard refuses another port: the user has reached the limit/,
				);
				assert.deepEqual(others, []);
			} finally {
				await refused.close();
			}
			for (const { terminal } of [session, other]) {
				await terminal.enter("echo still-$((40 + 2))");
				await terminal.seeText("still-42");
			}
			assert.equal((await host.open()).length, 2);
		});
	});
}

/** What concerns the session, beside one of them. */
function attaching(given: () => Attaching): void {
	it("gives vim back cell by cell to a client that comes after one that was killed", async () => {
		const host = given();
		const first = await host.session({ size: { columns: 90, rows: 30 } });
		const shell = await host.shellOf(first);
		await first.terminal.enter("vim -u NONE -c 'set nocp nu mouse=a showmode' /etc/services");
		await first.terminal.seeText("Network services");
		await first.terminal.press("j", "j", "V", "j");
		await first.terminal.seeText("-- VISUAL LINE --");
		const before = await first.terminal.screen();
		process.kill(first.clientPid, "SIGKILL");
		await until(
			"the client counts as gone",
			async () => {
				const [{ silentMs }] = JSON.parse(await host.says("list --json")).sessions;
				return silentMs > GONE_MS;
			},
			{ pollMs: 1000 },
		);
		assert.match(await host.says("list"), new RegExp(`^${first.serverPid} .* 90x30 .* vim`, "m"));
		assert.equal(await host.says("list", "bob"), "No sessions.\n");
		const next = await host.login.login({ words: "attach", size: { columns: 90, rows: 30 } });
		await next.terminal.shows((screen) => {
			assert.deepEqual(screen.styledRows, before.styledRows);
			assert.deepEqual(screen.cursor, before.cursor);
		});
		await next.terminal.press("Escape", "G");
		await next.terminal.enter(":q!");
		// What is typed before vim has let go of the terminal is thrown away with its input.
		await next.terminal.see("the prompt", ({ rows }) => rows.filter(Boolean).at(-1) === PROMPT);
		await next.terminal.enter("echo pid-$$");
		await next.terminal.seeText(`pid-${shell}`);
		assert.equal((await host.open()).length, 1);
	});

	it("begins a session where none is detached, and takes nobody's", async () => {
		const host = given();
		const first = await host.session();
		const second = await host.session({ words: "attach" });
		assert.notEqual(first.serverPid, second.serverPid);
		const third = await host.session({
			words: "attach",
			command: ["sh", "-c", `echo '${PROMPT}'; sleep 60`],
		});
		assert.equal(new Set([first, second, third].map(({ serverPid }) => serverPid)).size, 3);
		assert.equal((await host.open()).length, 3);
		await host.says(`end ${third.serverPid}`);
		assert.equal(await third.terminal.exited(), 0);
		await ended(third.serverPid, "the server");
		await assert.rejects(host.says("end 1"), /no session of yours has the process id 1/);
		await assert.rejects(
			host.says(`end ${first.serverPid}`, "bob"),
			/without a control socket|no session of yours/,
		);
	});

	it("goes from size to size and to another range of ports", async () => {
		const host = given();
		const first = await host.session({ size: { columns: 200, rows: 60 } });
		const sizes = [
			{ columns: 40, rows: 20 },
			{ columns: 200, rows: 60 },
		];
		let { terminal } = first;
		for (const [at, size] of sizes.entries()) {
			const ports = `${RANGES[at]}:${Number(RANGES[at]) + 9}`;
			const next = await host.login.login({ words: `attach ${first.serverPid} -p ${ports}`, size });
			await next.terminal.enter("clear; stty size");
			await next.terminal.seeText(`${size.rows} ${size.columns}`);
			assert.equal(await terminal.exited(), 0);
			assert.equal(next.port, RANGES[at]);
			terminal = next.terminal;
		}
		await until("one port is left", async () => (await host.open()).length === 1);
	});

	it("works for a user without a folder of logind's", async (t) => {
		const host = given();
		const { lab } = host.login.installed;
		const uid = (await lab.server.sh("id -u bob")).trim();
		const own = `/tmp/mosh-portguard-${uid}`;
		await lab.server.sh(`rm -r /run/user/${uid}`);
		t.after(() => lab.server.sh(`rm -rf ${own}; install -d -m 700 -o bob /run/user/${uid}`));
		const first = await host.session({ user: "bob" });
		assert.match((await lab.server.sh(`stat -c %a:%U ${own}`)).trim(), /^700:bob$/);
		assert.match(await host.says("list", "bob"), new RegExp(`^${first.serverPid} `, "m"));
		const next = await host.login.login({ user: "bob", words: `attach ${first.serverPid}` });
		await next.terminal.seeText(PROMPT);
		assert.equal(await first.terminal.exited(), 0);
	});

	it("lets several watch: their keys are dropped, their size does not count", async () => {
		const host = given();
		const first = await host.session();
		const watcher = await host.login.login({
			words: `attach --watch ${first.serverPid}`,
			size: { columns: 60, rows: 12 },
		});
		await watcher.terminal.seeText(PROMPT);
		await watcher.terminal.enter("echo from-the-watcher");
		await first.terminal.enter("stty size; echo seen-$((40 + 2))");
		await watcher.terminal.seeText("seen-42");
		const { rows } = await watcher.terminal.screen();
		assert.ok(rows.some((row) => row.startsWith("24 80")));
		assert.ok(!rows.some((row) => row.includes("from-the-watcher")));
		assert.match(await host.says("list"), /1 watching/);
		await watcher.terminal.press("C-^", ".");
		assert.equal(await watcher.terminal.exited(), 0);
		await first.terminal.enter("exit");
		assert.equal(await first.terminal.exited(), 0);
		await ended(first.serverPid, "the server");
	});

	it("tells a client that was away of the end, until when its port is `ending`", async () => {
		const host = given();
		const first = await host.session();
		process.kill(first.clientPid, "SIGSTOP");
		process.kill(await host.shellOf(first), "SIGKILL");
		const { installed } = host.login;
		await until("the port is ending", async () => (await installed.status()).ports[0]?.ending, {
			pollMs: 500,
		});
		assert.match((await installed.portguard("status")).stdout, /:60\d+ +open .* ending$/m);
		assert.match(await host.says("list"), /\(ending\)/);
		assert.equal((await host.open()).length, 1);
		process.kill(first.clientPid, "SIGCONT");
		assert.equal(await first.terminal.exited(), 0);
		await ended(first.serverPid, "the server");
		await until("the port is closed", async () => (await host.open()).length === 0);
	});

	it("leaves an agent's path that stays and the newest login's environment, and no socket if that is not wanted", async () => {
		const host = given();
		const prefix = (agent: string) =>
			`env MOSH_PORTGUARD_AGENT=1 SSH_AUTH_SOCK=${agent} DISPLAY=localhost:10`;
		await host.login.ssh("bob", "touch first second");
		const first = await host.session({ user: "bob", prefix: prefix("/run/home/bob/first") });
		await first.terminal.enter("readlink $SSH_AUTH_SOCK");
		await first.terminal.seeText(/^\/run\/home\/bob\/first/);
		const hidden = `${prefix("/run/home/bob/second")} MOSH_PORTGUARD_ATTACH=never`;
		const second = await host.session({ user: "bob", prefix: hidden });
		assert.equal(JSON.parse(await host.says("list --json", "bob")).sessions.length, 1);
		await assert.rejects(host.says(`end ${second.serverPid}`, "bob"), /without a control socket/);
		await host.session({ user: "bob", prefix: prefix("/run/home/bob/second") });
		await first.terminal.enter("clear; readlink $SSH_AUTH_SOCK");
		await first.terminal.seeText(/^\/run\/home\/bob\/second/);
		assert.match(await host.says("env", "bob"), /^export DISPLAY='localhost:10';$/m);
	});

	it("tells at a login which sessions are detached and how to get them back, and tidies up after one that was killed", async () => {
		const host = given();
		await host.login.ssh("carol", "rm -f .hushlogin");
		const [first, killed] = [await host.session({ user: "carol" }), await host.session({ user: "carol" })];
		process.kill(first.clientPid, "SIGKILL");
		process.kill(killed.clientPid, "SIGKILL");
		process.kill(killed.serverPid, "SIGKILL");
		await until(
			"the client counts as gone",
			async () => {
				const { sessions } = JSON.parse(await host.says("list --json", "carol"));
				assert.equal(sessions.length, 1);
				return sessions[0].silentMs > GONE_MS;
			},
			{ pollMs: 1000 },
		);
		const { stdout: sockets } = await host.login.ssh("carol", "ls /run/user/$(id -u)/mosh-portguard");
		assert.deepEqual(sockets.match(/\d+\.sock/g), [`${first.serverPid}.sock`]);
		const next = await host.session({ user: "carol" });
		const command = `--server="mosh-portguard-server attach ${first.serverPid}" carol@`;
		const { rows } = await next.terminal.seeText("a detached session");
		assert.ok(rows.join("").includes(command), rows.join("\n"));
		const shell = await host.shellOf(first);
		const again = await host.login.login({ user: "carol", prefix: "env MOSH_PORTGUARD_ATTACH=auto" });
		await again.terminal.enter("echo pid-$$");
		await again.terminal.seeText(`pid-${shell}`);
	});
}

await beside(nftables, attaching);
for (const backend of elsewhere) {
	await beside(backend, () => {});
}
