/** From the SIGKILL of a server to the last datagram of the other host that still passes the firewall. */

import { SERVER4 } from "../../test/lab/hosts.js";
import { sleep } from "../measure/time.js";
import type { GuardHost } from "./host.js";

/** After the start of a server: opened long since, and the burst of looks is over. */
const SETTLE = 250;
/** After the kill; the last part of it must be quiet. */
const WINDOW = 500;
const QUIET = 150;

/** Milliseconds. Once the server is dead, a datagram that passes is answered by ICMP. */
export async function killToClosed(host: GuardHost, port: number): Promise<number> {
	const pid = await host.serve(port);
	await sleep(SETTLE);
	await host.prober.start({ do: "shoot", address: SERVER4, port });
	await sleep(10);
	const killedAt = process.hrtime.bigint();
	host.end(pid);
	await sleep(WINDOW);
	const { lastRefusal } = await host.prober.stop();
	if (lastRefusal === undefined) throw new Error(`port ${port} was not open when its server was killed`);
	const passed = Number(BigInt(lastRefusal) - killedAt) / 1e6;
	if (passed > WINDOW - QUIET) throw new Error(`port ${port} stayed open for ${WINDOW} ms`);
	return Math.max(0, passed);
}
