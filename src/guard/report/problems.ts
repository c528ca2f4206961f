/** Current problems, for `status`: one sentence per code, removed when it no longer applies. */

import type { Problem } from "./status.js";

export class Problems {
	readonly #messages = new Map<string, string>();

	set(code: string, message: string): void {
		this.#messages.set(code, message);
	}

	clear(code: string): void {
		this.#messages.delete(code);
	}

	list(): Problem[] {
		return [...this.#messages].map(([code, message]) => ({ code, message }));
	}
}

/** `names`: users and groups that the configuration names and this host does not have. */
export function unknownNames(names: readonly string[]): Problem[] {
	if (names.length === 0) return [];
	return [
		{ code: "unknown-names", message: `Unknown users or groups in the configuration: ${names.join(", ")}.` },
	];
}
