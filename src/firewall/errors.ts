/** The error that every firewall backend throws: a code for programs, a message for people, a cause for the log. */

import type { Opening } from "./firewall.js";

/** docs/operating.md lists the same codes. */
export const FIREWALL_ERRORS = {
	"tool-missing": "a command that this firewall needs is not installed",
	"tool-failed": "a command or D-Bus call failed; the message includes its output",
	"tool-timeout": "a command timed out and was terminated",
	"not-permitted": "the kernel, D-Bus or the file system denied permission",
	"disk-full": "a file system that the firewall writes to is full",
	"not-in-force": "the configured firewall is not the one in force, or is not running",
	ambiguous: "several firewalls, tables or chains could apply; the configuration must name one",
	"no-place":
		"no place in the rules is both before the default drop and behind every deny of the administrator's",
	"owned-by-other": "the rule that drops belongs to another program and cannot be changed by others",
	"invalid-opening": "an opening that no firewall can express: invalid address or port",
	several: "several steps failed; the others were completed",
} as const;

export type FirewallErrorCode = keyof typeof FIREWALL_ERRORS;

export class FirewallError extends Error {
	override readonly name = "FirewallError";

	readonly code: FirewallErrorCode;
	/** Of a repair that failed for one address family: what is open, in the other, which can be served, and in this one. */
	readonly served: readonly Opening[] | undefined;

	constructor(
		code: FirewallErrorCode,
		message: string,
		options: { cause?: unknown; served?: readonly Opening[] } = {},
	) {
		super(message, options);
		this.code = code;
		this.served = options.served;
	}
}

/**
 * Runs every step even when one fails. Then throws the only error, or a FirewallError `several` that holds all of them.
 * For teardown, where stopping at the first error would leave rules behind.
 */
export async function attemptAll(steps: readonly (() => Promise<void>)[]): Promise<void> {
	const failures: unknown[] = [];
	for (const step of steps) {
		try {
			await step();
		} catch (error) {
			failures.push(error);
		}
	}
	if (failures.length === 0) {
		return;
	}
	if (failures.length === 1) {
		throw failures[0];
	}
	const sentences = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
	throw new FirewallError("several", [...new Set(sentences)].join(" "), {
		cause: new AggregateError(failures),
	});
}
