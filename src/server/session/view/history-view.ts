/**
 * The history view of one client, shown instead of the program's screen. While it is open, its keys do not reach the program,
 * which continues in the background. Pure: keys and screens in, keys and screens out.
 */

import type { History, Screen } from "../../../terminal/index.js";
import type { ScrollbackOptions } from "../scrollback.js";
import { type Key, keysOf } from "./keys.js";
import { isBefore, type LinePosition } from "./line-position.js";
import { edit } from "./prompt.js";
import { renderView } from "./render.js";
import { expressionFor, find } from "./search.js";
import type { Prompt, ViewState } from "./view-state.js";
import { HistoryWindow, type Shape } from "./window.js";

type ViewOptions = Pick<ScrollbackOptions, "pageUp" | "wheel">;

const WHEEL_ROWS = 3;
const ESC = 0x1b;
const CTRL_CARET = 0x1e;

export class HistoryView {
	readonly #options: ViewOptions;
	readonly #shape: Shape;
	readonly #history: History;
	readonly #window: HistoryWindow;
	/** Undefined while the view is closed. */
	#state: ViewState | undefined;
	/** The beginning of a key whose rest has not arrived. */
	#unfinished = "";
	/** The terminal puts in what has been pasted, which contains no keys. */
	#pasting = false;
	/** The terminal has been asked for mouse reports that the program does not want. */
	#reporting = false;
	/** Of the main screen, as it was last seen. */
	#main = { rows: 0, cursorRow: 0 };

	/** @param history of the emulator whose shape is given */
	constructor(options: ViewOptions, shape: Shape, history: History) {
		this.#options = options;
		this.#shape = shape;
		this.#history = history;
		this.#window = new HistoryWindow(shape, history);
	}

	get open(): boolean {
		return this.#state !== undefined;
	}

	close(): "" {
		this.#state = undefined;
		return "";
	}

	/** Acts on what a client's user has typed. Returns what of it is for the program. */
	input(bytes: Uint8Array): Uint8Array {
		if (!this.open && this.#unfinished === "" && !bytes.includes(ESC) && !bytes.includes(CTRL_CARET)) {
			return bytes;
		}
		const { keys, rest } = keysOf(this.#unfinished + Buffer.from(bytes).toString("latin1"));
		let program = "";
		for (const key of keys) {
			program += this.#state === undefined ? this.#pass(key) : this.#look(key, this.#state);
		}
		// Nothing is kept from the program but what may be a report it has not asked for.
		const held = this.open || (this.#reporting && isReport(rest));
		this.#unfinished = held ? rest : "";
		return Buffer.from(held ? program : program + rest, "latin1");
	}

	/** The screen that the client is to show. @param live the program's */
	shown(live: Screen): Screen {
		this.#follow(live);
		const wanted = this.open || (live.mouseMode === 0 && !this.#shape.fullScreen);
		this.#reporting = this.#options.wheel && wanted;
		const screen = this.#state === undefined ? live : renderView(live, this.#history, this.#state);
		if (this.#reporting) {
			return { ...screen, mouseMode: 1000, mouseEncoding: 1006 };
		}
		// So that text of the history can be selected.
		return this.open ? { ...screen, mouseMode: 0, mouseEncoding: 0 } : screen;
	}

	/** What a lower window moves to the history is not new. */
	#follow({ rows, cursorRow }: Screen): void {
		const moved = Math.max(0, this.#main.cursorRow + 1 - rows);
		if (this.#state !== undefined && rows < this.#main.rows) {
			this.#state = { ...this.#state, openedAt: this.#state.openedAt + moved };
		}
		this.#main = { rows, cursorRow: this.#shape.fullScreen ? this.#main.cursorRow - moved : cursorRow };
	}

	/** A key while the view is closed. Returns what the program gets. */
	#pass({ name, text }: Key): string {
		if (name === "paste-begin" || name === "paste-end") {
			this.#pasting = name === "paste-begin";
		}
		if (this.#pasting) {
			return text;
		}
		const main = !this.#shape.fullScreen;
		switch (name) {
			case "open":
				return this.#openAt(this.#window.live);
			case "shift-page-up":
				return main && this.#openAbove(this.#window.page) ? "" : text;
			case "page-up":
				return main && this.#options.pageUp && this.#openAbove(this.#window.page) ? "" : text;
			case "wheel-up":
				if (this.#reporting) {
					this.#openAbove(WHEEL_ROWS);
				}
				return this.#reporting ? "" : text;
			case "wheel-down":
			case "mouse":
				return this.#reporting ? "" : text;
			default:
				return text;
		}
	}

	/** A key while the view is open. Returns what the program gets: the keys that are not for the view. */
	#look(key: Key, state: ViewState): string {
		if (state.prompt !== undefined && this.#typed(key, state, state.prompt)) {
			return "";
		}
		switch (key.name) {
			case "up":
				return this.#scroll(-1);
			case "down":
				return this.#scroll(1);
			case "page-up":
			case "shift-page-up":
				return this.#scroll(-this.#window.page);
			case "page-down":
				return this.#scroll(this.#window.page);
			case "wheel-up":
				return this.#scroll(-WHEEL_ROWS);
			case "wheel-down":
				return this.#scroll(WHEEL_ROWS);
			case "home":
				return this.#show(this.#window.oldest);
			case "end":
			case "escape":
			case "open":
				return this.close();
			case "sideways":
			case "mouse":
				return "";
			case "focus":
				return key.text;
			case "character":
				return this.#command(key.text, state);
			default:
				this.close();
				return this.#pass(key);
		}
	}

	#command(character: string, state: ViewState): string {
		switch (character) {
			case "q":
			case "G":
				return this.close();
			case "g":
				return this.#show(this.#window.oldest);
			case "/":
			case "?":
				return this.#beginSearch(character, state);
			case "n":
			case "N":
				return this.#searchOn(character === "N", state);
			default:
				this.close();
				return character;
		}
	}

