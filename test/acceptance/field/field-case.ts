/** What a row of the table says: a set-up as it is in the field, and what the guard makes of it. */

import type { Family } from "../../../src/system/addresses.js";

/** The session's port, and its range: rules of the table name them. */
export const PORT = 60_001;

/** A port of a second session, which the administrator denies where a row says so. */
export const DENIED = 60_901;

export type Outcome =
	/** Shut before, open while the session lives, shut afterwards. */
	| { readonly kind: "serves" }
	/** Open without the guard, which leaves it so. */
	| { readonly kind: "open" }
	/** A rule that the guard does not or cannot overrule: status names it. */
	| { readonly kind: "shut"; readonly rule: RegExp }
	/** It cannot be told; status names the rule that is not understood. */
	| { readonly kind: "unverified"; readonly rule: RegExp }
	/** Nothing is inserted, and the reason is said: by a guard that does not start, or as a problem. */
	| { readonly kind: "refuses"; readonly reason: RegExp };

export const serves: Outcome = { kind: "serves" };
export const open: Outcome = { kind: "open" };
export const shut = (rule: RegExp): Outcome => ({ kind: "shut", rule });
export const unverified = (rule: RegExp): Outcome => ({ kind: "unverified", rule });
export const refuses = (reason: RegExp): Outcome => ({ kind: "refuses", reason });

/** What the host has not, as the guard meets it; regular expressions. */
export interface Lacks {
	/** Tools that are not installed. */
	readonly missing?: string;
	/** Command lines that fail, and with what words. */
	readonly failing?: { readonly line: string; readonly words: string };
}

export interface FieldCase {
	readonly name: string;
	/** Run on the host by sh. */
	readonly setUp: string;
	/** Of either family, or one for each; a family that is left out is not tried. */
	readonly expect: Outcome | Partial<Record<Family, Outcome>>;
	/** The session's, of IPv4; the server's on its link without it. */
	readonly address?: string;
	/** The rule that keeps a session on port `DENIED` shut, whatever becomes of the other. */
	readonly denied?: RegExp;
	/** The session's socket is bound to every address. */
	readonly everywhere?: true;
	/** Of status: what it says of an open port beside that it is open. */
	readonly says?: RegExp;
	/** Of status: the firewalls served and why, as `NAME: REASON`. */
	readonly by?: RegExp;
	/** What the client sends to; without it, the session's address, or the server's on its link. */
	readonly sentTo?: Partial<Record<Family, string>>;
	/** Lines of config.toml. */
	readonly config?: string;
	readonly lacks?: Lacks;
	/** By sh, after the port was opened: the outcome is that afterwards. */
	readonly later?: string;
	/** What a stop says that has to leave ports open: after `undo`, the command `clear` closes them. */
	readonly leaves?: RegExp;
	/** By sh, at the end: what the next case must not find and no reset removes. */
	readonly undo?: string;
	/** A command that fails where the kernel has no such thing: the case is skipped. */
	readonly needs?: string;
	/** What of the product it waits for. */
	readonly awaits?: string;
}

/** Of each family that is tried. */
export function outcomes({ expect }: FieldCase): Partial<Record<Family, Outcome>> {
	return "kind" in expect ? { ipv4: expect, ipv6: expect } : expect;
}
