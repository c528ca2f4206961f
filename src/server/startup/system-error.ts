/** The errno texts people know ("Address already in use"), which node keeps in lower case. */

import { getSystemErrorMap } from "node:util";

/** @param errno negative, as node reports it */
export function systemErrorText(errno: number): string | undefined {
	const text = getSystemErrorMap().get(errno)?.[1];
	return text === undefined ? undefined : text.charAt(0).toUpperCase() + text.slice(1);
}
