/** How iptables-save quotes. Pure. */

/** Words at blanks, double quotes around, backslash before a quote or backslash. */
export function splitWords(line: string): string[] {
	const words: string[] = [];
	for (const [, quoted, plain] of line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
		words.push(quoted === undefined ? (plain ?? "") : quoted.replace(/\\(.)/g, "$1"));
	}
	return words;
}
