/**
 * ufw by its own command, for admins who want every port in `ufw status` (`ufw.mode = "command"`, off by default).
 *
 * Its price, measured: 150 ms and more to open, 230 to close. ufw reads its rules before it takes its lock: with an
 * admin's `ufw allow` started at the same moment, one of the two is lost in half of the tries. Killed half-way, its
 * files and the live rules differ. Its rules are files, so the ports of a guard that crashed stay open over a reboot
 * until the next guard sweeps them.
 *
 * The form with `from any port 1:65535` makes a rule that no admin writes: `ufw allow N/udp` would replace his deny
 * or limit for that port, and `ufw delete allow N/udp` would remove his own.
 */

import type { Family } from "../../system/addresses.js";
import { canonicalAddress, FAMILIES, isWildcard, wildcardOf } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { SerialQueue } from "../../system/serial-queue.js";
import { FirewallError } from "../errors.js";
import type { Explanation, Firewall, FirewallChange, Opening, Watch } from "../firewall.js";
import { checkOpening, distinct, sameOpening, TAG, without } from "../opening.js";
import { createUfw } from "./ufw.js";

const EVERYWHERE: Record<Family, string> = { ipv4: "0.0.0.0/0", ipv6: "::/0" };

/** What follows `ufw` or `ufw delete`. Pure. */
export function allowArguments(opening: Opening): string[] {
	const to = isWildcard(opening) ? EVERYWHERE[opening.family] : opening.address;
	return [
		...["allow", "proto", "udp", "from", "any", "port", "1:65535"],
		...["to", to, "port", String(opening.port), "comment", TAG],
	];
}

const OUR_LINE = new RegExp(
	`^(?:(?<address>\\S+) )?(?<port>\\d+)/udp(?<v6> \\(v6\\))?\\s+ALLOW(?: IN)?\\s+1:65535/udp(?: \\(v6\\))?\\s+# ${TAG}\\s*$`,
);

/** Our openings in what `ufw status` prints. Pure. */
export function parseStatus(text: string): Opening[] {
	return text.split("\n").flatMap((line) => {
		const { address, port, v6 } = OUR_LINE.exec(line)?.groups ?? {};
		if (port === undefined) return [];
		const family: Family = v6 !== undefined || address?.includes(":") ? "ipv6" : "ipv4";
		const opening = { family, address: address ?? wildcardOf(family), port: Number(port) };
		return canonicalAddress(family, opening.address) === opening.address ? [opening] : [];
	});
}

const ADDED_LINE = new RegExp(
	`^ufw allow from any port 1:65535 to (?<to>\\S+) port (?<port>\\d+) proto udp comment '${TAG}'$`,
);

/** Our openings in what `ufw show added` prints, active or not; it does not tell whose family `any` is. Pure. */
export function parseAdded(text: string): Opening[] {
	return text.split("\n").flatMap((line) => {
		const { to, port } = ADDED_LINE.exec(line)?.groups ?? {};
		if (to === undefined) return [];
		if (to === "any") {
			return FAMILIES.map((family) => ({ family, address: wildcardOf(family), port: Number(port) }));
		}
		return [{ family: to.includes(":") ? "ipv6" : "ipv4", address: to, port: Number(port) }];
	});
}

/** Runs `ufw` with these arguments and gives what it printed. */
export type RunUfw = (args: readonly string[]) => Promise<string>;

export class UfwCommand implements Firewall {
	readonly name = "ufw";
	readonly #ufw: RunUfw;
	/** For what the command cannot tell: events, and which rule decides. */
	readonly #chains: Firewall;
	readonly #serial = new SerialQueue();

	constructor(commands: Commands, ufw?: RunUfw) {
		this.#ufw = ufw ?? (async (args) => (await commands.run("ufw", args)).stdout);
		this.#chains = createUfw(commands);
	}

	/** Nothing of ours needs a place; whether ufw is active is all there is to make sure of. */
	ensure(): Promise<Opening[]> {
		return this.list();
	}

	list(): Promise<Opening[]> {
		return this.#serial.run(() => this.#list());
	}

	apply({ open, close }: FirewallChange): Promise<void> {
		return this.#serial.run(async () => {
			for (const opening of [...open, ...close]) checkOpening(opening);
			for (const opening of distinct(open)) await this.#ufw(allowArguments(opening));
			for (const opening of distinct(close)) await this.#ufw(["delete", ...allowArguments(opening)]);
			await this.#verify(distinct(open), distinct(close));
		});
	}

	clear(): Promise<void> {
		return this.#serial.run(async () => {
			const added = await this.#ufw(["show", "added"]);
			for (const opening of parseAdded(added)) await this.#ufw(["delete", ...allowArguments(opening)]);
		});
	}

	async explain(opening: Opening): Promise<Explanation> {
		const ours = (await this.list()).some((other) => sameOpening(other, opening));
		const found = await this.#chains.explain(opening);
		return ours && found.verdict === "open" ? { ...found, by: "guard" } : found;
	}

	watch(listener: (cause: string) => void): Promise<Watch> {
		return this.#chains.watch(listener);
	}

	async #list(): Promise<Opening[]> {
		const status = await this.#ufw(["status"]);
		if (!status.startsWith("Status: active")) {
			throw new FirewallError("not-in-force", "ufw is not active.");
		}
		return parseStatus(status);
	}

	/** The command exits with 0 whatever became of the rule, so only a look tells. */
	async #verify(opened: readonly Opening[], closed: readonly Opening[]): Promise<void> {
		const present = await this.#list();
		const missing = without(opened, present);
		const left = without(closed, without(closed, present));
		if (missing.length === 0 && left.length === 0) return;
		const ports = [...missing, ...left].map(({ port }) => port).join(", ");
		throw new FirewallError(
			"tool-failed",
			`ufw reported success but did not change the rules of port ${ports}: another ufw command may have been running.`,
		);
	}
}
