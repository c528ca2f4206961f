/** Edits the text of the search prompt. */

import type { Key } from "./keys.js";

/** Code points. */
const MAX_TEXT = 200;
const [CTRL_C, CTRL_U, BACKSPACE, DELETE] = ["\x03", "\x15", "\b", "\x7f"];

export type Edit =
	| { readonly kind: "text"; readonly text: string }
	/** The search stands; Enter has been used up, any other key is the view's. */
	| { readonly kind: "done"; readonly used: boolean }
	| { readonly kind: "cancel" };

/** What a key makes of the text typed so far. */
export function edit(text: string, key: Key): Edit {
	if (key.name === "escape" || key.text === CTRL_C) {
		return { kind: "cancel" };
	}
	if (key.name !== "character") {
		return { kind: "done", used: false };
	}
	switch (key.text) {
		case "\r":
		case "\n":
			return { kind: "done", used: true };
		case CTRL_U:
			return { kind: "text", text: "" };
		case BACKSPACE:
		case DELETE:
			return text === "" ? { kind: "cancel" } : { kind: "text", text: [...text].slice(0, -1).join("") };
		default: {
			const typed = key.text < " " ? "" : Buffer.from(key.text, "latin1").toString();
			return { kind: "text", text: [...text, ...typed].slice(0, MAX_TEXT).join("") };
		}
	}
}
