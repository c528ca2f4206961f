/**
 * Native scrollback with the stock client in a real terminal: what tmux has in its history is what it has of the same program
 * without mosh. The client must not have scrolled a region for it, which not every terminal saves.
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import headless from "@xterm/headless";
import { needsOurs } from "../support/mosh-server.js";
import { SeededRandom } from "../support/random.js";
import type { RelayWeather } from "../support/relay.js";
import { needsTools } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";
import { scrollingProgram } from "../support/scrolling-program.js";
import { needsSession, type RelayedSession, startSession } from "../support/session.js";
import { TmuxTerminal } from "../support/tmux.js";
import { HANG_MS, holds, sleep, until } from "../support/wait.js";

const HISTORY = 50_000;
const LIMIT_MS = HANG_MS;
const END = "that was all";
/** After so long the echo of a key has come and been acknowledged: the path's 100 ms and 50 ms, on a busy machine. */
const CONFIRMED_MS = 1_000;
const SHELL = ["env", "PS1=sh> ", "bash", "--norc", "--noprofile"] as const;

/** Opens, writes, shows and leaves. */
const VI = "vim -u NONE -i NONE -n -c 'normal itext' -c redraw -c 'sleep 300m' -c 'q!'; echo edited";

/** What programs print into a scrollback, in a few seconds. */
const EVERYTHING = `
seq 1 300
for i in $(seq 1 120); do echo "slow line $i"; sleep 0.012; done
for i in $(seq 1 40); do printf '\\rprogress %d%% %s' $i "$(printf '#%.0s' $(seq 1 $i))"; sleep 0.005; done; echo
yes | head -200
yes '' | head -40
for i in $(seq 1 30); do printf '%s long %0150d\\n' $i $i; done
printf '%05000d\\n' 7
for i in $(seq 1 60); do
	printf '\\033[3%dm%d colour \\033[4%dmback\\033[0m 日本語 テスト %d\\n' $((i%8)) $i $(((i+3)%8)) $i
done
printf '\\033[?1049h\\033[H\\033[2Jan editor'; sleep 0.1; printf '\\033[24;1H\\n\\n\\n'; sleep 0.1; printf '\\033[?1049l'
printf '\\033[1;20r\\033[24;1Hstatus\\033[20;1H'; seq 1 50; sleep 0.1; printf '\\033[r\\033[24;1H\\n'
seq 1000 1100
`;

/** A program of the test's own, given as a shell script, that stays when it is done. */
function script(text: string): readonly string[] {
	const file = join(scratchFolder(), "program");
	writeFileSync(file, `${text}\necho '${END}'\nexec sleep 1000\n`);
	return ["bash", file];
}

/** A program that prints in bursts: of the random ones, one whose lines tmux keeps as xterm.js does. */
function played(seed: number): string {
	return scrollingProgram(new SeededRandom(seed), 24, 80)
		.map(({ text, pause }) => `printf %s ${quoted(text)}; sleep ${(pause / 1000).toFixed(3)}`)
		.join("\n");
}

const quoted = (text: string): string =>
	`$'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\x1b", "\\e").replaceAll("\r", "\\r").replaceAll("\n", "\\n")}'`;

interface Both {
	readonly native: TmuxTerminal;
	readonly session: RelayedSession;
	close(): Promise<void>;
}

async function startBoth(
	command: readonly string[],
	{ weather = {}, words = "native", predict = "never" as "never" | "always" } = {},
): Promise<Both> {
	const native = await TmuxTerminal.start({ command, history: HISTORY });
	const session = await startSession({
		command,
		words: [`--scrollback=${words}`],
		history: HISTORY,
		predict,
		relay: { weather },
	});
	const close = async () => {
		await Promise.all([session.close(), native.close()]);
	};
	return { native, session, close };
}

/** The program has come to its end on both terminals, and what they have is the same. */
async function assertSame({ native, session: { terminal } }: Both, last = END): Promise<void> {
	for (const each of [native, terminal]) {
		await each.see(`the end (${last})`, ({ rows }) => rows.some((row) => row.startsWith(last)), LIMIT_MS);
	}
	const kept = await native.history();
	await until("the same lines", async () => (await terminal.history()).join("\n") === kept.join("\n"), {
		explain: async () => {
			const lines = await terminal.history();
			const at = lines.findIndex((line, index) => line !== kept[index]);
			const around = (of: readonly string[]) => of.slice(Math.max(0, at - 3), at + 5).join("\n");
			return `${lines.length} of ${kept.length} lines; from ${at - 3}:\n${around(lines)}\ninstead of\n${around(kept)}`;
		},
	});
	await holds(() => assertFedOnly(terminal.output(), kept.length));
}

