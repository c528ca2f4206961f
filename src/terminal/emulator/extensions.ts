/**
 * Brings to the screen what xterm.js keeps differently or drops, where the user's client shows it: with each character
 * printed, the hyperlink and the style and colour of its underline are stored with the cell.
 */
import type { Terminal } from "@xterm/headless";
import { type Extensions, MAX_CURSOR_SHAPE } from "../screen/extensions.js";
import { type Core, EXTENDED_BIT } from "./internals.js";
import type { RenditionTracker } from "./rendition-tracker.js";

/** In characters, of parameters and address together. Browsers and terminals take addresses of about 2000. */
const MAX_LINK = 2_200;
/** Parameters, of which `id` is the only one known, and an address of printable ASCII, as its specification demands. */
const LINK = /^[ -:<-~]*;[ -~]*$/;
const NO_LINK = ";";

/** Whether there may be more to a rendition than its words. */
export function hasExtras(extensions: Extensions): boolean {
	return extensions.has("links") || extensions.has("underline");
}

export class ExtensionState {
	/** As `Screen.cursorShape`. */
	cursorShape = 0;

	/** @param tracker present if the extensions have extras */
	constructor(terminal: Terminal, core: Core, extensions: Extensions, tracker: RenditionTracker | undefined) {
		if (tracker !== undefined) {
			if (extensions.has("links")) {
				followLinks(terminal, tracker);
			}
			storeExtras(core, tracker);
		}
		if (extensions.has("cursor")) {
			this.#followCursorShape(terminal);
		}
	}

	#followCursorShape({ parser }: Terminal): void {
		parser.registerCsiHandler({ intermediates: " ", final: "q" }, ([shape]) => {
			if (typeof shape === "number" && shape <= MAX_CURSOR_SHAPE) {
				this.cursorShape = shape;
			}
			return false;
		});
		parser.registerEscHandler({ final: "c" }, () => {
			this.cursorShape = 0;
			return false;
		});
	}
}

function followLinks({ parser }: Terminal, tracker: RenditionTracker): void {
	parser.registerOscHandler(8, (text) => {
		const known = text.length <= MAX_LINK && LINK.test(text) && !text.endsWith(NO_LINK);
		tracker.link = known ? text : "";
		return true;
	});
}

/**
 * xterm.js stores an object with each cell that has such attributes, and moves it with the cell. It is ours during printing
 * only: SGR and saved cursors are xterm.js's own.
 */
function storeExtras({ _inputHandler: handler }: Core, tracker: RenditionTracker): void {
	const { print } = handler;
	handler.print = (codePoints, from, to) => {
		const { extra } = tracker.current;
		if (extra === undefined) {
			print.call(handler, codePoints, from, to);
			return;
		}
		const attributes = handler._curAttrData;
		const { extended } = attributes;
		attributes.extended = extra;
		attributes.bg |= EXTENDED_BIT;
		print.call(handler, codePoints, from, to);
		attributes.extended = extended;
		attributes.bg &= ~EXTENDED_BIT;
	};
}
