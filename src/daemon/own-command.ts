/** The command line by which this program starts another instance of itself, as a script, bundle or single executable. */

import { dirname, isAbsolute, join } from "node:path";

export interface OwnCommand {
	readonly file: string;
	readonly args: readonly string[];
}

export function ownCommand(...args: readonly string[]): OwnCommand {
	const script = ownScript();
	// A single executable contains its script and does not accept Node's options.
	const program = script === undefined ? [] : [...process.execArgv, script];
	return { file: process.execPath, args: [...program, ...args] };
}

/**
 * The script that Node runs; undefined in a single executable, whose argv[1] is the name that it was called by, which may also be
 * that of a file in the caller's folder.
 */
export function ownScript(path = process.argv[1]): string | undefined {
	return path !== undefined && isAbsolute(path) && /\.[cm]?[jt]s$/.test(path) ? path : undefined;
}

/** A file that is installed beside this program. */
export function ownFile(name: string): string {
	return join(dirname(ownScript() ?? process.execPath), name);
}
