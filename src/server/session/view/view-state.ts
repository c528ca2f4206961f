/** The state of an open history view. Immutable: each key results in a new one. */

import type { LinePosition } from "./line-position.js";

export interface ViewState {
	/** The first row shown. */
	readonly top: LinePosition;
	/** The line after the newest when the view was opened. */
	readonly openedAt: number;
	/** While a search is typed. */
	readonly prompt?: Prompt | undefined;
	/** The last search that found something. */
	readonly search?: Search | undefined;
	/** What a search came to, if there is something to say. */
	readonly note: string;
}

export interface Prompt {
	/** Downwards or upwards. */
	readonly sign: "/" | "?";
	readonly text: string;
	/** The top row when it was opened. */
	readonly top: LinePosition;
	/** Where the search begins. */
	readonly from: LinePosition;
}

export interface Search {
	readonly expression: RegExp;
	readonly backward: boolean;
	/** The match found last. */
	readonly at: LinePosition;
}
