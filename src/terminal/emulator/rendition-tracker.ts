/**
 * Tracks the current rendition, which is part of the client's state but not exposed by xterm.js, by following the
 * sequences that change it, interpreted as in xterm.js.
 */
import type { Terminal } from "@xterm/headless";
import { darker, type Extensions, NO_EXTENSIONS } from "../screen/extensions.js";
import type { FollowModes } from "../screen/modes.js";
import {
	ATTRIBUTES,
	DEFAULT_RENDITION,
	EXTRA,
	type Extra,
	FAINT,
	FOREGROUND_COLOUR_MASK,
	INDEXED,
	type Rendition,
	RGB,
	STRIKE,
	sameExtra,
	UNDERLINE,
} from "../screen/rendition.js";
import { lacksColourSpace } from "./colours.js";
import { hasMode } from "./private-modes.js";

type Parameters = readonly (number | readonly number[])[];
type BufferType = "normal" | "alternate";

const ON = new Map(ATTRIBUTES.map(({ on, bit }) => [on, bit]));
const OFF = new Map(ATTRIBUTES.map(({ off, bit }) => [off, bit]));

/** Underline styles of plain codes. */
const UNDERLINES = { 4: 1, 21: 2, 24: 0 } as const;
/** Dashed. */
const LAST_STYLE = 5;

/** What a saved cursor has of the rendition. */
type Saved = Rendition & Pick<Extra, "underlineStyle" | "underlineColour">;

const INITIAL: Saved = { ...DEFAULT_RENDITION, underlineStyle: 0, underlineColour: 0 };

/** Few programs change the rendition more often than this between two resets. */
const MAX_PENDING = 64;

/** The words of a rendition as far as clients are shown it. @param background with FAINT and STRIKE, whether or not they are */
export function shownWords(foreground: number, background: number, extensions: Extensions): Rendition {
	const grey = extensions.has("faint-grey");
	const faint = (background & FAINT) !== 0;
	const hidden = (extensions.has("faint") && !grey ? 0 : FAINT) | (extensions.has("strike") ? 0 : STRIKE);
	return { foreground: faint && grey ? darker(foreground) : foreground, background: background & ~hidden };
}

export class RenditionTracker {
	#foreground = 0;
	/** With FAINT and STRIKE, whether or not clients are shown them. */
	#background = 0;
	#underlineStyle = 0;
	#underlineColour = 0;
	#link = "";
	#current: Rendition | undefined = DEFAULT_RENDITION;
	#extra: Extra | undefined;
	/** SGR sequences not applied yet: in a flood there are far more of them than reads of the result. */
	#pending: Parameters[] = [];
	/** Each of the two buffers has its own saved cursor. */
	#saved: Record<BufferType, Saved> = { normal: INITIAL, alternate: INITIAL };
	readonly #terminal: Terminal;
	readonly #extensions: Extensions;

	constructor(terminal: Terminal, followModes: FollowModes, extensions: Extensions = NO_EXTENSIONS) {
		this.#terminal = terminal;
		this.#extensions = extensions;
		const { parser } = terminal;
		parser.registerCsiHandler({ final: "m" }, (parameters) => {
			if (parameters[0] === 0) {
				this.#pending = [];
			}
			this.#pending.push(parameters);
			if (this.#pending.length > MAX_PENDING) {
				this.#applyPending();
			}
			return false;
		});
		parser.registerEscHandler({ final: "7" }, () => this.#save());
		parser.registerEscHandler({ final: "8" }, () => this.#restore());
		parser.registerCsiHandler({ final: "s" }, () => this.#save());
		parser.registerCsiHandler({ final: "u" }, () => this.#restore());
		followModes("h", (modes) => {
			if (hasMode(modes, 1048) || hasMode(modes, 1049)) {
				this.#save();
			}
		});
		followModes("l", (modes) => {
			if (hasMode(modes, 1049)) {
				this.#restore("normal");
			} else if (hasMode(modes, 1048)) {
				this.#restore();
			}
		});
		parser.registerCsiHandler({ intermediates: "!", final: "p" }, () => {
			this.#become(INITIAL);
			return this.#save();
		});
		parser.registerEscHandler({ final: "c" }, () => {
			this.#saved = { normal: INITIAL, alternate: INITIAL };
			this.link = "";
			return this.#become(INITIAL);
		});
	}

	get current(): Rendition {
		this.#applyPending();
		this.#current ??= this.#shown();
		return this.#current;
	}

	/** As `Extra.link`. Neither SGR nor restoring the cursor changes it. */
	set link(link: string) {
		this.#applyPending();
		this.#link = link;
		this.#current = undefined;
	}

	/** The same object for `extra` as long as that does not change. */
	#shown(): Rendition {
		const { foreground, background } = shownWords(this.#foreground, this.#background, this.#extensions);
		const extra = this.#shownExtra();
		return extra === undefined
			? { foreground, background }
			: { foreground, background: background | EXTRA, extra };
	}

	/** What belongs to an underline is left out where there is none. */
	#shownExtra(): Extra | undefined {
		const underlined = this.#extensions.has("underline") && (this.#foreground & UNDERLINE) !== 0;
		const underlineStyle = underlined ? this.#underlineStyle : 0;
		const underlineColour = underlined ? this.#underlineColour : 0;
		const extra = { underlineStyle, underlineColour, link: this.#link };
		if (underlineStyle === 0 && underlineColour === 0 && this.#link === "") {
			return undefined;
		}
		if (!sameExtra(extra, this.#extra)) {
			this.#extra = extra;
		}
		return this.#extra;
	}

	#save(): false {
		this.#applyPending();
		this.#saved[this.#terminal.buffer.active.type] = {
			foreground: this.#foreground,
			background: this.#background,
			underlineStyle: this.#underlineStyle,
			underlineColour: this.#underlineColour,
		};
		return false;
	}

	#restore(from: BufferType = this.#terminal.buffer.active.type): false {
		return this.#become(this.#saved[from]);
	}

	#become({ foreground, background, underlineStyle, underlineColour }: Saved): false {
		this.#pending = [];
		this.#foreground = foreground;
		this.#background = background;
		this.#underlineStyle = underlineStyle;
		this.#underlineColour = underlineColour;
		this.#current = undefined;
		return false;
	}

	#applyPending(): void {
		if (this.#pending.length === 0) {
			return;
		}
		for (const parameters of this.#pending) {
			this.#select(parameters);
		}
		this.#pending = [];
		this.#current = undefined;
	}

