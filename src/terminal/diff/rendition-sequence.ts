/** The shortest SGR sequence that turns one rendition into another in the client's emulator (protocol §5.6). */
import {
	ATTRIBUTES,
	COLOUR_MASK,
	FOREGROUND_COLOUR_MASK,
	INDEXED,
	KIND_MASK,
	type Rendition,
} from "../screen/rendition.js";

/** Empty when the renditions are equal. */
export function renditionSequence(from: Rendition, to: Rendition): string {
	if (from.foreground === to.foreground && from.background === to.background) {
		return "";
	}
	const change = changeParameters(from, to).join(";");
	const reset = ["", ...changeParameters({ foreground: 0, background: 0 }, to)].join(";");
	return `\x1b[${reset.length <= change.length ? reset : change}m`;
}

function changeParameters(from: Rendition, to: Rendition): string[] {
	const parameters: string[] = [];
	for (const { bit, on, off } of ATTRIBUTES) {
		if (((from.foreground ^ to.foreground) & bit) === 0) {
			continue;
		}
		parameters.push(String(to.foreground & bit ? on : off));
	}
	const foreground = to.foreground & FOREGROUND_COLOUR_MASK;
	if (foreground !== (from.foreground & FOREGROUND_COLOUR_MASK)) {
		parameters.push(colour(foreground, 30));
	}
	if (to.background !== from.background) {
		parameters.push(colour(to.background, 40));
	}
	return parameters;
}

function colour(word: number, base: 30 | 40): string {
	const value = word & COLOUR_MASK;
	if ((word & KIND_MASK) === 0) {
		return String(base + 9);
	}
	if ((word & KIND_MASK) !== INDEXED) {
		return `${base + 8};2;${value >> 16};${(value >> 8) & 0xff};${value & 0xff}`;
	}
	if (value < 8) {
		return String(base + value);
	}
	if (value < 16) {
		return String(base + 60 + value - 8);
	}
	return `${base + 8};5;${value}`;
}
