/** For the log of -v: whether each diff produces the intended state. */

import { decodeHostMessage, type LocalStateCodec } from "../../ssp/index.js";
import { ClientScreen } from "../../terminal/index.js";
import type { Log } from "../startup/verbose.js";
import { type TerminalState, terminalStateCodec } from "./terminal-state.js";

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
