/** Hears of UDP sockets that are destroyed, by the kernel's own messages (sock_diag(7), linux/sock_diag.h). */

import { messagesIn, type Netlink, PROTOCOL } from "../../system/netlink.js";
import { ANSWER, FIELD } from "./socket-diag.js";

/** SKNLGRP_INET_UDP_DESTROY, SKNLGRP_INET6_UDP_DESTROY */
const GROUPS = [2, 4];

/**
 * @param ended told each port once for all that is heard at a time, of whichever address; undefined for any number of any
 * @returns ends it
 * @throws NetlinkError
 */
export function hearSocketEnds(
	netlink: Netlink,
	ended: (port: number | undefined) => void,
): Promise<() => void> {
	return netlink.listen(PROTOCOL.sockDiag, GROUPS, (messages) => {
		const ports = messages === undefined ? [undefined] : new Set(portsIn(messages));
		for (const port of ports) {
			ended(port);
		}
	});
}

function* portsIn(messages: Buffer): Generator<number> {
	for (const { start, end } of messagesIn(messages, 0)) {
		if (end - start >= ANSWER) {
			yield messages.readUInt16BE(start + FIELD.port);
		}
	}
}
