/** Typing at a shell through the stock client: echo, editing, a flood, and predictions. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { needsSession, PROMPT, startShell } from "../support/session.js";

const skip = needsSession();

describe("typing at a shell", { skip, concurrency: 3 }, () => {
	it("echoes what is typed and shows what the command prints", async (t) => {
		const { terminal, close } = await startShell({});
		t.after(close);
		await terminal.enter("echo one-$((1 + 1))-three");
		const screen = await terminal.seeText("one-2-three");
		assert.ok(screen.rows.some((row) => row.endsWith(`${PROMPT} echo one-$((1 + 1))-three`)));
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
		const screen = await terminal.see(
			"the history brings the line back",
			({ rows }) => rows.filter((row) => row === `${PROMPT} echo first wor-ds`).length === 2,
		);
		assert.equal(screen.cursor.column, `${PROMPT} echo first wor-ds`.length);
	});

	it("ends on the last of 10,000 lines", async (t) => {
		const { terminal, close } = await startShell({});
		t.after(close);
		await terminal.enter("clear; seq 1 10000");
		const screen = await terminal.see("the prompt after the last line", ({ rows }) => rows[22] === "10000");
		const expected = Array.from({ length: 23 }, (_, index) => String(9978 + index));
		assert.deepEqual(screen.rows.slice(0, 23), expected);
		assert.equal(screen.rows[23], PROMPT);
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
		const screen = await terminal.see("the command's output, and no prediction left underlined", (seen) => {
			return seen.rows.includes("predicted text") && !seen.styledRows.some((row) => row.includes("‹4"));
		});
		assert.ok(screen.rows.includes(`${PROMPT} echo predicted text`));
	});
});
