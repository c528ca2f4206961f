/** Logging in as people do: the real `mosh` wrapper, a real sshd, and hosts that are not quite in order. */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { needsOurs } from "../support/mosh-server.js";
import { ended, isAlive, udpPortHolders } from "../support/processes.js";
import { needsTools } from "../support/requirements.js";
import { PROMPT } from "../support/session.js";
import { type LoginOptions, needsSshd, SshHost } from "../support/sshd.js";
import { UdpClient } from "../support/udp-client.js";
import { until } from "../support/wait.js";

/** Outside the default range, so that only -p can lead here. */
const FIRST_ASKED_PORT = 61_001;

let nextRange = FIRST_ASKED_PORT;

/** A port nobody holds, and its nine successors neither; another one on each call. */
async function freeRange(): Promise<number> {
	while (nextRange < 65_000) {
		const first = nextRange;
		nextRange += 10;
		const ports = Array.from({ length: 10 }, (_, index) => first + index);
		const held = await Promise.all(ports.map((port) => udpPortHolders(port)));
		if (held.every((holders) => holders.length === 0)) {
			return first;
		}
	}
	throw new Error("no ten free UDP ports in a row");
}

describe("logging in through sshd with the mosh wrapper", { skip: needsSshd(), concurrency: 3 }, () => {
	let host: SshHost;
	before(async () => {
		host = await SshHost.start();
	});
	after(() => host.close());

	/** Logs in, works at the prompt, leaves, and sees everything end. */
	async function worksAndEnds(options: LoginOptions) {
		const login = await host.login(options);
		const { terminal, serverPid } = login;
		await terminal.seeText(PROMPT);
		await terminal.enter('echo "I am $USER"-$((6 * 7))');
		await terminal.seeText(/^I am \w*-42$/);
		await terminal.enter("exit");
		assert.equal(await terminal.exited(), 0);
		await ended(serverPid, "the server");
		return login;
	}

	it("works without options, on a port of the default range", async () => {
		const { port, clientAddress } = await worksAndEnds({});
		assert.ok(port >= 60_001 && port <= 60_999, `port ${port}`);
		assert.equal(clientAddress, "127.0.0.1");
	});

	it("works without a terminal for ssh (--no-ssh-pty)", async () => {
		const { clientAddress } = await worksAndEnds({ options: ["--no-ssh-pty"] });
		assert.equal(clientAddress, "127.0.0.1");
	});

	it("takes the port that -p asks for", async () => {
		const first = await freeRange();
		assert.equal((await worksAndEnds({ options: ["-p", String(first)] })).port, first);
	});

	it("takes the first free port of a range", async () => {
		const first = await freeRange();
		const range = ["-p", `${first}:${first + 9}`];
		const one = await host.login({ options: range });
		const two = await host.login({ options: range });
		assert.deepEqual([one.port, two.port], [first, first + 1]);
		await Promise.all([one, two].map(({ terminal }) => terminal.seeText(PROMPT)));
	});

	it("says that no port of a range is free, and ends", async () => {
		const first = await freeRange();
		await host.login({ options: ["-p", String(first)] });
		const terminal = await host.mosh({ options: ["-p", String(first)] });
		assert.notEqual(await terminal.exited(), 0);
		const written = () => terminal.output().toString();
		await until("the reason", () => /in use/i.test(written()), { explain: written });
	});

	it("meets the client by IPv4 when -4 asks for it", async () => {
		assert.equal((await worksAndEnds({ options: ["-4"] })).clientAddress, "127.0.0.1");
	});

	const needsIpv6 = !existsSync("/proc/net/if_inet6") && "no IPv6 here";
	it("meets the client by IPv6 when -6 asks for it", { skip: needsIpv6 }, async () => {
		assert.equal((await worksAndEnds({ options: ["-6"], to: "walker@lab6" })).clientAddress, "::1");
	});

	it("works with ssh options given in --ssh", async () => {
		const ssh = host.sshWord("-p", String(host.sshPort), "-o", "'LogLevel ERROR'");
		assert.ok((await worksAndEnds({ options: [`--ssh=${ssh}`] })).port > 0);
	});

	for (const [way, to] of [
		["local", "walker@127.0.0.1"],
		["remote", "walker@lab"],
	] as const) {
		it(`works when the address is found out in the way "${way}"`, async () => {
			const options = [`--experimental-remote-ip=${way}`];
			assert.equal((await worksAndEnds({ options, to })).clientAddress, "127.0.0.1");
		});
	}

	for (const bind of ["any", "127.0.0.1"]) {
		it(`works with --bind-server=${bind}`, async () => {
			assert.ok((await worksAndEnds({ options: [`--bind-server=${bind}`] })).port > 0);
		});
	}

	it("learns by ssh which extensions the client's terminal has", { skip: needsOurs() }, async () => {
		const { terminal, serverPid } = await host.login({
			options: [`--ssh=${host.sshWord("-o", "SendEnv=LC_*")}`],
			environment: { LC_MOSH_EXTENSIONS: "links,blink" },
		});
		// Before the client has the screen.
		const written = () => terminal.output().toString();
		await until("the word about the unknown one", () => written().includes('there is no extension "blink"'), {
			explain: written,
		});
		const environment = readFileSync(`/proc/${serverPid}/environ`, "utf8").split("\0");
		assert.ok(environment.includes("LC_MOSH_EXTENSIONS=links,blink"));
	});

	it("runs a command with arguments a shell would spoil", async () => {
		const command = ["sh", "-c", 'printf "<%s>\\n" "$@"; read -r go', "sh", "a b", "$HOME", "it's", "*", ""];
		const { terminal } = await host.login({ command });
		const { rows } = await terminal.seeText("<>");
		assert.deepEqual(
			rows.filter((row) => row !== ""),
			["<a b>", "<$HOME>", "<it's>", "<*>", "<>"],
		);
		await terminal.press("Enter");
		assert.equal(await terminal.exited(), 0);
	});

	it("gives the shell the environment of a login", async () => {
		const { terminal } = await host.login({});
		await terminal.seeText(PROMPT);
		await terminal.enter(
			'clear; shopt login_shell; echo $TERM $LANG $(pwd) $(test -n "$SSH_CONNECTION" && echo ssh)',
		);
		const { rows } = await terminal.seeText(/ ssh$/);
		assert.ok(rows.some((row) => /^login_shell\s+on$/.test(row)));
		assert.ok(rows.some((row) => /^xterm(-256color)? C\.UTF-8 .*\/walker ssh$/.test(row)));
	});

	it("shows the message of the day, and tells of sessions nobody is attached to", async () => {
		const started = await host.ssh("walker@lab", `${host.serverWord()} new -l LANG=C.UTF-8`);
		const pid = Number(/pid = (\d+)/.exec(started.stdout + started.stderr)?.[1]);
		assert.ok(isAlive(pid));
		const [, port = "", key = ""] = /^MOSH CONNECT (\d+) (\S+)/m.exec(started.stdout) ?? [];
		const client = await UdpClient.connect(Number(port), key);
		await client.sees(PROMPT);
		client.close();
		const shown = `\0mosh [${pid}]\0`;
		await until("it is known to be away, 30 s after its client was last heard of", () =>
			readFileSync(`/proc/${pid}/root/run/utmp`, "latin1").includes(shown),
		);
		const { terminal } = await host.login({});
		await terminal.seeText(PROMPT);
		// How much more of the line fits depends on the digits before it.
		const { rows } = await terminal.seeText(`mosh --server="mosh-portguard-server attach ${pid}" wal`);
		assert.ok(rows.includes("Welcome to the test host"));
		process.kill(pid, "SIGTERM");
		await ended(pid, "the session without a client");
	});

	it("works for a user without a home folder", async () => {
		const login = await worksAndEnds({ to: "homeless@lab" });
		assert.ok(login.port > 0);
	});

	it("shows why a missing shell cannot be started, and ends", async () => {
		const { terminal, serverPid } = await host.login({
			options: [`--server=SHELL=/no/such/shell ${host.serverWord()}`],
		});
		const { rows } = await terminal.seeText("/no/such/shell");
		assert.match(rows.join(" "), /No such file or directory/);
		assert.equal(await terminal.exited(), 0);
		await ended(serverPid, "the server");
	});

	it("shows why a missing command cannot be started, and ends", async () => {
		const { terminal } = await host.login({ command: ["no-such-command"] });
		const { rows } = await terminal.seeText("no-such-command");
		assert.match(rows.join(" "), /No such file or directory/);
		assert.equal(await terminal.exited(), 0);
	});
});

