/** Finds a free port: the requested address first, then every address (protocol §6.1). */

import { isIP } from "node:net";
import { UdpPort } from "../host/udp-port.js";
import type { PortRange, ServerOptions } from "./arguments.js";
import { systemErrorText } from "./system-error.js";

/** What getaddrinfo's passive answer is on glibc: IPv4 only. */
const ANY_ADDRESS = "0.0.0.0";

/** No port of the range could be bound. `message` has further lines on who holds the ports. */
export class BindError extends Error {
	readonly code = "BIND_FAILED";
}

/** The address ssh was reached at, or why it is not known. */
export function sshAddress(
	connection: string | undefined,
): { readonly address: string } | { readonly problem: string } {
	if (connection === undefined) {
		return { problem: "SSH_CONNECTION is not set; binding to any interface." };
	}
	const address = connection.trim().split(/\s+/)[2];
	return address === undefined
		? { problem: "SSH_CONNECTION cannot be parsed; binding to any interface." }
		: { address: address.replace(/^::ffff:/i, "") };
}

/**
 * @param warn receives a sentence for each thing that did not go as asked
 * @throws BindError when not even the wildcard address has a free port in the range
 */
export async function bindPort(
	bind: ServerOptions["bind"],
	ports: PortRange,
	connection: string | undefined,
	warn: (sentence: string) => void,
): Promise<UdpPort> {
	let requested = bind.kind === "address" ? bind.address : undefined;
	if (bind.kind === "ssh") {
		const found = sshAddress(connection);
		if ("address" in found) {
			requested = found.address;
		} else {
			warn(found.problem);
		}
	}
	if (requested !== undefined) {
		try {
			return await firstFree(requested, ports);
		} catch (error) {
			warn(`${(error as Error).message}; trying any interface.`);
		}
	}
	try {
		return await firstFree(ANY_ADDRESS, ports);
	} catch (error) {
		throw error instanceof BindError ? await withHolders(error, ports) : error;
	}
}

/** Who has the ports, as further lines. */
async function withHolders(error: BindError, ports: PortRange): Promise<BindError> {
	if ((error.cause as NodeJS.ErrnoException | undefined)?.code !== "EADDRINUSE") return error;
	const { describeHolders } = await import("./port-holder.js");
	return new BindError([error.message, ...describeHolders(ports)].join("\n"), { cause: error.cause });
}

async function firstFree(address: string, ports: PortRange): Promise<UdpPort> {
	if (isIP(address.replace(/%.*$/, "")) === 0) {
		throw new BindError(`"${address}" is not a numeric address`);
	}
	let last: unknown;
	for (let port = ports.low; port <= ports.high; port++) {
		try {
			return await UdpPort.bind(address, port);
		} catch (error) {
			last = error;
		}
	}
	const range = ports.low === ports.high ? `${ports.low}` : `${ports.low}:${ports.high}`;
	throw new BindError(`Cannot bind ${address}, port ${range}: ${reason(last)}`, { cause: last });
}

function reason(error: unknown): string {
	const { errno, code } = error as NodeJS.ErrnoException;
	const text = errno === undefined ? undefined : systemErrorText(errno);
	return text ?? code ?? String(error);
}
