/** Current problems, for `status`: one sentence per code, removed when it no longer applies. */

import { endpoint } from "../../system/addresses.js";
import type { PortStatus, Problem } from "./status.js";

export class Problems {
	readonly #messages = new Map<string, string>();

	set(code: string, message: string): void {
		this.#messages.set(code, message);
	}

	clear(code: string): void {
		this.#messages.delete(code);
	}

	list(): Problem[] {
		return [...this.#messages].map(([code, message]) => ({ code, message }));
	}
}

/** What is to be known of users and groups that the configuration names and this host does not know. */
export interface UnknownNames {
	readonly unknownNames: readonly string[];
	readonly policy: { readonly unknownDenials?: readonly string[] };
}

export function unknownNames({ unknownNames: names, policy }: UnknownNames): Problem[] {
	if (names.length === 0) {
		return [];
	}
	const { unknownDenials = [] } = policy;
	const closed =
		unknownDenials.length === 0
			? ""
			: ` Until ${unknownDenials.join(", ")} is known, ports open only for users named in users.allow.`;
	const message = `Unknown users or groups in the configuration: ${names.join(", ")}; they are looked up again.${closed}`;
	return [{ code: "unknown-names", message }];
}

/** @param unserved a sentence for each firewall that drops and in which nothing is opened */
export function unservedFirewalls(unserved: readonly string[]): Problem[] {
	return unserved.length === 0
		? []
		: [{ code: "firewall-unserved", message: `Ports stay shut: ${unserved.join("; ")}.` }];
}

/** For a status that could not wait for the firewall any longer. */
export function unansweredFirewall(isUnanswered: boolean): Problem[] {
	const message =
		"The firewall has not answered yet: another program holds its lock, or it hangs. What is shown is older.";
	return isUnanswered ? [{ code: "firewall-waiting", message }] : [];
}

/** Of so many ports in one sentence; the ports themselves show all. */
const MOST_BLOCKED = 3;

/** Ports that are opened and shut all the same: sessions that cannot be reached. */
export function blockedPorts(ports: readonly PortStatus[]): Problem[] {
	const blocked = ports.filter(({ state }) => state === "blocked");
	if (blocked.length === 0) {
		return [];
	}
	const shown = blocked.slice(0, MOST_BLOCKED).map((port) => `${endpoint(port)} is ${port.reason}`);
	const more = blocked.length - shown.length;
	const rest = more > 0 ? `; and ${more} more` : "";
	return [
		{
			code: "port-blocked",
			message: `Rules of this host shut ports that the guard has opened: ${shown.join("; ")}${rest}.`,
		},
	];
}
