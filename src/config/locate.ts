/** Finds the line of a key in a TOML text, for error messages: the parser does not keep the positions of valid keys. */

/**
 * The line, from 1, of the key or of the innermost table around it; undefined when neither is found.
 * @param path with list indices, as a schema reports it
 */
export function lineOf(text: string, path: readonly (string | number)[]): number | undefined {
	const wanted = path.map(String);
	const tables = new Map<string, number>();
	let table: string[] = [];
	let best: { line: number; depth: number } | undefined;
	text.split("\n").forEach((line, i) => {
		const heading = /^\s*(\[\[?)([^[\]]+)\]/.exec(line);
		if (heading !== null) {
			const name = keyParts(heading[2] as string);
			const nth = tables.get(name.join(".")) ?? 0;
			tables.set(name.join("."), nth + 1);
			table = heading[1] === "[[" ? [...name, String(nth)] : name;
			consider(table, i);
			return;
		}
		const assignment = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(
			line,
		);
		if (assignment !== null) {
			consider([...table, ...keyParts(assignment[1] as string)], i);
		}
	});
	return best?.line;

	function consider(found: readonly string[], index: number): void {
		const leads = found.length <= wanted.length && found.every((part, i) => part === wanted[i]);
		if (leads && found.length > (best?.depth ?? 0)) {
			best = { line: index + 1, depth: found.length };
		}
	}
}

function keyParts(text: string): string[] {
	return text.split(".").map((part) => part.trim().replace(/^(["'])(.*)\1$/, "$2"));
}
