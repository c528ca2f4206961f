/**
 * The terminal a program writes to: xterm.js, driven synchronously and read as immutable screens. What it supports beyond
 * the stock emulator (alternate screen, REP, line drawing, ...) reaches the client as cells.
 */
import headless, { type Terminal } from "@xterm/headless";
import { type Extensions, NO_EXTENSIONS } from "../screen/extensions.js";
import { Modes } from "../screen/modes.js";
import type { Rendition } from "../screen/rendition.js";
import { blankScreen, clampSize, type Screen, screensEqual } from "../screen/screen.js";
import { CurrentRendition } from "./current-rendition.js";
import { ExtensionState, hasExtras } from "./extensions.js";
import { History } from "./history.js";
import { type BufferService, type Core, internalsOf } from "./internals.js";
import { limitWork } from "./limits.js";
import { OscState } from "./osc-state.js";
import { hasMode, modesOf } from "./private-modes.js";
import { RenditionTracker } from "./rendition-tracker.js";
import { answerQueries } from "./replies.js";
import { RowReader } from "./row-reader.js";
import { shareBlankRows } from "./shared-lines.js";
import { answerStatusQueries } from "./status-replies.js";
import { Utf8Filter } from "./utf8.js";
import { WidthProvider } from "./width-provider.js";

export interface EmulatorOptions {
	/** Clamped as by `clampSize`. */
	readonly columns: number;
	readonly rows: number;
	/** What screens contain beyond what 1.4.0 shows; none unless given. */
	readonly extensions?: Extensions;
	/** Lines of the main screen kept after they have left it; none unless given. */
	readonly historyLines?: number;
	/** Screens say which line of the history their top row is: each that scrolled is then a screen of its own. */
	readonly numbered?: boolean;
	/** Called at the end of a `write` with the terminal's replies to the program. */
	onReply(bytes: Uint8Array): void;
}

/** Returns a function that puts the cursors' columns, also the saved ones, back after a change of size. */
function keepCursors({ buffers }: BufferService): (columns: number) => void {
	const kept = [buffers.normal, buffers.alt].map((buffer) => ({
		buffer,
		x: buffer.x,
		savedX: buffer.savedX,
	}));
	return (columns) => {
		for (const { buffer, x, savedX } of kept) {
			buffer.x = Math.min(x, columns - 1);
			buffer.savedX = Math.min(savedX, columns - 1);
		}
	};
}

/** DEC private mode. */
const SYNCHRONIZED_UPDATE = 2026;

/** Parameter of ED. */
const ERASE_SAVED_LINES = 3;

/** Has no timers or handles; a process may have many. */
export class Emulator {
	/** Undefined unless lines are kept. */
	readonly history: History | undefined;
	readonly #terminal: Terminal;
	readonly #core: Core | undefined;
	readonly #modes: Modes;
	readonly #oscState: OscState;
	readonly #rendition: { readonly current: Rendition };
	readonly #extensions: Extensions;
	readonly #extensionState: ExtensionState | undefined;
	readonly #utf8 = new Utf8Filter();
	readonly #onReply: (bytes: Uint8Array) => void;
	readonly #numbered: boolean;
	#replies = "";
	#reader: RowReader;
	#screen: Screen;
	#changed = false;
	/** Number of synchronized updates begun. */
	#updates = 0;
	/** The screen as it was when an update began. */
	#settled: Screen;
	/** Since it was taken. Until it is read, no other is taken: a flood of updates would cost a snapshot each. */
	#settledRead = true;

