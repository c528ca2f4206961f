/** The stock client in a session that had another client before, and a user's servers of which one hangs. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loginEnvironment, needsOurs, runServer } from "../support/mosh-server.js";
import { childrenOf, privateKiB } from "../support/processes.js";
import { UdpRelay } from "../support/relay.js";
import { needsSession, PROMPT, type Session, startShell } from "../support/session.js";
import { TmuxTerminal } from "../support/tmux.js";
import { until } from "../support/wait.js";

const skip = needsSession() || needsOurs();

/** One way: the client underlines what it predicts from 80 ms for both. */
const DELAY_MS = 150;
/** Beyond what a login takes anyway, while another server of the user hangs. */
const HANGING_OTHER_MS = 2_000;

/** Of 79 characters, as many as can be kept, and what they take at least: more than V8 gives back without them. */
const LINES = 100_000;
const LINES_KIB = 12_000;

/** What a server's command prints for the session's user. */
function command({ home }: Session, ...words: readonly string[]) {
	return runServer("ours", words, loginEnvironment(home));
}

/** The stock client in the same session, with a relay between them. */
async function attachAgain(session: Session, predict: string) {
	const words = ["attach", String(session.server.pid), "-i", "127.0.0.1"];
	const { stdout, stderr } = await command(session, ...words);
	const [, port = "", key = ""] = /^MOSH CONNECT (\d+) (\S+)$/m.exec(stdout) ?? assert.fail(stderr);
	const relay = await UdpRelay.start(Number(port), { weather: { delayMs: DELAY_MS } });
	const terminal = await TmuxTerminal.start({
		command: ["mosh-client", "127.0.0.1", String(relay.port)],
		environment: { MOSH_KEY: key, MOSH_PREDICTION_DISPLAY: predict },
	});
	return {
		terminal,
		async close() {
			await terminal.close();
			await relay.close();
		},
	};
}

describe("a session's second client", { skip }, () => {
	it("predicts what is typed, underlined, and has it confirmed", async (t) => {
		const session = await startShell({});
		t.after(session.close);
		await session.terminal.enter("echo of the first");
		await session.terminal.seeText(/^of the first$/);
		process.kill(session.terminal.processId(), "SIGKILL");
		const { terminal, close } = await attachAgain(session, "always");
		t.after(close);
		await terminal.seeText(/^of the first$/);
		// The client shows predictions once the server has confirmed one.
		await terminal.type("ec");
		await terminal.seeText(`${PROMPT} ec`);
		await terminal.see("underlined keys", ({ styledRows }) => {
			void terminal.type("h");
			return styledRows.some((row) => /‹4.*›h/.test(row));
		});
		await terminal.shows(({ rows, styledRows }) => {
			assert.ok(rows.some((row) => /^e2e\$ ech+$/.test(row)));
			assert.ok(!styledRows.some((row) => row.includes("‹4")), "what is confirmed is not underlined");
		});
	});
});

describe("a server that is stopped", { skip }, () => {
	it("delays another login of its user by little, and is said not to answer", async (t) => {
		const login = async () => {
			const began = performance.now();
			const session = await startShell({});
			return { session, took: performance.now() - began };
		};
		const { session: first, took: usual } = await login();
		t.after(first.close);
		process.kill(first.server.pid, "SIGSTOP");
		t.after(() => process.kill(first.server.pid, "SIGCONT"));
		let { session: second, took } = await login();
		const all = [took];
		// A machine that was busy during one login is not during all.
		while (took >= 2 * usual + HANGING_OTHER_MS && all.length < 5) {
			await second.close();
			({ session: second, took } = await login());
			all.push(took);
		}
		t.after(second.close);
		const said = `${usual.toFixed()} ms without, ${all.map((ms) => ms.toFixed()).join(", ")} ms with a server that hangs`;
		t.diagnostic(said);
		assert.ok(took < 2 * usual + HANGING_OTHER_MS, said);
		assert.match(
			(await command(second, "list")).stdout,
			new RegExp(`^${first.server.pid} +does not answer$`, "m"),
		);
		for (const [word, what] of [
			["attach", "attach to"],
			["end", "end"],
		] as const) {
			const began = performance.now();
			const { exitCode, stdout, stderr } = await command(second, word, String(first.server.pid));
			t.diagnostic(`${word}: ${(performance.now() - began).toFixed()} ms`);
			assert.deepEqual(
				[exitCode, stdout, stderr],
				[1, "", `mosh-server: cannot ${what} process ${first.server.pid}: it does not answer.\n`],
			);
		}
	});
});

describe("what is left of a session whose client is away", { skip }, () => {
	it("has given up the lines that could be looked back at", async (t) => {
		const session = await startShell({ words: [`--scrollback=${LINES}`] });
		t.after(session.close);
		const { pid } = session.server;
		await session.terminal.enter(`clear; seq -f %079.0f ${LINES}`);
		await session.terminal.seeText(new RegExp(`^0+${LINES}$`));
		const before = privateKiB(pid);
		process.kill(session.terminal.processId(), "SIGSTOP");
		const shell = await until("the server has a shell", () => childrenOf(pid)[0]);
		process.kill(shell, "SIGKILL");
		await until("it is ending", async () => (await command(session, "list")).stdout.includes("(ending)"));
		const after = await until("memory is given back", () => {
			const now = privateKiB(pid);
			return now < before - LINES_KIB && now;
		});
		t.diagnostic(`${before} KiB, then ${after} KiB`);
		process.kill(session.terminal.processId(), "SIGCONT");
		assert.equal(await session.terminal.exited(), 0);
	});
});
