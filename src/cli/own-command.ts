/** How this program starts itself anew, whatever form it has: a script, a bundle, a single executable. */

export interface OwnCommand {
	readonly file: string;
	readonly args: readonly string[];
}

export function ownCommand(...args: readonly string[]): OwnCommand {
	// A single executable holds its script: what it has as argv[1] is the name it was called by.
	const script = process.argv.slice(1, 2).filter((path) => /\.[cm]?[jt]s$/.test(path));
	// Nor would it take Node's options, which it holds as well.
	const options = script.length === 0 ? [] : process.execArgv;
	return { file: process.execPath, args: [...options, ...script, ...args] };
}

/** Nothing of the caller's gets into what root starts. With io_uring Node would refuse to become another user. */
export const OWN_ENVIRONMENT = {
	PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
	LC_ALL: "C",
	UV_USE_IO_URING: "0",
} as const;
