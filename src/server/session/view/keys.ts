/** Splits a client's input into keys, as far as the history view has to recognise them. */

export type KeyName =
	/** Ctrl-^ [, which the stock client passes on as it is. */
	| "open"
	| "up"
	| "down"
	/** Left and right. */
	| "sideways"
	| "page-up"
	| "shift-page-up"
	| "page-down"
	| "home"
	| "end"
	| "escape"
	| "wheel-up"
	| "wheel-down"
	/** Any other mouse report. */
	| "mouse"
	/** The terminal has gained or lost the focus. */
	| "focus"
	| "paste-begin"
	| "paste-end"
	/** A sequence of another key. */
	| "other"
	/** A character, which may be a control character. */
	| "character";

export interface Key {
	readonly name: KeyName;
	/** Its bytes, one in each code unit. */
	readonly text: string;
}

const OPEN = "\x1e[";
const ESC = "\x1b";
/** SGR reports of the wheel, with any modifiers: the button is 64 or 65, and 4, 8 and 16 are modifiers. */
const MODIFIERS = 4 | 8 | 16;
const WHEEL_UP = 64;
const WHEEL_DOWN = 65;
/** Of a report in the older encoding: the button and 32. */
const OLD_OFFSET = 32;

const CURSOR_KEYS: Readonly<Record<string, KeyName>> = {
	A: "up",
	B: "down",
	C: "sideways",
	D: "sideways",
	H: "home",
	F: "end",
	I: "focus",
	O: "focus",
};
const NUMBERED_KEYS: Readonly<Record<string, KeyName>> = {
	"1": "home",
	"4": "end",
	"5": "page-up",
	"5;2": "shift-page-up",
	"6": "page-down",
	"6;2": "page-down",
	"7": "home",
	"8": "end",
	"200": "paste-begin",
	"201": "paste-end",
};

/** The keys, and the beginning of one that is not complete. @param text bytes, one in each code unit */
export function keysOf(text: string): { readonly keys: readonly Key[]; readonly rest: string } {
	const keys: Key[] = [];
	let at = 0;
	while (at < text.length) {
		const end = endOf(text, at);
		if (end === undefined) {
			break;
		}
		const key = text.slice(at, end);
		keys.push({ name: nameOf(key), text: key });
		at = end;
	}
	return { keys, rest: text.slice(at) };
}

/**
 * Where the key that begins at an index ends; undefined if its end is missing. ESC at the end is the key of that name: terminals
 * send a sequence at once.
 */
function endOf(text: string, at: number): number | undefined {
	if (text.startsWith(OPEN, at)) {
		return at + OPEN.length;
	}
	if (!text.startsWith(ESC, at)) {
		let end = at + 1;
		// A character of several bytes, which come together.
		while (text.charCodeAt(at) >= 0xc0 && text.charCodeAt(end) >= 0x80 && text.charCodeAt(end) < 0xc0) {
			end++;
		}
		return end;
	}
	if (text[at + 1] === "O") {
		return at + 3 <= text.length ? at + 3 : undefined;
	}
	if (text[at + 1] !== "[") {
		return at + 1;
	}
	let end = at + 2;
	if (text[end] === "M") {
		return end + 4 <= text.length ? end + 4 : undefined;
	}
	while (text.charCodeAt(end) >= 0x20 && text.charCodeAt(end) < 0x40) {
		end++;
	}
	return end < text.length ? end + 1 : undefined;
}

function nameOf(key: string): KeyName {
	if (key === OPEN) {
		return "open";
	}
	if (!key.startsWith(ESC)) {
		return "character";
	}
	if (key.length === 1) {
		return "escape";
	}
	if (key.startsWith("\x1bO")) {
		return CURSOR_KEYS[key.slice(2)] ?? "other";
	}
	if (key.startsWith("\x1b[M")) {
		return mouseKey(key.charCodeAt(3) - OLD_OFFSET);
	}
	const parameters = key.slice(2, -1);
	const final = key.slice(-1);
	if (parameters.startsWith("<") && /[Mm]/.test(final)) {
		return mouseKey(Number.parseInt(parameters.slice(1), 10));
	}
	if (final === "~") {
		return NUMBERED_KEYS[parameters] ?? "other";
	}
	// With a modifier: CSI 1;2 A.
	return /^(?:1;\d)?$/.test(parameters) ? (CURSOR_KEYS[final] ?? "other") : "other";
}

function mouseKey(button: number): KeyName {
	switch (button & ~MODIFIERS) {
		case WHEEL_UP:
			return "wheel-up";
		case WHEEL_DOWN:
			return "wheel-down";
		default:
			return "mouse";
	}
}
