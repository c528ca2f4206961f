/**
 * The terminal that a stock client 1.4.0 runs in, on its main screen: what the client writes there is made from the protocol alone
 * (protocol §5.10), without renditions. So it shows what becomes of a state that the client draws after its window has got
 * another size.
 */

import headless from "@xterm/headless";
import { type DrawnRow, movedUp, rowsOf, sameCell } from "./stock-display.js";
import type { Cell } from "./stock-emulator/framebuffer.js";
import { defaultRendition, type StockEmulator } from "./stock-emulator/index.js";

interface Place {
	readonly row: number;
	readonly column: number;
}

interface Drawn extends Place {
	readonly rows: readonly DrawnRow[];
}

/** To column 0 down, and to the left, the client moves without an absolute move if it is not further. */
const NEAR = 4;

/**
 * `pulls`: a higher window takes lines back from the scrollback, and a narrower one rewraps (xterm.js, tmux, VTE, kitty). `plain`: neither.
 * `keeps`: as `pulls`, and a cleared screen is kept (VTE, tmux).
 */
export type TerminalKind = "pulls" | "plain" | "keeps";

export class ClientTerminal {
	readonly #terminal: headless.Terminal;
	#last: Drawn | undefined;
	/** Where the client believes the cursor to be; undefined: it does not know. */
	#cursor: Place | undefined;
	/** The row before this one wraps into it: its first cell is to be printed without a move. */
	#wrapsInto: number | undefined;
	#out = "";

	constructor(columns: number, rows: number, kind: TerminalKind = "pulls") {
		this.#terminal = newTerminal(columns, rows, kind);
	}

	/** The window has another size; the client writes nothing until a state of another size arrives. */
	resize(columns: number, rows: number): void {
		this.#terminal.resize(columns, rows);
	}

	draw({ framebuffer }: StockEmulator): void {
		const { row, column } = framebuffer;
		const next: Drawn = { rows: rowsOf(framebuffer), row, column };
		const before = this.#prepare(next);
		for (const [index, { cells }] of next.rows.entries()) {
			this.#paintRow(index, cells, before[index] ?? [], index === next.rows.length - 1);
		}
		this.#moveTo(next);
		this.#last = next;
		this.#terminal.input("", true);
		this.#terminal.write(this.#out);
	}

	/** What has scrolled off, then the screen. */
	get lines(): string[] {
		return linesOf(this.#terminal);
	}

	/** Clears, or scrolls what has moved up. Returns what is on the screen then. */
	#prepare(next: Drawn): (readonly Cell[])[] {
		const last = this.#last;
		const columns = next.rows[0]?.cells.length ?? 0;
		const blank = Array.from({ length: columns }, () => BLANK);
		if (last?.rows.length !== next.rows.length || last.rows[0]?.cells.length !== columns) {
			this.#out = "\x1b[r\x1b[0m\x1b[H\x1b[2J";
			this.#cursor = { row: 0, column: 0 };
			return next.rows.map(() => blank);
		}
		this.#out = "";
		this.#cursor = last;
		const moved = movedUp(last.rows, next.rows);
		const { up = 0, height = 0 } = moved ?? {};
		const bottom = height + up;
		if (moved !== undefined && bottom === next.rows.length && last.row === bottom - 1) {
			this.#out = `\r${"\n".repeat(up)}`;
			this.#cursor = { row: last.row, column: 0 };
		} else if (moved !== undefined) {
			this.#out = `\x1b[1;${bottom}r\x1b[${bottom};1H${"\n".repeat(up)}\x1b[r`;
			this.#cursor = undefined;
		}
		return last.rows.map(({ cells }, row) =>
			row < height ? (last.rows[row + up]?.cells ?? blank) : row < bottom ? blank : cells,
		);
	}

	#paintRow(row: number, cells: readonly Cell[], before: readonly Cell[], isBottom: boolean): void {
		const joins = this.#wrapsInto === row;
		this.#wrapsInto = undefined;
		const wraps = !isBottom && cells.at(-1)?.wrapped === true;
		const marks = wraps && before.at(-1)?.wrapped !== true;
		for (let column = 0; column < cells.length; column++) {
			const cell = cells[column] as Cell;
			const first = joins && column === 0;
			const at = column;
			column += cell.wide ? 1 : 0;
			const isLast = column + 1 >= cells.length;
			if (!first && !(marks && isLast) && sameCell(cell, before[at])) {
				continue;
			}
			if (!first) {
				this.#moveTo({ row, column: at });
			}
			if (!wraps && cells.slice(at).every(({ text }) => text === "")) {
				this.#out += "\x1b[K";
				return;
			}
			this.#out += cell.text || " ";
			this.#cursor = isLast ? undefined : { row, column: column + 1 };
			if (isLast && wraps) {
				this.#wrapsInto = row + 1;
			} else if (isLast && !isBottom) {
				this.#out += "\r\n";
				this.#cursor = { row: row + 1, column: 0 };
			}
		}
	}

	#moveTo({ row, column }: Place): void {
		const from = this.#cursor;
		const down = row - (from?.row ?? row);
		const left = (from?.column ?? column) - column;
		if (from !== undefined && column === 0 && down >= 0 && down <= NEAR) {
			this.#out += (left > 0 ? "\r" : "") + "\n".repeat(down);
		} else if (from !== undefined && down === 0 && left >= 0 && left <= NEAR) {
			this.#out += "\b".repeat(left);
		} else {
			this.#out += `\x1b[${row + 1};${column + 1}H`;
		}
		this.#cursor = { row, column };
	}
}

/** A terminal with all the scrollback that a test needs. */
export function newTerminal(columns: number, rows: number, kind: TerminalKind = "pulls"): headless.Terminal {
	const terminal = new headless.Terminal({
		cols: columns,
		rows,
		scrollback: 200_000,
		allowProposedApi: true,
		logLevel: "off",
		...(kind === "plain" && { windowsPty: { backend: "winpty", buildNumber: 1 } }),
		...(kind === "keeps" && { scrollOnEraseInDisplay: true }),
	});
	// Emulators in the same process change how a terminal begins: it makes room for its scrollback only now.
	terminal.resize(columns + 1, rows);
	terminal.resize(columns, rows);
	return terminal;
}

/** What has scrolled off a terminal, then its screen. */
export function linesOf({ buffer: { active } }: headless.Terminal, first = 0): string[] {
	return Array.from({ length: active.length - first }, (_, line) =>
		(active.getLine(first + line)?.translateToString(true) ?? "").trimEnd(),
	);
}

const BLANK: Cell = { text: "", wide: false, wrapped: false, rendition: defaultRendition };
