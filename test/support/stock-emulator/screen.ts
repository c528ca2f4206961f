/** A plain, comparable picture of the emulator's state. */

import type { Cell, Framebuffer } from "./framebuffer.js";
import { defaultRendition, type Rendition } from "./rendition.js";

/**
 * One cell as it is seen. `width` is 0 for a cell hidden under the wide character to its left, whose
 * text is then empty. A blank cell, printed or erased, has the text " " and only what shows on a blank.
 */
export interface ModelCell {
	readonly text: string;
	readonly width: 0 | 1 | 2;
	readonly rendition: Rendition;
}

export interface ModelRow {
	readonly cells: readonly ModelCell[];
	/** The logical line goes on in the next row. */
	readonly wrapped: boolean;
}

/** State that no hoststring carries: after one, all of it must be what it was at the start (protocol §5.11). */
export interface LatentState {
	readonly insert: boolean;
	readonly origin: boolean;
	readonly autowrap: boolean;
	readonly region: { readonly top: number; readonly bottom: number };
	/** Columns with a tab stop, 0-based. */
	readonly tabs: readonly number[];
	readonly pendingWrap: boolean;
	readonly cursorSaved: boolean;
	readonly applicationCursorKeys: boolean;
	readonly alternateScroll: boolean;
}

export interface ModelScreen {
	readonly columns: number;
	readonly rows: number;
	readonly lines: readonly ModelRow[];
	/** 0-based. */
	readonly cursor: { readonly row: number; readonly column: number };
	readonly cursorVisible: boolean;
	/** The rendition the next printed character takes. */
	readonly rendition: Rendition;
	readonly reverseVideo: boolean;
	readonly title: string;
	readonly iconName: string;
	/** As it came in OSC 52, not decoded. */
	readonly clipboard: string;
	readonly bellCount: number;
	readonly bracketedPaste: boolean;
	/** 0 (none), 9 or 1000-1003. */
	readonly mouseMode: number;
	/** 0 (default), 1005, 1006 or 1015. */
	readonly mouseEncoding: number;
	readonly focusReports: boolean;
	readonly latent: LatentState;
}

/** What of a rendition shows on a blank: all of it once there is a line or a reversed block to colour. */
function blankRendition(rendition: Rendition): Rendition {
	if (rendition.underlined || rendition.inverse) {
		return rendition;
	}
	return { ...defaultRendition, background: rendition.background };
}

function pictureRow(cells: readonly Cell[]): ModelRow {
	const seen: ModelCell[] = [];
	for (const cell of cells) {
		const left = seen.at(-1);
		if (left?.width === 2) {
			seen.push({ text: "", width: 0, rendition: left.rendition });
		} else if (cell.text === "" || cell.text === " ") {
			seen.push({ text: " ", width: 1, rendition: blankRendition(cell.rendition) });
		} else {
			seen.push({ text: cell.text, width: cell.wide ? 2 : 1, rendition: cell.rendition });
		}
	}
	return { cells: seen, wrapped: cells.at(-1)?.wrapped ?? false };
}

export function pictureOf(buffer: Framebuffer): ModelScreen {
	const { columns, rows, cursorVisible, rendition, reverseVideo, title, iconName, clipboard, bellCount } =
		buffer;
	const { bracketedPaste, mouseMode, mouseEncoding, focusReports } = buffer;
	const { insert, origin, autowrap, pendingWrap, applicationCursorKeys, alternateScroll } = buffer;
	return {
		columns,
		rows,
		lines: buffer.cells.map(pictureRow),
		cursor: { row: buffer.row, column: buffer.column },
		cursorVisible,
		rendition,
		reverseVideo,
		title,
		iconName,
		clipboard,
		bellCount,
		bracketedPaste,
		mouseMode,
		mouseEncoding,
		focusReports,
		latent: {
			insert,
			origin,
			autowrap,
			region: { top: buffer.regionTop, bottom: buffer.regionBottom },
			tabs: buffer.tabs.flatMap((set, column) => (set ? [column] : [])),
			pendingWrap,
			cursorSaved: buffer.saved !== undefined,
			applicationCursorKeys,
			alternateScroll,
		},
	};
}