/** Line feeds at the bottom alone have brought the lines there: a terminal like hterm has them too. */
function assertFedOnly(output: Buffer, lines: number): void {
	const regions = output
		.toString("latin1")
		.split("\x1b[")
		.filter((sequence) => /^[\d;]+r/.test(sequence));
	assert.deepEqual(regions, [], "a region was scrolled");
	const hterm = new headless.Terminal({ cols: 80, rows: 24, scrollback: HISTORY, allowProposedApi: true });
	hterm.input("", true);
	hterm.write(output);
	assert.equal(hterm.buffer.normal.length, lines);
	hterm.dispose();
}

describe("native scrollback", { skip: needsSession() || needsOurs(), concurrency: 2 }, () => {
	const open: Both[] = [];
	after(() => Promise.all(open.map((both) => both.close())));

	const start = async (...given: Parameters<typeof startBoth>): Promise<Both> => {
		const both = await startBoth(...given);
		open.push(both);
		return both;
	};

	it("keeps every line of whatever programs print", async () => {
		await assertSame(await start(script(EVERYTHING)));
	});

	it("keeps what wraps as one line, to be copied as such", async () => {
		const both = await start(
			script(`
for i in $(seq 1 20); do printf '%s long %0150d\\n' $i $i; sleep 0.02; done
for i in $(seq 21 60); do printf '%s long %0150d\\n' $i $i; done
for i in $(seq 1 5); do printf '%0*d\\n' $((80 * i)) $i; done
printf '%02500d\\n' 7
seq 1 40`),
		);
		await assertSame(both);
		const lines = await both.session.terminal.copiedLines();
		assert.deepEqual(lines, await both.native.copiedLines());
		assert.equal(lines.filter((line) => /^\d+ long \d{150}$/.test(line)).length, 60);
	});

	for (const [name, weather, seeds] of [
		["with loss, jitter and repetition", { loss: 0.08, delayMs: 25, jitterMs: 20, duplicate: 0.05 }, [1, 2]],
		["with 15 % loss", { loss: 0.15, delayMs: 10 }, [5, 8]],
	] as const satisfies readonly (readonly [string, RelayWeather, readonly number[]])[]) {
		it(`keeps the lines of random programs ${name}`, async () => {
			await assertSame(await start(script(seeds.map(played).join("\n")), { weather }));
		});
	}

	it("keeps 20,000 lines where so many are asked for", async () => {
		const command = script("sleep 0.5; seq 1 20000");
		await assertSame(await start(command, { weather: { delayMs: 50 }, words: "native,30000" }));
	});

	it("keeps a session in a shell, typed key by key with prediction", async () => {
		const both = await start(SHELL, { weather: { delayMs: 50 }, predict: "always" });
		const terminals = [both.native, both.session.terminal];
		// What is typed before the shell prompts stands before the prompt.
		await Promise.all(
			terminals.map((terminal) =>
				terminal.see("a prompt", ({ rows }) => rows[0]?.startsWith("sh>") ?? false),
			),
		);
		for (const [line, shown] of [
			["seq 1 30", "30"],
			["", "sh>"],
			["", "sh>"],
			["seq 1 200 | less", ":"],
			["q", "sh>"],
			["for i in 1 2 3 4 5; do echo $i; sleep 0.05; done", "5"],
			[
				"echo a line that is long enough to be wrapped at the right margin, and then goes on for a while",
				"sh>",
			],
			["printf '\\e[?1049h\\e[Hin an editor'; sleep 0.3; printf '\\e[?1049l'; echo over", "over"],
			...(needsTools("vim") ? [] : [[VI, "edited"]]),
			["seq 1 60; echo 'that was' all", END],
		]) {
			await Promise.all(
				terminals.map(async (terminal) => {
					for (const key of (line as string).match(/.{1,4}/g) ?? []) {
						await terminal.type(key);
					}
					if (line !== "q") {
						await terminal.press("Enter");
					}
					await terminal.see(`${shown}`, ({ rows, cursor }) => {
						const above = rows.slice(0, cursor.row + 1).filter(Boolean);
						return shown === ":" || shown === "sh>"
							? (above.at(-1)?.startsWith(shown) ?? false)
							: above.at(-2) === shown;
					});
				}),
			);
		}
		await assertSame(both);
	});

	it("keeps what scrolls off while the client shows predictions of what was typed", async () => {
		const both = await start(SHELL, { weather: { delayMs: 50 }, predict: "always" });
		const terminals = [both.native, both.session.terminal];
		const onAll = (act: (terminal: TmuxTerminal) => Promise<unknown>) => Promise.all(terminals.map(act));
		const prompt = () =>
			onAll((terminal) =>
				terminal.see("a prompt", ({ rows, cursor }) => rows[cursor.row] === "sh>" && cursor.column === 4),
			);
		for (const line of ["seq 1 40", "echo one", "echo two; seq 1 30", "seq 100", `echo 'that was' all`]) {
			await prompt();
			// Once some keys of a line have been confirmed, the client shows its predictions of the others.
			await onAll((terminal) => terminal.type(line.slice(0, 3)));
			await sleep(CONFIRMED_MS);
			await onAll((terminal) => terminal.type(`${line.slice(3)}\r`));
		}
		await assertSame(both);
	});

	it("ends a flood with one line that tells how many lines it left out, and the last ones", async () => {
		const { session } = await start(script("seq 1 5; sleep 0.5; seq 1 100000; echo '$ '"));
		const { terminal } = session;
		await terminal.see("the end", ({ rows }) => rows.includes(END), LIMIT_MS);
		await holds(async () => {
			const lines = await terminal.history();
			const markers = lines.flatMap((line, at) => (line.includes("lines skipped") ? [at] : []));
			assert.equal(markers.length, 1);
			const [at = 0] = markers;
			const skipped = Number(/\[mosh: (\d+) lines skipped\]/.exec(lines[at] as string)?.[1]);
			// The lines of the first `seq` are not of the flood.
			const before = at > 5 ? Number(lines[at - 1]) : 0;
			assert.deepEqual(
				lines.slice(5).filter((line) => /^\d+$/.test(line)),
				Array.from({ length: 100_000 }, (_, index) => String(index + 1)).filter(
					(number) => Number(number) <= before || Number(number) > before + skipped,
				),
			);
			assert.ok(lines.length - at - 1 - 24 >= 1_990, `${lines.length - at} lines follow`);
		});
	});

	it("loses no line that is printed while the window gets one size after another", async () => {
		const count = 500;
		const lines = `for i in $(seq 1 ${count}); do echo "line $i"; sleep 0.01; done; sleep 1; seq 1 60`;
		const both = await start(script(lines), { weather: { delayMs: 50, loss: 0.05 } });
		const { native, session } = both;
		const terminals = [native, session.terminal];
		await Promise.all(terminals.map((terminal) => terminal.seeText(/^line 50$/)));
		for (const rows of [30, 18, 35, 12, 24, 40, 24]) {
			await Promise.all(terminals.map((terminal) => terminal.resize(80, rows)));
			await sleep(rows === 24 ? 1_000 : 40);
		}
		for (const terminal of terminals) {
			await terminal.see("the end", ({ rows }) => rows.includes(END), LIMIT_MS);
			const kept = (await terminal.history()).flatMap((line) => /^line (\d+)$/.exec(line)?.[1] ?? []);
			const inOrder = kept.reduce((next, number) => (Number(number) === next ? next + 1 : next), 1);
			assert.equal(inOrder, count + 1, "of the lines as they are printed, each follows the one before");
		}
		const { rows } = await native.screen();
		await session.terminal.shows((screen) => assert.deepEqual(screen.rows, rows));
	});

	it("brings what a program has printed before it ends, then ends", async () => {
		const { native, session } = await start(["bash", "-c", "seq 1 1500"], { weather: { delayMs: 50 } });
		await Promise.all([native.exited(LIMIT_MS), session.terminal.exited(LIMIT_MS)]);
		const lines = await session.terminal.history();
		const kept = (await native.history()).filter(Boolean);
		assert.deepEqual(
			lines.filter((line) => /^\d+$/.test(line)),
			kept,
		);
	});
});
