import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
	INITIAL_SIZE,
	initialTerminalState,
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
const urgent = (base: TerminalState, target: TerminalState) => terminalStateCodec.urgent?.(base, target);

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

	it("is urgent when someone types or a program draws, not for an echo ack or lines of output", () => {
		assert.equal(urgent(state("$ "), state("$ l")), true);
		assert.equal(urgent(state("$ l"), state("$ l", { echoAck: 7n })), false);
		assert.equal(urgent(state("$ l"), state("$ l\r\nfile")), false);
		const draws = "\x1b[?1049h\x1b[5;5H";
		assert.equal(urgent(state(draws), state(`${draws}x\r\ny`)), true);
	});
});
