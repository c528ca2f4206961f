/** How this program starts itself anew, whatever form it has: a script, a bundle, a single executable. */

import { isAbsolute } from "node:path";

export interface OwnCommand {
	readonly file: string;
	readonly args: readonly string[];
}

export function ownCommand(...args: readonly string[]): OwnCommand {
	const script = ownScript();
	// A single executable holds its script, and does not take the options of Node that it holds as well.
	const program = script === undefined ? [] : [...process.execArgv, script];
	return { file: process.execPath, args: [...program, ...args] };
}

/**
 * The script that Node runs. A single executable has none: what it has as argv[1] is the name it was called by, which may also
 * be that of some file in the caller's folder.
 */
export function ownScript(path = process.argv[1]): string | undefined {
	return path !== undefined && isAbsolute(path) && /\.[cm]?[jt]s$/.test(path) ? path : undefined;
}