describe("the locale on the server", { skip: needsSshd() || needsTools("locale"), concurrency: 2 }, () => {
	let host: SshHost;
	let folder: string;
	let client: string;
	before(async () => {
		host = await SshHost.start();
		// The client must have a UTF-8 locale of its own while the wrapper announces one the server lacks.
		folder = mkdtempSync(join(tmpdir(), "mosh-client-"));
		client = join(folder, "client");
		writeFileSync(client, '#!/bin/sh\nLC_ALL=C.UTF-8 exec mosh-client "$@"\n', { mode: 0o755 });
	});
	after(async () => {
		await host.close();
		rmSync(folder, { recursive: true, force: true });
	});

	it("is C, and the client's UTF-8 locale is taken", async () => {
		const { terminal } = await host.login({ environment: { LANG: "C.UTF-8" } });
		await terminal.seeText(PROMPT);
		await terminal.enter("clear; locale charmap; echo 漢字 $LANG");
		const { rows } = await terminal.seeText(/^漢字 C\.UTF-8$/);
		assert.ok(rows.includes("UTF-8"));
	});

	const foreign = { LANG: "xx_XX.UTF-8", PERL_BADLANG: "0" };

	it("is C, and so is the client's: C.UTF-8 is taken", { skip: needsOurs() }, async () => {
		const { terminal } = await host.login({ environment: foreign, options: [`--client=${client}`] });
		await terminal.seeText(PROMPT);
		await terminal.enter("clear; locale charmap; echo 漢字");
		const { rows } = await terminal.seeText(/^漢字$/);
		assert.ok(rows.includes("UTF-8"));
	});
});
