/** How iptables-save quotes. Pure. */

/** Words at blanks, double quotes around, backslash before a quote or backslash. */
export function splitWords(line: string): string[] {
	// Nearly all, and there may be tens of thousands.
	if (!line.includes('"')) {
		return line.split(" ").filter((word) => word !== "");
	}
	const words: string[] = [];
	for (const [, quoted, plain] of line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)) {
		words.push(quoted === undefined ? (plain ?? "") : quoted.replace(/\\(.)/g, "$1"));
	}
	return words;
}
