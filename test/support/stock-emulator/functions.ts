/** Every control function the stock client understands (protocol §5.4, §5.8), as tables from name to effect. */

import type { Framebuffer } from "./framebuffer.js";
import { setAnsiMode, setPrivateMode } from "./modes.js";
import { applySgr } from "./rendition.js";

/** What a function works on: the screen, its numeric parameters, and a way to answer the program. */
export interface FunctionContext {
	readonly screen: Framebuffer;
	readonly parameters: readonly number[];
	reply(text: string): void;
}

type Effect = (context: FunctionContext) => void;

const MAX_PARAMETER = 65535;
const MAX_TITLE_CODE_POINTS = 256;

/** Splits parameter text; what is missing or too large reads as 0, which stands for the default. */
export function parseParameters(text: string): number[] {
	return text.split(";").map((digits) => {
		const value = digits === "" ? 0 : Number(digits);
		return value > MAX_PARAMETER ? 0 : value;
	});
}

function parameter(context: FunctionContext, index: number, fallback = 1): number {
	return context.parameters[index] || fallback;
}

const down: Effect = ({ screen }) => screen.lineFeed();

const nextLine: Effect = ({ screen }) => {
	screen.moveTo(screen.row, 0);
	screen.lineFeed();
};

const position: Effect = (context) => {
	const { screen } = context;
	screen.moveTo(screen.topLimit + parameter(context, 0) - 1, parameter(context, 1) - 1);
};

const toColumn: Effect = (context) => context.screen.moveTo(context.screen.row, parameter(context, 0) - 1);

function move(rows: number, columns: number): Effect {
	return (context) => {
		const { screen } = context;
		const count = parameter(context, 0);
		screen.moveTo(screen.row + rows * count, screen.column + columns * count);
	};
}

const eraseInLine: Effect = (context) => {
	const { screen } = context;
	const mode = parameter(context, 0, 0);
	if (mode === 0) {
		screen.erase(screen.row, screen.column, screen.columns - 1);
	}
	if (mode === 1) {
		screen.erase(screen.row, 0, screen.column);
	}
	if (mode === 2) {
		screen.eraseRows(screen.row, screen.row);
	}
};

const eraseInDisplay: Effect = (context) => {
	const { screen } = context;
	const mode = parameter(context, 0, 0);
	if (mode === 0) {
		screen.eraseRows(screen.row + 1, screen.rows - 1);
	}
	if (mode === 1) {
		screen.eraseRows(0, screen.row - 1);
	}
	if (mode === 2) {
		screen.eraseRows(0, screen.rows - 1);
	} else {
		eraseInLine(context);
	}
};

function changeRows(change: (screen: Framebuffer, count: number) => void): Effect {
	return (context) => {
		const { screen } = context;
		const inside = screen.row >= screen.regionTop && screen.row <= screen.regionBottom;
		if (inside) {
			change(screen, parameter(context, 0));
		}
		screen.moveTo(screen.row, 0);
	};
}

const setRegion: Effect = (context) => {
	const { screen } = context;
	const top = parameter(context, 0);
	const bottom = Math.min(parameter(context, 1, screen.rows), screen.rows);
	if (bottom <= top || top > screen.rows) {
		return;
	}
	screen.regionTop = top - 1;
	screen.regionBottom = bottom - 1;
	screen.moveTo(screen.topLimit, 0);
};

const alignmentTest: Effect = ({ screen }) => {
	for (let row = 0; row < screen.rows; row++) {
		screen.erase(row, 0, screen.columns - 1);
		screen.cells[row] = (screen.cells[row] ?? []).map((cell) => ({ ...cell, text: "E" }));
	}
};

function tabs(step: (screen: Framebuffer) => number): Effect {
	return (context) => {
		const { screen } = context;
		const steps = Math.min(parameter(context, 0), screen.columns);
		for (let done = 0; done < steps; done++) {
			screen.moveTo(screen.row, step(screen));
		}
	};
}

const setTab: Effect = ({ screen }) => {
	screen.tabs[screen.column] = true;
};

const clearTabs: Effect = (context) => {
	const mode = parameter(context, 0, 0);
	if (mode === 0) {
		context.screen.tabs[context.screen.column] = false;
	}
	if (mode === 3) {
		context.screen.clearAllTabs();
	}
};

