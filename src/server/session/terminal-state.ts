/** What the server keeps in step at the client: the screen and the echo ack (protocol §4.2, §4.4). */

import { encodeHostMessage, type LocalStateCodec } from "../../ssp/index.js";
import { blankScreen, type Screen, screenDiff, screensEqual } from "../../terminal/index.js";

export interface TerminalState {
	readonly screen: Screen;
	/** Client state the screen has had time to react to. */
	readonly echoAck: bigint;
	/** The program draws on the alternate screen. The client does not learn of it. */
	readonly fullScreen: boolean;
}

/** State 0, which both ends agree on without a word (protocol §5.1). */
export const INITIAL_SIZE = { columns: 80, rows: 24 } as const;

export function initialTerminalState(): TerminalState {
	return { screen: blankScreen(INITIAL_SIZE.columns, INITIAL_SIZE.rows), echoAck: 0n, fullScreen: false };
}

export const terminalStateCodec: LocalStateCodec<TerminalState> = {
	equal: (a, b) => a.echoAck === b.echoAck && screensEqual(a.screen, b.screen),
	diff(base, target) {
		const { columns, rows } = target.screen;
		const resized = columns !== base.screen.columns || rows !== base.screen.rows;
		return encodeHostMessage({
			...(target.echoAck !== base.echoAck && { echoAck: target.echoAck }),
			...(resized && { resize: { columns, rows } }),
			hostString: screenDiff(base.screen, target.screen),
		});
	},
	/**
	 * Nobody sees an echo ack: it can wait for its turn and must not make a screen wait. And where a program puts out
	 * lines, more of them are on their way: the first alone would cost a frame and say little.
	 */
	urgent: (base, target) =>
		!screensEqual(base.screen, target.screen) && (target.fullScreen || editsLine(base.screen, target.screen)),
};

/** Nothing but the line of the cursor differs. */
function editsLine(base: Screen, target: Screen): boolean {
	const { cursorRow, lines } = target;
	return (
		base.cursorRow === cursorRow &&
		base.lines.length === lines.length &&
		lines.every((line, row) => row === cursorRow || line.equals(base.lines[row] ?? line))
	);
}
