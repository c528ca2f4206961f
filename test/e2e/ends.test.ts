/** How a session ends, from either side, by signals and by time; and what does not end it. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { makeHome, startServer } from "../support/mosh-server.js";
import { childrenOf, ended, isAlive } from "../support/processes.js";
import { needsSession, type Session, startShell } from "../support/session.js";
import { TmuxTerminal } from "../support/tmux.js";
import { sleep, until } from "../support/wait.js";

const skip = needsSession();

/** Client heartbeats come every 3 s, so the server's last word from a client may be this old when it dies. */
const HEARTBEAT_MS = 3_100;

/** Process of the login shell, once there is one. */
function shellOf({ server }: Session): Promise<number> {
	return until("the server has a child", () => childrenOf(server.pid)[0]);
}

async function stillWorks({ terminal }: Session): Promise<void> {
	await terminal.enter("echo works-$((20 + 22))");
	await terminal.seeText("works-42");
}

describe("an end from either side", { skip, concurrency: 3 }, () => {
	it("comes with the shell's exit, whatever its status", async (t) => {
		const session = await startShell({});
		t.after(session.close);
		const shell = await shellOf(session);
		await session.terminal.enter("exit 3");
		assert.equal(await session.terminal.exited(), 0);
		await ended(session.server.pid, "the server");
		assert.ok(!isAlive(shell));
	});

	it("comes with the client's Ctrl-^ and a dot, which hangs up the shell", async (t) => {
		const session = await startShell({});
		t.after(session.close);
		const shell = await shellOf(session);
		await session.terminal.press("C-^", ".");
		assert.equal(await session.terminal.exited(), 0);
		await ended(session.server.pid, "the server");
		await ended(shell, "the shell");
	});

	it("comes with a SIGTERM to the client", async (t) => {
		const session = await startShell({});
		t.after(session.close);
		process.kill(session.terminal.processId(), "SIGTERM");
		assert.equal(await session.terminal.exited(), 0);
		await ended(session.server.pid, "the server");
	});
});

describe("signals to the server", { skip, concurrency: 3 }, () => {
	for (const signal of ["SIGTERM", "SIGINT", "SIGUSR1"] as const) {
		it(`${signal} ends the session and the client cleanly`, async (t) => {
			const session = await startShell({});
			t.after(session.close);
			const shell = await shellOf(session);
			process.kill(session.server.pid, signal);
			assert.equal(await session.terminal.exited(), 0);
			await ended(session.server.pid, "the server");
			await ended(shell, "the shell");
		});

		it(`${signal} ends a server that never had a client`, async (t) => {
			const home = makeHome();
			t.after(home.remove);
			const server = await startServer({ home: home.path });
			t.after(server.stop);
			process.kill(server.pid, signal);
			await ended(server.pid, "the server");
			assert.ok(!isAlive(server.pid));
		});
	}

	for (const signal of ["SIGHUP", "SIGPIPE"] as const) {
		it(`${signal} is ignored`, async (t) => {
			const session = await startShell({});
			t.after(session.close);
			process.kill(session.server.pid, signal);
			await stillWorks(session);
			assert.ok(isAlive(session.server.pid));
		});
	}
});

describe("time", { skip, concurrency: 6 }, () => {
	it("does not end a session whose client was killed, unless MOSH_SERVER_NETWORK_TMOUT says so", async (t) => {
		const kept = await startShell({});
		t.after(kept.close);
		const limited = await startShell({ serverEnvironment: { MOSH_SERVER_NETWORK_TMOUT: "6" } });
		t.after(limited.close);
		const [keptShell, limitedShell] = [await shellOf(kept), await shellOf(limited)];
		// So that the last word heard is fresh, however slow the machine.
		await stillWorks(limited);
		for (const { terminal } of [kept, limited]) {
			process.kill(terminal.processId(), "SIGKILL");
		}
		const killed = performance.now();
		await ended(limited.server.pid, "the server with a time limit");
		assert.ok(performance.now() - killed > 6_000 - HEARTBEAT_MS, "it did not end before its time");
		await ended(limitedShell, "its shell");
		assert.ok(isAlive(kept.server.pid) && isAlive(keptShell), "the other session waits for its client");
	});

	it("ends by MOSH_SERVER_NETWORK_TMOUT only sessions that hear nothing", async (t) => {
		// Two heartbeats and a second for a slow machine.
		const serverEnvironment = { MOSH_SERVER_NETWORK_TMOUT: "7" };
		const silent = await startShell({ serverEnvironment, relay: {} });
		t.after(silent.close);
		const idle = await startShell({ serverEnvironment });
		t.after(idle.close);
		silent.relay.blackhole = true;
		await ended(silent.server.pid, "the server that hears nothing");
		// The idle one has been idle for as long; its client's heartbeats are what keeps it.
		await sleep(2_000);
		await stillWorks(idle);
	});

	it("guards SIGUSR1 by MOSH_SERVER_SIGNAL_TMOUT until the client has been silent", async (t) => {
		const serverEnvironment = { MOSH_SERVER_SIGNAL_TMOUT: "5" };
		const session = await startShell({ serverEnvironment, relay: {} });
		t.after(session.close);
		process.kill(session.server.pid, "SIGUSR1");
		await stillWorks(session);
		session.relay.blackhole = true;
		const silentFrom = performance.now();
		await until("a SIGUSR1 is heeded", async () => {
			if (!isAlive(session.server.pid)) {
				return true;
			}
			process.kill(session.server.pid, "SIGUSR1");
			await sleep(200);
			return undefined;
		});
		assert.ok(performance.now() - silentFrom > 5_000 - HEARTBEAT_MS, "not before the client was silent");
	});

	it("ends a server no client came to within a minute, and not its neighbour", async (t) => {
		const home = makeHome();
		t.after(home.remove);
		const started = performance.now();
		const server = await startServer({ home: home.path });
		t.after(server.stop);
		const session = await startShell({});
		t.after(session.close);
		await ended(server.pid, "the server without a client", 100_000);
		assert.ok(performance.now() - started > 55_000, "it waited for a client");
		await stillWorks(session);
	});

	it("starts the program only when a client is there", async (t) => {
		const home = makeHome();
		t.after(home.remove);
		const marker = join(home.path, "started");
		const server = await startServer({
			home: home.path,
			command: ["sh", "-c", `date >${marker}; sleep 600`],
		});
		t.after(server.stop);
		await sleep(1_000);
		assert.ok(!existsSync(marker), "nothing runs before a client has come");
		const client = await TmuxTerminal.start({
			command: ["mosh-client", "127.0.0.1", String(server.port)],
			environment: { MOSH_KEY: server.key },
		});
		t.after(() => client.close());
		await until("the program runs", () => existsSync(marker));
	});
});
