/** What the guard can fail with: a code for programs, a sentence for people, the cause underneath. */

export type GuardErrorCode =
	/** Another guard, sync or hook works on this host's firewall. */
	| "already-running"
	/** The lock file or the `flock` command is not usable. */
	| "lock-failed"
	/** /run/mosh-portguard is not what root made. */
	| "unsafe-folder"
	/** No guard listens on its socket. */
	| "no-guard"
	/** The guard did not answer in time. */
	| "no-answer"
	/** The guard closed the connection before it answered: most often it is just ending. */
	| "closed"
	/** The guard answered something else than asked, or of another version. */
	| "bad-answer"
	/** The guard said no: the message is its reason. */
	| "refused"
	/** The socket may not be used by this user. */
	| "not-permitted"
	/** A user or group that the configuration names does not exist. */
	| "unknown-account";

export class GuardError extends Error {
	override readonly name = "GuardError";

	constructor(
		readonly code: GuardErrorCode,
		message: string,
		options?: { cause?: unknown },
	) {
		super(message, options);
	}
}
