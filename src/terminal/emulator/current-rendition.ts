/**
 * The current rendition, which is part of the client's state: the one that the next character is printed with. By its public
 * interface xterm.js does not show it, nor, at all, hyperlinks and the styles of underlines apart from cells: then it is tracked.
 */
import type { Extensions } from "../screen/extensions.js";
import { FAINT, type Rendition, STRIKE } from "../screen/rendition.js";
import type { Core } from "./internals.js";
import { colourOf, foregroundOf, RAW_FAINT, RAW_STRIKE } from "./raw-rendition.js";
import { shownWords } from "./rendition-tracker.js";

/** Without the extensions `links` and `underline`, as read from xterm.js. */
export class CurrentRendition {
	readonly #core: Core;
	readonly #extensions: Extensions;
	#fg = 0;
	#bg = 0;
	#current: Rendition;

	constructor(core: Core, extensions: Extensions) {
		this.#core = core;
		this.#extensions = extensions;
		this.#current = this.#shown();
	}

	/** The same object until it changes. */
	get current(): Rendition {
		const { fg, bg } = this.#core._inputHandler._curAttrData;
		if (fg !== this.#fg || bg !== this.#bg) {
			this.#fg = fg;
			this.#bg = bg;
			this.#current = this.#shown();
		}
		return this.#current;
	}

	#shown(): Rendition {
		const faint = this.#bg & RAW_FAINT ? FAINT : 0;
		const strike = this.#fg & RAW_STRIKE ? STRIKE : 0;
		return shownWords(
			foregroundOf(this.#fg, this.#bg),
			colourOf(this.#bg) | faint | strike,
			this.#extensions,
		);
	}
}
