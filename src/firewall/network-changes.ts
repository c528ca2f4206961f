/**
 * Whether anything of the network has changed that `networkState` does not show, and that a reading of the rules depends on: routes and
 * rules of routing, filters, settings, of which the kernel tells by itself, and interfaces and addresses, which are asked for.
 */

import { type Commands, printed } from "../system/commands.js";
import { type Netlink, PROTOCOL, unlessRefused } from "../system/netlink.js";
import type { Watch } from "./firewall.js";

/**
 * In linux/rtnetlink.h: queues and filters, routes and rules of IPv4, of IPv6, `rp_filter`. Not addresses and interfaces: of these it
 * tells much that is of no interest here (lifetimes, scans of wireless ones), and not of each XDP program.
 */
const GROUPS = [4, 7, 8, 11, 19, 24];

/** Of addresses. */
const LIFETIMES = /\d+sec/g;

export class NetworkChanges implements Watch {
	readonly #commands: Commands;
	readonly #netlink: Netlink | undefined;
	#told = 0;
	/** Set while it is heard; ends that. */
	#end: (() => void) | undefined;

	constructor(commands: Commands, netlink: Netlink | undefined) {
		this.#commands = commands;
		this.#netlink = netlink;
	}

	/** The same as long as nothing changes from now on; undefined where that cannot be known. Takes a command. */
	async mark(): Promise<string | undefined> {
		const netlink = this.#netlink;
		if (netlink === undefined) {
			return undefined;
		}
		if (this.#end === undefined) {
			const listening = netlink.listen(PROTOCOL.route, GROUPS, () => this.#tell());
			this.#end = await unlessRefused(listening, undefined);
			if (this.#end === undefined) {
				return undefined;
			}
		}
		const told = this.#told;
		// Of interfaces, too, as `ip link show`.
		const addresses = await printed(this.#commands, "ip", "address", "show");
		return `${told} ${addresses.replace(LIFETIMES, "")}`;
	}

	async stop(): Promise<void> {
		this.#tell();
	}

	/** Once is enough until somebody asks: a router may change its routes all the time. What is not heard may have happened. */
	#tell(): void {
		this.#told += 1;
		this.#end?.();
		this.#end = undefined;
	}
}
