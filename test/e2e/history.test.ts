/** Looking back in the stock client: the server's view of what has left the screen. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loginEnvironment, needsOurs, runServer } from "../support/mosh-server.js";
import { relocatedServer } from "../support/relocated-server.js";
import { needsSession, PROMPT, startShell } from "../support/session.js";

import { holds } from "../support/wait.js";

const skip = needsOurs() || needsSession();

const OPEN = "\x1e[";
const PAGE_UP = "\x1b[5~";
const WHEEL_UP = "\x1b[<64;3;3M";
const NUMBERS = (from: number, to: number): string[] =>
	Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

describe("the view of the history in the stock client", { skip, concurrency: 2 }, () => {
	it("shows every line that has left the screen, finds text, and passes typing on", async (t) => {
		const weather = { delayMs: 50, jitterMs: 20, loss: 0.05 };
		const session = await startShell({ predict: "always", relay: { weather } });
		const { terminal, server, home } = session;
		t.after(session.close);
		await terminal.enter("clear; seq 1 300; printf '\\033[32mgreen\\033[m\\n'");
		await terminal.seeText("300");
		const live = await terminal.see("the prompt", ({ rows }) => rows.at(-1) === PROMPT);
		const lines: string[] = [];
		await terminal.press("C-^", "[", "g");
		for (let page = 1; lines.at(-1) !== "275"; page++) {
			const { rows, styledRows } = await terminal.seeText(
				new RegExp(`History: line ${(page - 1) * 22 + 1} of`),
			);
			lines.push(...rows.slice(0, 22).filter((row) => Number(row) <= 275));
			assert.match(styledRows.at(-1) ?? "", /^‹7› History/);
			await terminal.press("NPage");
		}
		assert.deepEqual(lines, NUMBERS(1, 275));
		await terminal.shows(({ rows }) => assert.deepEqual(rows, live.rows));
		await terminal.press("S-PPage", "?");
		await terminal.type("14");
		await terminal.seeText(/^\?14$/);
		await terminal.shows(({ styledRows }) => assert.ok(styledRows.includes("2‹7›14")));
		await terminal.type("\rn");
		await terminal.shows(({ styledRows }) => assert.ok(styledRows.includes("‹7›14‹›9")));
		const words = ["history", String(server.pid)];
		const printed = await runServer("ours", words, loginEnvironment(home));
		assert.deepEqual(printed.stdout.split("\n"), [...NUMBERS(1, 300), "green", PROMPT.trim(), ""]);
		const intoNothing = ["bash", "-c", `"$0" "$@" | :; echo "\${PIPESTATUS[*]}"`];
		const unread = await runServer("ours", words, loginEnvironment(home), intoNothing);
		assert.deepEqual([unread.stdout, unread.stderr], ["0 0\n", ""], "a pager that is left early is no error");
		const full = ["bash", "-c", `"$0" "$@" >/dev/full; echo "$?"`];
		const lost = await runServer("ours", words, loginEnvironment(home), full);
		assert.equal(lost.stdout, "1\n", "a file with half of it is an error");
		assert.match(lost.stderr, /^mosh-server: no output: ENOSPC.*\n$/);
		await terminal.enter("echo typed through it");
		await terminal.see(
			"the answer below what was typed",
			({ rows }) => rows.at(-2) === "typed through it" && rows.at(-1) === PROMPT,
		);
	});

	it("stays open through a resize, and its lines are broken anew", async (t) => {
		const { terminal, close } = await startShell({});
		t.after(close);
		await terminal.enter(`printf 'x%.0s' {1..100}; seq 1 30; read; echo behind`);
		await terminal.seeText(/^30$/);
		await terminal.type(`${OPEN}g`);
		await terminal.shows(({ rows }) => assert.ok(rows.includes("x".repeat(80))));
		await terminal.resize(50, 12);
		await terminal.shows(({ rows }) => {
			const at = rows.indexOf("x".repeat(50));
			assert.deepEqual(rows.slice(at, at + 4), ["x".repeat(50), "x".repeat(50), "1", "2"]);
		});
		await terminal.type("\x1b");
		await terminal.seeText(/^30$/);
		await terminal.type(OPEN);
		await terminal.seeText(/History/);
		await terminal.press("Enter");
		await terminal.seeText("behind");
		await terminal.enter(`${relocatedServer()} history | sed -n 3p`);
		await terminal.seeText(/^2$/);
	});

	it("leaves nothing in the terminal's own scrollback, where lines scroll off the terminal too", async (t) => {
		const { terminal, close } = await startShell({ words: ["--scrollback=native"], history: 2_000 });
		t.after(close);
		const numbers = async () => (await terminal.history()).filter((line) => /^\d+$|History/.test(line));
		await terminal.enter("seq 1 150; read; seq 151 300");
		await terminal.see("the numbers", ({ rows }) => rows.at(-2) === "150");
		await terminal.type(`${OPEN}g`);
		await terminal.seeText(/History: line 1 of/);
		await terminal.type(`${PAGE_UP}\x1b[6~\x1b[6~?7`);
		await terminal.seeText(/^\?7/);
		await terminal.type("\r");
		await terminal.seeText(/History/);
		await terminal.press("Escape");
		await terminal.see("the numbers again", ({ rows }) => rows.at(-2) === "150");
		await terminal.press("Enter");
		await terminal.see("the prompt", ({ rows }) => rows.at(-1) === PROMPT);
		await holds(async () => assert.deepEqual(await numbers(), NUMBERS(1, 300)));
	});

	it("opens by the wheel where that is asked for", async (t) => {
		const { terminal, close } = await startShell({
			serverEnvironment: { MOSH_PORTGUARD_SCROLLBACK: "wheel,pgup" },
		});
		t.after(close);
		await terminal.enter("seq 1 100");
		await terminal.seeText(/^100$/);
		await terminal.outputWith("\x1b[?1000h");
		await terminal.type(WHEEL_UP);
		await terminal.seeText(/History: line/);
		await terminal.type("q");
		await terminal.see("the prompt", ({ rows }) => rows.at(-1) === PROMPT);
		await terminal.type(PAGE_UP);
		await terminal.seeText(/History: line/);
		await terminal.enter("printf '\\033[?1002h'");
		await terminal.see("the prompt", ({ rows }) => rows.at(-1) === PROMPT);
		await terminal.outputWith("\x1b[?1002h");
	});
});
