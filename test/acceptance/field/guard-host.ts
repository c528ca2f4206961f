/** A lab host on which one set-up after another is tried: the guard on it, its rules as they are listed, and their removal. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { Opening } from "../../../src/firewall/firewall.js";
import type { PortStatus } from "../../../src/guard/report/status.js";
import { AgentProcess } from "../../lab/agent-process.js";
import { type Lab, startLab } from "../../lab/hosts.js";
import type { Reach } from "../../lab/reach.js";
import { netlinkModule } from "../../support/netlink.js";
import { DENIED, PORT } from "./field-case.js";
import type { Question } from "./guard-agent.js";

/** The firewall that was chosen, or why the guard does not start. */
export type Started = { readonly name: string; readonly reason: string } | { readonly failed: string };

/** The guard's answer to a report: no code means that the port is open. */
export interface Answered {
	readonly code?: string;
}

export interface Said {
	readonly ports: readonly (Opening & Pick<PortStatus, "state"> & { readonly reason: string })[];
	readonly problems: readonly string[];
}

/** What the rows of a table share: how such a host is made, and how it is made as before. */
export interface HostKind {
	readonly tools: readonly string[];
	/** Commands that print every rule in force and on disk. */
	readonly lists: readonly string[];
	/** Once; nothing is filtered afterwards. */
	readonly prepare?: (lab: Lab) => Promise<unknown>;
	/** By sh, before each row: removes all rules. */
	readonly reset: string;
}

const HARDWARE_ADDRESS = "ip -br link show dev eth0 | awk '{ print $3 }'";

/** As bin/guard has it: a process with little memory starts commands at less cost. */
const FRUGAL = ["--max-semi-space-size=1", "--optimize-for-size", "--single-threaded"];

export class GuardHost {
	readonly lab: Lab;
	readonly #kind: HostKind;
	readonly #agent: AgentProcess;
	readonly #folder: string;

	private constructor(lab: Lab, kind: HostKind, agent: AgentProcess, folder: string) {
		this.lab = lab;
		this.#kind = kind;
		this.#agent = agent;
		this.#folder = folder;
	}

	static async create(kind: HostKind): Promise<GuardHost> {
		const folder = await mkdtemp(join(tmpdir(), "portguard-field-"));
		const file = join(folder, "guard-agent.mjs");
		await build({
			entryPoints: [new URL("guard-agent.ts", import.meta.url).pathname],
			outfile: file,
			bundle: true,
			minify: true,
			platform: "node",
			target: "node20",
			format: "esm",
			banner: {
				js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
			},
		});
		const lab = await startLab();
		const [server, client] = await Promise.all(
			[lab.server, lab.client].map((host) => host.sh(HARDWARE_ADDRESS)),
		);
		// For good: rules that let in nothing would drop what asks for neighbours too.
		const know = (mac: string | undefined, last: number) =>
			["10.77.0.", "fd77::"]
				.map((net) => `ip neigh replace ${net}${last} lladdr ${mac?.trim()} nud permanent dev eth0`)
				.join("\n");
		await lab.server.sh(
			`mkdir -p /run/dbus; ln -s lab_bus_socket /run/dbus/system_bus_socket\n${know(client, 2)}`,
		);
		await lab.client.sh(`${know(server, 1)}\nip route add 192.0.2.0/24 via 10.77.0.1`);
		await kind.prepare?.(lab);
		const enter = ["/usr/bin/nsenter", "-t", String(lab.server.pid), "-n", "-m", "--wdns=/", "--"];
		return new GuardHost(
			lab,
			kind,
			new AgentProcess([...enter, process.execPath, ...FRUGAL, file, netlinkModule()]),
			folder,
		);
	}

	/** Nothing else filters then. */
	async setUp(script: string): Promise<void> {
		await this.lab.server.sh(`${this.#kind.reset}\n${script}`);
	}

	/** Without counters and times. */
	async listing(): Promise<string> {
		const text = await this.ask<string>({ do: "list", lines: this.#kind.lists });
		return (
			text
				.replace(/^#.*\n/gm, "")
				.replace(/\[\d+:\d+\]/g, "[]")
				.replace(/packets \d+ bytes \d+/g, "")
				.replace(/ used \d+ bytes/g, "")
				.replace(/ expires \w+/g, "")
				// What datagrams have put there.
				.replace(/^\t\telements = \{ .*( limit rate | timeout 1m).*\n/gm, "")
		);
	}

	ask<T = unknown>(question: Question): Promise<T> {
		return this.#agent.ask<T>(question);
	}

	reach({ address, port }: Opening): Promise<Reach> {
		return this.lab.client.agent.reach(address, port);
	}

	async remove(): Promise<void> {
		await this.#agent.stop();
		await this.lab.stop();
		await rm(this.#folder, { recursive: true, force: true });
	}
}

/** What is left of a listing without what the guard has put there: the administrator's own. */
export function withoutOurs(listing: string): string {
	return (
		listing
			// Sets and chains of nft, whose last line is their closing brace.
			.replace(/^\t(set|chain) (mosh_portguard\w*|MOSH-PORTGUARD) \{\n(.*\n)*?\t\}\n+/gm, "")
			.replace(/^.*(mosh-portguard|mosh_portguard|MOSH-PORTGUARD).*\n/gm, "")
			// firewalld has no room for a name.
			.replace(new RegExp(`^.* daddr \\S+ udp dport (${PORT}|${DENIED}) .*accept\\n`, "gm"), "")
			.replace(/\n\n+/g, "\n")
	);
}
