/** What real programs wrote: recorded at 80x24, see test/fixtures/streams/README.md. */

import { readFileSync } from "node:fs";
import { output } from "./program-output.js";

const captured = (name: string, differsBecause?: string) =>
	output(
		`captured: ${name}`,
		readFileSync(new URL(`../../fixtures/streams/${name}.bin`, import.meta.url)),
		differsBecause,
	);

export const capturedStreams = [
	captured("vim-edit"),
	captured("vim-scroll"),
	captured("vim-split-visual"),
	captured("nano-edit"),
	captured("less-scroll"),
	captured("less-mixed"),
	captured("ls-color"),
	captured("git-diff"),
	captured("htop"),
	captured("tmux-panes"),
];
