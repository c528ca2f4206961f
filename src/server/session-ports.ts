/**
 * The UDP ports of one session, each with its lease from the port guard. A session begins with one; a client that reaches this host
 * by another address needs another, since the mosh wrapper has servers bind the one address that ssh has reached.
 */

import { GuardLease, type ReportOutcome } from "../guard-protocol/client.js";
import type { DatagramPort, PeerAddress } from "../ssp/index.js";
import type { AttachRequest } from "./control/messages.js";
import type { UdpPort } from "./host/udp-port.js";
import { DEFAULT_PORTS } from "./startup/arguments.js";
import { bindPort, sshAddress } from "./startup/bind.js";
import { isGuardExpected, mayNotBeOpen } from "./startup/guard-report.js";

/** One where the session was, and one where it goes: before there is another, those are closed by which nobody types or watches. */
const USUAL_PORTS = 2;
/** The third is for somebody who watches from elsewhere. */
export const MAX_PORTS = 3;

/** The client cannot be let in; `message` says why, without subject and full stop. */
export class AttachRefused extends Error {}

export interface SessionPort {
	readonly port: UdpPort;
	readonly lease: GuardLease;
	/** One for each client that comes by this port. */
	readonly handles: Set<DatagramPort>;
}

export interface SessionPortsParts {
	/** A datagram has arrived by any of the ports. */
	receive(datagram: Uint8Array, from: PeerAddress): void;
	/**
	 * Gives up the clients with these handles, which are only told that they have left, or were promised the session before and have
	 * not come. Returns whether nobody else has any of the handles.
	 */
	giveUp(handles: ReadonlySet<DatagramPort>): boolean;
	/** How long to wait for the guard (ms). */
	readonly budget: number;
	/** Guard's public socket, unless the usual. */
	readonly guard?: string;
}

export class SessionPorts {
	readonly #parts: SessionPortsParts;
	/** The newest last. */
	#ports: SessionPort[] = [];
	#admitting: Promise<unknown> = Promise.resolve();

	/** @param lease of the port, if a guard was there to give one; else one is asked for until there is */
	constructor(port: UdpPort, lease: GuardLease | undefined, parts: SessionPortsParts) {
		this.#parts = parts;
		const given = lease ?? this.#leaseFor(port);
		if (lease === undefined) {
			void given.start();
		}
		this.#add(port, given);
	}

	/** The newest first. */
	get numbers(): readonly number[] {
		return this.#ports.map(({ port }) => port.port).reverse();
	}

	/** A handle on the first port, or the one that its first client is known by already. */
	first(known?: DatagramPort): DatagramPort {
		return handleOn(this.#ports[0] as SessionPort, known);
	}

	/** The lease of the port that a client comes by. */
	leaseOf(handle: DatagramPort): GuardLease | undefined {
		return this.#ports.find(({ handles }) => handles.has(handle))?.lease;
	}

	/**
	 * A handle for a client that comes as the request says, on a port there is or on a new one. One after the other: two that come by
	 * the same new address share a port.
	 * @param warn called with a sentence for each thing that is not as it should be
	 * @throws AttachRefused
	 */
	admit(
		request: AttachRequest,
		warn: (sentence: string) => void,
	): Promise<{ handle: DatagramPort; port: number }> {
		const admitted = this.#admitting.then(async () => {
			const held =
				this.#ports.findLast(({ port }) => suits(port, request)) ?? (await this.#open(request, warn));
			return { handle: handleOn(held), port: held.port.port };
		});
		this.#admitting = admitted.catch(() => undefined);
		return admitted;
	}

	/** Closes the ports that no client comes by any more. @param used all handles that are in use */
	closeUnused(used: readonly DatagramPort[]): void {
		for (const held of [...this.#ports]) {
			for (const handle of held.handles) {
				if (!used.includes(handle)) {
					held.handles.delete(handle);
				}
			}
			if (held.handles.size === 0) {
				this.#close(held);
			}
		}
	}

	close(): void {
		for (const held of [...this.#ports]) {
			this.#close(held);
		}
	}

	async #open({ bind, ports, ssh }: AttachRequest, warn: (sentence: string) => void): Promise<SessionPort> {
		this.#closeIdle();
		let port: UdpPort;
		try {
			port = await bindPort(bind, ports ?? DEFAULT_PORTS, ssh, warn);
		} catch (error) {
			throw new AttachRefused(firstLine((error as Error).message));
		}
		const lease = this.#leaseFor(port);
		const problem = problemOf(await lease.start(this.#parts.budget));
		if (problem?.refused === true) {
			lease.stop();
			port.close();
			throw new AttachRefused(`the guard refuses another port: ${problem.reason}`);
		}
		if (problem !== undefined) {
			warn(mayNotBeOpen(port.port, problem.reason));
		}
		return this.#add(port, lease);
	}

	/** @throws AttachRefused if all ports are needed */
	#closeIdle(): void {
		for (const held of [...this.#ports]) {
			if (this.#ports.length >= USUAL_PORTS && this.#parts.giveUp(held.handles)) {
				this.#close(held);
			}
		}
		if (this.#ports.length >= MAX_PORTS) {
			throw new AttachRefused("all ports of the session are in use; try again in a minute");
		}
	}

	#leaseFor({ family, address, port }: UdpPort): GuardLease {
		return new GuardLease({ family, address, port }, process.pid, this.#parts.guard);
	}

	#add(port: UdpPort, lease: GuardLease): SessionPort {
		const held: SessionPort = { port, lease, handles: new Set() };
		this.#ports.push(held);
		port.onDatagram((datagram, from) => this.#parts.receive(datagram, from));
		return held;
	}

	#close(held: SessionPort): void {
		this.#ports = this.#ports.filter((other) => other !== held);
		held.port.close();
		held.lease.stop();
	}
}

function handleOn({ port, handles }: SessionPort, handle = port.share()): DatagramPort {
	handles.add(handle);
	return handle;
}

/** Whether a client that comes as the request says can reach the port. */
export function suits(
	{ address, port }: Pick<UdpPort, "address" | "port">,
	{ bind, ports, ssh }: Pick<AttachRequest, "bind" | "ports" | "ssh">,
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
