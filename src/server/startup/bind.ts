/** Binds the first free port of a range: at the requested address, else at any address (protocol §6.1). */

import { isIP } from "node:net";
import { getSystemErrorMap } from "node:util";
import { UdpPort } from "../host/udp-port.js";
import type { PortRange, ServerOptions } from "./arguments.js";

/** As the stock server: the passive result of getaddrinfo(3) on glibc is IPv4 only. */
const ANY_ADDRESS = "0.0.0.0";

/** No port of the range could be bound. Further lines of `message` name the processes that hold the ports. */
export class BindError extends Error {
	readonly code = "BIND_FAILED";
}

/** The server address of the ssh connection, or why it is unknown. @param connection $SSH_CONNECTION */
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
 * @param connection $SSH_CONNECTION
 * @param warn called with a sentence for each request that could not be met
 * @throws BindError if not even the wildcard address has a free port in the range
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

/** Adds a line for each port in use that names its holder. */
async function withHolders(error: BindError, ports: PortRange): Promise<BindError> {
	if ((error.cause as NodeJS.ErrnoException | undefined)?.code !== "EADDRINUSE") {
		return error;
	}
	const { describeHolders } = await import("./port-holder.js");
	return new BindError([error.message, ...describeHolders(ports)].join("\n"), { cause: error.cause });
}

async function firstFree(address: string, ports: PortRange): Promise<UdpPort> {
	if (isIP(address.replace(/%.*$/, "")) === 0) {
		throw new BindError(`"${address}" is not a numeric address`);
	}
	let last: unknown;
	for (let port = ports.first; port <= ports.last; port++) {
		try {
			return await UdpPort.bind(address, port);
		} catch (error) {
			last = error;
		}
	}
	const range = ports.first === ports.last ? `${ports.first}` : `${ports.first}:${ports.last}`;
	throw new BindError(`Cannot bind ${address}, port ${range}: ${reason(last)}`, { cause: last });
}

function reason(error: unknown): string {
	const { errno, code } = error as NodeJS.ErrnoException;
	const text = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
	// "Address already in use", as strerror(3) has it; Node's text begins in lower case.
	return text === undefined ? (code ?? String(error)) : text.charAt(0).toUpperCase() + text.slice(1);
}
