/**
 * ufw through the `ufw` command, for administrators who want every port in `ufw status` (`ufw.mode = "command"`).
 *
 * Measured cost: at least 150 ms to open, 230 ms to close. ufw reads its rules before it takes its lock: when an administrator
 * runs `ufw allow` at the same moment, one of the two rules is lost in half of the attempts. If it is killed midway, its files
 * and the live rules differ. Because its rules are in files, the ports of a guard that crashed stay open across a reboot until
 * the next guard sweeps them.
 *
 * `from any port 1:65535` makes a rule that no administrator writes: `ufw allow N/udp` would replace their deny or limit for
 * that port, and `ufw delete allow N/udp` would remove their own allow.
 */

import type { Family } from "../../system/addresses.js";
import { canonicalAddress, FAMILIES, isWildcard, wildcardOf } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { SerialQueue } from "../../system/serial-queue.js";
import { FirewallError } from "../errors.js";
import type { Firewall, FirewallChange, Opening, Watch } from "../firewall.js";
import { checkOpening, distinct, TAG, without } from "../opening.js";
import { createUfw } from "./ufw.js";

const EVERYWHERE: Record<Family, string> = { ipv4: "0.0.0.0/0", ipv6: "::/0" };

/** The arguments after `ufw` or `ufw delete`. Pure. */
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

/** Our openings in the output of `ufw status`. Pure. */
export function parseStatus(text: string): Opening[] {
	return text.split("\n").flatMap((line) => {
		const { address, port, v6 } = OUR_LINE.exec(line)?.groups ?? {};
		if (port === undefined) {
			return [];
		}
		const family: Family = v6 !== undefined || address?.includes(":") ? "ipv6" : "ipv4";
		const opening = { family, address: address ?? wildcardOf(family), port: Number(port) };
		return canonicalAddress(family, opening.address) === opening.address ? [opening] : [];
	});
}

const ADDED_LINE = new RegExp(
	`^ufw allow from any port 1:65535 to (?<to>\\S+) port (?<port>\\d+) proto udp comment '${TAG}'$`,
);

/** Our openings in the output of `ufw show added`, active or not; the family of `any` is unknown, so both are returned. Pure. */
export function parseAdded(text: string): Opening[] {
	return text.split("\n").flatMap((line) => {
		const { to, port } = ADDED_LINE.exec(line)?.groups ?? {};
		if (to === undefined) {
			return [];
		}
		if (to === "any") {
			return FAMILIES.map((family) => ({ family, address: wildcardOf(family), port: Number(port) }));
		}
		return [{ family: to.includes(":") ? "ipv6" : "ipv4", address: to, port: Number(port) }];
	});
}

/** Runs `ufw` with these arguments and returns its output. */
export type RunUfw = (args: readonly string[]) => Promise<string>;

export class UfwCommand implements Firewall {
	readonly name = "ufw";
	readonly #ufw: RunUfw;
	/** For what the command does not provide: events, and the rule that decides. */
	readonly #chains: Firewall;
	readonly #serial = new SerialQueue();

	constructor(commands: Commands, ufw?: RunUfw) {
		this.#ufw = ufw ?? (async (args) => (await commands.run("ufw", args)).stdout);
		this.#chains = createUfw(commands);
	}

	/** There is no chain to repair; `list` fails unless ufw is active. */
	repair(): Promise<Opening[]> {
		return this.list();
	}

	list(): Promise<Opening[]> {
		return this.#serial.run(() => this.#list());
	}

	apply({ open, close }: FirewallChange): Promise<void> {
		return this.#serial.run(async () => {
			for (const opening of [...open, ...close]) {
				checkOpening(opening);
			}
			for (const opening of distinct(open)) {
				await this.#ufw(allowArguments(opening));
			}
			for (const opening of distinct(close)) {
				await this.#ufw(["delete", ...allowArguments(opening)]);
			}
			await this.#verify(distinct(open), distinct(close));
		});
	}

	/** Whether ufw is active or not. */
	clear(): Promise<void> {
		return this.#serial.run(async () => {
			const added = await this.#ufw(["show", "added"]);
			for (const opening of parseAdded(added)) {
				await this.#ufw(["delete", ...allowArguments(opening)]);
			}
		});
	}

	watch(...listeners: Parameters<Firewall["watch"]>): Promise<Watch> {
		return this.#chains.watch(...listeners);
	}

	async #list(): Promise<Opening[]> {
		const status = await this.#ufw(["status"]);
		if (!status.startsWith("Status: active")) {
			throw new FirewallError("not-in-force", "ufw is not active.");
		}
		return parseStatus(status);
	}

	/** The command exits with 0 even when the rule was lost, so the result is read back. */
	async #verify(opened: readonly Opening[], closed: readonly Opening[]): Promise<void> {
		const present = await this.#list();
		const missing = without(opened, present);
		const left = without(closed, without(closed, present));
		if (missing.length === 0 && left.length === 0) {
			return;
		}
		const ports = [...missing, ...left].map(({ port }) => port).join(", ");
		throw new FirewallError(
			"tool-failed",
			`ufw reported success but did not change the rules of port ${ports}: another ufw command may have been running.`,
		);
	}
}
