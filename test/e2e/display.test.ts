/** What the stock client shows of colours, wide characters and window sizes. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { ClientScreen } from "../support/client-screen.js";
import { needsOurs, needsStockServer, type ServerName } from "../support/mosh-server.js";
import { needsTools } from "../support/requirements.js";
import { needsSession, PROMPT, type Session, startSession, startShell } from "../support/session.js";

const skip = needsSession();

import { until } from "../support/wait.js";

/** Lets the program on the pty print `text` on a cleared screen, exactly as it is, and asserts what is then seen. */
async function show({ terminal, home }: Session, text: string, check: (screen: ClientScreen) => void) {
	writeFileSync(join(home, "text"), `\x1b[H\x1b[2J${text}\x1b[0m\r\nshown`);
	await terminal.enter("stty -opost; cat text; sleep 600");
	await terminal.shows((screen) => {
		assert.ok(screen.rows.includes("shown"));
		check(screen);
	});
}

describe("colours and renditions", { skip, concurrency: 2 }, () => {
	it("shows the 16 colours, 256 colours and true colour, front and back", async (t) => {
		const session = await startShell({});
		t.after(session.close);
		const lines = [
			"\x1b[31mred\x1b[0m \x1b[42mover\x1b[0m \x1b[94mbright\x1b[103mover",
			"\x1b[0;38;5;208morange\x1b[48;5;19mover\x1b[0m",
			"\x1b[38;2;1;2;3mdark\x1b[48;2;250;251;252mover\x1b[0m",
			"\x1b[1mbold\x1b[0;3mitalic\x1b[0;4munder\x1b[0;5mblink\x1b[0;7minverse\x1b[0m",
		];
		await show(session, lines.join("\r\n"), ({ styledRows }) =>
			assert.deepEqual(styledRows.slice(0, 4), [
				"‹31›red‹› ‹42›over‹› ‹94›bright‹94;103›over",
				"‹38;5;208›orange‹38;5;208;48;5;19›over",
				"‹38;2;1;2;3›dark‹38;2;1;2;3;48;2;250;251;252›over",
				"‹1›bold‹3›italic‹4›under‹5›blink‹7›inverse",
			]),
		);
	});

	it("paints erased lines in the background colour", async (t) => {
		const session = await startShell({});
		t.after(session.close);
		await show(session, "\x1b[44mblue\x1b[K\r\n\x1b[2K", ({ styledRows }) => {
			assert.equal(styledRows[0], `‹44›blue${" ".repeat(76)}`);
			assert.equal(styledRows[1], `‹44›${" ".repeat(80)}`);
		});
	});
});

describe("characters of other widths", { skip, concurrency: 2 }, () => {
	it("shows CJK, emoji and combining marks where they belong", async (t) => {
		const session = await startShell({});
		t.after(session.close);
		const lines = [
			"漢字かな交じり文|",
			"한국어 조선글|",
			"😀🚀🎉|",
			"e\u0301a\u0308o\u0302|",
			"ｆｕｌｌ|ﾊﾝｶｸ|",
		];
		await show(session, lines.join("\r\n"), ({ rows }) =>
			assert.deepEqual(rows.slice(0, lines.length), lines),
		);
	});

	it("wraps a wide character that does not fit in the last column", async (t) => {
		const session = await startShell({});
		t.after(session.close);
		await show(session, `${"x".repeat(79)}漢字`, ({ rows }) =>
			assert.deepEqual(rows.slice(0, 2), ["x".repeat(79), "漢字"]),
		);
	});

	it("takes typed wide characters and erases them whole", async (t) => {
		const { terminal, close } = await startShell({});
		t.after(close);
		await terminal.type("echo 漢字😀é");
		await terminal.seeText("echo 漢字😀é");
		await terminal.press("BSpace", "BSpace", "BSpace");
		await terminal.shows(({ rows, cursor }) => {
			assert.match(rows[cursor.row] ?? "", /echo 漢$/);
			assert.equal(cursor.column, `${PROMPT} echo `.length + 2);
		});
	});
});

