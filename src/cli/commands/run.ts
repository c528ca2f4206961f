/**
 * `mosh-portguard run -- COMMAND`: gives a stock mosh-server what ours does by itself. Its line `MOSH CONNECT PORT KEY` is
 * held back until the port is open, so that the client's first datagram is not lost. Runs as the user, without privilege.
 */

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { StringDecoder } from "node:string_decoder";
import { KernelSocketTable, type SocketTable } from "../../guard/kernel/sockets.js";
import type { UdpSocket } from "../../guard/kernel/udp-socket.js";
import { ask, socketFor } from "../../guard-protocol/client.js";
import { REPORT_BUDGET_MS } from "../../guard-protocol/messages.js";
import { fateAtLogout, SCOPE } from "../../logind/logout.js";
import { messageOf } from "../../system/errors.js";
import type { Context } from "../context.js";

const { signals } = constants;

/** Longer than any line of mosh-server: a program that never ends a line is passed through. */
const MAX_HELD = 4096;

/** Where a mosh-server binds that is not told otherwise. */
const USUAL_PORTS = { first: 60001, last: 60999 };

/** Resolves as a shell would: with the command's own exit code, 128 and its signal's number, 127 when it could not be started. */
export async function run(
	context: Context,
	command: readonly string[],
	sockets: SocketTable = new KernelSocketTable(context.commands),
): Promise<number> {
	// Without it an earlier session's socket on the same port is asked about too.
	const listed = await sockets.read(USUAL_PORTS).catch(() => []);
	const earlier = new Set(listed.map(({ inode }) => inode));
	const { scope, warning } = await fateAtLogout();
	if (warning !== undefined) context.complain(`mosh-portguard: ${warning}\n`);
	const [file = "", ...args] = scope ? [...SCOPE, ...command] : command;
	const child = spawn(file, args, { stdio: ["inherit", "pipe", "inherit"] });
	const ended = new Promise<number>((resolve) => {
		child.on("error", (error) => {
			context.complain(`mosh-portguard: cannot run ${file}: ${error.message}\n`);
			resolve(127);
		});
		child.on("exit", (code, signal) => resolve(code ?? 128 + signals[signal ?? "SIGKILL"]));
	});
	await relay(child.stdout, context, (port) => ownSockets(sockets, port, earlier));
	return await ended;
}

async function relay(
	output: AsyncIterable<Buffer>,
	context: Context,
	sockets: (port: number) => Promise<readonly UdpSocket[]>,
): Promise<void> {
	const decoder = new StringDecoder("utf8");
	let held = "";
	for await (const chunk of output) {
		held += decoder.write(chunk);
		let newline = held.indexOf("\n");
		while (newline >= 0) {
			const line = held.slice(0, newline + 1);
			held = held.slice(newline + 1);
			const port = /^MOSH CONNECT (\d{1,5}) /.exec(line)?.[1];
			if (port !== undefined) await untilOpen(Number(port), context, sockets);
			context.write(line);
			newline = held.indexOf("\n");
		}
		if (held.length <= MAX_HELD) continue;
		context.write(held);
		held = "";
	}
	context.write(held + decoder.end());
}

/** Never fails the login: past the budget, or without a guard, the line goes out and stderr says what is wrong. */
async function untilOpen(
	port: number,
	{ paths, complain }: Context,
	sockets: (port: number) => Promise<readonly UdpSocket[]>,
): Promise<void> {
	const deadline = performance.now() + REPORT_BUDGET_MS;
	try {
		for (const { family, address } of await sockets(port)) {
			const budget = Math.max(1, Math.ceil(deadline - performance.now()));
			const answer = await ask({ type: "ask", family, address, port }, socketFor(paths.publicSocket), budget);
			if (answer.type === "refused" || answer.type === "error") complain(warning(port, answer.reason));
		}
	} catch (error) {
		complain(warning(port, messageOf(error)));
	}
}

/** Bound since the command was started: a session of before may have the same port on another address, and be ending. */
async function ownSockets(
	sockets: SocketTable,
	port: number,
	earlier: ReadonlySet<number>,
): Promise<UdpSocket[]> {
	const uid = process.getuid?.();
	const found = await sockets.readPorts(new Set([port]));
	return found.filter((socket) => socket.port === port && socket.uid === uid && !earlier.has(socket.inode));
}

function warning(port: number, reason: string): string {
	return `mosh-portguard: UDP port ${port} may not be open: ${reason}. \`mosh-portguard explain ${port}\` tells more.\n`;
}
