/** A running firewalld on the lab server whose default zone lets in only what its admin named. */

import { FirewallCommands } from "../../../src/firewall/commands.js";
import { Firewalld } from "../../../src/firewall/firewalld/firewalld.js";
import { LabFirewalld } from "../../lab/firewalld.js";
import { CONTROL_PORT, type Lab, SERVER4 } from "../../lab/hosts.js";
import { ADMIN_DENIED, ADMIN_OPEN, type Subject } from "../conformance.js";
import { listNft } from "../nftables/subject.js";

export function labFirewalld(lab: Lab): LabFirewalld {
	return new LabFirewalld(lab.server);
}

export function createFirewalld(lab: Lab): Firewalld {
	return new Firewalld({
		commands: new FirewallCommands(lab.server.commands),
		bus: labFirewalld(lab).bus,
	});
}

export async function setUpFirewalld(lab: Lab): Promise<void> {
	const firewalld = labFirewalld(lab);
	await firewalld.start();
	await firewalld.cmd(
		"-q --permanent --zone=public --add-interface=eth0",
		`-q --permanent --add-port=${CONTROL_PORT}/udp`,
		`-q --permanent --add-port=${ADMIN_OPEN}-${ADMIN_OPEN}/udp`,
		`-q --permanent --add-rich-rule='rule port port="${ADMIN_DENIED}" protocol="udp" drop'`,
		"-q --reload",
	);
}

const cmd = (line: string) => (lab: Lab) => labFirewalld(lab).cmd(line);

export const firewalldSubject: Subject = {
	name: "firewalld",
	tools: ["firewalld", "firewall-cmd", "dbus-daemon", "nft"],
	setUp: setUpFirewalld,
	create: createFirewalld,
	listing: async (lab) =>
		(await labFirewalld(lab).cmd("--list-all-zones", "--permanent --list-all-zones")) + (await listNft(lab)),
	disturbances: [
		{ name: "firewall-cmd --reload", run: cmd("-q --reload") },
		{ name: "firewall-cmd --complete-reload", run: cmd("-q --complete-reload") },
		{
			name: "a restart of firewalld",
			run: (lab) => labFirewalld(lab).stopDaemon(),
			undo: (lab) => labFirewalld(lab).startDaemon(),
		},
		{
			name: "a rule of ours removed by hand",
			run: cmd(
				`-q --remove-rich-rule='rule priority="32000" family="ipv4" destination address="${SERVER4}" port port="60020" protocol="udp" accept'`,
			),
		},
	],
	dispose: (firewall) => (firewall as Firewalld).disconnect(),
};
