/**
 * `mosh-portguard run -- COMMAND`: does for the stock mosh-server what the included one does by itself. The line
 * `MOSH CONNECT PORT KEY` is held back until the port is open, so that the client's first datagram is not lost. Runs unprivileged,
 * as the user.
 */

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { StringDecoder } from "node:string_decoder";
import { KernelSocketTable, type SocketTable } from "../../guard/kernel/sockets.js";
import type { UdpSocket } from "../../guard/kernel/udp-socket.js";
import { ask, socketFor } from "../../guard-protocol/client.js";
import { REPORT_BUDGET_MS } from "../../guard-protocol/messages.js";
import { logoutBehavior, SCOPE } from "../../logind/logout.js";
import { messageOf } from "../../system/errors.js";
import type { Context } from "../context.js";

const { signals } = constants;

/** Characters; longer than any line of mosh-server. Output without line ends is passed through. */
const MAX_HELD = 4096;

/** The ports that mosh-server tries by default. */
const USUAL_PORTS = { first: 60001, last: 60999 };

/** Exit code as in a shell: that of the command, 128 plus the number of its signal, or 127 when it could not be started. */
export async function run(
	context: Context,
	command: readonly string[],
	sockets: SocketTable = new KernelSocketTable(context.commands),
): Promise<number> {
	// Otherwise sockets of earlier sessions on the same port would be included.
	const listed = await sockets.read(USUAL_PORTS).catch(() => []);
	const earlier = new Set(listed.map(({ inode }) => inode));
	const { scope, ends } = await logoutBehavior();
	if (ends !== undefined) {
		context.complain(`mosh-portguard: this session will end ${ends}.\n`);
	}
	const [file = "", ...args] = [...(scope ? SCOPE : []), ...asCalled(command)];
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

/**
 * The command such that its environment and arguments are, byte for byte, those of the shell that the launcher names in
 * MOSH_PORTGUARD_RERUN (`PID:HELPER`): Node decodes both as UTF-8, and shells alter the environment (native/boundary.c).
 */
function asCalled(command: readonly string[]): readonly string[] {
	const [, caller, helper] = /^(\d+):(.+)$/s.exec(process.env.MOSH_PORTGUARD_RERUN ?? "") ?? [];
	return caller === undefined || helper === undefined
		? command
		: [helper, "rerun", caller, String(command.length - 1), ...command];
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
			if (port !== undefined) {
				await untilOpen(Number(port), context, sockets);
			}
			context.write(line);
			newline = held.indexOf("\n");
		}
		if (held.length <= MAX_HELD) {
			continue;
		}
		context.write(held);
		held = "";
	}
	context.write(held + decoder.end());
}

/** Never fails the login: after the time limit, or without a guard, the line is printed and stderr gives the reason. */
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
			if (answer.type === "refused" || answer.type === "error") {
				complain(warning(port, answer.reason));
			}
		}
	} catch (error) {
		complain(warning(port, messageOf(error)));
	}
}

/** Sockets bound since the command was started: an earlier session that is ending may hold the port on another address. */
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
	return `mosh-portguard: UDP port ${port} may not be open: ${reason}. For details, run \`mosh-portguard explain ${port}\`.\n`;
}
