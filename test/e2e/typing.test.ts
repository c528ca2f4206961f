/** Typing at a shell through the stock client: echo, editing, a flood, and predictions. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { needsOurs } from "../support/mosh-server.js";
import { needsSession, PROMPT, startShell } from "../support/session.js";

const skip = needsSession();

describe("typing at a shell", { skip, concurrency: 3 }, () => {
	it("echoes what is typed and shows what the command prints", async (t) => {
		const { terminal, close } = await startShell({});
		t.after(close);
		await terminal.enter("echo one-$((1 + 1))-three");
		await terminal.shows(({ rows }) => {
			assert.ok(rows.includes("one-2-three"));
			assert.ok(rows.some((row) => row.endsWith(`${PROMPT} echo one-$((1 + 1))-three`)));
		});
	});

	it("edits a line with arrows, Home, End, backspace and the history", async (t) => {
		const { terminal, close } = await startShell({});
		t.after(close);
		await terminal.type("cho first wordXX");
		await terminal.press("BSpace", "BSpace", "Home");
		await terminal.type("e");
		await terminal.press("End");
		await terminal.type("s");
		await terminal.press("Left", "Left");
		await terminal.type("-");
		await terminal.press("Enter");
		await terminal.seeText(/^first wor-ds$/);
		await terminal.press("Up");
		const line = `${PROMPT} echo first wor-ds`;
		await terminal.shows(({ rows, cursor }) => {
			assert.equal(rows.filter((row) => row === line).length, 2, "the history brings the line back");
			assert.equal(cursor.column, line.length);
		});
	});

	it("gives a program that has not asked for application keys arrows, Home and End as a terminal would", {
		skip: needsOurs(),
	}, async (t) => {
		const { terminal, close } = await startShell({});
		t.after(close);
		// Until the shell has given the terminal up, it is not as a program finds it.
		await terminal.enter("echo ready; cat -v");
		await terminal.seeText(/^ready$/);
		// What a terminal sends that the client has put into application mode; tmux has other codes for Home and End.
		await terminal.type("\x1bOA\x1bOH\x1bOF");
		await terminal.press("Enter");
		await terminal.seeText(/^\^\[\[A\^\[\[H\^\[\[F$/);
	});

	it("ends on the last of 10,000 lines", async (t) => {
		const { terminal, close } = await startShell({});
		t.after(close);
		await terminal.enter("clear; seq 1 10000");
		const lines = Array.from({ length: 23 }, (_, index) => String(9978 + index));
		await terminal.shows(({ rows }) => assert.deepEqual(rows, [...lines, PROMPT]));
	});

	it("interrupts a flood with Ctrl-C", async (t) => {
		const { terminal, close } = await startShell({});
		t.after(close);
		await terminal.enter("yes flooding");
		await terminal.see("the flood", ({ rows }) => rows.every((row) => row === "flooding"));
		await terminal.press("C-c");
		await terminal.see("the prompt again", ({ rows }) => rows.at(-1) === PROMPT);
		await terminal.enter("echo still-$((40 + 2))");
		assert.ok(await terminal.seeText("still-42"));
	});

	it("ends right when the client shows keys before the server has", async (t) => {
		const { terminal, close } = await startShell({ predict: "always" });
		t.after(close);
		await terminal.type("echo predicted XYZ");
		await terminal.press("BSpace", "BSpace", "BSpace");
		await terminal.type("text");
		await terminal.press("Enter");
		await terminal.shows(({ rows, styledRows }) => {
			assert.ok(rows.includes("predicted text"));
			assert.ok(rows.includes(`${PROMPT} echo predicted text`));
			assert.ok(!styledRows.some((row) => row.includes("‹4")), "no prediction is left underlined");
		});
	});
});
