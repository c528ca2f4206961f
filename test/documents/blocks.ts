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
	if (found === undefined) throw new Error(`no block "${name}"`);
	return found;
}

export function withBlock(document: string, name: string, text: string): string {
	block(document, name);
	return document.replace(pattern(name), (_, before: string, __, after: string) => before + text + after);
}

/** Process ids, times, counters and keys, and with them the width of a column. */
export function shape(text: string): string {
	return text
		.replaceAll(/"(pid|inode)":\d+/g, '"$1":N')
		.replaceAll(/\bpid \d+/g, "pid N")
		.replaceAll(/(\balice +)\d+/g, "$1N")
		.replaceAll(/\b(\d+[dhms]+)+\b/g, "TIME")
		.replaceAll(/packets \d+ bytes \d+/g, "packets N bytes N")
		.replaceAll(/ +/g, " ");
}
