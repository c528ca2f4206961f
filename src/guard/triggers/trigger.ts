/** What a trigger is: a source of events after which the guard scans. */

/** An event is a hint: the guard reads the kernel's tables itself. */
export interface Trigger {
	/** As in the problem `no-NAME-events` of the status. */
	readonly name: string;
	/** Its events may precede their effect on sockets, so the guard scans several times after each. */
	readonly early: boolean;
	/**
	 * `onFailure` is called when the trigger does not work (any more); sweeps then notice changes later.
	 */
	start(onEvent: OnEvent, onFailure: (cause: unknown) => void): void;
	stop(): Promise<void>;
}

/**
 * @param port the one concerned, if that is known
 * @param isToldBesides the most that it means is that sockets have ended, each of which another trigger tells with its port
 */
export type OnEvent = (port?: number, isToldBesides?: boolean) => void;

/** The two ways to scan the sockets. */
export interface Scans {
	/** Lists them. */
	readonly full: () => void;
	/** Soon after a full scan: lists them only if their number has changed. */
	readonly quick: () => void;
}
