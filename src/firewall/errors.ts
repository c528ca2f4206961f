/** The one error every firewall throws: a code for programs, a sentence for a person, the cause for a log. */

export type FirewallErrorCode =
	/** A command this firewall needs is not installed. */
	| "tool-missing"
	/** A command or D-Bus call failed; the message carries its own words. */
	| "tool-failed"
	/** A command did not end in time and was stopped. */
	| "tool-timeout"
	/** The kernel, the bus or the disk refused for want of rights. */
	| "not-permitted"
	/** A disk that the firewall writes to is full. */
	| "disk-full"
	/** The firewall asked for is not the one in force, or not running. */
	| "not-in-force"
	/** Several firewalls, tables or chains could decide; the configuration must name one. */
	| "ambiguous"
	/** The rule that drops belongs to another program, which lets nobody in. */
	| "owned-by-other"
	/** An opening that no firewall could express: not an address, not a port. */
	| "invalid-opening"
	/** Several steps failed and the others were still done; `cause` holds them all. */
	| "several";

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
 * Runs every step even when one fails, then throws what failed: the only error itself, or `several` around all.
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
