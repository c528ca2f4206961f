/** What the system's commands fail with, and the sentence of any error. */

/** Why a command did not do its work. */
export type CommandErrorCode =
	/** It is not installed, or could not be started. */
	| "tool-missing"
	/** It failed; the message carries its own words. */
	| "tool-failed"
	/** It did not end in time and was stopped. */
	| "tool-timeout"
	/** It was refused for want of rights. */
	| "not-permitted"
	/** A disk that it writes to is full. */
	| "disk-full";

/** A command of the system that failed. Callers wrap it in an error of their own where it means something to them. */
export class CommandError extends Error {
	override readonly name = "CommandError";

	constructor(
		readonly code: CommandErrorCode,
		message: string,
		options?: { cause?: unknown },
	) {
		super(message, options);
	}
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
