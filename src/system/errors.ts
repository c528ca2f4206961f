/** The error of a failed command, and the message of any error. */

/** Why a command failed. */
export type CommandErrorCode =
	/** It is not installed, or could not be started. */
	| "tool-missing"
	/** It exited with an error; the message contains its output. */
	| "tool-failed"
	/** It did not end in time and was terminated. */
	| "tool-timeout"
	/** It was denied a permission. */
	| "not-permitted"
	/** A file system that it writes to is full. */
	| "disk-full";

/** Callers wrap it in an error of their own where the failure has a meaning there. */
export class CommandError extends Error {
	override readonly name = "CommandError";

	readonly code: CommandErrorCode;

	constructor(code: CommandErrorCode, message: string, options?: { cause?: unknown }) {
		super(message, options);
		this.code = code;
	}
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
