/** The error type of the protocol: a code for programs, a sentence for people, and the cause. */

export type SspErrorCode =
	/** The text form of a key is not 22 characters of base64 with zero spare bits. */
	| "bad-key"
	/** This side has encrypted as much as a key allows; the session must end. */
	| "key-exhausted"
	/** Not an authentic datagram: too short, too long, or with a wrong tag. */
	| "bad-datagram"
	/** An authentic datagram for the other direction. */
	| "wrong-direction"
	/** An authentic datagram whose fragment is malformed or contradicts others of the same instruction. */
	| "bad-fragment"
	/** Fragments that do not inflate, or inflate beyond the limit. */
	| "bad-compression"
	/** Bytes that are not the expected protobuf message. */
	| "bad-message"
	/** An instruction of another protocol version. */
	| "bad-version"
	/** A diff from a state that is not stored. */
	| "unknown-base"
	/** Too many states are stored already (protocol §3.4, quench). */
	| "quenched"
	/** A state's diff could not be applied. */
	| "bad-diff"
	/** The requested history has been discarded. */
	| "history-forgotten";

export class SspError extends Error {
	override readonly name = "SspError";

	readonly code: SspErrorCode;

	constructor(code: SspErrorCode, message: string, options?: { cause: unknown }) {
		super(message, options);
		this.code = code;
	}
}
