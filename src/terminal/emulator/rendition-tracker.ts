/**
 * Tracks the current rendition, which is part of the client's state but not exposed by xterm.js, by following the
 * sequences that change it, interpreted as in xterm.js.
 */
import type { Terminal } from "@xterm/headless";
import {
	ATTRIBUTES,
	DEFAULT_RENDITION,
	FOREGROUND_COLOUR_MASK,
	INDEXED,
	type Rendition,
	RGB,
	UNDERLINE,
} from "../screen/rendition.js";

type Parameters = readonly (number | readonly number[])[];
type BufferType = "normal" | "alternate";

const ON = new Map(ATTRIBUTES.map(({ on, bit }) => [on, bit]));
const OFF = new Map(ATTRIBUTES.map(({ off, bit }) => [off, bit]));

/** Few programs change the rendition more often than this between two resets. */
const MAX_PENDING = 64;

export class RenditionTracker {
	#foreground = 0;
	#background = 0;
	#current: Rendition | undefined = DEFAULT_RENDITION;
	/** SGR sequences not applied yet: in a flood there are far more of them than reads of the result. */
	#pending: Parameters[] = [];
	/** Each of the two buffers has its own saved cursor. */
	#saved: Record<BufferType, Rendition> = { normal: DEFAULT_RENDITION, alternate: DEFAULT_RENDITION };
	readonly #terminal: Terminal;

	constructor(terminal: Terminal) {
		this.#terminal = terminal;
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
		parser.registerCsiHandler({ prefix: "?", final: "h" }, (parameters) => {
			if (parameters.includes(1048) || parameters.includes(1049)) {
				this.#save();
			}
			return false;
		});
		parser.registerCsiHandler({ prefix: "?", final: "l" }, (parameters) => {
			if (parameters.includes(1049)) {
				this.#restore("normal");
			} else if (parameters.includes(1048)) {
				this.#restore();
			}
			return false;
		});
		parser.registerCsiHandler({ intermediates: "!", final: "p" }, () => {
			this.#become(DEFAULT_RENDITION);
			return this.#save();
		});
		parser.registerEscHandler({ final: "c" }, () => {
			this.#saved = { normal: DEFAULT_RENDITION, alternate: DEFAULT_RENDITION };
			return this.#become(DEFAULT_RENDITION);
		});
	}

	get current(): Rendition {
		this.#applyPending();
		this.#current ??= { foreground: this.#foreground, background: this.#background };
		return this.#current;
	}

	#save(): false {
		this.#saved[this.#terminal.buffer.active.type] = this.current;
		return false;
	}

	#restore(from: BufferType = this.#terminal.buffer.active.type): false {
		return this.#become(this.#saved[from]);
	}

	#become(rendition: Rendition): false {
		this.#pending = [];
		this.#foreground = rendition.foreground;
		this.#background = rendition.background;
		this.#current = rendition;
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
				this.#attribute(UNDERLINE, next[0] !== 0);
			} else {
				this.#selectPlain(code);
			}
		}
	}

	#selectPlain(code: number): void {
		const on = ON.get(code) ?? (code === 21 ? UNDERLINE : undefined);
		const off = OFF.get(code);
		if (on !== undefined) {
			this.#attribute(on, true);
		} else if (off !== undefined) {
			this.#attribute(off, false);
		} else if (code === 0) {
			this.#foreground = this.#background = 0;
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
		const skip = kind === 2 ? 2 : 1;
		const values = sub ? next.slice(skip) : parameters.slice(index + 2, index + 2 + wanted);
		const [first = 0, second = 0, third = 0] = values.map((value) => Math.max(0, Number(value)) & 0xff);
		this.#colour(code, kind === 5 ? INDEXED | first : RGB | (first << 16) | (second << 8) | third);
		return sub ? 1 : 1 + values.length;
	}

	#attribute(bit: number, on: boolean): void {
		this.#foreground = (on ? this.#foreground | bit : this.#foreground & ~bit) >>> 0;
	}

	#colour(code: 38 | 48 | 58, word: number): void {
		if (code === 38) {
			this.#foreground = ((this.#foreground & ~FOREGROUND_COLOUR_MASK) | word) >>> 0;
		}
		if (code === 48) {
			this.#background = word;
		}
	}
}