it("sets the clipboard again when the same text is copied again, as tmux does", {
	skip: skip || needsOurs(),
}, async (t) => {
	const { terminal, close } = await startShell({});
	t.after(close);
	for (const count of [1, 2, 3]) {
		await terminal.enter("printf '\\e]52;;c2FtZQ==\\a'");
		await until("the text is set", () => {
			const set = terminal.output().toString("latin1").split("\x1b]52;c;c2FtZQ==\x07").length - 1;
			return set === count;
		});
	}
});

/** Shows each letter in the second row, then after 12 ms in the first, as one synchronized update. */
const UPDATES = `
use Time::HiRes qw(time sleep);
$| = 1;
for my $letter ("a" .. "t") {
	my $began = time;
	print "\\e[?2026h\\e[2;1H", $letter x 8;
	sleep 0.012;
	print "\\e[1;1H", uc($letter) x 8, "\\e[?2026l";
	push @slow, $letter if time - $began > 0.1;
	sleep 0.08;
}
print "\\e[5;1Hslow: @slow.";
sleep 600;
`;

describe("synchronized updates with a pause of 12 ms", { skip: skip || needsTools("perl") }, () => {
	const torn = async (server: ServerName): Promise<number> => {
		const { terminal, close } = await startSession({ server, command: ["perl", "-e", UPDATES] });
		try {
			const { rows } = await terminal.see("the end", (screen) => /^slow: .*\.$/.test(screen.rows[4] ?? ""));
			assert.equal(rows[4], "slow: .", "the machine was too busy to tell");
			const written = await terminal.outputWith("slow: .");
			// Frames are painted from the top: a letter's second row comes first only when it was shown alone.
			return [..."abcdefghijklmnopqrst"].filter((letter) => {
				const first = written.indexOf(letter.toUpperCase().repeat(8));
				const second = written.indexOf(letter.repeat(8));
				return second >= 0 && (first < 0 || second < first);
			}).length;
		} finally {
			await close();
		}
	};

	it("are never seen half done", { skip: needsOurs() }, async () => {
		assert.equal(await torn("ours"), 0);
	});

	it("are seen half done with the stock server", { skip: needsStockServer() }, async (t) => {
		const seen = await torn("stock");
		t.diagnostic(`${seen} of 20`);
		assert.ok(seen > 0, "this test tells nothing");
	});
});

describe("the window's size", { skip, concurrency: 2 }, () => {
	const reporter = "trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done";

	it("reaches the program, larger and smaller", async (t) => {
		const session = await startSession({ command: ["bash", "-c", reporter], columns: 90, rows: 30 });
		t.after(session.close);
		const { terminal } = session;
		await terminal.seeText(/^30 90$/);
		await terminal.resize(132, 50);
		await terminal.seeText(/^50 132$/);
		await terminal.resize(40, 10);
		await terminal.shows(({ rows }) => {
			assert.ok(rows.includes("10 40"));
			assert.equal(rows.length, 10);
		});
	});

	it("changes under a full-screen program, which then fills it", async (t) => {
		const { terminal, home, close } = await startShell({});
		t.after(close);
		writeFileSync(
			join(home, "wide"),
			Array.from({ length: 99 }, (_, n) => `${n} ${"=".repeat(150)}\n`).join(""),
		);
		await terminal.enter("less -S wide");
		await terminal.see("80 columns full", ({ rows }) => rows[22] === `22 ${"=".repeat(76)}>`);
		await terminal.resize(120, 40);
		await terminal.see("120 columns full", ({ rows }) => rows[38] === `38 ${"=".repeat(116)}>`);
		await terminal.resize(50, 12);
		await terminal.shows(({ rows }) => {
			assert.equal(rows[0], `0 ${"=".repeat(47)}>`, "50 columns full");
			assert.equal(rows[10], `10 ${"=".repeat(46)}>`);
		});
	});
});
