/** An active ufw on the lab server, with the admin's own allow and deny. */

import { createUfw } from "../../../src/firewall/ufw/ufw.js";
import { CONTROL_PORT, type Lab } from "../../lab/hosts.js";
import { ADMIN_DENIED, ADMIN_OPEN, type Subject } from "../conformance.js";
import { listIptables } from "../iptables/subject.js";

export async function enableUfw(lab: Lab): Promise<void> {
	await lab.server.sh(`
		sed -i 's/^IPV6=.*/IPV6=yes/' /etc/default/ufw
		ufw allow ${CONTROL_PORT}/udp
		ufw allow ${ADMIN_OPEN}/udp comment 'of the admin'
		ufw deny ${ADMIN_DENIED}/udp
		ufw --force enable
	`);
}

/** Files and live rules; ufw numbers its log lines nowhere, so both compare byte for byte. */
export async function listUfw(lab: Lab): Promise<string> {
	const files = await lab.server.sh(
		"cd /etc/ufw; cat user.rules user6.rules before.rules after.rules ufw.conf",
	);
	return files + (await listIptables(lab, "nft"));
}

export const ufwSubject: Subject = {
	name: "ufw",
	tools: ["ufw", "iptables-nft"],
	setUp: enableUfw,
	create: (lab) => createUfw(lab.server.commands),
	listing: listUfw,
	disturbances: [
		{
			name: "ufw reload with our chain emptied",
			run: (lab) => lab.server.sh("ufw reload; iptables -F MOSH-PORTGUARD"),
		},
		{
			name: "ufw disable and enable",
			// At once: to a guard that looks for the firewall, one that is away for three seconds is gone.
			run: (lab) => lab.server.sh("ufw disable; ufw --force enable"),
		},
		{
			name: "a restart of ufw's service",
			run: (lab) => lab.server.sh("/lib/ufw/ufw-init restart"),
		},
		{
			name: "a flush of everything",
			run: (lab) => lab.server.sh("/lib/ufw/ufw-init flush-all"),
			undo: (lab) => lab.server.sh("ufw reload"),
		},
		{
			name: "our jump put first, before the admin's denies",
			run: (lab) =>
				lab.server.sh(`
				iptables -D INPUT -p udp -m comment --comment mosh-portguard -j MOSH-PORTGUARD
				iptables -I INPUT -p udp -m comment --comment mosh-portguard -j MOSH-PORTGUARD
			`),
		},
	],
};
