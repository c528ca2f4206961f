/**
 * Replies to questions about settings: DECRQSS about rendition and margins, XTGETTCAP about the number of colours. What cannot
 * be answered correctly is refused, as by xterm, so that a program does not wait for an answer.
 */
import type { Terminal } from "@xterm/headless";
import {
	ATTRIBUTES,
	COLOUR_MASK,
	FAINT,
	INDEXED,
	KIND_MASK,
	type Rendition,
	STRIKE,
} from "../screen/rendition.js";
import type { Core } from "./internals.js";

const hex = (text: string): string => Buffer.from(text).toString("hex");
/** Names of the number of colours in termcap and terminfo, in hexadecimal digits. */
const COLOURS: ReadonlySet<string> = new Set([hex("Co"), hex("colors")]);
const COLOURS_REPLY = `=${hex("256")}`;
/** A name that is refused is repeated in the reply, if it is one. */
const NAME = /^[\da-f]{2,64}$/i;

export function answerStatusQueries(
	terminal: Terminal,
	core: Core | undefined,
	rendition: () => Rendition,
	reply: (text: string) => void,
): void {
	const setting = (name: string): string | undefined => {
		if (name === "m") {
			return sgrOf(rendition());
		}
		if (name === "r" && core !== undefined) {
			const { scrollTop, scrollBottom } = core._inputHandler._activeBuffer;
			return `${scrollTop + 1};${scrollBottom + 1}`;
		}
		return undefined;
	};
	terminal.parser.registerDcsHandler({ intermediates: "$", final: "q" }, (name) => {
		const value = setting(name);
		reply(value === undefined ? "\x1bP0$r\x1b\\" : `\x1bP1$r${value}${name}\x1b\\`);
		return true;
	});
	// One reply, to the first name: a reply for each would be longer than the question.
	terminal.parser.registerDcsHandler({ intermediates: "+", final: "q" }, (names) => {
		const [name = ""] = names.split(";", 1);
		const known = COLOURS.has(name.toLowerCase());
		const repeated = NAME.test(name) ? name : "";
		reply(`\x1bP${known ? 1 : 0}+r${repeated}${known ? COLOURS_REPLY : ""}\x1b\\`);
		return true;
	});
}

/** Parameters of an SGR that sets everything, as xterm puts it. */
function sgrOf({ foreground, background }: Rendition): string {
	const on = ATTRIBUTES.filter(({ bit }) => (foreground & bit) !== 0).map(({ on: code }) => String(code));
	const faint = background & FAINT ? ["2"] : [];
	const strike = background & STRIKE ? ["9"] : [];
	return ["0", ...on, ...faint, ...strike, ...colour(foreground, 30), ...colour(background, 40)].join(";");
}

/** @param first the code of the layer's first colour */
function colour(word: number, first: 30 | 40): string[] {
	const value = word & COLOUR_MASK;
	switch (word & KIND_MASK) {
		case 0:
			return [];
		case INDEXED:
			if (value < 8) {
				return [String(first + value)];
			}
			return [value < 16 ? String(first + 60 + value - 8) : `${first + 8}:5:${value}`];
		default:
			return [`${first + 8}:2::${value >> 16}:${(value >> 8) & 0xff}:${value & 0xff}`];
	}
}
