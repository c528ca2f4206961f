/** Answers whether datagrams reach a socket's port, to whoever reports it or asks, once the answer no longer changes by itself. */

import type { Opening } from "../firewall/firewall.js";
import { openingKey } from "../firewall/opening.js";
import { isLoopback } from "../system/addresses.js";
import type { UdpSocket } from "./kernel/udp-socket.js";
import type { PortStatus } from "./report/status.js";
import type { Lease } from "./sessions/leases.js";
import type { Refusal } from "./sessions/refusals.js";

/** Milliseconds before each attempt: a report may arrive before its process is seen to hold the socket. */
const ATTEMPT_DELAYS_MS = [0, 2, 5, 15, 40, 100] as const;

const NOT_BOUND: Refusal = { code: "not-bound" };

/** Refusals that may end within milliseconds, as the steps of a login follow each other. */
const TRANSIENT = new Set(["not-bound", "no-holder", "many-holders", "firewall-failed"]);

export interface AnswersDependencies {
	/** Resolves when the port's sockets have been read from the kernel. */
	readonly readPort: (port: number) => Promise<void>;
	/** Resolves when a reconcile step that began after the call has ended. */
	readonly step: () => Promise<void>;
	/** The socket at an address and port, as read last. */
	readonly socketAt: (opening: Opening) => UdpSocket | undefined;
	readonly isHeldBy: (opening: Opening, pid: number) => boolean;
	readonly addLease: (lease: Lease) => boolean;
	readonly refusalOf: (opening: Opening) => Refusal | undefined;
	readonly isOpen: (opening: Opening) => boolean;
	/** Why the firewall does not work, as far as it does not. */
	readonly firewallFailure: () => string | undefined;
	/** What a status says of the socket's port. */
	readonly statusOf: (opening: Opening) => Promise<PortStatus | undefined>;
	/** Why what is open cannot be reached all the same, by the rules of the host. */
	readonly shut: (opening: Opening) => Promise<Refusal | undefined>;
}

export class Answers {
	readonly #dependencies: AnswersDependencies;
	readonly #claimants: Lease[] = [];

	constructor(dependencies: AnswersDependencies) {
		this.#dependencies = dependencies;
	}

	/** Reports that are being answered: their processes are where holders are sought first. */
	get claimants(): readonly Lease[] {
		return this.#claimants;
	}

	/** Undefined once the port is open, else why it is not. Nothing filters loopback, so its ports count as open. */
	async ask(opening: Opening): Promise<Refusal | undefined> {
		if (isLoopback(opening)) {
			return undefined;
		}
		return await this.#settled(opening);
	}

	/** The same for a report, whose lease is added if its process really holds the socket: refusals may be lifted later. */
	async report(lease: Lease): Promise<Refusal | undefined> {
		const { opening, pid, uid } = lease;
		if (isLoopback(opening)) {
			return undefined;
		}
		const { isHeldBy, addLease, refusalOf, step } = this.#dependencies;
		this.#claimants.push(lease);
		try {
			return await this.#settled(
				opening,
				(socket) => (uid === undefined || uid === socket.uid ? undefined : { code: "wrong-user" }),
				async () => {
					// Mostly the step before has counted on it.
					if (isHeldBy(opening, pid) && (!addLease(lease) || refusalOf(opening) !== undefined)) {
						await step();
					}
				},
			);
		} finally {
			this.#claimants.splice(this.#claimants.indexOf(lease), 1);
		}
	}

	/**
	 * @param objection refusal that goes before the verdict on the socket
	 * @param evaluated called when the socket has been evaluated
	 */
	async #settled(
		opening: Opening,
		objection: (socket: UdpSocket) => Refusal | undefined = () => undefined,
		evaluated: () => Promise<void> = async () => undefined,
	): Promise<Refusal | undefined> {
		const { readPort, step, socketAt } = this.#dependencies;
		let refusal: Refusal | undefined;
		for (const delay of ATTEMPT_DELAYS_MS) {
			if (delay > 0) {
				await new Promise((resolve) => setTimeout(resolve, delay));
			}
			await readPort(opening.port);
			const socket = socketAt(opening);
			refusal = socket === undefined ? NOT_BOUND : objection(socket);
			if (refusal === undefined) {
				await step();
				await evaluated();
				refusal = this.#refusalOf(opening);
			}
			if (refusal === undefined || !TRANSIENT.has(refusal.code)) {
				break;
			}
		}
		if (refusal?.code === "firewall-failed") {
			return this.#whileItFails(opening, refusal);
		}
		return refusal ?? (await this.#dependencies.shut(opening));
	}

	/** The rules may let datagrams in all the same, or be the administrator's to shut: as the status says. */
	async #whileItFails(opening: Opening, refusal: Refusal): Promise<Refusal | undefined> {
		const { state, reason = "" } = (await this.#dependencies.statusOf(opening)) ?? {};
		switch (state) {
			case "open":
				return undefined;
			case "blocked":
			case "unverified":
				return { code: state, detail: reason };
			default:
				return refusal;
		}
	}

	#refusalOf(opening: Opening): Refusal | undefined {
		const { refusalOf, isOpen, firewallFailure } = this.#dependencies;
		const refusal = refusalOf(opening);
		if (refusal !== undefined || isOpen(opening)) {
			return refusal;
		}
		const detail = firewallFailure();
		return { code: "firewall-failed", ...(detail === undefined ? {} : { detail }) };
	}
}

/** The socket of `sockets` at an address and port. */
export function socketAt(sockets: readonly UdpSocket[], opening: Opening): UdpSocket | undefined {
	const key = openingKey(opening);
	return sockets.find((socket) => socket.port === opening.port && openingKey(socket) === key);
}
