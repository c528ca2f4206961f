/** Searches the history by paragraphs, so that a match may span rows. */

import { Paragraph, type Tape } from "../../../terminal/index.js";
import { kept, type Place } from "./places.js";

/** For a text to be found as it is; a text without capitals is found in capitals as well. */
export function expressionFor(text: string): RegExp {
	const capitals = text !== text.toLowerCase();
	return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), capitals ? "gu" : "giu");
}

export interface Found {
	readonly place: Place;
	/** The search went on at the other end. */
	readonly around: boolean;
}

/**
 * The next match that begins after a place, or the last one before it; then, from the other end, any other, at the place
 * itself at last.
 */
export function find(tape: Tape, expression: RegExp, from: Place, backward: boolean): Found | undefined {
	const { line, cell } = kept(tape, from);
	const start = Paragraph.at(tape, line);
	const limit = start.offsetOf(line, cell);
	const inStart = start.find(expression);
	const ahead = inStart.filter((span) => (backward ? span.from < limit : span.from > limit));
	const found = (paragraph: Paragraph, spans = paragraph.find(expression)): Place | undefined => {
		const span = backward ? spans.at(-1) : spans[0];
		return span && paragraph.placeOf(span.from);
	};
	let place = found(start, ahead);
	if (place !== undefined) {
		return { place, around: false };
	}
	let paragraph = start;
	let around = false;
	do {
		const next = backward ? paragraph.from - 1 : paragraph.to;
		const past = next < tape.first || next >= tape.bottom;
		around ||= past;
		paragraph = Paragraph.at(tape, past ? (backward ? tape.bottom - 1 : tape.first) : next);
		place = found(paragraph);
		if (place !== undefined) {
			return { place, around };
		}
	} while (paragraph.from !== start.from);
	return undefined;
}
