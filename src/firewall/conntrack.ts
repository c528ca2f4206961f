/** Deletes conntrack entries, by which the kernel would pass established flows to a closed port. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isWildcard } from "../system/addresses.js";
import type { Commands } from "../system/commands.js";
import { CommandError } from "../system/errors.js";
import { type NetlinkQuestions, unlessRefused } from "../system/netlink.js";
import type { Opening } from "./firewall.js";
import { cutFlow } from "./kernel-flows.js";
import { checkOpening } from "./opening.js";

/** conntrack's exit code when no entry matched. */
const NOTHING_DELETED = 1;

/** The kernel looks through all its flows for each opening; the command, through those that it is told of for all. */
const FEW = 8;

/**
 * `cutFlows` without the command, of few openings. Returns those that are left for it.
 */
export async function cutByKernel(
	netlink: NetlinkQuestions,
	closed: readonly Opening[],
): Promise<readonly Opening[]> {
	if (closed.length > FEW) {
		return closed;
	}
	const left: Opening[] = [];
	for (const opening of closed) {
		checkOpening(opening);
		const isCut = await unlessRefused(cutFlow(netlink, opening), false);
		left.push(...(isCut ? [] : [opening]));
	}
	return left;
}

/**
 * Deletes the conntrack entries of flows to closed openings. Otherwise the client of an ended session, or anybody with its
 * address, could reach whatever binds the port next. Not for a port that a wanted socket holds: a live session survives the
 * deletion, but is not reachable again until it sends a datagram itself.
 * @throws CommandError `tool-missing` where the package conntrack is not installed
 */
export async function cutFlows(commands: Commands, closed: readonly Opening[]): Promise<void> {
	for (const opening of closed) {
		checkOpening(opening);
	}
	const lines = closed.map(deletion);
	if (lines.length > 1 && (await cutTogether(commands, lines))) {
		return;
	}
	for (const line of lines) {
		await commands.run("conntrack", line, { answers: [NOTHING_DELETED] });
	}
}

/**
 * One process for all entries: 200 sessions that end together would otherwise take 200 processes and seconds. Read from a
 * file, because conntrack opens /dev/stdin by name, which fails for the socket that Node uses as standard input.
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
		if (error instanceof CommandError && error.code !== "tool-failed") {
			throw error;
		}
		// conntrack before 1.4.7 lacks the option, or the disk is full.
		return false;
	} finally {
		if (folder !== undefined) {
			await rm(folder, { recursive: true, force: true });
		}
	}
}

function deletion(opening: Opening): string[] {
	const destination = isWildcard(opening) ? [] : ["--orig-dst", opening.address];
	return [
		...["-D", "-f", opening.family, "-p", "udp"],
		...[...destination, "--orig-port-dst", String(opening.port)],
	];
}
