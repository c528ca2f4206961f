/**
 * How often tests repeat what is tried at many moments, on many firewalls or with many sessions. Usually as often as shows that
 * it works at all, so that everything together takes minutes; with TEST_EXTENT=full as often as finds what happens rarely.
 */

const IS_FULL = process.env.TEST_EXTENT === "full";

export function inFull<T>(full: T, usual: T): T {
	return IS_FULL ? full : usual;
}

/** The reason for which a test is skipped that `isLeftOut` of the usual extent, or false. */
export function unlessFull(isLeftOut: boolean): string | false {
	return isLeftOut && !IS_FULL && "TEST_EXTENT=full tries it";
}
