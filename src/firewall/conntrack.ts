/** Cuts the flows that the kernel still lets through to a port after it was closed. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isWildcard } from "../system/addresses.js";
import type { Commands } from "../system/commands.js";
import { CommandError } from "../system/errors.js";
import type { Opening } from "./firewall.js";
import { checkOpening } from "./opening.js";

/** conntrack's exit code when no entry matched. */
const NOTHING_DELETED = 1;

/**
 * Deletes the conntrack entries of flows to closed openings; without it a client of the ended session, or anybody with
 * its address, reaches whatever binds the port next. Only for ports that no wanted socket has: a live session survives
 * it, but needs a datagram of its own to be heard again.
 * @throws CommandError `tool-missing` where the package conntrack is not installed
 */
export async function cutFlows(commands: Commands, closed: readonly Opening[]): Promise<void> {
	for (const opening of closed) checkOpening(opening);
	const lines = closed.map(deletion);
	if (lines.length > 1 && (await cutTogether(commands, lines))) return;
	for (const line of lines) await commands.run("conntrack", line, { answers: [NOTHING_DELETED] });
}

/**
 * One process for all: 200 sessions that end at once would otherwise take as many, and seconds.
 * From a file, since conntrack opens /dev/stdin by name, which fails for the socket that Node makes of a standard input.
 */
async function cutTogether(commands: Commands, lines: readonly string[][]): Promise<boolean> {
	let folder: string | undefined;
	try {
		folder = await mkdtemp(join(tmpdir(), "mosh-portguard-"));
		const file = join(folder, "flows");
		await writeFile(file, lines.map((line) => `${line.join(" ")}\n`).join(""));
		await commands.run("conntrack", ["--load-file", file]);
		return true;
	} catch (error) {
		if (error instanceof CommandError && error.code !== "tool-failed") throw error;
		// Before version 1.4.7 it knows no such option; and a disk may be full.
		return false;
	} finally {
		if (folder !== undefined) await rm(folder, { recursive: true, force: true });
	}
}

function deletion(opening: Opening): string[] {
	const destination = isWildcard(opening) ? [] : ["--orig-dst", opening.address];
	return [
		...["-D", "-f", opening.family, "-p", "udp"],
		...[...destination, "--orig-port-dst", String(opening.port)],
	];
}
