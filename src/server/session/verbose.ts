/** The log of -v (protocol §6.3.5): what is sent and received, and whether each diff produces the intended state. */

import { decodeHostMessage, type LocalStateCodec, type TransportObserver } from "../../ssp/index.js";
import { endpoint } from "../../system/addresses.js";
import { ClientScreen } from "../../terminal/index.js";
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
 * Applies every diff to a model of a client that holds its base. mosh's test suites recognise a failure by the words
 * "verification failed".
 */
export function verifyingCodec(log: Log): LocalStateCodec<TerminalState> {
	return {
		...terminalStateCodec,
		diff(base, target) {
			const message = terminalStateCodec.diff(base, target);
			const problem = problemOf(base, target, message);
			if (problem !== undefined) {
				log(`Warning, round-trip Instruction verification failed: ${problem}.`);
			}
			return message;
		},
	};
}

/** Where `message` leads a client that holds `base`, if not to `target`. */
function problemOf(base: TerminalState, target: TerminalState, message: Uint8Array): string | undefined {
	const client = new ClientScreen(base.screen);
	let { echoAck } = base;
	try {
		for (const part of decodeHostMessage(message)) {
			if (part.resize) {
				client.resize(part.resize.columns, part.resize.rows);
			}
			if (part.hostString) {
				client.write(part.hostString);
			}
			echoAck = part.echoAck ?? echoAck;
		}
	} catch (error) {
		return error instanceof Error ? error.message : String(error);
	}
	if (echoAck !== target.echoAck) {
		return `the echo ack is ${echoAck} instead of ${target.echoAck}`;
	}
	return client.differenceFrom(target.screen);
}
