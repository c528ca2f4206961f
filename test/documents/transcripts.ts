/**
 * What the documents show of a host: commands and what they print there. Made on lab hosts by the guard's own code; the same
 * function writes a block (`npm run documents`) and is compared with it.
 */

import { readFileSync } from "node:fs";
import type { Firewall } from "../../src/firewall/firewall.js";
import { UfwCommand } from "../../src/firewall/ufw/command.js";
import { Installed } from "../cli/installed.js";
import type { Subject } from "../firewall/conformance.js";
import { v4, v6 } from "../firewall/conformance.js";
import { firewalldSubject, labFirewalld } from "../firewall/firewalld/subject.js";
import { iptablesSubject } from "../firewall/iptables/subject.js";
import { nftablesSetSubject, nftablesSubject } from "../firewall/nftables/subject.js";
import { ufwSubject } from "../firewall/ufw/subject.js";
import { type Lab, SERVER4, startLab } from "../lab/hosts.js";

export interface Transcript {
	/** Of the block in `document`. */
	readonly name: string;
	readonly document: string;
	/** Commands without which it cannot be made. */
	readonly tools: readonly string[];
	make(): Promise<string>;
}

const FIREWALLS = "docs/firewalls.md";
const RULESET = readFileSync(new URL("../../scripts/demo.nft", import.meta.url), "utf8");

/** One session on an address of each family, with `subject`'s firewall in force. */
function rules(
	name: string,
	subject: Subject,
	commands: readonly string[],
	{
		create = subject.create,
		run = (lab: Lab, command: string) => lab.server.sh(command),
	}: {
		create?: (lab: Lab) => Firewall | Promise<Firewall>;
		run?: (lab: Lab, command: string) => Promise<string>;
	} = {},
): Transcript {
	return {
		name,
		document: FIREWALLS,
		tools: subject.tools,
		make: async () => {
			const lab = await startLab();
			try {
				await subject.setUp(lab);
				const firewall = await create(lab);
				await firewall.repair();
				await firewall.apply({ open: [v4(60001), v6(60002)], close: [] });
				const printed: string[] = [];
				for (const command of commands) {
					printed.push(prompt("#", command, await run(lab, command)));
				}
				await subject.dispose?.(firewall);
				return printed.join("\n");
			} finally {
				await lab.stop();
			}
		},
	};
}

const iptables = iptablesSubject("nft");

export const TRANSCRIPTS: readonly Transcript[] = [
	rules("ufw", ufwSubject, ["iptables -S INPUT", "iptables -S MOSH-PORTGUARD"]),
	rules("ufw-command", ufwSubject, ["ufw status"], {
		create: (lab) => new UfwCommand(lab.server.commands),
	}),
	rules("iptables", iptables, [
		"iptables -S INPUT",
		"iptables -S MOSH-PORTGUARD",
		"ip6tables -S MOSH-PORTGUARD",
	]),
	rules("nftables", nftablesSubject, ["nft list table inet admin"]),
	rules("nftables-set", nftablesSetSubject, ["nft list set inet admin mosh_ports"]),
	rules("firewalld", firewalldSubject, ["firewall-cmd --zone=public --list-rich-rules | sort"], {
		run: (lab, command) => labFirewalld(lab).cmd(command.replace(/^firewall-cmd /, "")),
	}),
	onHost("status", "README.md", (host) => typed(host, "status")),
	onHost("explain", "docs/troubleshooting.md", (host) => typed(host, "explain", "60001")),
	onHost("log", "docs/operating.md", async (host) => {
		const lines = (await endOfLog(host)).split("\n").filter((line) => line.includes('"event":"port'));
		// In the journal the time is journald's.
		const log = lines.join("\n").replaceAll(/"time":"[^"]*",/g, "");
		return prompt("$", `journalctl -u mosh-portguard -o cat | grep '"event":"port'`, log);
	}),
];

/** Alice's session by the stock server on a host with nftables and the guard. */
function onHost(name: string, document: string, look: (host: Installed) => Promise<string>): Transcript {
	return {
		name,
		document,
		tools: ["nft", "mosh-server", "setpriv"],
		make: async () => {
			const host = await Installed.create(async ({ server }) => {
				await server.sh(`sed -i '1i alice:x:1000:1000::/:/bin/sh' /etc/passwd
					nft -f - <<'END'
${RULESET}END
				`);
			});
			try {
				await host.startDaemon();
				const alice = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups"];
				await host.moshServer(SERVER4, 60001, alice);
				await host.until(async () => (await host.status()).ports[0]?.state === "open");
				return await look(host);
			} finally {
				for (const { pid } of (await host.status()).ports) {
					if (pid !== undefined) {
						process.kill(pid);
					}
				}
				await host.remove();
			}
		},
	};
}

async function typed(host: Installed, ...words: string[]): Promise<string> {
	return prompt("$", ["mosh-portguard", ...words].join(" "), (await host.portguard(...words)).stdout);
}

/** The log up to the end of the session and of the guard. */
async function endOfLog(host: Installed): Promise<string> {
	for (const { pid } of (await host.status()).ports) {
		if (pid !== undefined) {
			process.kill(pid);
		}
	}
	await host.until(() => host.log.includes("port.closed"));
	await host.stopDaemon();
	return host.log;
}

function prompt(sign: "#" | "$", command: string, output: string): string {
	return `${sign} ${command}\n${output.replaceAll(/ +$/gm, "").trimEnd()}\n`;
}
