/** What the server keeps in step at the client: the screen and the echo ack (protocol §4.2, §4.4). */

import { encodeHostMessage, type LocalStateCodec } from "../ssp/index.js";
import { blankScreen, type Screen, screenDiff, screensEqual } from "../terminal/index.js";

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
		!screensEqual(base.screen, target.screen) &&
		(target.fullScreen || !addsLines(base.screen, target.screen)),
};

/** The cursor went to a line further down, or what was further down has scrolled up to the top. */
function addsLines(base: Screen, target: Screen): boolean {
	const top = target.lines[0];
	return target.cursorRow > base.cursorRow || (top !== undefined && base.lines.indexOf(top) > 0);
}
