/**
 * A recording as an animated SVG that also plays in an <img>: every piece of text stands in it once and is shown for as
 * long as it was on the screen. Pure.
 */

import type { Cell, Frame } from "./frame.js";
import { isBlank, sameCell } from "./frame.js";

export interface SvgOptions {
	/** What the picture shows, for those who do not see it. */
	readonly title: string;
	/** The frame shown to those who want no motion, and by what cannot animate. */
	readonly still: number;
	/** For how long the last frame stays before everything begins again, in milliseconds. */
	readonly pauseMs: number;
	readonly foreground: string;
	readonly background: string;
}

/** Pixels. Most monospaced fonts are 0.6 of their size wide; `textLength` keeps the others in their columns. */
const FONT = 14;
const CELL = 8.4;
const LINE = 19;
const MARGIN = 16;
/** The window's title bar. */
const BAR = 30;
/** Of the text's baseline below the top of its line. */
const BASELINE = 14;

/** Neighbours of one row, of one look, that came and went together. */
interface Piece {
	readonly row: number;
	readonly column: number;
	/** In columns. */
	width: number;
	text: string;
	readonly style: string;
	readonly background: string;
	/** Frames: the first that shows it, and the first that does not any more. */
	readonly from: number;
	readonly to: number;
}

/** @throws Error without a frame, or without that of `still` */
export function svgOf(frames: readonly Frame[], options: SvgOptions): string {
	const [first, last, still] = [frames[0], frames.at(-1), frames[options.still]];
	if (first === undefined || last === undefined || still === undefined) {
		throw new Error(`no frame ${options.still} among ${frames.length}`);
	}
	const width = Math.ceil((first.rows[0]?.length ?? 0) * CELL + 2 * MARGIN);
	const height = first.rows.length * LINE + BAR + MARGIN;
	const total = Math.round(last.at + options.pauseMs);
	const percent = (frame: number) => `${round(((frames[frame]?.at ?? 0) / total) * 100, 3)}%`;

	const pieces = piecesOf(frames);
	const keyframes = new Map<string, string>();
	const classes = new Map<string, string>();
	const drawn = pieces.map((piece) => {
		const name = named(keyframes, "k", visibility(piece, frames.length, percent));
		const looks = piece.style === "" ? [] : [named(classes, "c", piece.style)];
		if (piece.from <= options.still && options.still < piece.to) {
			looks.push("s");
		}
		return draw(piece, looks.join(" "), name);
	});
	const moves = frames.flatMap(({ cursor }, index) => {
		const before = frames[index - 1];
		const stays = before !== undefined && place(before.cursor) === place(cursor);
		return stays ? [] : [`${index === 0 ? "0%" : percent(index)}{transform:${place(cursor)}}`];
	});

	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(options.title)}</title>
<style>
text{font:${FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:${options.foreground}}
${[...classes].map(([style, name]) => `.${name}{${style}}\n`).join("")}#t>*{visibility:hidden}
#t>.s{visibility:visible}
@media (prefers-reduced-motion:no-preference){
#t>*,#t>.s{visibility:hidden;animation:${total}ms step-end infinite}
#c{animation:c ${total}ms step-end infinite}
}
${[...keyframes].map(([steps, name]) => `@keyframes ${name}{${steps}}\n`).join("")}@keyframes c{${moves.join("")}}
</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${options.background}" stroke="#6e7681"/>
<g fill="#6e7681"><circle cx="18" cy="16" r="5"/><circle cx="36" cy="16" r="5"/><circle cx="54" cy="16" r="5"/></g>
<g transform="translate(${MARGIN} ${BAR})">
<rect id="c" width="${CELL}" height="${LINE}" fill="${options.foreground}" fill-opacity=".5" transform="${place(still.cursor).replaceAll("px", "")}"/>
<g id="t">
${drawn.join("\n")}
</g></g></svg>
`;
}

/** From the top to the bottom and in order of time, so that the source reads like the session. */
function piecesOf(frames: readonly Frame[]): Piece[] {
	const pieces: Piece[] = [];
	for (let row = 0; row < (frames[0]?.rows.length ?? 0); row++) {
		pieces.push(...piecesOfRow(frames, row));
	}
	return pieces.sort((one, other) => one.from - other.from || one.row - other.row);
}

function piecesOfRow(frames: readonly Frame[], row: number): Piece[] {
	const open = new Map<string, Piece>();
	const pieces: Piece[] = [];
	const columns = frames[0]?.rows[row]?.length ?? 0;
	for (let column = 0; column < columns; column++) {
		for (const { cell, from, to } of livesOf(frames, row, column)) {
			const { text, style, background } = cell;
			const key = [from, to, style, background].join();
			const piece = open.get(key);
			const gap = piece === undefined ? 0 : column - piece.column - piece.width;
			// The blanks between two words belong to their piece, except where a background would show in them.
			if (piece !== undefined && (gap === 0 || background === "")) {
				piece.text += " ".repeat(gap) + text;
				piece.width += gap + 1;
			} else {
				const begun = { row, column, width: 1, text, style, background, from, to };
				open.set(key, begun);
				pieces.push(begun);
			}
		}
	}
	return pieces;
}

/** What stood in one cell from which frame to which, blanks left out. */
function livesOf(frames: readonly Frame[], row: number, column: number) {
	const lives: { cell: Cell; from: number; to: number }[] = [];
	let from = 0;
	for (let to = 1; to <= frames.length; to++) {
		const [cell, next] = [frames[from]?.rows[row]?.[column], frames[to]?.rows[row]?.[column]];
		if (cell === undefined || (next !== undefined && sameCell(cell, next))) {
			continue;
		}
		if (!isBlank(cell)) {
			lives.push({ cell, from, to });
		}
		from = to;
	}
	return lives;
}

function visibility({ from, to }: Piece, frames: number, percent: (frame: number) => string): string {
	const end =
		to === frames ? ",to{visibility:visible}" : `{visibility:visible}${percent(to)}{visibility:hidden}`;
	return percent(from) + end;
}

function draw({ row, column, width, text, background }: Piece, classes: string, animation: string): string {
	const [x, y, length] = [round(column * CELL), row * LINE, round(width * CELL)];
	const common = `${classes && ` class="${classes}"`} style="animation-name:${animation}"`;
	const fit = width > 1 ? ` textLength="${length}"` : "";
	const letters = `<text x="${x}" y="${y + BASELINE}"${fit}${common}>${escaped(kept(text))}</text>`;
	if (background === "") {
		return letters;
	}
	// Without the class that styles the text.
	const plain = `${/\bs$/.test(classes) ? ' class="s"' : ""} style="animation-name:${animation}"`;
	return `<rect x="${x}" y="${y}" width="${length}" height="${LINE}" fill="${background}"${plain}/>${letters}`;
}

/** Outside the picture when there is none. */
function place(cursor: Frame["cursor"]): string {
	if (cursor === undefined) {
		return "translate(0px,-999px)";
	}
	return `translate(${round(cursor.column * CELL)}px,${cursor.row * LINE}px)`;
}

/** The name that stands for `value`, a new one at its first use. */
function named(names: Map<string, string>, prefix: string, value: string): string {
	const name = names.get(value) ?? `${prefix}${names.size}`;
	names.set(value, name);
	return name;
}

function round(value: number, digits = 1): number {
	return Number(value.toFixed(digits));
}

/** With blanks that no renderer collapses. */
function kept(text: string): string {
	return text.replaceAll(" ", "\u00a0");
}

function escaped(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
