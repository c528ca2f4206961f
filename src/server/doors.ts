/**
 * The UDP ports of one session, each with its lease from the port guard. A session begins with one; a client that reaches this host
 * by another address needs another, since the mosh wrapper has servers bind the one address that ssh has reached.
 */

import { GuardLease, type ReportOutcome } from "../guard-protocol/client.js";
import type { DatagramPort, PeerAddress } from "../ssp/index.js";
import type { AttachQuestion } from "./control/messages.js";
import type { UdpPort } from "./host/udp-port.js";
import { DEFAULT_PORTS } from "./startup/arguments.js";
import { bindPort, sshAddress } from "./startup/bind.js";
import { isGuardExpected, mayNotBeOpen } from "./startup/guard-report.js";

/** One where the session was, and one where it goes: beyond, those doors make room by which nobody has the session or watches. */
const ROOMY = 2;
/** The third is for somebody who watches from elsewhere. */
export const MAX_DOORS = 3;

/** The client cannot be let in; `message` says why, without subject and full stop. */
export class Refused extends Error {}

export interface Door {
	readonly port: UdpPort;
	readonly lease: GuardLease;
	/** What each client by this port was given of it. */
	readonly seats: Set<DatagramPort>;
}

export interface DoorParts {
	/** A datagram has arrived by any of the ports. */
	receive(datagram: Uint8Array, from: PeerAddress): void;
	/**
	 * Gives up the clients with these seats, which are only told that they have left, or were promised the session before and have
	 * not come. Returns whether nobody else has any of the seats.
	 */
	giveUp(seats: ReadonlySet<DatagramPort>): boolean;
	/** How long to wait for the guard (ms). */
	readonly budget: number;
	/** Guard's public socket, unless the usual. */
	readonly guard?: string;
}

export class Doors {
	readonly #parts: DoorParts;
	/** The newest last. */
	#doors: Door[] = [];
	#admitting: Promise<unknown> = Promise.resolve();

	/** @param lease of the port, if a guard was there to give one; else one is asked for until there is */
	constructor(port: UdpPort, lease: GuardLease | undefined, parts: DoorParts) {
		this.#parts = parts;
		const given = lease ?? this.#leaseFor(port);
		if (lease === undefined) {
			void given.start();
		}
		this.#add(port, given);
	}

	/** The newest first. */
	get ports(): readonly number[] {
		return this.#doors.map(({ port }) => port.port).reverse();
	}

	/** A seat at the first door. */
	first(): DatagramPort {
		return seatAt(this.#doors[0] as Door);
	}

	/** The lease of the door where a client has its seat. */
	leaseOf(seat: DatagramPort): GuardLease | undefined {
		return this.#doors.find(({ seats }) => seats.has(seat))?.lease;
	}

	/**
	 * A seat for a client that comes as the question says, at a door there is or at a new one. One after the other: two askers from
	 * the same new address share a door.
	 * @param warn called with a sentence for each thing that is not as it should be
	 * @throws Refused
	 */
	admit(
		question: AttachQuestion,
		warn: (sentence: string) => void,
	): Promise<{ seat: DatagramPort; port: number }> {
		const admitted = this.#admitting.then(async () => {
			const door =
				this.#doors.findLast(({ port }) => suits(port, question)) ?? (await this.#open(question, warn));
			return { seat: seatAt(door), port: door.port.port };
		});
		this.#admitting = admitted.catch(() => undefined);
		return admitted;
	}

	/** Closes the doors at which nobody has a seat any more. @param taken all seats that are in use */
	closeUnused(taken: readonly DatagramPort[]): void {
		for (const door of [...this.#doors]) {
			for (const seat of door.seats) {
				if (!taken.includes(seat)) {
					door.seats.delete(seat);
				}
			}
			if (door.seats.size === 0) {
				this.#close(door);
			}
		}
	}

	close(): void {
		for (const door of [...this.#doors]) {
			this.#close(door);
		}
	}

	async #open({ bind, ports, ssh }: AttachQuestion, warn: (sentence: string) => void): Promise<Door> {
		this.#makeRoom();
		let port: UdpPort;
		try {
			port = await bindPort(bind, ports ?? DEFAULT_PORTS, ssh, warn);
		} catch (error) {
			throw new Refused(firstLine((error as Error).message));
		}
		const lease = this.#leaseFor(port);
		const problem = problemOf(await lease.start(this.#parts.budget));
		if (problem?.refused === true) {
			lease.stop();
			port.close();
			throw new Refused(`the guard refuses another port: ${problem.reason}`);
		}
		if (problem !== undefined) {
			warn(mayNotBeOpen(port.port, problem.reason));
		}
		return this.#add(port, lease);
	}

	/** @throws Refused if all doors are needed */
	#makeRoom(): void {
		for (const door of [...this.#doors]) {
			if (this.#doors.length >= ROOMY && this.#parts.giveUp(door.seats)) {
				this.#close(door);
			}
		}
		if (this.#doors.length >= MAX_DOORS) {
			throw new Refused("all ports of the session are in use; try again in a minute");
		}
	}

	#leaseFor({ family, address, port }: UdpPort): GuardLease {
		return new GuardLease({ family, address, port }, process.pid, this.#parts.guard);
	}

	#add(port: UdpPort, lease: GuardLease): Door {
		const door: Door = { port, lease, seats: new Set() };
		this.#doors.push(door);
		port.onDatagram((datagram, from) => this.#parts.receive(datagram, from));
		return door;
	}

	#close(door: Door): void {
		this.#doors = this.#doors.filter((other) => other !== door);
		door.port.close();
		door.lease.stop();
	}
}

function seatAt({ port, seats }: Door): DatagramPort {
	const seat = port.share();
	seats.add(seat);
	return seat;
}

/** Whether a client that comes as the question says can reach the port. */
export function suits(
	{ address, port }: Pick<UdpPort, "address" | "port">,
	{ bind, ports, ssh }: Pick<AttachQuestion, "bind" | "ports" | "ssh">,
): boolean {
	if (ports !== undefined && ports.last !== 0 && (port < ports.first || port > ports.last)) {
		return false;
	}
	const reached = sshAddress(ssh);
	const wanted = bind.kind === "address" ? bind.address : "address" in reached ? reached.address : undefined;
	switch (address) {
		case "::":
			return true;
		case "0.0.0.0":
			return wanted === undefined || !wanted.includes(":");
		default:
			return bind.kind !== "any" && wanted?.replace(/%.*$/, "") === address;
	}
}

/** Whether the guard will not open the port, or it is not known; undefined if the port is open, or the host has no guard. */
function problemOf(
	outcome: ReportOutcome,
): { readonly refused: boolean; readonly reason: string } | undefined {
	if (outcome.state === "open" || (outcome.code === "no-guard" && !isGuardExpected())) {
		return undefined;
	}
	return { refused: outcome.refused ?? false, reason: outcome.reason };
}

function firstLine(text: string): string {
	return text.split("\n")[0] ?? text;
}
