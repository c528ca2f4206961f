import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
	INITIAL_SIZE,
	initialTerminalState,
	repeatsLine,
	type TerminalState,
	terminalStateCodec,
} from "../../../src/server/session/terminal-state.js";
import { decodeHostMessage } from "../../../src/ssp/index.js";
import { Emulator } from "../../../src/terminal/index.js";

/** What a program that writes `text` leaves, on a terminal of the initial or another size. */
function state(text: string, different: Partial<TerminalState> = {}, size = INITIAL_SIZE): TerminalState {
	const emulator = new Emulator({ ...size, onReply: () => {} });
	emulator.write(Buffer.from(text));
	return { screen: emulator.snapshot(), echoAck: 0n, fullScreen: emulator.fullScreen, ...different };
}

const { equal, diff } = terminalStateCodec;
const urgency = (base: TerminalState, target: TerminalState) => terminalStateCodec.urgency?.(base, target);

describe("a terminal state", () => {
	it("begins as the blank screen both ends assume", () => {
		assert.ok(equal(initialTerminalState(), state("")));
	});

	it("equals another with the same screen and echo ack, whatever the client does not see", () => {
		assert.ok(equal(state("a"), state("a", { fullScreen: true })));
		assert.ok(!equal(state("a"), state("b")));
		assert.ok(!equal(state("a"), state("a", { echoAck: 1n })));
	});

	it("is sent as echo ack, size and string, as far as they differ", () => {
		const parts = (target: TerminalState) => decodeHostMessage(diff(state("a"), target));
		assert.deepEqual(parts(state("a")), []);
		assert.deepEqual(parts(state("a", { echoAck: 7n })), [{ echoAck: 7n }]);
		const [text, ...none] = parts(state("ab"));
		assert.equal(Buffer.from(text?.hostString ?? []).toString(), "b");
		assert.deepEqual(none, []);
		const [echoAck, resize] = parts(state("a", { echoAck: 7n }, { columns: 90, rows: 24 } as never));
		assert.deepEqual([echoAck, resize], [{ echoAck: 7n }, { resize: { columns: 90, rows: 24 } }]);
	});

	it("answers someone who types and shows what a program draws; an echo ack is bookkeeping, lines are output", () => {
		assert.equal(urgency(state("$ "), state("$ l")), "answer");
		assert.equal(urgency(state("$ l"), state("$ l", { echoAck: 7n })), "bookkeeping");
		assert.equal(urgency(state("$ l"), state("$ l\r\nfile")), "output");
		assert.equal(urgency(state("$ l"), state("$ l\r\nfile", { phase: "passing" })), "passing");
		assert.equal(
			urgency(state("$ l", { phase: "passing" }), state("file\r\n", { phase: "passing" })),
			"output",
		);
		assert.equal(urgency(state("y"), state("y\b", { phase: "passing" })), "passing", "a line under way");
		const over = state("file\r\n$ ", { phase: "over" });
		assert.equal(urgency(state("$ l", { phase: "passing" }), over), "answer", "what the user waits for");
		const draws = "\x1b[?1049h\x1b[5;5H";
		assert.equal(urgency(state(draws), state(`${draws}x\r\ny`)), "answer");
	});
});

describe("a screen repeats a line", () => {
	const repeats = (base: string, target: string): boolean =>
		repeatsLine(state(base).screen, state(target).screen);

	it("where nothing but the beginning of one like the line above has come or gone", () => {
		for (const [base, target] of [
			["yes\r\nyes\r\n", "yes\r\nyes\r\ny"],
			["yes\r\nyes\r\nyes", "yes\r\nyes\r\n"],
			[`${"x".repeat(90)}`, `${"x".repeat(81)}`],
		] as const) {
			assert.ok(repeats(base, target), JSON.stringify(target));
		}
	});

	it("not where anything else is new", () => {
		for (const [base, target] of [
			["yes\r\n", "yes\r\nno"],
			["yes\r\n^C", "yes\r\n"],
			["yes\r\n", "yes\r\nyes\r\n"],
			["yes\r\n", "yes\r\n\x07"],
			["yes\r\n", "yes\r\ny\x1b[?25l"],
			["x", "y"],
		] as const) {
			assert.ok(!repeats(base, target), JSON.stringify(target));
		}
	});
});
