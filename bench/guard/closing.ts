/** From the SIGKILL of a server to the last datagram of the other host that still passes the firewall. */

import { SERVER4 } from "../../test/lab/hosts.js";
import { sleep } from "../measure/time.js";
import type { GuardHost } from "./host.js";

/** After the start of a server: opened long since, and the burst of looks is over. */
const SETTLE = 250;
/** After the kill; the last part of it must be quiet. */
const WINDOW = 500;
const QUIET = 150;
/** On a busy machine the prober may be held up for as long as the port stands open, which is 2 ms at the least. */
const ATTEMPTS = 5;

/** Milliseconds. Once the server is dead, a datagram that passes is answered by ICMP. */
export async function killToClosed(host: GuardHost): Promise<number> {
	for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
		const passed = await attemptOnce(host, host.nextPort());
		if (passed !== undefined) {
			return passed;
		}
	}
	throw new Error(`${ATTEMPTS} times no datagram came between the end of a server and the close of its port`);
}

/** Undefined when no datagram was sent while the port stood open without its server. */
async function attemptOnce(host: GuardHost, port: number): Promise<number | undefined> {
	const pid = await host.serve(port);
	await sleep(SETTLE);
	if (!(await host.isOpen(port))) {
		throw new Error(`port ${port} was not open when its server was killed`);
	}
	await host.prober.start({ do: "shoot", address: SERVER4, port });
	await sleep(10);
	const killedAt = process.hrtime.bigint();
	host.end(pid);
	await sleep(WINDOW);
	const { lastRefusal } = await host.prober.stop();
	if (lastRefusal === undefined) {
		return undefined;
	}
	const passed = Number(BigInt(lastRefusal) - killedAt) / 1e6;
	if (passed > WINDOW - QUIET) {
		throw new Error(`port ${port} stayed open for ${WINDOW} ms`);
	}
	return Math.max(0, passed);
}
