/** Readable differences and pictures of model screens, for test messages. */

import { isDeepStrictEqual } from "node:util";
import { defaultRendition, type Rendition } from "./rendition.js";
import type { LatentState, ModelScreen } from "./screen.js";

/** What `compareScreens` can be told to leave out. */
export type ScreenAspect = Exclude<keyof ModelScreen, "latent" | "columns" | "rows"> | "wrapped";

const SCALARS = [
	"cursor",
	"cursorVisible",
	"rendition",
	"reverseVideo",
	"title",
	"iconName",
	"clipboard",
	"bellCount",
	"bracketedPaste",
	"mouseMode",
	"mouseEncoding",
	"focusReports",
] as const satisfies readonly ScreenAspect[];

/** Short form of a rendition, such as "bold fg=1 bg=#102030"; "plain" for the default. */
export function renderRendition(rendition: Rendition): string {
	const words = Object.entries(rendition).flatMap(([name, value]) => {
		if (value === true) {
			return [name];
		}
		if (value === false || value === "default") {
			return [];
		}
		return [`${name === "foreground" ? "fg" : "bg"}=${value}`];
	});
	return words.join(" ") || "plain";
}

function cellDifference(a: ModelScreen, b: ModelScreen): string | undefined {
	for (const [row, line] of a.lines.entries()) {
		for (const [column, cell] of line.cells.entries()) {
			const other = b.lines[row]?.cells[column];
			if (isDeepStrictEqual(cell, other)) {
				continue;
			}
			const show = (one: typeof other): string =>
				one === undefined
					? "nothing"
					: `${JSON.stringify(one.text)} width ${one.width} ${renderRendition(one.rendition)}`;
			return `cell at row ${row}, column ${column}: ${show(cell)} against ${show(other)}`;
		}
	}
	return undefined;
}

/**
 * The first difference in what the receiver shows or remembers, in words; undefined if there is none.
 * Latent state is not looked at: see {@link latentDifference}.
 */
export function compareScreens(
	a: ModelScreen,
	b: ModelScreen,
	ignore: readonly ScreenAspect[] = [],
): string | undefined {
	if (a.columns !== b.columns || a.rows !== b.rows) {
		return `size: ${a.columns}x${a.rows} against ${b.columns}x${b.rows}`;
	}
	if (!ignore.includes("lines")) {
		const difference = cellDifference(a, b);
		if (difference !== undefined) {
			return difference;
		}
	}
	if (!ignore.includes("wrapped")) {
		const row = a.lines.findIndex((line, index) => line.wrapped !== b.lines[index]?.wrapped);
		if (row >= 0) {
			return `wrap flag of row ${row}: ${a.lines[row]?.wrapped} against ${b.lines[row]?.wrapped}`;
		}
	}
	for (const aspect of SCALARS) {
		if (ignore.includes(aspect) || isDeepStrictEqual(a[aspect], b[aspect])) {
			continue;
		}
		return `${aspect}: ${JSON.stringify(a[aspect])} against ${JSON.stringify(b[aspect])}`;
	}
	return undefined;
}

/** The latent state of a fresh emulator of this size. */
export function initialLatent(columns: number, rows: number): LatentState {
	return {
		insert: false,
		origin: false,
		autowrap: true,
		region: { top: 0, bottom: rows - 1 },
		tabs: Array.from({ length: Math.ceil(columns / 8) }, (_, index) => index * 8),
		pendingWrap: false,
		cursorSaved: false,
		applicationCursorKeys: false,
		alternateScroll: false,
	};
}

/** What a hoststring left behind that it should have put back, in words; undefined if nothing. */
export function latentDifference(screen: ModelScreen): string | undefined {
	const expected = initialLatent(screen.columns, screen.rows);
	for (const [name, value] of Object.entries(screen.latent)) {
		const initial = expected[name as keyof LatentState];
		if (!isDeepStrictEqual(value, initial)) {
			return `${name}: ${JSON.stringify(value)}, initially ${JSON.stringify(initial)}`;
		}
	}
	return undefined;
}

/** The screen as text: each row between bars, `+` after a wrapped one, then the cursor and what is not default. */
export function renderScreen(screen: ModelScreen): string {
	const lines = screen.lines.map(
		({ cells, wrapped }, row) =>
			`${String(row).padStart(3)} |${cells.map((cell) => cell.text).join("")}|${wrapped ? "+" : ""}`,
	);
	const renditions = screen.lines.flatMap(({ cells }, row) =>
		cells.flatMap((cell, column) => {
			const same = isDeepStrictEqual(cell.rendition, cells[column - 1]?.rendition ?? defaultRendition);
			return same ? [] : [`${row},${column}: ${renderRendition(cell.rendition)}`];
		}),
	);
	const scalars = SCALARS.map((aspect) => `${aspect}=${JSON.stringify(screen[aspect])}`);
	return [
		...lines,
		`renditions from row,column on: ${renditions.join("; ") || "none"}`,
		scalars.join(" "),
	].join("\n");
}
