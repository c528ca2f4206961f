/** The programs people live in, through the stock client: editors, pagers, a process viewer, tmux inside. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { needsTools } from "../support/requirements.js";
import { needsSession, PROMPT, startShell } from "../support/session.js";

const numbered = Array.from({ length: 500 }, (_, index) => `line ${index + 1} of the file\n`).join("");

describe("programs on the whole screen", { skip: needsSession(), concurrency: 3 }, () => {
	it("edits a file in vim", { skip: needsTools("vim") }, async (t) => {
		const { terminal, home, close } = await startShell({});
		t.after(close);
		const file = join(home, "vim.txt");
		writeFileSync(file, numbered);
		await terminal.enter(`vim --clean -n ${file}`);
		await terminal.see("the first page", ({ rows }) => rows[22] === "line 23 of the file");
		await terminal.type("G");
		await terminal.see("the last page", ({ rows }) => rows[22] === "line 500 of the file");
		await terminal.type("gg3ddOnew first line");
		await terminal.press("Escape", "Down");
		await terminal.type("0xxA changed");
		await terminal.press("Escape");
		const edited = ["new first line", "ne 4 of the file changed", "line 5 of the file"];
		await terminal.shows(({ rows, cursor }) => {
			assert.deepEqual(rows.slice(0, 3), edited);
			assert.deepEqual([cursor.row, cursor.column], [1, 23], "back from insert mode");
		});
		await terminal.type(":%s/of the file/here/g");
		await terminal.press("Enter");
		await terminal.see("the substitution", ({ rows }) => rows.includes("line 500 here"));
		await terminal.enter(":wq");
		await terminal.see("the shell again", ({ rows, cursor }) => rows[cursor.row] === PROMPT);
		const saved = readFileSync(file, "utf8").split("\n");
		assert.deepEqual(saved.slice(0, 3), ["new first line", "ne 4 here changed", "line 5 here"]);
		assert.equal(saved.at(-2), "line 500 here");
	});

	it("splits the window in vim and keeps both halves right while one scrolls", {
		skip: needsTools("vim"),
	}, async (t) => {
		const { terminal, home, close } = await startShell({});
		t.after(close);
		const file = join(home, "split.txt");
		writeFileSync(file, numbered);
		await terminal.enter(`vim --clean -n +vsplit ${file}`);
		await terminal.see("two windows", ({ rows }) => /^line 1 of the file +[|│]line 1 of/.test(rows[0] ?? ""));
		await terminal.press("C-f", "C-f", "C-e", "C-e", "C-e");
		await terminal.shows(({ rows }) => {
			for (const [index, row] of rows.slice(0, 22).entries()) {
				assert.match(row, new RegExp(`^line ${44 + index} of the file +[|│]line ${index + 1} of the file$`));
			}
		});
	});

	it("edits a file in nano", { skip: needsTools("nano") }, async (t) => {
		const { terminal, home, close } = await startShell({});
		t.after(close);
		const file = join(home, "nano.txt");
		writeFileSync(file, "one\ntwo\nthree\n");
		await terminal.enter(`nano -I ${file}`);
		await terminal.seeText("GNU nano");
		await terminal.press("C-k", "Down", "C-u");
		await terminal.type("näh, 漢字 ");
		await terminal.shows(({ rows }) => {
			assert.ok(rows.includes("näh, 漢字 three"));
			assert.ok(rows.indexOf("two") < rows.indexOf("one"));
		});
		await terminal.press("C-s", "C-x");
		await terminal.see("the shell again", ({ rows, cursor }) => rows[cursor.row] === PROMPT);
		assert.equal(readFileSync(file, "utf8"), "two\none\nnäh, 漢字 three\n");
	});

	it("pages forwards, backwards and by search in less", { skip: needsTools("less") }, async (t) => {
		const { terminal, home, close } = await startShell({ serverEnvironment: { LESSHISTFILE: "-" } });
		t.after(close);
		const file = join(home, "less.txt");
		writeFileSync(file, numbered);
		const firstLine = (number: number) => (rows: readonly string[]) =>
			rows[0] === `line ${number} of the file`;
		await terminal.enter(`less ${file}`);
		await terminal.see(
			"the first page",
			({ rows }) => firstLine(1)(rows) && /less\.txt/.test(rows[23] ?? ""),
		);
		await terminal.type("  ");
		await terminal.see("the third page", ({ rows }) => firstLine(47)(rows));
		await terminal.type("kkkk");
		await terminal.see("four lines back", ({ rows }) => firstLine(43)(rows));
		await terminal.enter("/line 300");
		const found = Array.from({ length: 23 }, (_, index) => `line ${300 + index} of the file`);
		await terminal.shows(({ rows, styledRows }) => {
			assert.deepEqual(rows.slice(0, 23), found);
			assert.match(styledRows[0] ?? "", /^‹7›line 300‹› of the file$/);
		});
		await terminal.type("q");
		await terminal.see("the shell again", ({ rows, cursor }) => rows[cursor.row] === PROMPT);
	});

	const viewer = needsTools("htop") === false ? "htop" : "top";
	it(`shows and leaves ${viewer}`, { skip: needsTools(viewer) }, async (t) => {
		const { terminal, close } = await startShell({});
		t.after(close);
		await terminal.enter(`clear; ${viewer} -d 2`);
		await terminal.shows(({ rows, styledRows }) => {
			assert.ok(rows.some((row) => /^ +PID USER/.test(row)));
			assert.ok(
				styledRows.some((row) => /PID/.test(row) && /‹[^›]+›/.test(row)),
				"the heading has a rendition",
			);
		});
		await terminal.seeText(/Load average|load average/);
		await terminal.type("q");
		await terminal.see(
			"the shell again",
			({ rows, cursor }) => rows[cursor.row]?.startsWith(PROMPT) === true,
		);
		await terminal.enter("clear; echo after-$((1 + 1))");
		await terminal.see("a clean screen", ({ rows }) => rows.some((row) => row === "after-2"));
	});

	it("runs tmux inside, with two panes", async (t) => {
		const { terminal, home, close } = await startShell({ serverEnvironment: { TMUX_TMPDIR: "." } });
		t.after(close);
		await terminal.enter(`TMUX_TMPDIR=${home} tmux -f /dev/null new-session`);
		await terminal.see("its status line", ({ rows }) => /^\[0\] /.test(rows[23] ?? ""));
		await terminal.see("its shell", ({ rows }) => rows[0] === PROMPT);
		await terminal.press("C-b");
		await terminal.type("%");
		await terminal.see("two panes", ({ rows }) => rows.slice(0, 23).every((row) => row[40] === "│"));
		await terminal.enter("seq 1 100; echo done-right");
		await terminal.shows(({ rows, styledRows }) => {
			const right = rows.slice(20, 23).map((row) => row.slice(41));
			assert.deepEqual(right, ["100", "done-right", PROMPT], "the right pane scrolled alone");
			assert.equal(rows[0]?.slice(0, 40).trimEnd(), PROMPT);
			assert.match(styledRows[23] ?? "", /^‹30;42›\[0\]/);
		});
		await terminal.enter("tmux kill-server");
		await terminal.seeText("[server exited]");
	});
});
