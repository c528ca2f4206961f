/**
 * Where the kernel drops what comes in by another interface than that by which an answer would leave: by its own reverse path filter
 * (RFC 3704; linux, Documentation/networking/ip-sysctl.rst, rp_filter), or by a rule that asks for the way back.
 */

import { readFile } from "node:fs/promises";
import type { Family, LocalAddress } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { CommandError } from "../../system/errors.js";
import { devicesOf, type Way } from "./interfaces.js";
import { Stranger } from "./stranger.js";

export const STRICT = 1;
export const LOOSE = 2;

/** By which interface an answer leaves; empty for none: there is no route. Undefined: it cannot be told. */
export type WayBack = string | undefined;

/** Of IPv4. @param conf the folder of the kernel's settings */
export async function filterOf(name: string, conf = "/proc/sys/net/ipv4/conf"): Promise<number> {
	const values = ["all", name].map((one) =>
		readFile(`${conf}/${one}/rp_filter`, "utf8").then(Number, () => 0),
	);
	return Math.max(...(await Promise.all(values)));
}

/** Of the output of `ip -oneline route get`. Pure. */
export function wayBackIn(stdout: string): WayBack {
	return devicesOf(stdout)[0];
}

/** Of a route that discards, the kernel says that the question is invalid; that of an address of this host is not. */
const NO_ROUTE = /Network is unreachable|No route to host|Permission denied|Invalid argument/;
const GET_TIMEOUT_MS = 500;

/** Remembers what it was told: for as long as a reading of the rules holds. */
export class WaysBack {
	readonly #commands: Commands;
	readonly #found = new Map<string, Promise<WayBack>>();

	constructor(commands: Commands) {
		this.#commands = commands;
	}

	/** From an address of this host. @param flow more of what rules of routing ask for, in the words of ip-route(8) */
	to(remote: string, { family, address }: LocalAddress, flow: readonly string[] = []): Promise<WayBack> {
		const line = [FLAG[family], "-oneline", "route", "get", remote, "from", address, ...flow];
		const key = line.join(" ");
		const found = this.#found.get(key) ?? this.#ask(line);
		this.#found.set(key, found);
		return found;
	}

	/** Whether answers to everybody leave by the interface they came by; undefined where that cannot be told. */
	async areSame(way: Way): Promise<boolean | undefined> {
		const ways = await this.#toSomebody(way);
		return ways.includes(undefined) ? undefined : ways.every((name) => name === way.interface);
	}

	/** By which other interfaces answers leave, empty for none. */
	async others(way: Way): Promise<readonly string[]> {
		const ways = await this.#toSomebody(way);
		return [...new Set(ways.flatMap((name) => (name === undefined || name === way.interface ? [] : [name])))];
	}

	/** Whether there are answers to everybody. */
	async areThere(way: Way, flow: readonly string[] = []): Promise<boolean | undefined> {
		const ways = await this.#toSomebody(way, flow);
		return ways.includes(undefined) ? undefined : !ways.includes("");
	}

	/** In several places of the internet: a route for half of it is usual with tunnels. */
	#toSomebody(way: Way, flow?: readonly string[]): Promise<readonly WayBack[]> {
		return Promise.all(new Stranger(way.family).unnamed(PLACES).map((remote) => this.to(remote, way, flow)));
	}

	async #ask(line: readonly string[]): Promise<WayBack> {
		try {
			const options = { timeoutMs: GET_TIMEOUT_MS, answers: [2] };
			const { stdout, stderr, exitCode } = await this.#commands.run("ip", line, options);
			return exitCode === 0 ? wayBackIn(stdout) : NO_ROUTE.test(stderr) ? "" : undefined;
		} catch (error) {
			if (error instanceof CommandError) {
				return undefined;
			}
			throw error;
		}
	}
}

const FLAG: Readonly<Record<Family, string>> = { ipv4: "-4", ipv6: "-6" };

const PLACES = 4;