	#beginSearch(sign: "/" | "?", state: ViewState): "" {
		const { top } = state;
		// A match at the very top is one, too; upwards, any that is shown.
		const last = this.#window.moved(top, this.#window.rows - 1);
		const from = sign === "/" ? { line: top.line, cell: top.cell - 1 } : this.#window.endOf(last.line);
		this.#state = { ...state, prompt: { sign, text: "", top, from }, note: "" };
		return "";
	}

	/** A key while a search is typed. Returns false if it is one for the view. */
	#typed(key: Key, state: ViewState, prompt: Prompt): boolean {
		const result = edit(prompt.text, key);
		const again = { ...state, top: prompt.top, search: undefined, note: "" };
		switch (result.kind) {
			case "cancel":
				this.#state = { ...again, prompt: undefined };
				return true;
			case "done":
				this.#state = { ...state, prompt: undefined };
				return result.used;
			case "text": {
				const { text } = result;
				this.#state = { ...again, prompt: { ...prompt, text } };
				if (text !== "") {
					this.#find(this.#state, expressionFor(text), prompt.from, prompt.sign === "?");
				}
				return true;
			}
		}
	}

	#searchOn(opposite: boolean, state: ViewState): "" {
		const { search } = state;
		if (search === undefined) {
			this.#state = { ...state, note: "nothing to search for" };
			return "";
		}
		const { expression, at, backward } = search;
		this.#find(state, expression, at, backward !== opposite, backward);
		return "";
	}

	/** @param direction that `n` goes in */
	#find(
		state: ViewState,
		expression: RegExp,
		from: LinePosition,
		backward: boolean,
		direction = backward,
	): void {
		const found = find(this.#history, expression, from, backward);
		if (found === undefined) {
			this.#state = { ...state, note: "not found" };
			return;
		}
		this.#state = {
			...state,
			top: this.#window.topFor(found.position, state.top),
			search: { expression, backward: direction, at: found.position },
			note: found.around ? (backward ? "from the end" : "from the beginning") : "",
		};
	}

	#openAt(top: LinePosition): "" {
		this.#state = { top, openedAt: this.#history.end, note: "" };
		return "";
	}

	/** Opens the view further up. Returns whether there is anything. */
	#openAbove(rows: number): boolean {
		const { live } = this.#window;
		const top = this.#window.moved(live, -rows);
		if (isBefore(top, live)) {
			this.#openAt(top);
		}
		return this.open;
	}

	/** Closes the view where it reaches the end. */
	#scroll(rows: number): "" {
		const top = this.#window.moved((this.#state as ViewState).top, rows);
		return rows > 0 && !isBefore(top, this.#window.live) ? this.close() : this.#show(top);
	}

	#show(top: LinePosition): "" {
		this.#state = { ...(this.#state as ViewState), top, note: "" };
		return "";
	}
}

/** Whether the beginning of a key can only be that of a mouse report. */
function isReport(text: string): boolean {
	return text.startsWith("\x1b[M") || text.startsWith("\x1b[<");
}
