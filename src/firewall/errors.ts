/** The error that every firewall backend throws: a code for programs, a message for people, a cause for the log. */

/** docs/operating.md lists the same codes. */
export const FIREWALL_ERRORS = {
	"tool-missing": "a command this firewall needs is not installed",
	"tool-failed": "a command or D-Bus call failed; the message carries its own words",
	"tool-timeout": "a command did not end in time and was stopped",
	"not-permitted": "the kernel, the bus or the disk refused for want of rights",
	"disk-full": "a disk that the firewall writes to is full",
	"not-in-force": "the firewall asked for is not the one in force, or not running",
	ambiguous: "several firewalls, tables or chains could decide; the configuration must name one",
	"owned-by-other": "the rule that drops belongs to another program, which lets nobody in",
	"invalid-opening": "an opening that no firewall could express: not an address, not a port",
	several: "several steps failed and the others were still done",
} as const;

export type FirewallErrorCode = keyof typeof FIREWALL_ERRORS;

export class FirewallError extends Error {
	override readonly name = "FirewallError";

	constructor(
		readonly code: FirewallErrorCode,
		message: string,
		options?: { cause?: unknown },
	) {
		super(message, options);
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
	if (failures.length === 0) return;
	if (failures.length === 1) throw failures[0];
	const sentences = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
	throw new FirewallError("several", sentences.join(" "), { cause: new AggregateError(failures) });
}
