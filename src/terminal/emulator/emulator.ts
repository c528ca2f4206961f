/**
 * The terminal a program writes to: xterm.js, driven synchronously and read as immutable screens. What it supports beyond
 * the stock emulator (alternate screen, REP, line drawing, ...) reaches the client as cells.
 */
import headless, { type Terminal } from "@xterm/headless";
import { Modes } from "../screen/modes.js";
import { blankScreen, clampSize, type Screen, screensEqual } from "../screen/screen.js";
import { type Core, internalsOf } from "./internals.js";
import { limitWork } from "./limits.js";
import { OscState } from "./osc-state.js";
import { RenditionTracker } from "./rendition-tracker.js";
import { answerQueries } from "./replies.js";
import { RowReader } from "./row-reader.js";
import { shareBlankRows } from "./shared-lines.js";
import { Utf8Filter } from "./utf8.js";
import { WidthProvider } from "./width-provider.js";

export interface EmulatorOptions {
	/** Clamped as by `clampSize`. */
	readonly columns: number;
	readonly rows: number;
	/** Called at the end of a `write` with the terminal's replies to the program. */
	onReply(bytes: Uint8Array): void;
}

/** Has no timers or handles; a process may have many. */
export class Emulator {
	readonly #terminal: Terminal;
	readonly #core: Core | undefined;
	readonly #modes: Modes;
	readonly #oscState: OscState;
	readonly #rendition: RenditionTracker;
	readonly #utf8 = new Utf8Filter();
	readonly #onReply: (bytes: Uint8Array) => void;
	#replies = "";
	#reader: RowReader;
	#screen: Screen;
	#changed = false;

	constructor(options: EmulatorOptions) {
		const { columns, rows } = clampSize(options.columns, options.rows);
		this.#onReply = options.onReply;
		this.#terminal = new headless.Terminal({
			cols: columns,
			rows,
			scrollback: 0,
			allowProposedApi: true,
			logLevel: "off",
			// The only public way to disable reflow, which the client does not do either (protocol §5.13).
			windowsPty: { backend: "winpty", buildNumber: 1 },
		});
		this.#terminal.unicode.register(new WidthProvider(this.#terminal));
		this.#terminal.unicode.activeVersion = "wcwidth";
		this.#modes = new Modes(this.#terminal.parser);
		this.#oscState = new OscState(this.#terminal);
		this.#rendition = new RenditionTracker(this.#terminal);
		this.#core = internalsOf(this.#terminal);
		limitWork(this.#terminal, this.#core);
		answerQueries(this.#terminal, this.#modes, (text) => {
			this.#replies += text;
		});
		this.#reader = new RowReader(this.#terminal.buffer.active, columns, this.#core);
		this.#screen = blankScreen(columns, rows);
	}

	get columns(): number {
		return this.#terminal.cols;
	}

	get rows(): number {
		return this.#terminal.rows;
	}

	/** Whether the program has requested arrow keys as ESC O A..D (see KeyTranslator). */
	get applicationCursorKeys(): boolean {
		return this.#terminal.modes.applicationCursorKeysMode;
	}

	/**
	 * True while the program is in the middle of a synchronized update (mode 2026). `snapshot` does not wait for it to
	 * end; a sender of frames may, for a limited time.
	 */
	get synchronizedUpdate(): boolean {
		return this.#terminal.modes.synchronizedOutputMode;
	}

	/** The program uses the alternate screen, as editors and pagers do. */
	get fullScreen(): boolean {
		return this.#terminal.buffer.active.type === "alternate";
	}

	/** Interprets program output. On return the screen reflects all of it. Must not be called from `onReply`. */
	write(bytes: Uint8Array): void {
		const text = this.#utf8.filter(bytes);
		if (text.length === 0) {
			return;
		}
		this.#changed = true;
		// xterm.js parses the first write after user input within the call, and defers any other.
		this.#terminal.input("", true);
		this.#terminal.write(text);
		if (this.#replies === "") {
			return;
		}
		const replies = this.#replies;
		this.#replies = "";
		this.#onReply(Buffer.from(replies));
	}

	/** Changes the size, clamped as by `clampSize`, without reflowing text: the program is expected to redraw. */
	resize(columns: number, rows: number): void {
		const size = clampSize(columns, rows);
		const terminal = this.#terminal;
		if (size.columns === terminal.cols && size.rows === terminal.rows) {
			return;
		}
		this.#changed = true;
		if (size.columns < terminal.cols && terminal.buffer.active.cursorX < size.columns - 1) {
			// Without reflow xterm.js keeps the cells that are cut off, and would shift them into view on a later deletion; only
			// growing sets the length of a line. Not with the cursor at the margin, as that would move it.
			if (size.columns > 2) {
				terminal.resize(size.columns - 1, size.rows);
			}
		}
		terminal.resize(size.columns, size.rows);
		if (this.#core !== undefined) {
			shareBlankRows(this.#core._inputHandler._activeBuffer);
		}
		this.#reader = new RowReader(terminal.buffer.active, size.columns, this.#core);
	}

	/** The current screen; the same object as last time if nothing visible has changed. */
	snapshot(): Screen {
		if (!this.#changed) {
			return this.#screen;
		}
		this.#changed = false;
		const { cols: columns, rows, buffer } = this.#terminal;
		const { cursorVisible, reverseVideo, bracketedPaste, focusReports } = this.#modes;
		const { mouseMode, mouseEncoding } = this.#modes;
		const { title, iconName, clipboard, bells } = this.#oscState;
		const previous = this.#screen;
		const screen: Screen = {
			columns,
			rows,
			lines: this.#reader.read(buffer.active, rows, previous.lines),
			cursorRow: Math.min(buffer.active.cursorY, rows - 1),
			// Beyond the last column means that a wrap is pending; the client's cursor is then in the last column.
			cursorColumn: Math.min(buffer.active.cursorX, columns - 1),
			cursorVisible,
			rendition: this.#rendition.current,
			reverseVideo,
			bracketedPaste,
			focusReports,
			mouseMode,
			mouseEncoding,
			title,
			iconName,
			clipboard,
			bells,
		};
		if (!screensEqual(previous, screen)) {
			this.#screen = screen;
		}
		return this.#screen;
	}

	dispose(): void {
		this.#terminal.dispose();
	}
}
