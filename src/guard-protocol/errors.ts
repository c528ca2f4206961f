/** The errors of the guard: a code for programs, a sentence for people, and the cause. */

export type GuardErrorCode =
	/** Another guard or command works on this host's firewall. */
	| "already-running"
	/** The lock file or the `flock` command cannot be used. */
	| "lock-failed"
	/** /run/mosh-portguard is not a folder that can be trusted. */
	| "unsafe-folder"
	/** No guard listens on its socket. */
	| "no-guard"
	/** The guard did not answer in time. */
	| "no-answer"
	/** The guard closed the connection before it answered, usually because it is stopping. */
	| "closed"
	/** The answer does not fit the request, or has another version. */
	| "bad-answer"
	/** The guard refused; the message is its reason. */
	| "refused"
	/** This user may not use the socket. */
	| "not-permitted"
	/** A user or group in the configuration does not exist. */
	| "unknown-account";

export class GuardError extends Error {
	override readonly name = "GuardError";

	readonly code: GuardErrorCode;

	constructor(code: GuardErrorCode, message: string, options?: { cause?: unknown }) {
		super(message, options);
		this.code = code;
	}
}
