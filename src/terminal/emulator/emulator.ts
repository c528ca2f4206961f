/**
 * The terminal a program writes to: xterm.js, made synchronous and read out as immutable screens. What it
 * understands beyond the stock emulator (alternate screen, REP, line drawing, ...) reaches the client as cells.
 */
import headless, { type Terminal } from "@xterm/headless";
import { Modes } from "../screen/modes.js";
import { blankScreen, clampSize, type Screen, screensEqual } from "../screen/screen.js";
import { type Core, internalsOf } from "./internals.js";
import { limitWork } from "./limits.js";
import { Announcements } from "./osc-state.js";
import { RenditionTracker } from "./rendition-tracker.js";
import { answerQuestions } from "./replies.js";
import { RowReader } from "./row-reader.js";
import { shareBlankRows } from "./shared-lines.js";
import { Utf8Filter } from "./utf8.js";
import { WidthProvider } from "./width-provider.js";

export interface EmulatorOptions {
	/** Clamped as by `clampSize`. */
	readonly columns: number;
	readonly rows: number;
	/** Called at the end of a `write` with what the terminal answers the program. */
	onReply(bytes: Uint8Array): void;
}

/** Nothing here is process-wide; one process may hold many. No timers, no handles. */
export class Emulator {
	readonly #terminal: Terminal;
	readonly #core: Core | undefined;
	readonly #modes: Modes;
	readonly #announcements: Announcements;
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
			// The one public way to switch off reflow, which the client does not do either (protocol §5.13).
			windowsPty: { backend: "winpty", buildNumber: 1 },
		});
		this.#terminal.unicode.register(new WidthProvider(this.#terminal));
		this.#terminal.unicode.activeVersion = "wcwidth";
		this.#modes = new Modes(this.#terminal.parser);
		this.#announcements = new Announcements(this.#terminal);
		this.#rendition = new RenditionTracker(this.#terminal);
		this.#core = internalsOf(this.#terminal);
		limitWork(this.#terminal, this.#core);
		answerQuestions(this.#terminal, this.#modes, (text) => {
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

	/** Whether the program asked for arrow keys as ESC O A..D (see KeyTranslator). */
	get applicationCursorKeys(): boolean {
		return this.#terminal.modes.applicationCursorKeysMode;
	}

	/**
	 * True while the program is in the middle of a synchronized update (mode 2026). `snapshot` does not wait for its
	 * end; who sends frames may, for a while.
	 */
	get synchronizedUpdate(): boolean {
		return this.#terminal.modes.synchronizedOutputMode;
	}

	/** The program draws on the alternate screen, as editors and pagers do. */
	get fullScreen(): boolean {
		return this.#terminal.buffer.active.type === "alternate";
	}

	/** Interprets program output. On return the screen reflects all of it. Not to be called from `onReply`. */
	write(bytes: Uint8Array): void {
		const text = this.#utf8.filter(bytes);
		if (text.length === 0) return;
		this.#changed = true;
		// xterm.js parses the first write after user input at once, within the call; the rest it defers.
		this.#terminal.input("", true);
		this.#terminal.write(text);
		if (this.#replies === "") return;
		const replies = this.#replies;
		this.#replies = "";
		this.#onReply(Buffer.from(replies));
	}

	/** Changes the size, clamped as by `clampSize`, without reflowing text: the program will redraw. */
	resize(columns: number, rows: number): void {
		const size = clampSize(columns, rows);
		const terminal = this.#terminal;
		if (size.columns === terminal.cols && size.rows === terminal.rows) return;
		this.#changed = true;
		if (size.columns < terminal.cols && terminal.buffer.active.cursorX < size.columns - 1) {
			// Without reflow xterm.js keeps what is cut off, and would shift it into view on a later deletion; only
			// growing sets the length of a line. Not with the cursor at the margin, which it would move.
			if (size.columns > 2) terminal.resize(size.columns - 1, size.rows);
		}
		terminal.resize(size.columns, size.rows);
		if (this.#core !== undefined) shareBlankRows(this.#core._inputHandler._activeBuffer);
		this.#reader = new RowReader(terminal.buffer.active, size.columns, this.#core);
	}

	/** The screen as it is now; the very same object as last time when nothing visible changed. */
	snapshot(): Screen {
		if (!this.#changed) return this.#screen;
		this.#changed = false;
		const { cols: columns, rows, buffer } = this.#terminal;
		const { cursorVisible, reverseVideo, bracketedPaste, focusReports } = this.#modes;
		const { mouseMode, mouseEncoding } = this.#modes;
		const { title, iconName, clipboard, bells } = this.#announcements;
		const previous = this.#screen;
		const screen: Screen = {
			columns,
			rows,
			lines: this.#reader.read(buffer.active, rows, previous.lines),
			cursorRow: Math.min(buffer.active.cursorY, rows - 1),
			// Beyond the last column means a pending wrap, with which the client's cursor stays in it.
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
		if (!screensEqual(previous, screen)) this.#screen = screen;
		return this.#screen;
	}

	dispose(): void {
		this.#terminal.dispose();
	}
}
