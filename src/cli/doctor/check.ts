/** The interface of a check of `doctor`: it examines one requirement of mosh, independently of the others. */

import type { Status } from "../../guard/report/status.js";
import type { Context } from "../context.js";
import type { HostFacts } from "./host-facts.js";

export interface Finding {
	readonly state: "good" | "bad" | "hint";
	readonly says: string;
	readonly remedy?: string;
}

/** What the checks examine; each query is made only once. */
export interface Examined {
	readonly context: Context;
	status(): Promise<Status>;
	facts(): Promise<HostFacts>;
}

export interface Check {
	readonly name: string;
	/** Undefined where the check does not apply. */
	examine(examined: Examined): Promise<Finding | undefined>;
}

export const good = (says: string): Finding => ({ state: "good", says });
export const bad = (says: string, remedy: string): Finding => ({ state: "bad", says, remedy });
export const hint = (says: string, remedy: string): Finding => ({ state: "hint", says, remedy });
