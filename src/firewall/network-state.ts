/**
 * What the ways to this host's addresses are found out from, as far as it can be had without a command: by it a look at a port tells
 * whether they may be others than when the rules were read. Routes in tables of their own and masters of interfaces are not among it.
 */

import { closeSync, openSync, readSync } from "node:fs";
import { linkedAddresses } from "../system/interfaces.js";
import { defaults6Of, defaultsOf } from "./path/interfaces.js";

/**
 * Of each file (bytes): 120 routes, of which the default ones of IPv4 are the first; a router's whole table would take longer than the
 * reading of the rules that this is to spare.
 */
const MOST = 16_384;

const buffer = Buffer.allocUnsafe(MOST);

/** @param net the folder in proc of the network namespace */
export function networkState(net = "/proc/self/net"): string {
	const read = (file: string) => head(`${net}/${file}`);
	return JSON.stringify([
		linkedAddresses(),
		namesOf(read("dev")),
		defaultsOf(read("route")),
		defaults6Of(read("ipv6_route")),
	]);
}

/** Interfaces in /proc/net/dev. Pure. */
export function namesOf(dev: string): string[] {
	return [...dev.matchAll(/^ *(\S+):/gm)].map(([, name = ""]) => name);
}

/** Empty where there is no such file. */
function head(path: string): string {
	let file: number | undefined;
	try {
		file = openSync(path, "r");
		let length = 0;
		for (let more = -1; more !== 0 && length < MOST; length += more) {
			more = readSync(file, buffer, length, MOST - length, null);
		}
		// The last line may be cut off.
		const text = buffer.toString("latin1", 0, length);
		return text.slice(0, text.lastIndexOf("\n") + 1);
	} catch {
		return "";
	} finally {
		if (file !== undefined) {
			closeSync(file);
		}
	}
}
