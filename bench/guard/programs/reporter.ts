/**
 * A mosh-server as far as the guard is concerned: binds a port, reports it, and says when the first datagram came in.
 * Arguments: address, port. Prints one JSON object; ends with SIGTERM or SIGKILL. Times are monotonic nanoseconds.
 */

import { createSocket } from "node:dgram";
import { GuardLease } from "../../../src/guard-protocol/client.js";

export interface Reported {
	readonly boundAt: string;
	readonly answeredAt: string;
	readonly state: string;
	/** When the first datagram that passed was sent. */
	readonly firstSentAt: string;
}

const [address = "", portText = ""] = process.argv.slice(2);
const port = Number(portText);
const now = () => String(process.hrtime.bigint());

const socket = createSocket("udp4");
const first = new Promise<string>((resolve) => {
	socket.once("message", (data) => resolve(data.toString("latin1").split(";")[0] ?? ""));
});
socket.bind(port, address, async () => {
	const boundAt = now();
	const lease = new GuardLease({ family: "ipv4", address, port });
	const { state } = await lease.start();
	const answeredAt = now();
	const firstSentAt = await first;
	process.stdout.write(`${JSON.stringify({ boundAt, answeredAt, state, firstSentAt } satisfies Reported)}\n`);
});
