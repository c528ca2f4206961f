/** Searches the history by paragraphs, so that a match may span rows. */

import { type NumberedLines, Paragraph } from "../../../terminal/index.js";
import { type LinePosition, nearestKept } from "./line-position.js";

/** For a text to be found as it is; a text without capitals is found in capitals as well. */
export function expressionFor(text: string): RegExp {
	const capitals = text !== text.toLowerCase();
	return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), capitals ? "gu" : "giu");
}

export interface Found {
	readonly position: LinePosition;
	/** The search went on at the other end. */
	readonly around: boolean;
}

/**
 * The next match that begins after a position, or the last one before it; then, from the other end, any other, at the position
 * itself at last.
 */
export function find(
	lines: NumberedLines,
	expression: RegExp,
	from: LinePosition,
	backward: boolean,
): Found | undefined {
	const { line, cell } = nearestKept(lines, from);
	const start = Paragraph.at(lines, line);
	const limit = start.offsetOf(line, cell);
	const inStart = start.find(expression);
	const ahead = inStart.filter((span) => (backward ? span.from < limit : span.from > limit));
	const found = (paragraph: Paragraph, spans = paragraph.find(expression)): LinePosition | undefined => {
		const span = backward ? spans.at(-1) : spans[0];
		return span && paragraph.placeOf(span.from);
	};
	let position = found(start, ahead);
	if (position !== undefined) {
		return { position, around: false };
	}
	let paragraph = start;
	let around = false;
	do {
		const next = backward ? paragraph.from - 1 : paragraph.to;
		const past = next < lines.first || next >= lines.bottom;
		around ||= past;
		paragraph = Paragraph.at(lines, past ? (backward ? lines.bottom - 1 : lines.first) : next);
		position = found(paragraph);
		if (position !== undefined) {
			return { position, around };
		}
	} while (paragraph.from !== start.from);
	return undefined;
}
