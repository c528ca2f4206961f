/**
 * What a client's user did: bytes typed and window sizes, in order (protocol §4.1). Events are counted
 * from the start of the session (each byte and each resize is one), so that repeated diffs are harmless and the
 * server can continue where it stopped.
 */

import { SspError } from "./errors.js";
import { user } from "./messages/generated/messages.js";
import { decodeMessage } from "./messages/wire.js";
import type { StateCodec } from "./state.js";

export type UserEvent =
	| { readonly type: "bytes"; readonly bytes: Uint8Array }
	| { readonly type: "resize"; readonly columns: number; readonly rows: number };

/** The largest window size of a pty. The stock server crashes on larger ones. */
const DIMENSION_MAX = 65_535;

/** An immutable part of the stream of events: those after `start`, up to `end`. */
export class UserInput {
	static readonly empty = new UserInput(0, 0, []);

	/** Number of events that have been discarded. */
	readonly start: number;
	/** Number of events since the session began. */
	readonly end: number;
	readonly events: readonly UserEvent[];

	private constructor(start: number, end: number, events: readonly UserEvent[]) {
		this.start = start;
		this.end = end;
		this.events = events;
	}

	/** This state followed by `more`. */
	with(...more: readonly UserEvent[]): UserInput {
		if (more.length === 0) {
			return this;
		}
		return new UserInput(this.start, this.end + countOf(more), [...this.events, ...more]);
	}

	/**
	 * The events after the first `count`; none if there are fewer. Throws `SspError` `history-forgotten` if some of
	 * them have been discarded.
	 */
	since(count: number): readonly UserEvent[] {
		if (count >= this.end) {
			return [];
		}
		if (count < this.start) {
			throw new SspError(
				"history-forgotten",
				`Events before ${this.start} are no longer held; requested from ${count}.`,
			);
		}
		if (count === this.start) {
			return this.events;
		}
		const rest: UserEvent[] = [];
		let at = this.end;
		for (let i = this.events.length - 1; at > count; i--) {
			const event = this.events[i] as UserEvent;
			at -= lengthOf(event);
			rest.push(at < count && event.type === "bytes" ? bytesEvent(event.bytes.slice(count - at)) : event);
		}
		return rest.reverse();
	}

	/** The same state without the first `count` events. */
	forget(count: number): UserInput {
		if (count <= this.start) {
			return this;
		}
		const start = Math.min(count, this.end);
		return new UserInput(start, this.end, this.since(start));
	}
}

/** User input as a state: local for a client, remote for a server. */
export const userInputCodec: StateCodec<UserInput> = {
	equal: (a, b) => a.end === b.end,
	diff: (base, target) => encodeUserEvents(target.since(base.end)),
	apply: (base, diff) => base.with(...decodeUserEvents(diff)),
	subtract: (state, acknowledged) => state.forget(acknowledged.end),
};

/** The serialised `UserMessage`; consecutive bytes share a Keystroke. Empty if there are no events. */
export function encodeUserEvents(events: readonly UserEvent[]): Uint8Array {
	if (events.length === 0) {
		return new Uint8Array(0);
	}
	const instruction: user.Instruction.$Properties[] = [];
	let run: Uint8Array[] = [];
	const flush = () => {
		if (run.length > 0) {
			instruction.push({ keystroke: { keys: Buffer.concat(run) } });
		}
		run = [];
	};
	for (const event of events) {
		if (event.type === "bytes") {
			run.push(event.bytes);
			continue;
		}
		flush();
		instruction.push({ resize: { width: event.columns, height: event.rows } });
	}
	flush();
	return user.UserMessage.encode({ instruction }).finish();
}

/**
 * The events of a serialised `UserMessage`, copied. Impossible window sizes are skipped, in every repetition alike.
 * Throws `SspError` if it does not parse.
 */
export function decodeUserEvents(bytes: Uint8Array): UserEvent[] {
	const events: UserEvent[] = [];
	for (const { keystroke, resize } of decodeMessage(user.UserMessage, bytes).instruction) {
		const keys = keystroke?.keys;
		if (keystroke) {
			if (keys && keys.length > 0) {
				events.push(bytesEvent(Uint8Array.from(keys)));
			}
		} else if (resize) {
			const columns = resize.width ?? 0;
			const rows = resize.height ?? 0;
			if (isDimension(columns) && isDimension(rows)) {
				events.push({ type: "resize", columns, rows });
			}
		}
	}
	return events;
}

function bytesEvent(bytes: Uint8Array): UserEvent {
	return { type: "bytes", bytes };
}

function isDimension(value: number): boolean {
	return value >= 1 && value <= DIMENSION_MAX;
}

function lengthOf(event: UserEvent): number {
	return event.type === "bytes" ? event.bytes.length : 1;
}

function countOf(events: readonly UserEvent[]): number {
	let count = 0;
	for (const event of events) {
		count += lengthOf(event);
	}
	return count;
}
