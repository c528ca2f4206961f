/** Writes a recording as one of the project's pictures, in the colours of all of them. */

import { writeFileSync } from "node:fs";
import type { Frame } from "./frame.js";
import { BACKGROUND, FOREGROUND } from "./screen.js";
import { type SvgOptions, svgOf } from "./svg.js";

/** @param path from the top of the checkout */
export function writeRecording(
	path: string,
	frames: readonly Frame[],
	options: Omit<SvgOptions, "foreground" | "background">,
): void {
	const svg = svgOf(frames, { ...options, foreground: FOREGROUND, background: BACKGROUND });
	writeFileSync(new URL(`../../${path}`, import.meta.url), svg);
	console.log(`${path}: ${frames.length} frames`);
}
