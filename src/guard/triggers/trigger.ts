/** What a trigger is: a source of events after which the guard scans. */

/** An event is a hint: the guard reads the kernel's tables itself. */
export interface Trigger {
	/** As in the problem `no-NAME-events` of the status. */
	readonly name: string;
	/** Its events may precede their effect on sockets, so the guard scans several times after each. */
	readonly early: boolean;
	/**
	 * `onEvent` is told the port concerned, if that is known. `onFailure` is called when the trigger does not work (any more);
	 * sweeps then notice changes later.
	 */
	start(onEvent: (port?: number) => void, onFailure: (cause: unknown) => void): void;
	stop(): Promise<void>;
}

/** The two ways to scan the sockets. */
export interface Scans {
	/** Lists them. */
	readonly full: () => void;
	/** Soon after a full scan: lists them only if their number has changed. */
	readonly quick: () => void;
}
