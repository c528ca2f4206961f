/** The marked blocks of a document that show what a real host printed, and what in them may differ from run to run. Pure. */

const FENCE = "```";

function pattern(name: string): RegExp {
	return new RegExp(`(<!-- shown: ${name} -->\n+${FENCE}\\w*\n)([\\s\\S]*?)(${FENCE}\n)`);
}

/** The names of the blocks that a document has. */
export function blocksIn(document: string): string[] {
	return [...document.matchAll(/^<!-- shown: ([\w-]+) -->$/gm)].map(([, name = ""]) => name);
}

/** Throws when there is no such block. */
export function block(document: string, name: string): string {
	const found = pattern(name).exec(document)?.[2];
	if (found === undefined) {
		throw new Error(`no block "${name}"`);
	}
	return found;
}

export function withBlock(document: string, name: string, text: string): string {
	block(document, name);
	return document.replace(pattern(name), (_, before: string, __, after: string) => before + text + after);
}

/** A duration as our commands and nft print it: "1m2s", "3m29s992ms". */
const TIME = "(?:\\d+(?:ms|[dhms]))+";

/**
 * Replaces what differs from run to run: process ids, inodes, counters, the guard's uptime, a session's age, the time an
 * element has left; and the width of columns. All other times are constants of the program, such as an element's `timeout`,
 * and are compared.
 */
export function shape(text: string): string {
	return text
		.replaceAll(/"(pid|inode)":\d+/g, '"$1":N')
		.replaceAll(/\bpid \d+/g, "pid N")
		.replaceAll(new RegExp(`(\\balice +)\\d+ +${TIME}\\b`, "g"), "$1N TIME")
		.replaceAll(new RegExp(`\\b(up|expires) +${TIME}\\b`, "g"), "$1 TIME")
		.replaceAll(/packets \d+ bytes \d+/g, "packets N bytes N")
		.replaceAll(/ +/g, " ");
}
