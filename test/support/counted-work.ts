/** Counts what xterm.js, and what stands in for it, do to lines: no clock says it as surely. */

import assert from "node:assert/strict";
import headless, { type Terminal } from "@xterm/headless";
import { type Core, internalsOf } from "../../src/terminal/emulator/internals.js";

/** Functions of a line by which xterm.js sets or copies one cell. */
const ONE_CELL = ["setCell", "setCellFromCodepoint", "loadCell"] as const;
/** Functions of its words by which many are moved at once. */
const MANY_WORDS = ["copyWithin", "set", "fill"] as const;

type Methods = Record<string, (...given: unknown[]) => unknown>;

/** A terminal as xterm.js makes it, and its internals. */
export function bareTerminal(columns = 80, rows = 24): { readonly terminal: Terminal; readonly core: Core } {
	const terminal = new headless.Terminal({
		cols: columns,
		rows,
		scrollback: 0,
		allowProposedApi: true,
		logLevel: "off",
	});
	const core = internalsOf(terminal);
	assert.ok(core, "xterm.js is not made as it was: see internals.ts");
	return { terminal, core };
}

/** Writes at once, as `Emulator` does. */
export function writeNow(terminal: Terminal, output: string | Uint8Array): void {
	terminal.input("", true);
	terminal.write(output);
}

/** Calls `note` for each call of the named functions during `run`. */
function observe(
	methods: Methods,
	names: readonly string[],
	note: (target: unknown, given: unknown[]) => void,
	run: () => void,
): void {
	const undo = names.map((name) => {
		const original = methods[name];
		assert.ok(original, name);
		methods[name] = function (this: unknown, ...given) {
			note(this, given);
			return original.apply(this, given);
		};
		return () => {
			methods[name] = original;
		};
	});
	try {
		run();
	} finally {
		for (const step of undo) {
			step();
		}
	}
}

const lineMethods = (): Methods =>
	Object.getPrototypeOf(bareTerminal().core._inputHandler._activeBuffer.getBlankLine()) as Methods;

/** Cells read or written one by one during `run`. */
export function cellsTouched(run: () => void): number {
	let touched = 0;
	observe(lineMethods(), ONE_CELL, () => touched++, run);
	return touched;
}

/** Copies of lines, each a row's worth of memory and time, made during `run`. */
export function copiesMade(run: () => void): number {
	let made = 0;
	observe(lineMethods(), ["clone"], () => made++, run);
	return made;
}

/** Words of cells moved many at a time during `run`. */
export function wordsMoved(run: () => void): number {
	const words = Object.getPrototypeOf(Uint32Array.prototype) as Methods;
	let moved = 0;
	const note = (target: unknown, [first, from = 0, to]: unknown[]): void => {
		if (!(target instanceof Uint32Array)) {
			return;
		}
		if (typeof first === "object") {
			moved += (first as Uint32Array).length;
		} else {
			moved += Number(to ?? target.length) - Number(from);
		}
	};
	observe(words, MANY_WORDS, note, run);
	return moved;
}
