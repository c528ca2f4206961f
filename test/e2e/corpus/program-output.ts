/** The shape of one corpus entry, and the one way to make it. */

/** What a program writes to its terminal, under a name. */
export interface ProgramOutput {
	readonly name: string;
	readonly bytes: Uint8Array;
	/** Why the two servers may show different screens: the stock one is wrong or less able here. */
	readonly differsBecause?: string;
}

/** Text is sent as UTF-8. */
export function output(name: string, content: string | Uint8Array, differsBecause?: string): ProgramOutput {
	const bytes = typeof content === "string" ? Buffer.from(content) : content;
	return differsBecause === undefined ? { name, bytes } : { name, bytes, differsBecause };
}

/** `count` lines made by `line`, each ended by CR LF. */
export function lines(count: number, line: (index: number) => string): string {
	return Array.from({ length: count }, (_, index) => `${line(index)}\r\n`).join("");
}
