/** A lab host with one firewall in force, the installed guard and stock mosh-servers on it. */

import { readdirSync, readlinkSync } from "node:fs";
import type { Firewall } from "../../src/firewall/firewall.js";
import { Installed } from "../cli/installed.js";
import { type Subject, sorted } from "../firewall/conformance.js";
import { firewalldSubject } from "../firewall/firewalld/subject.js";
import { iptablesSubject } from "../firewall/iptables/subject.js";
import { nftablesSetSubject, nftablesSubject } from "../firewall/nftables/subject.js";
import { ufwSubject } from "../firewall/ufw/subject.js";
import { CONTROL_PORT, labMissing, SERVER4, SERVER6 } from "../lab/hosts.js";
import { until } from "../support/wait.js";
import { StockSessions } from "./stock-sessions.js";

export const subjects: readonly Subject[] = [
	ufwSubject,
	iptablesSubject("nft"),
	iptablesSubject("legacy"),
	nftablesSubject,
	nftablesSetSubject,
	firewalldSubject,
];

/** Limits that no test reaches. */
export const AMPLE = "[limits]\nper_user = 1000\ntotal = 1000\nper_minute = 10000\n";

/** Why a subject cannot be tested here, or false. */
export async function skipReason(...tools: string[]): Promise<string | false> {
	return (await labMissing("mosh-server", "ss", "stdbuf", ...tools)) ?? false;
}

export class GuardedHost {
	readonly sessions: StockSessions;
	/** Reads the rules beside the guard. */
	#reader: Firewall | undefined;

	readonly installed: Installed;
	readonly subject: Subject;

	private constructor(installed: Installed, subject: Subject) {
		this.installed = installed;
		this.subject = subject;
		this.sessions = new StockSessions(installed);
	}

	static async create(subject: Subject): Promise<GuardedHost> {
		const installed = await Installed.create(subject.setUp);
		const host = new GuardedHost(installed, subject);
		installed.configure(AMPLE + (subject.configuration ?? ""));
		// A stock server starts utempter's helper whenever a datagram comes from another port than the last one, as every probe
		// does: half of the processor time of these tests.
		// The bare probe needs an answer to each datagram, which the kernel gives no oftener than this lets it.
		await installed.lab.server.sh(`
			echo 0 > /proc/sys/net/ipv4/icmp_ratelimit
			echo 0 > /proc/sys/net/ipv6/icmp/ratelimit
			echo 1000000 > /proc/sys/net/ipv4/icmp_msgs_per_sec
			echo 1000000 > /proc/sys/net/ipv4/icmp_msgs_burst
			for helper in /usr/lib/*/utempter/utempter; do [ ! -e "$helper" ] || mount --bind /dev/null "$helper"; done
			mkdir -p /run/dbus; ln -s lab_bus_socket /run/dbus/system_bus_socket
		`);
		for (const address of [SERVER4, SERVER6]) {
			await host.lab.server.agent.echo(address, CONTROL_PORT);
		}
		return host;
	}

	get lab() {
		return this.installed.lab;
	}

	/** Every rule in force and on disk. */
	listing(): Promise<string> {
		return this.subject.listing(this.lab);
	}

	/** Keys of our openings as the firewall lists them; none while it cannot be read. */
	async open(): Promise<string[]> {
		this.#reader ??= await this.subject.create(this.lab);
		const reader = this.#reader;
		return sorted(await reader.list().catch(() => []));
	}

	/** Resolves when the rules are those of the live sessions and no others. */
	async exactlyRight(): Promise<void> {
		const wanted = () =>
			sorted(
				this.sessions.live.map(({ address, port }) => ({
					family: address.includes(":") ? "ipv6" : "ipv4",
					address,
					port,
				})),
			).join();
		await until(
			"exactly the live sessions' ports are open",
			async () => (await this.open()).join() === wanted(),
			{
				explain: async () =>
					`wanted ${wanted()}\nopen   ${await this.open()}\n${this.installed.log.slice(-4000)}`,
			},
		);
	}

	async start(): Promise<void> {
		this.installed.launchDaemon();
		await until("the guard starts", () => this.installed.log.includes("guard.started"), {
			explain: () => this.installed.log,
		});
	}

	/** By SIGTERM; resolves with its exit code. */
	stop(): Promise<number | null> {
		return this.installed.stopDaemon();
	}

	async remove(): Promise<void> {
		const network = networkOf(this.lab.server.pid);
		if (this.#reader !== undefined) {
			await this.subject.dispose?.(this.#reader);
		}
		await this.installed.remove();
		// Mosh-servers, and the listeners of a guard that was killed, which would end at their next event, which never comes.
		for (const pid of processIds().filter((pid) => networkOf(pid) === network)) {
			try {
				process.kill(pid, "SIGKILL");
			} catch {
				// It ended by itself.
			}
		}
	}
}

function processIds(): number[] {
	return readdirSync("/proc")
		.filter((name) => /^\d+$/.test(name))
		.map(Number);
}

/** The network namespace of a process; undefined when it has ended. */
function networkOf(pid: number): string | undefined {
	try {
		return readlinkSync(`/proc/${pid}/ns/net`);
	} catch {
		return undefined;
	}
}
