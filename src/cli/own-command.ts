/** How this program starts itself anew, whatever form it has: a script, a bundle, a single executable. */

export interface OwnCommand {
	readonly file: string;
	readonly args: readonly string[];
}

export function ownCommand(...args: readonly string[]): OwnCommand {
	// A single executable holds its script: what it has as argv[1] is the name it was called by.
	const script = process.argv.slice(1, 2).filter((path) => /\.[cm]?[jt]s$/.test(path));
	return { file: process.execPath, args: [...process.execArgv, ...script, ...args] };
}

/** Nothing of the caller's gets into what root starts. */
export const OWN_ENVIRONMENT = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" } as const;
