/** What runs on the pty, and the input files it shows: the same bytes for both contestants, from fixed seeds. */

import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { between, type Random, seededRandom } from "./measure/random.js";

/** Letters no input file contains, so that they mark an end or a prompt without doubt. */
export const MARK = "§¶§¶";

/** Echo by the kernel's line discipline alone: no program runs when a key is typed. */
export const LINE_DISCIPLINE = ["cat"];

/** A readline prompt without the user's settings. The variables are set here: a server may lose them on the way. */
export const SHELL = ["env", `PS1=${MARK} `, "HISTFILE=", "bash", "--norc", "--noprofile"];

/** Without the user's settings, showing a file. */
export const VIM = ["vim", "-u", "NONE", "-i", "NONE", "-n", "-N", "-R"];

/** Lines of a file that vim shows: the last row is its command line. */
export const VIM_LINES = 23;

/** Waits for Enter without echo, runs `commands`, prints the mark and waits for Enter again. */
export function onEnter(commands: string): readonly string[] {
	return ["sh", "-c", `stty -echo; read go; ${commands}; printf '\\r\\n\\033[0m${MARK}\\r\\n'; read go`];
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const WORDS = "state datagram socket session closed opened retry window packet from to for after with".split(
	" ",
);

function pick<T>(random: Random, list: readonly T[]): T {
	return list[Math.floor(random() * list.length)] as T;
}

function words(random: Random, length: number): string {
	let text = pick(random, WORDS);
	while (text.length < length) {
		text += ` ${pick(random, WORDS)}`;
	}
	return text.slice(0, length);
}

/** Any row of a screen of these differs from all others in every column. */
export function scrollLine(index: number): string {
	let line = "";
	for (let column = 0; column < 60; column++) {
		line += LETTERS[(index * 7 + column * 11) % 26];
	}
	return line;
}

export function writeScrollFile(path: string, lines: number): void {
	writeFileSync(path, `${Array.from({ length: lines }, (_, index) => scrollLine(index)).join("\n")}\n`);
}

/** A full coloured screen, drawn from the top left corner; different for every seed. */
export function colouredScreen(seed: number, columns = 80, rows = 24): string {
	const random = seededRandom(seed);
	let screen = "\x1b[H\x1b[2J";
	for (let row = 1; row < rows; row++) {
		screen += `\x1b[${row};1H`;
		for (let column = 0; column + 10 <= columns; column += 10) {
			screen += `\x1b[0;${30 + Math.floor(random() * 8)}m${words(random, 9)} `;
		}
	}
	return `${screen}\x1b[0m`;
}

const FLOODS = {
	"log lines": (random: Random, index: number) =>
		`2024-05-17T12:${String(index % 60).padStart(2, "0")}:07 host daemon[${index}]: ${words(random, 60)}\n`,
	"heavy SGR": (random: Random) => {
		let line = "";
		for (let word = 0; word < 8; word++) {
			line += `\x1b[${pick(random, [0, 1, 4, 7])};38;5;${Math.floor(random() * 256)}m${pick(random, WORDS)} `;
		}
		return `${line}\x1b[0m\n`;
	},
	"CJK, emoji": (random: Random) => {
		let line = "";
		for (let character = 0; character < 34; character++) {
			line += String.fromCodePoint(
				random() < 0.9 ? between(random, 0x4e00, 0x9fa0) | 0 : between(random, 0x1f600, 0x1f640) | 0,
			);
		}
		return `${line}\n`;
	},
	"short lines": (_random: Random, index: number) => `${100_000 + index}\n`,
	"cursor addressed": (random: Random) =>
		`\x1b[${1 + Math.floor(random() * 24)};${1 + Math.floor(random() * 60)}H${words(random, 18)}`,
} as const;

export type Flood = keyof typeof FLOODS;
export const floodNames = Object.keys(FLOODS) as readonly Flood[];

/** Writes `megabytes` (10^6 bytes, to the nearest block) of `flood`: a block of whole lines again and again. */
export function writeFlood(path: string, flood: Flood, megabytes: number): number {
	const random = seededRandom(floodNames.indexOf(flood) + 1);
	let text = "";
	for (let index = 0; text.length < 500_000; index++) {
		text += FLOODS[flood](random, index);
	}
	const block = Buffer.from(text);
	const file = openSync(path, "w");
	let written = 0;
	while (written < megabytes * 1e6) {
		written += writeSync(file, block);
	}
	closeSync(file);
	return written;
}
