/** What a peer has sent and is not well-formed is dropped, and ends nothing. */

import { SspError } from "./errors.js";
import type { TransportObserver } from "./observer.js";

/** What `take` returns; undefined if that throws an `SspError`, of which the observer is told. Other errors are thrown on. */
export function unlessMalformed<T>(observer: TransportObserver | undefined, take: () => T): T | undefined {
	try {
		return take();
	} catch (error) {
		if (!(error instanceof SspError)) {
			throw error;
		}
		observer?.dropped?.(error.code, error);
		return undefined;
	}
}
