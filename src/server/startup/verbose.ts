/** The log of -v (protocol §6.3.5): what is sent and received. */

import type { TransportObserver } from "../../ssp/index.js";
import { endpoint } from "../../system/addresses.js";

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