	#select(parameters: Parameters): void {
		for (let index = 0; index < parameters.length; index++) {
			const code = parameters[index];
			if (typeof code !== "number") {
				continue;
			}
			const next = parameters[index + 1];
			if (code === 38 || code === 48 || code === 58) {
				index += this.#selectColour(code, parameters, index);
			} else if (code === 4 && typeof next === "object") {
				this.#underline(next[0] ?? 1);
			} else {
				this.#selectPlain(code);
			}
		}
	}

	#selectPlain(code: number): void {
		const on = ON.get(code);
		const off = OFF.get(code);
		if (code === 4 || code === 21 || code === 24) {
			this.#underline(UNDERLINES[code]);
		} else if (on !== undefined) {
			this.#attribute(on, true);
		} else if (off !== undefined) {
			this.#attribute(off, false);
			this.#background &= code === 22 ? ~FAINT : ~0;
		} else if (code === 0) {
			this.#foreground = this.#background = this.#underlineStyle = this.#underlineColour = 0;
		} else if (code === 2) {
			this.#background |= FAINT;
		} else if (code === 9) {
			this.#background |= STRIKE;
		} else if (code === 29) {
			this.#background &= ~STRIKE;
		} else if (code === 59) {
			this.#underlineColour = 0;
		} else if (code >= 30 && code <= 37) {
			this.#colour(38, INDEXED | (code - 30));
		} else if (code >= 90 && code <= 97) {
			this.#colour(38, INDEXED | (code - 90 + 8));
		} else if (code >= 40 && code <= 47) {
			this.#colour(48, INDEXED | (code - 40));
		} else if (code >= 100 && code <= 107) {
			this.#colour(48, INDEXED | (code - 100 + 8));
		} else if (code === 39) {
			this.#colour(38, 0);
		} else if (code === 49) {
			this.#colour(48, 0);
		}
	}

	/** Returns the number of parameters consumed after the code itself. Missing arguments of a colour count as 0. */
	#selectColour(code: 38 | 48 | 58, parameters: Parameters, index: number): number {
		const next = parameters[index + 1];
		const sub = typeof next === "object";
		const kind = sub ? next[0] : next;
		if (kind !== 2 && kind !== 5) {
			return sub ? 1 : Math.min(parameters.length - index - 1, kind === undefined ? 0 : 4);
		}
		const wanted = kind === 5 ? 1 : 3;
		// 38:2:SPACE:r:g:b includes a colour space.
		const skip = kind === 2 && sub && !lacksColourSpace(next) ? 2 : 1;
		const values = sub ? next.slice(skip) : parameters.slice(index + 2, index + 2 + wanted);
		const [first = 0, second = 0, third = 0] = values.map((value) => Math.max(0, Number(value)) & 0xff);
		this.#colour(code, kind === 5 ? INDEXED | first : RGB | (first << 16) | (second << 8) | third);
		return sub ? 1 : 1 + values.length;
	}

	/** By the styles of SGR 4; 0: none, and one that is not known is a single line. */
	#underline(style: number): void {
		this.#attribute(UNDERLINE, style !== 0);
		this.#underlineStyle = style > 1 && style <= LAST_STYLE ? style : 0;
	}

	#attribute(bit: number, on: boolean): void {
		this.#foreground = (on ? this.#foreground | bit : this.#foreground & ~bit) >>> 0;
	}

	#colour(code: 38 | 48 | 58, word: number): void {
		if (code === 38) {
			this.#foreground = ((this.#foreground & ~FOREGROUND_COLOUR_MASK) | word) >>> 0;
		}
		if (code === 48) {
			this.#background = (this.#background & ~FOREGROUND_COLOUR_MASK) | word;
		}
		if (code === 58) {
			this.#underlineColour = word;
		}
	}
}
