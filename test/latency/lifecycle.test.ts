/** Whatever happens to clients, servers, guard and firewall, the open ports are those of live servers, which keep running. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, afterEach, before, describe, it } from "node:test";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import { CLIENT4 } from "../lab/hosts.js";
import { isAlive } from "../support/processes.js";
import { holds, until } from "../support/wait.js";
import { nftables } from "./backends.js";
import { gaveUp, type Login, LoginHost, type LoginOptions, needsLoginHost, PROMPT } from "./login-host.js";
import { openPorts } from "./open-ports.js";

/** Longer than a login takes: a new session must not count as idle. */
const IDLE = "10s";
/** More than three of the heartbeats that keep an idle session. */
const TIME_LIMIT_S = 12;
/** A second address of the client's host. */
const ROAMED4 = "10.77.0.3";

describe("a login's port", { skip: await needsLoginHost(...nftables.tools) }, () => {
	let host: LoginHost;
	before(async () => {
		host = await LoginHost.start(nftables);
	});
	after(() => host?.close());
	afterEach(async () => {
		await host.endAll();
		await agreement();
	});

	const open = () => openPorts(host.installed.lab);
	const held = async () => (await host.holders()).map(({ address, port }) => `${address} ${port}`).sort();

	/** Waits until the firewall's own listing and the kernel's agree; what they then say. */
	async function agreement(): Promise<string[]> {
		return until(
			"the ports open are those of live servers",
			async () => {
				const [opened, bound] = [await open(), await held()];
				return opened.join() === bound.join() && opened;
			},
			{ explain: async () => `open: ${await open()}\nheld: ${await held()}\n${host.installed.log}` },
		);
	}

	async function atPrompt(options: LoginOptions = {}): Promise<Login & { serverPid: number }> {
		const login = await host.login(options);
		await login.terminal.seeText(PROMPT);
		const [holder] = (await host.holders()).filter(({ port }) => port === login.port);
		assert.ok(holder !== undefined);
		return { ...login, serverPid: holder.pid };
	}

	let typed = 0;
	async function works({ terminal }: Login): Promise<void> {
		typed++;
		await terminal.enter(`echo still-$((${typed} + 1000))`);
		await terminal.seeText(`still-${typed + 1000}`);
	}

	/** Our server and the stock one, by both families. */
	async function sessions(): Promise<(Login & { serverPid: number })[]> {
		return [
			await atPrompt({ server: "ours", family: 4 }),
			await atPrompt({ server: "ours", family: 6 }),
			await atPrompt({ server: "shim", family: 4 }),
		];
	}

	it("opens for a session whose environment the shim leaves as ssh gave it", async () => {
		const seen = async (server: "watched" | "shim") => {
			const prefix = "PATH=/bin:/usr/bin NODE_OPTIONS=--no-warnings";
			const { terminal } = await host.login({ server, prefix, command: ["sh", "-c", "env >env"] });
			await terminal.exited();
			return (await host.ssh("alice", "grep -Ev '^(SSH_|_=)' env; rm env")).stdout;
		};
		assert.match(await seen("shim"), /^PATH=\/bin:\/usr\/bin$/m);
		assert.deepEqual(await seen("shim"), await seen("watched"));
	});

	it("closes at logout, and the others stay", async () => {
		const [first, second, third] = await sessions();
		assert.ok(first !== undefined && second !== undefined && third !== undefined);
		assert.equal((await agreement()).length, 3);
		for (const { terminal } of [first, third]) {
			await terminal.enter("exit");
			await terminal.exited();
		}
		await until("the ports are closed", async () => (await open()).length === 1);
		await agreement();
		await works(second);
	});

	it("closes when its server is killed with SIGKILL", async () => {
		const [first, second, third] = await sessions();
		assert.ok(first !== undefined && second !== undefined && third !== undefined);
		process.kill(first.serverPid, "SIGKILL");
		process.kill(third.serverPid, "SIGKILL");
		await until("the ports are closed", async () => (await open()).length === 1);
		await agreement();
		await works(second);
	});

	it("stays open for a client that comes from another address, which the status then shows", async () => {
		const [login, stock] = [await atPrompt(), await atPrompt({ server: "shim" })];
		const { client } = host.installed.lab;
		const leaveBy = (address: string) => client.sh(`ip route change 10.77.0.0/24 dev eth0 src ${address}`);
		await client.sh(`ip addr add ${ROAMED4}/24 dev eth0`);
		await leaveBy(ROAMED4);
		try {
			await works(login);
			await works(stock);
			await until("the status shows the new address", async () => {
				const { ports } = await host.installed.status();
				return ports.some(({ port, client }) => port === login.port && client?.address === ROAMED4);
			});
			assert.equal((await agreement()).length, 2);
		} finally {
			await leaveBy(CLIENT4);
			await client.sh(`ip addr del ${ROAMED4}/24 dev eth0`);
		}
	});

	it("stays open when the client dies, and closes when its server's time is up", async () => {
		const prefix = `MOSH_SERVER_NETWORK_TMOUT=${TIME_LIMIT_S}`;
		const logins = [await atPrompt({ server: "ours", prefix }), await atPrompt({ server: "shim", prefix })];
		for (const { clientPid } of logins) {
			process.kill(clientPid, "SIGKILL");
		}
		for (const { terminal } of logins) {
			await terminal.exited();
		}
		assert.ok(logins.every(({ serverPid }) => isAlive(serverPid)));
		assert.equal((await open()).length, logins.length);
		await until("the servers have ended", () => !logins.some(({ serverPid }) => isAlive(serverPid)));
		assert.deepEqual(await agreement(), []);
	});

	it("stays open when the client dies, and closes when the administrator ends the session", async () => {
		const [abandoned, used] = [await atPrompt(), await atPrompt()];
		process.kill(abandoned.clientPid, "SIGKILL");
		const { stdout } = await host.installed.portguard("kill", String(abandoned.port));
		assert.match(stdout, new RegExp(`${abandoned.serverPid}`));
		await until("the server has ended", () => !isAlive(abandoned.serverPid));
		assert.equal((await agreement()).length, 1);
		await works(used);
	});

	it("stays open when the client dies, and closes when idle sessions are reaped", async () => {
		const idle = [await atPrompt(), await atPrompt({ server: "shim" })];
		for (const { clientPid } of idle) {
			process.kill(clientPid, "SIGKILL");
		}
		const reap = (...more: string[]) => host.installed.portguard("reap", "--idle", IDLE, ...more);
		await until("they count as idle", async () => {
			const { stdout } = await reap("--dry-run");
			return idle.every(({ serverPid }) => stdout.includes(` pid ${serverPid} `));
		});
		assert.ok(idle.every(({ serverPid }) => isAlive(serverPid)));
		assert.equal((await agreement()).length, 2);
		const used = await atPrompt();
		const { stdout } = await reap();
		assert.doesNotMatch(stdout, new RegExp(` pid ${used.serverPid} `));
		await until("their servers have ended", () => !idle.some(({ serverPid }) => isAlive(serverPid)));
		assert.equal((await agreement()).length, 1);
		await works(used);
	});

	for (const signal of ["SIGTERM", "SIGKILL"] as const) {
		it(`is as its server when the guard is restarted by ${signal} meanwhile`, async () => {
			const [first, ...others] = await sessions();
			assert.ok(first !== undefined);
			await host.installed.stopDaemon(signal);
			assert.equal((await open()).length, signal === "SIGTERM" ? 0 : 3);
			process.kill(first.serverPid, "SIGKILL");
			await host.installed.startDaemon();
			await until("the reports are back", async () => {
				const { ports } = await host.installed.status();
				return ports.filter(({ state }) => state === "open").length === 2;
			});
			assert.equal((await agreement()).length, 2);
			for (const other of others) {
				await works(other);
			}
		});
	}

	it("is open again after the administrator has reloaded the rules, and the sessions go on", async () => {
		const all = await sessions();
		await host.reloadFirewall();
		await until("the ports are open again", async () => (await open()).length === 3);
		await agreement();
		for (const session of all) {
			await works(session);
		}
	});

	it("is closed after a reboot", async () => {
		await sessions();
		await host.installed.stopDaemon("SIGKILL");
		for (const { pid } of await host.holders()) {
			process.kill(pid, "SIGKILL");
		}
		await until("everything has ended", async () => (await host.holders()).length === 0);
		// What a reboot leaves: the administrator's rules file, and nothing in /run.
		rmSync(host.installed.lab.server.path("/run/mosh-portguard"), { recursive: true });
		await host.reloadFirewall();
		assert.deepEqual(await open(), []);
		await host.installed.startDaemon();
		assert.deepEqual(await open(), []);
		assert.equal((await host.installed.status()).ports.length, 0);
	});

	it("is open in time without the daemon, where the login runs the hook first", async () => {
		await host.installed.stopDaemon();
		const hook = await host.installed.portguard("hook");
		// It waits 2.5 s at most: on a busy machine the guard comes later.
		assert.ok(hook.code === EXIT.ok || hook.code === EXIT.noGuard, hook.stderr);
		await host.installed.until(async () => (await host.installed.status()).guard.running);
		const { guard } = await host.installed.status();
		assert.ok(guard.pid !== undefined && (guard.armedSeconds ?? 0) > 0);
		try {
			const before_ = await host.dropped();
			const ours = await atPrompt({ server: "ours" });
			const stock = await atPrompt({ server: "shim" });
			const said = await Promise.all([ours, stock].map(({ terminal }) => terminal.outputWith(PROMPT)));
			const late = said.some(gaveUp);
			if (!late) {
				assert.equal(await host.dropped(), before_);
			}
			assert.equal((await agreement()).length, 2);
			// Our server runs on a shared node, so only its report identifies it, which the daemon has not received when it takes over.
			const samples: number[] = [];
			let taken = false;
			const takeOver = host.installed.startDaemon().finally(() => {
				taken = true;
			});
			while (!taken) {
				samples.push((await open()).length);
			}
			await takeOver;
			assert.ok(samples.length > 3);
			assert.ok(
				samples.every((count) => count === 2),
				samples.join(),
			);
			assert.notEqual((await host.installed.status()).guard.pid, guard.pid);
			await until("the report is back", async () => (await host.installed.status()).guard.leases === 1);
			for (const login of [ours, stock]) {
				await works(login);
			}
		} finally {
			await host.installed.stopDaemon();
			await host.installed.startDaemon();
		}
	});

	it("stays shut without a guard: the login says so in one line and loses datagrams", async () => {
		await host.installed.stopDaemon();
		try {
			const before_ = await host.dropped();
			const { terminal } = await host.login();
			await until("the firewall drops", async () => (await host.dropped()) > before_);
			await holds(() => {
				const said =
					terminal
						.output()
						.toString()
						.match(/.*may not be open.*/g) ?? [];
				assert.equal(said.length, 1);
				assert.match(said[0] ?? "", /no guard listens.*mosh-portguard doctor/);
			});
		} finally {
			await host.installed.startDaemon();
		}
	});
});
