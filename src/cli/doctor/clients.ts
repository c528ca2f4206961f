/** Checks for sessions whose port is open but whose client was never heard, so that datagrams are lost on the way. */

import { endpoint } from "../../system/addresses.js";
import { duration } from "../output/format.js";
import { type Check, good, hint } from "./check.js";

/** A client sends its first datagram within a round trip; a server that receives none within 60 s exits. */
const FIRST_WORD_S = 10;

export const clients: Check = {
	name: "clients",
	examine: async ({ context, status }) => {
		// The guard does not tell unprivileged users where clients are.
		if (!context.privileged) {
			return undefined;
		}
		// Only servers that report tell whether they have heard from their client.
		const telling = (await status()).ports.filter(({ reports, state }) => reports && state === "open");
		const deaf = telling.filter(
			({ client, ageSeconds }) => client === undefined && ageSeconds > FIRST_WORD_S,
		);
		const [first] = deaf;
		if (first !== undefined) {
			const waits = deaf.map((port) => `${endpoint(port)} (open for ${duration(port.ageSeconds)})`);
			return hint(
				`nothing received from the client of ${waits.join(", ")}`,
				`tcpdump -ni any udp port ${first.port} on this host while the client tries: if nothing arrives, something on the way drops the datagrams (the cloud's firewall, a router, a NAT without forwarding)`,
			);
		}
		const heard = telling.filter(({ client }) => client !== undefined);
		return heard.length === 0 ? undefined : good(`heard: ${heard.length}`);
	},
};