	constructor(options: EmulatorOptions) {
		const { columns, rows } = clampSize(options.columns, options.rows);
		this.#onReply = options.onReply;
		this.#numbered = options.numbered ?? false;
		this.#terminal = new headless.Terminal({
			cols: columns,
			rows,
			scrollback: 0,
			allowProposedApi: true,
			logLevel: "off",
			windowOptions: { pushTitle: true, popTitle: true },
			// The only public way to disable reflow, which the client does not do either (protocol §5.13).
			windowsPty: { backend: "winpty", buildNumber: 1 },
		});
		this.#core = internalsOf(this.#terminal);
		this.#terminal.unicode.register(new WidthProvider(this.#terminal, this.#core));
		this.#terminal.unicode.activeVersion = "wcwidth";
		const followModes = modesOf(this.#terminal, this.#core);
		this.#modes = new Modes(this.#terminal.parser, followModes);
		this.#oscState = new OscState(this.#terminal);
		this.#extensions = (this.#core && options.extensions) ?? NO_EXTENSIONS;
		const tracker =
			this.#core === undefined || hasExtras(this.#extensions)
				? new RenditionTracker(this.#terminal, followModes, this.#extensions)
				: undefined;
		this.#rendition = tracker ?? new CurrentRendition(this.#core as Core, this.#extensions);
		limitWork(this.#terminal, this.#core);
		if (this.#core !== undefined && this.#extensions.size > 0) {
			this.#extensionState = new ExtensionState(this.#terminal, this.#core, this.#extensions, tracker);
		}
		if (this.#core !== undefined && options.historyLines) {
			this.history = this.#keepHistory(this.#core, options.historyLines);
		}
		const reply = (text: string): void => {
			this.#replies += text;
		};
		answerQueries(this.#terminal, this.#modes, reply);
		answerStatusQueries(this.#terminal, this.#core, () => this.#rendition.current, reply);
		this.#reader = new RowReader(this.#terminal.buffer.active, columns, this.#core, this.#extensions);
		this.#screen = blankScreen(columns, rows);
		this.#settled = this.#screen;
		followModes("h", (modes) => {
			if (hasMode(modes, SYNCHRONIZED_UPDATE) && !this.#terminal.modes.synchronizedOutputMode) {
				this.#beginUpdate();
			}
		});
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
	 * The number of the synchronized update (mode 2026) that the program is in the middle of, if it is in one. `snapshot` does
	 * not wait for its end; a sender of frames may show `settled` instead, for a limited time.
	 */
	get synchronizedUpdate(): number | undefined {
		return this.#terminal.modes.synchronizedOutputMode ? this.#updates : undefined;
	}

	/** The screen before the current synchronized update, or before an earlier one since this was last called. */
	settled(): Screen {
		this.#settledRead = true;
		return this.#settled;
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
		// What lies below the cursor goes first.
		this.history?.takeRows(terminal.buffer.normal.cursorY + 1 - size.rows);
		const restoreCursors = this.#core && keepCursors(this.#core._inputHandler._bufferService);
		if (size.columns < terminal.cols && size.columns > 2 && restoreCursors !== undefined) {
			// Without reflow xterm.js keeps the cells that are cut off, and would shift them into view on a later deletion; only
			// growing sets the length of a line.
			terminal.resize(size.columns - 1, size.rows);
		}
		terminal.resize(size.columns, size.rows);
		restoreCursors?.(size.columns);
		if (this.#core !== undefined) {
			shareBlankRows(this.#core._inputHandler._activeBuffer);
		}
		this.#reader = new RowReader(terminal.buffer.active, size.columns, this.#core, this.#extensions);
	}

	/** The cursor is not where a line begins. */
	get midLine(): boolean {
		return this.#terminal.buffer.active.cursorX > 0;
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
		const { title, iconName, clipboard, copies, bells } = this.#oscState;
		const previous = this.#screen;
		const screen: Screen = {
			columns,
			rows,
			lines: this.#reader.read(buffer.active, rows, previous.lines),
			cursorRow: Math.min(buffer.active.cursorY, rows - 1),
			// Beyond the last column means that a wrap is pending; the client's cursor is then in the last column.
			cursorColumn: Math.min(buffer.active.cursorX, columns - 1),
			cursorVisible,
			cursorShape: this.#extensionState?.cursorShape ?? 0,
			rendition: this.#rendition.current,
			reverseVideo,
			bracketedPaste,
			focusReports,
			mouseMode,
			mouseEncoding,
			title,
			iconName,
			clipboard,
			copies,
			bells,
			...(this.#numbered && { top: this.history?.end ?? 0 }),
		};
		if (copies !== previous.copies || screen.top !== previous.top || !screensEqual(previous, screen)) {
			this.#screen = screen;
		}
		return this.#screen;
	}

	/** ED 3 and a full reset clear the history, as in xterm. */
	#keepHistory(core: Core, lines: number): History {
		const view = this.#terminal.buffer.normal;
		const history = new History({ lines, core, view, extensions: this.#extensions });
		core.registerCsiHandler({ final: "J" }, ({ params }) => {
			if (params[0] === ERASE_SAVED_LINES) {
				history.clear();
			}
			return false;
		});
		this.#terminal.parser.registerEscHandler({ final: "c" }, () => {
			history.clear();
			return false;
		});
		return history;
	}

	#beginUpdate(): void {
		this.#updates++;
		if (this.#settledRead) {
			this.#settledRead = false;
			this.#settled = this.snapshot();
			this.#changed = true;
		}
	}

	dispose(): void {
		this.#terminal.dispose();
	}
}
