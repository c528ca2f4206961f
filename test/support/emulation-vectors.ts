/** The 246 recorded emulation vectors: program output and what the stock server told the client of it. */
import { readFileSync } from "node:fs";

export interface EmulationVector {
	readonly name: string;
	readonly base_hex?: string;
	readonly input_hex: string;
	readonly hoststring_hex: string;
	readonly cursor: { readonly row: number; readonly col: number };
	readonly note?: string;
}

const FILE = new URL("../fixtures/wire/emulation-vectors.json", import.meta.url);

export const emulationVectors = JSON.parse(readFileSync(FILE, "utf8")) as {
	readonly width: number;
	readonly height: number;
	readonly cases: readonly EmulationVector[];
};
