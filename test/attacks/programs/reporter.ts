/**
 * A mosh-server as far as the guard is concerned: binds a port, reports it as our server does, and stays.
 * Arguments: address, port. Prints one JSON object. Times are monotonic nanoseconds.
 */

import { createSocket } from "node:dgram";
import { GuardLease } from "../../../src/guard-protocol/client.js";

export interface Reported {
	readonly pid: number;
	readonly boundAt: string;
	readonly answeredAt: string;
	readonly state: string;
	readonly code?: string;
}

const [address = "", portText = ""] = process.argv.slice(2);
const port = Number(portText);
const now = () => String(process.hrtime.bigint());

createSocket("udp4").bind(port, address, async () => {
	const boundAt = now();
	const outcome = await new GuardLease({ family: "ipv4", address, port }).start();
	const reported: Reported = { pid: process.pid, boundAt, answeredAt: now(), ...outcome };
	process.stdout.write(`${JSON.stringify(reported)}\n`);
});
