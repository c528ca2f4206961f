/** What a recording is made of: screens of a terminal and when each was first seen. Pure. */

export interface Cell {
	/** A blank where there is nothing; empty for the right half of a wide character. */
	readonly text: string;
	/** CSS declarations of the text; empty for the terminal's default. */
	readonly style: string;
	/** CSS colour; empty for the terminal's default. */
	readonly background: string;
}

export interface Frame {
	/** Milliseconds since the recording began. */
	readonly at: number;
	/** All of the same length. */
	readonly rows: readonly (readonly Cell[])[];
	/** Counted from 0; undefined while it is hidden. */
	readonly cursor: { readonly row: number; readonly column: number } | undefined;
}

export function sameCell(one: Cell, other: Cell): boolean {
	return one.text === other.text && one.style === other.style && one.background === other.background;
}

export function isBlank({ text, background }: Cell): boolean {
	return text === " " && background === "";
}

/** Lines without their trailing blanks. */
export function textOf({ rows }: Pick<Frame, "rows">): string {
	return rows
		.map((row) =>
			row
				.map(({ text }) => text)
				.join("")
				.trimEnd(),
		)
		.join("\n");
}
