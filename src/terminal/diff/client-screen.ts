/**
 * What the client makes of a diff: its emulator (protocol §5) as far as diffs use it, with all extensions, for verifying
 * them. xterm.js cannot stand in for it: after a scroll or a resize it shows other things, such as which rows continue in
 * the next. Anything that has no place in a diff, because the client does not know it or because it would outlast the diff,
 * is an error.
 */
import { MOUSE_ENCODINGS, MOUSE_MODES } from "../screen/modes.js";
import { FOREGROUND_COLOUR_MASK, type Rendition, sameRendition } from "../screen/rendition.js";
import type { Screen } from "../screen/screen.js";
import { codePointWidth } from "../screen/width.js";
import { ClientLines } from "./client-lines.js";
import { selectRendition, withExtra } from "./client-rendition.js";

/** What follows ESC [ of a control sequence. */
const SEQUENCE = /(?<private>\??)(?<parameters>[0-9;:]*)(?<final> ?[@-~])/uy;

const SWITCHES = new Map<number, "cursorVisible" | "reverseVideo" | "focusReports" | "bracketedPaste">([
	[5, "reverseVideo"],
	[25, "cursorVisible"],
	[1004, "focusReports"],
	[2004, "bracketedPaste"],
]);

/** What a diff switches or sets as a whole. */
type Settings = {
	-readonly [Name in (typeof SETTINGS)[number]]: Screen[Name];
};
const SETTINGS = [
	"cursorVisible",
	"cursorShape",
	"reverseVideo",
	"bracketedPaste",
	"focusReports",
	"mouseMode",
	"mouseEncoding",
	"title",
	"iconName",
	"clipboard",
] as const;

export class ClientScreen {
	#columns: number;
	#rows: number;
	readonly #lines: ClientLines;
	#row: number;
	#column: number;
	/** The cell that a mark joins. */
	#marked: { readonly row: number; readonly column: number };
	#wrapPending = false;
	#rendition: Rendition;
	/** The scrolling region. */
	#top = 0;
	#bottom: number;
	readonly #settings: Settings;
	readonly #bellsBefore: number;
	#rang = false;

