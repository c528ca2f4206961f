/** Checks for sessions whose port is open but whose client was never heard, so that datagrams are lost on the way. */

import { FIRST_WORD_S } from "../../guard/report/counted.js";
import { endpoint } from "../../system/addresses.js";
import { duration } from "../output/format.js";
import { type Check, good, hint } from "./check.js";

const BEFORE = (port: number) =>
	`tcpdump -ni any udp port ${port} on this host while the client tries: if nothing arrives, something on the way drops the datagrams (the cloud's firewall, a router, a NAT without forwarding)`;
const BEHIND = (port: number) =>
	`tcpdump -ni any udp port ${port} on this host while the client tries: if answers leave, something on the way back drops them; if none leave, the client is another session's`;

export const clients: Check = {
	name: "clients",
	examine: async ({ context, status }) => {
		// The guard does not tell unprivileged users where clients are.
		if (!context.privileged) {
			return undefined;
		}
		// Only servers that report tell whether they have heard from their client.
		const { ports } = await status();
		const noted = ports.filter(({ note }) => note !== undefined);
		const [unheard] = noted;
		if (unheard !== undefined) {
			const says = noted.map(
				(port) => `${endpoint(port)} (open for ${duration(port.ageSeconds)}): ${port.note}`,
			);
			const isBefore = noted.some(({ packets }) => packets === 0);
			return hint(says.join("; "), isBefore ? BEFORE(unheard.port) : BEHIND(unheard.port));
		}
		const telling = ports.filter(({ reports, state }) => reports && state === "open");
		const deaf = telling.filter(
			({ client, ageSeconds }) => client === undefined && ageSeconds > FIRST_WORD_S,
		);
		const [first] = deaf;
		if (first !== undefined) {
			const waits = deaf.map((port) => `${endpoint(port)} (open for ${duration(port.ageSeconds)})`);
			return hint(`nothing received from the client of ${waits.join(", ")}`, BEFORE(first.port));
		}
		const heard = telling.filter(({ client }) => client !== undefined);
		return heard.length === 0 ? undefined : good(`heard: ${heard.length}`);
	},
};
