/**
 * The shortest SGR sequence that turns one rendition into another in the client's emulator (protocol §5.6). Extensions are
 * written so that 1.4.0 ignores them: as codes that it does not know, in a sequence with colons, which it ignores as a
 * whole, or in an OSC.
 */
import {
	ATTRIBUTES,
	BOLD,
	COLOUR_MASK,
	DEFAULT_RENDITION,
	type Extra,
	FAINT,
	FOREGROUND_COLOUR_MASK,
	INDEXED,
	KIND_MASK,
	type Rendition,
	STRIKE,
	sameRendition,
	UNDERLINE,
} from "../screen/rendition.js";

const NO_EXTRA: Extra = { underlineStyle: 0, underlineColour: 0, link: "" };

/** Empty when the renditions are equal. */
export function renditionSequence(from: Rendition, to: Rendition): string {
	if (sameRendition(from, to)) {
		return "";
	}
	const link = to.extra?.link ?? "";
	return attributeSequence(from, to) + ((from.extra?.link ?? "") === link ? "" : `\x1b]8;${link || ";"}\x07`);
}

/** Everything but the link, which SGR 0 leaves alone as well. */
function attributeSequence(from: Rendition, to: Rendition): string {
	const change = changeParameters(from, to);
	const styles = underlineParameters(from.extra, to.extra);
	if (change.length === 0 && styles.length === 0) {
		return "";
	}
	const changed = sequence(change) + sequence(styles);
	const reset =
		sequence(["", ...changeParameters(DEFAULT_RENDITION, to)]) +
		sequence(underlineParameters(undefined, to.extra));
	return reset.length <= changed.length ? reset : changed;
}

function sequence(parameters: readonly string[]): string {
	return parameters.length === 0 ? "" : `\x1b[${parameters.join(";")}m`;
}

function changeParameters(from: Rendition, to: Rendition): string[] {
	const parameters = intensityParameters(from, to);
	for (const { bit, on, off } of ATTRIBUTES) {
		if (bit === BOLD || ((from.foreground ^ to.foreground) & bit) === 0) {
			continue;
		}
		parameters.push(String(to.foreground & bit ? on : off));
	}
	if ((from.background ^ to.background) & STRIKE) {
		parameters.push(to.background & STRIKE ? "9" : "29");
	}
	const { underlineStyle, underlineColour } = from.extra ?? NO_EXTRA;
	if (
		underlineStyle !== 0 &&
		(to.extra?.underlineStyle ?? 0) === 0 &&
		from.foreground & to.foreground & UNDERLINE
	) {
		parameters.push("4");
	}
	if (underlineColour !== 0 && (to.extra?.underlineColour ?? 0) === 0) {
		parameters.push("59");
	}
	const foreground = to.foreground & FOREGROUND_COLOUR_MASK;
	if (foreground !== (from.foreground & FOREGROUND_COLOUR_MASK)) {
		parameters.push(colour(foreground, 30));
	}
	const background = to.background & FOREGROUND_COLOUR_MASK;
	if (background !== (from.background & FOREGROUND_COLOUR_MASK)) {
		parameters.push(colour(background, 40));
	}
	return parameters;
}

/** Code 22 clears both bold and faint. */
function intensityParameters(from: Rendition, to: Rendition): string[] {
	const bold = (to.foreground & BOLD) !== 0;
	const faint = (to.background & FAINT) !== 0;
	const wasBold = (from.foreground & BOLD) !== 0;
	const wasFaint = (from.background & FAINT) !== 0;
	const clear = (wasBold && !bold) || (wasFaint && !faint);
	const parameters = clear ? ["22"] : [];
	if (bold && (clear || !wasBold)) {
		parameters.push("1");
	}
	if (faint && (clear || !wasFaint)) {
		parameters.push("2");
	}
	return parameters;
}

/** Parameters with colons. Where underlined text gets a style, it has been underlined for 1.4.0 already. */
function underlineParameters(from: Extra = NO_EXTRA, to: Extra = NO_EXTRA): string[] {
	const parameters: string[] = [];
	if (to.underlineStyle !== 0 && to.underlineStyle !== from.underlineStyle) {
		parameters.push(`4:${to.underlineStyle}`);
	}
	if (to.underlineColour !== 0 && to.underlineColour !== from.underlineColour) {
		const value = to.underlineColour & COLOUR_MASK;
		const indexed = (to.underlineColour & KIND_MASK) === INDEXED;
		parameters.push(
			indexed ? `58:5:${value}` : `58:2::${value >> 16}:${(value >> 8) & 0xff}:${value & 0xff}`,
		);
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
