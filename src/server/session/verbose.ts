/** The log of -v (protocol §6.3.5): what is sent and received, and whether each diff produces the intended state. */

import { decodeHostMessage, type LocalStateCodec, type TransportObserver } from "../../ssp/index.js";
import { endpoint } from "../../system/addresses.js";
import { blankScreen, Emulator, type Screen, screenDiff, screensEqual } from "../../terminal/index.js";
import { type TerminalState, terminalStateCodec } from "./terminal-state.js";

/** Writes one line, given without a line terminator. */
export type Log = (line: string) => void;

export function verboseObserver(log: Log): TransportObserver {
	return {
		sent(datagram) {
			const { oldNumber, newNumber, fragmentId, fragmentNumber, ack, throwaway, length } = datagram;
			const rate = (1000 / datagram.interval).toFixed(1);
			log(
				`Sent [${oldNumber}=>${newNumber}] id ${fragmentId}, frag ${fragmentNumber} ack=${ack}, ` +
					`throwaway=${throwaway}, len=${length}, frame rate=${rate}, timeout=${datagram.rto}, ` +
					`srtt=${datagram.srtt.toFixed(1)}${datagram.outcome === "sent" ? "" : ` (${datagram.outcome})`}`,
			);
		},
		received({ number, base, ack }) {
			log(`Received state ${number} [coming from ${base}, ack ${ack}]`);
		},
		peerChanged(peer) {
			log(`Server now attached to client at ${endpoint(peer)}`);
		},
		detached() {
			log("Server now detached from client.");
		},
		congestion() {
			log("Received explicit congestion notification.");
		},
		dropped(reason, error) {
			log(`Dropped input: ${error?.message ?? reason}`);
		},
	};
}

/**
 * Applies every diff to a copy of its base in a separate emulator, as the client will. Costs more than the session itself.
 * mosh's test suites recognise a failure by the words "verification failed".
 */
export function verifyingCodec(log: Log): LocalStateCodec<TerminalState> {
	return {
		...terminalStateCodec,
		diff(base, target) {
			const message = terminalStateCodec.diff(base, target);
			const reached = applied(base, message);
			if (!screensEqual(reached.screen, target.screen) || reached.echoAck !== target.echoAck) {
				log("Warning, round-trip Instruction verification failed!");
			}
			if (screenDiff(reached.screen, target.screen).length > 0) {
				log("Warning, target state Instruction verification failed!");
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

/** An emulator set up by a diff has rung at most once for all bells of the base; a client has counted every one. */
function withBellsOf(base: Screen, before: Screen, after: Screen): Screen {
	return { ...after, bells: base.bells + after.bells - before.bells };
}