const statusReport: Effect = (context) => {
	const what = parameter(context, 0, 0);
	if (what === 5) {
		context.reply("\x1b[0n");
	}
	if (what === 6) {
		context.reply(`\x1b[${context.screen.row + 1};${context.screen.column + 1}R`);
	}
};

function modes(set: typeof setAnsiMode, on: boolean): Effect {
	return ({ screen, parameters }) => {
		for (const mode of parameters) {
			set(screen, mode, on);
		}
	};
}

const selectRendition: Effect = ({ screen, parameters }) => {
	screen.rendition = applySgr(screen.rendition, parameters);
};

export const controlFunctions: ReadonlyMap<number, Effect> = new Map<number, Effect>([
	[0x07, ({ screen }) => void screen.bellCount++],
	[0x08, ({ screen }) => screen.moveTo(screen.row, screen.column - 1)],
	[0x09, ({ screen }) => screen.moveTo(screen.row, screen.nextTab())],
	[0x0a, down],
	[0x0b, down],
	[0x0c, down],
	[0x0d, ({ screen }) => screen.moveTo(screen.row, 0)],
]);

export const escapeFunctions: ReadonlyMap<string, Effect> = new Map<string, Effect>([
	["D", down],
	["E", nextLine],
	["H", setTab],
	["M", ({ screen }) => screen.reverseLineFeed()],
	["7", ({ screen }) => screen.saveCursor()],
	["8", ({ screen }) => screen.restoreCursor()],
	["c", ({ screen }) => screen.reset()],
	["#8", alignmentTest],
]);

export const csiFunctions: ReadonlyMap<string, Effect> = new Map<string, Effect>([
	["A", move(-1, 0)],
	["B", move(1, 0)],
	["C", move(0, 1)],
	["D", move(0, -1)],
	["H", position],
	["f", position],
	["G", toColumn],
	["`", toColumn],
	[
		"d",
		(context) => {
			const { screen } = context;
			screen.moveTo(screen.topLimit + parameter(context, 0) - 1, screen.column);
		},
	],
	["J", eraseInDisplay],
	["K", eraseInLine],
	[
		"X",
		(context) => {
			const { screen } = context;
			screen.erase(screen.row, screen.column, screen.column + parameter(context, 0) - 1);
		},
	],
	["@", (context) => context.screen.insertCells(parameter(context, 0))],
	["P", (context) => context.screen.deleteCells(parameter(context, 0))],
	["L", changeRows((screen, count) => screen.insertRows(screen.row, count))],
	["M", changeRows((screen, count) => screen.deleteRows(screen.row, count))],
	["S", (context) => context.screen.scrollUp(parameter(context, 0))],
	["T", (context) => context.screen.scrollDown(parameter(context, 0))],
	["r", setRegion],
	["I", tabs((screen) => screen.nextTab())],
	["Z", tabs((screen) => screen.previousTab())],
	["g", clearTabs],
	["h", modes(setAnsiMode, true)],
	["l", modes(setAnsiMode, false)],
	["?h", modes(setPrivateMode, true)],
	["?l", modes(setPrivateMode, false)],
	["m", selectRendition],
	["c", ({ reply }) => reply("\x1b[?62c")],
	[">c", ({ reply }) => reply("\x1b[>1;10;0c")],
	["n", statusReport],
	["!p", ({ screen }) => screen.softReset()],
]);

/** Functions that leave a pending wrap pending; every other one, known or not, cancels it. */
export const wrapKeepers = {
	controls: new Set([0x09]),
	csi: new Set(["I", "Z", "g", "?h", "?l", "m"]),
} as const;

/** OSC 0, 1, 2 and 52;c; anything else is silently nothing. An OSC never touches the pending wrap. */
export function runOsc(screen: Framebuffer, command: string): void {
	if (command.startsWith("52;c;")) {
		screen.clipboard = command.slice(5);
		return;
	}
	const cut = [...command].slice(0, MAX_TITLE_CODE_POINTS).join("");
	const title = /^([012]?);(.*)$/su.exec(cut);
	if (title === null) {
		return;
	}
	const [, which = "", text = ""] = title;
	if (which !== "2") {
		screen.iconName = text;
	}
	if (which !== "1") {
		screen.title = text;
	}
}
