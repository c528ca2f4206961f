/**
 * Whether a condition holds: it does, it does not, or that depends on what is not known of the datagram. What depends is
 * followed both ways. `general`: on something that says nothing about which datagram it is (a rate, a mark, the kind of frame), or
 * that this program does not understand; `specific`: on a port, an address, a set or an interface that an administrator named.
 */

export type Truth = true | false | "general" | "specific";

export function not(truth: Truth): Truth {
	return typeof truth === "boolean" ? !truth : truth;
}

/** All hold. A condition that names something makes the whole specific. */
export function all(truths: Iterable<Truth>): Truth {
	let result: Truth = true;
	for (const truth of truths) {
		if (truth === false) {
			return false;
		}
		if (truth === "specific" || (truth === "general" && result === true)) {
			result = truth;
		}
	}
	return result;
}

/** At least one holds. */
export function any(truths: Iterable<Truth>): Truth {
	let result: Truth = false;
	for (const truth of truths) {
		if (truth === true) {
			return true;
		}
		if (truth === "specific" || (truth === "general" && result === false)) {
			result = truth;
		}
	}
	return result;
}