	/** A client that holds `screen`. */
	constructor(screen: Screen) {
		this.#columns = screen.columns;
		this.#rows = screen.rows;
		this.#bottom = screen.rows - 1;
		this.#lines = new ClientLines(screen.columns, screen.lines);
		this.#row = screen.cursorRow;
		this.#column = screen.cursorColumn;
		this.#marked = { row: this.#row, column: this.#column };
		this.#rendition = screen.rendition;
		const { cursorVisible, cursorShape, reverseVideo, bracketedPaste, focusReports } = screen;
		const { mouseMode, mouseEncoding, title, iconName, clipboard } = screen;
		this.#settings = {
			cursorVisible,
			cursorShape,
			reverseVideo,
			bracketedPaste,
			focusReports,
			mouseMode,
			mouseEncoding,
			title,
			iconName,
			clipboard,
		};
		this.#bellsBefore = screen.bells;
	}

	/** Protocol §5.13. */
	resize(columns: number, rows: number): void {
		this.#lines.resize(columns, rows, this.#background);
		this.#columns = columns;
		this.#rows = rows;
		this.#top = 0;
		this.#bottom = rows - 1;
		this.#moveTo(this.#row, this.#column);
	}

	/**
	 * Applies a hoststring.
	 * @throws Error on anything that has no place in one, such as half a sequence
	 */
	write(hoststring: Uint8Array): void {
		const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(hoststring);
		for (let at = 0; at < text.length; ) {
			const codePoint = text.codePointAt(at) ?? 0;
			if (codePoint >= 0x20 && (codePoint < 0x7f || codePoint > 0x9f)) {
				const character = String.fromCodePoint(codePoint);
				this.#print(character, codePointWidth(codePoint));
				at += character.length;
				continue;
			}
			at = this.#obey(text, at);
		}
	}

	/** The first way in which the client differs from one that holds `target`, in words; undefined if it does not. */
	differenceFrom(target: Screen): string | undefined {
		if (target.columns !== this.#columns || target.rows !== this.#rows) {
			return `the size is ${this.#columns}x${this.#rows} instead of ${target.columns}x${target.rows}`;
		}
		if (this.#wrapPending) {
			return "a wrap is pending";
		}
		if (this.#top !== 0 || this.#bottom !== this.#rows - 1) {
			return "the scrolling region is not the whole screen";
		}
		// A client rings once for any number of bells.
		if (this.#rang !== (target.bells !== this.#bellsBefore)) {
			return `the bell ${this.#rang ? "rings" : "does not ring"}`;
		}
		const { cursorRow, cursorColumn, rendition } = target;
		if (this.#row !== cursorRow || this.#column !== cursorColumn) {
			return `the cursor is at ${this.#row},${this.#column} instead of ${cursorRow},${cursorColumn}`;
		}
		if (!sameRendition(this.#rendition, rendition)) {
			return "the current rendition is another";
		}
		for (const name of SETTINGS) {
			if (this.#settings[name] !== target[name]) {
				return `${name} is ${JSON.stringify(this.#settings[name])} instead of ${JSON.stringify(target[name])}`;
			}
		}
		return this.#lines.differenceFrom(target.lines);
	}

	/** Obeys the control character, sequence or string at `at`; returns where it ends. */
	#obey(text: string, at: number): number {
		if (text[at] !== "\x1b") {
			this.#execute(text[at] ?? "");
			return at + 1;
		}
		if (text[at + 1] === "]") {
			const end = text.indexOf("\x07", at);
			if (end >= 0) {
				this.#command(text.slice(at + 2, end));
				return end + 1;
			}
		}
		SEQUENCE.lastIndex = at + 2;
		const found = text[at + 1] === "[" ? SEQUENCE.exec(text)?.groups : undefined;
		if (found === undefined) {
			throw misplaced(text.slice(at, at + 20));
		}
		const { parameters = "", final = "" } = found;
		if (found.private === "") {
			this.#control(final, parameters);
		} else if (final === "h" || final === "l") {
			this.#switch(Number(parameters), final === "h");
		} else {
			throw misplaced(`CSI ? ${parameters} ${final}`);
		}
		return SEQUENCE.lastIndex;
	}

	/** What erased cells are filled with. */
	get #background(): number {
		return this.#rendition.background & FOREGROUND_COLOUR_MASK;
	}

	#execute(control: string): void {
		this.#wrapPending = false;
		switch (control) {
			case "\x07":
				this.#rang = true;
				break;
			case "\b":
				this.#moveTo(this.#row, this.#column - 1);
				break;
			case "\r":
				this.#moveTo(this.#row, 0);
				break;
			case "\n":
				this.#lineFeed();
				break;
			default:
				throw misplaced(control);
		}
	}

	/** CSI with parameters; one that is 0 or missing has the function's default. */
	#control(final: string, parameters: string): void {
		const [first = 0, second = 0] = parameters.split(";").map(Number);
		const count = first || 1;
		const background = this.#background;
		if (final === "m") {
			this.#rendition = selectRendition(this.#rendition, parameters);
			return;
		}
		this.#wrapPending = false;
		switch (final) {
			case "A":
				this.#moveTo(this.#row - count, this.#column);
				break;
			case "B":
				this.#moveTo(this.#row + count, this.#column);
				break;
			case "C":
				this.#moveTo(this.#row, this.#column + count);
				break;
			case "D":
				this.#moveTo(this.#row, this.#column - count);
				break;
			case "H":
				this.#moveTo(count - 1, (second || 1) - 1);
				break;
			case "J":
				this.#eraseScreen(first);
				break;
			case "K":
				this.#lines.erase(this.#row, first === 2 ? 0 : this.#column, this.#columns, background);
				break;
			case "X":
				this.#lines.erase(this.#row, this.#column, Math.min(this.#column + count, this.#columns), background);
				break;
			case "@":
				this.#lines.insert(this.#row, this.#column, count, background);
				break;
			case "S":
				this.#lines.scroll(this.#top, this.#bottom, count, background);
				break;
			case "T":
				this.#lines.scroll(this.#top, this.#bottom, -count, background);
				break;
			case " q":
				this.#settings.cursorShape = first;
				break;
			case "r":
				this.#top = count - 1;
				this.#bottom = Math.min(second || this.#rows, this.#rows) - 1;
				this.#moveTo(0, 0);
				break;
			default:
				throw misplaced(`CSI ${parameters} ${final}`);
		}
	}

	#eraseScreen(part: number): void {
		const background = this.#background;
		if (part === 0) {
			this.#lines.erase(this.#row, this.#column, this.#columns, background);
		}
		for (let row = part === 0 ? this.#row + 1 : 0; row < this.#rows; row++) {
			this.#lines.erase(row, 0, this.#columns, background);
		}
	}

	#switch(mode: number, on: boolean): void {
		const name = SWITCHES.get(mode);
		const mouseMode = MOUSE_MODES.find((known) => known === mode);
		const mouseEncoding = MOUSE_ENCODINGS.find((known) => known === mode);
		if (name !== undefined) {
			this.#settings[name] = on;
		} else if (mouseMode !== undefined) {
			this.#settings.mouseMode = on ? mouseMode : 0;
		} else if (mouseEncoding !== undefined) {
			this.#settings.mouseEncoding = on ? mouseEncoding : 0;
		} else {
			throw misplaced(`mode ${mode}`);
		}
	}

	#command(osc: string): void {
		const { which, text = "" } = /^(?<which>[0128]|52;c);(?<text>.*)$/su.exec(osc)?.groups ?? {};
		switch (which) {
			case "0":
				this.#settings.iconName = this.#settings.title = text;
				break;
			case "1":
				this.#settings.iconName = text;
				break;
			case "2":
				this.#settings.title = text;
				break;
			case "8":
				this.#rendition = withExtra(this.#rendition, { link: text === ";" ? "" : text });
				break;
			case "52;c":
				this.#settings.clipboard = text;
				break;
			default:
				throw misplaced(`OSC ${osc.slice(0, 20)}`);
		}
	}

	/** Protocol §5.5. A character that the client's C library does not know is dropped, which no diff may rely on. */
	#print(character: string, width: -1 | 0 | 1 | 2): void {
		if (width < 0) {
			throw misplaced(character);
		}
		if (width === 0) {
			if (this.#lines.combine(this.#marked.row, this.#marked.column, character)) {
				this.#advance(1);
			}
			return;
		}
		const wide = width === 2;
		if (this.#wrapPending) {
			this.#wrap(true);
		}
		if (wide && this.#column === this.#columns - 1) {
			this.#lines.erase(this.#row, this.#column, this.#columns, this.#background);
			this.#wrap(false);
		}
		this.#lines.print(this.#row, this.#column, character, wide, this.#rendition);
		this.#advance(width);
	}

	#wrap(marked: boolean): void {
		if (marked) {
			this.#lines.markWrapped(this.#row);
		}
		this.#moveTo(this.#row, 0);
		this.#lineFeed();
	}

	#lineFeed(): void {
		if (this.#row === this.#bottom) {
			this.#lines.scroll(this.#top, this.#bottom, 1, this.#background);
		}
		this.#moveTo(this.#row === this.#bottom ? this.#row : this.#row + 1, this.#column);
	}

	#moveTo(row: number, column: number): void {
		this.#wrapPending = false;
		this.#row = Math.max(0, Math.min(row, this.#rows - 1));
		this.#column = Math.max(0, Math.min(column, this.#columns - 1));
		this.#marked = { row: this.#row, column: this.#column };
	}

	#advance(width: number): void {
		this.#marked = { row: this.#row, column: this.#column };
		this.#wrapPending = this.#column + width >= this.#columns;
		this.#column = Math.min(this.#column + width, this.#columns - 1);
	}
}

function misplaced(what: string): Error {
	return new Error(`the client is sent ${JSON.stringify(what)}`);
}
