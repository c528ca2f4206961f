/** The lines of -v (protocol §6.3.5): what is sent, what is received, and whether every diff leads where it should. */

import {
	decodeHostMessage,
	type LocalStateCodec,
	type PeerAddress,
	type TransportObserver,
} from "../../ssp/index.js";
import { blankScreen, Emulator, type Screen, screenDiff, screensEqual } from "../../terminal/index.js";
import { type TerminalState, terminalStateCodec } from "./terminal-state.js";

/** Writes one line, without its end. */
export type Say = (line: string) => void;

export function formatPeer({ address, port }: PeerAddress): string {
	return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

export function verboseObserver(say: Say): TransportObserver {
	return {
		sent(datagram) {
			const { oldNumber, newNumber, fragmentId, fragmentNumber, ack, throwaway, length } = datagram;
			const rate = (1000 / datagram.interval).toFixed(1);
			say(
				`Sent [${oldNumber}=>${newNumber}] id ${fragmentId}, frag ${fragmentNumber} ack=${ack}, ` +
					`throwaway=${throwaway}, len=${length}, frame rate=${rate}, timeout=${datagram.rto}, ` +
					`srtt=${datagram.srtt.toFixed(1)}${datagram.outcome === "sent" ? "" : ` (${datagram.outcome})`}`,
			);
		},
		received({ number, base, ack }) {
			say(`Received state ${number} [coming from ${base}, ack ${ack}]`);
		},
		peerChanged(peer) {
			say(`Server now attached to client at ${formatPeer(peer)}`);
		},
		detached() {
			say("Server now detached from client.");
		},
		congestion() {
			say("Received explicit congestion notification.");
		},
		dropped(reason, error) {
			say(`Dropped input: ${error?.message ?? reason}`);
		},
	};
}

/**
 * Applies every diff to a copy of its base in an emulator of its own, as the client will. Costs more than the
 * session itself. The words "verification failed" are those by which test suites of mosh recognise a failure.
 */
export function verifyingCodec(say: Say): LocalStateCodec<TerminalState> {
	return {
		...terminalStateCodec,
		diff(base, target) {
			const message = terminalStateCodec.diff(base, target);
			const reached = applied(base, message);
			if (!screensEqual(reached.screen, target.screen) || reached.echoAck !== target.echoAck) {
				say("Warning, round-trip Instruction verification failed!");
			}
			if (screenDiff(reached.screen, target.screen).length > 0) {
				say("Warning, target state Instruction verification failed!");
			}
			return message;
		},
	};
}

function applied(base: TerminalState, message: Uint8Array): TerminalState {
	const { columns, rows } = base.screen;
	const emulator = new Emulator({ columns, rows, onReply: () => {} });
	let { echoAck } = base;
	emulator.write(screenDiff(blankScreen(columns, rows), base.screen));
	const before = emulator.snapshot();
	for (const part of decodeHostMessage(message)) {
		if (part.resize) {
			emulator.resize(part.resize.columns, part.resize.rows);
		}
		if (part.hostString) {
			emulator.write(part.hostString);
		}
		echoAck = part.echoAck ?? echoAck;
	}
	const screen = emulator.snapshot();
	emulator.dispose();
	return { ...base, screen: withBellsOf(base.screen, before, screen), echoAck };
}

/** An emulator set up by a diff has rung at most once for all of the base's bells; a client has counted them. */
function withBellsOf(base: Screen, before: Screen, after: Screen): Screen {
	return { ...after, bells: base.bells + after.bells - before.bells };
}
