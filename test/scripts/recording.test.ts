/** The pace of a recording and its picture, and that the one in the documents is fit to be shown. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { describe, it } from "node:test";
import headless from "@xterm/headless";
import { type Frame, textOf } from "../../scripts/recording/frame.js";
import { screenOf } from "../../scripts/recording/screen.js";
import { type SvgOptions, svgOf } from "../../scripts/recording/svg.js";
import { paced } from "../../scripts/recording/timing.js";

/** A screen of one colour, by its lines. */
function frame(at: number, ...lines: string[]): Frame {
	const rows = lines.map((line) => [...line.padEnd(12)].map((text) => ({ text, style: "", background: "" })));
	return { at, rows, cursor: undefined };
}

const times = (frames: readonly Frame[]) => frames.map(({ at }) => at);

describe("the pace of a recording", () => {
	it("begins at once, keeps short waits and shortens long ones", () => {
		const frames = [frame(500, "a"), frame(1500, "ab"), frame(21_500, "abc"), frame(22_000, "abcd")];
		assert.deepEqual(times(paced(frames)), [0, 1000, 4000, 4500]);
	});

	it("leaves out repetitions", () => {
		assert.deepEqual(times(paced([frame(0, "a"), frame(400, "a"), frame(900, "b")])), [0, 900]);
	});

	it("takes the pieces of an update for one", () => {
		const shown = paced([frame(0, "a"), frame(100, "ab"), frame(120, "abc"), frame(140, "abcd")]);
		assert.deepEqual(times(shown), [0, 100, 140]);
		assert.deepEqual(shown.map(textOf), ["a", "abc", "abcd"]);
	});
});

describe("the screen of a recording", () => {
	it("has the text, look and cursor of the terminal", async () => {
		const terminal = new headless.Terminal({ cols: 6, rows: 2, allowProposedApi: true });
		const output = "a\x1b[1;31mb\x1b[0;7mc\x1b[0m\r\n日x";
		await new Promise<void>((resolve) => terminal.write(output, resolve));
		const { rows, cursor } = screenOf(terminal, false);
		assert.equal(textOf({ rows }), "abc\n日x");
		assert.deepEqual(
			rows[0]?.slice(0, 4).map(({ style, background }) => [style, background]),
			[
				["", ""],
				["fill:#ff7b72;font-weight:bold", ""],
				["fill:#161b22", "#e6edf3"],
				["", ""],
			],
		);
		assert.deepEqual(cursor, { row: 1, column: 3 });
		assert.equal(screenOf(terminal, true).cursor, undefined);
	});
});

describe("the picture of a recording", () => {
	const options: SvgOptions = {
		title: "<t>",
		still: 1,
		pauseMs: 500,
		foreground: "#fff",
		background: "#000",
	};

	/** Text, whether it is in the still, and when it is visible, in percent. */
	function pieces(svg: string) {
		const steps = new Map(
			[...svg.matchAll(/@keyframes (k\d+)\{(.*)\}$/gm)].map(([, name, at]) => [name, at]),
		);
		return [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, attributes = "", text]) => ({
			text,
			still: attributes.includes('class="s"'),
			seen: steps
				.get(/animation-name:(k\d+)/.exec(attributes)?.[1])
				?.replaceAll(/\{visibility:(\w)\w+\}/g, " $1 ")
				.trim(),
		}));
	}

	it("has each piece of text once, for as long as it is shown", () => {
		const svg = svgOf(
			[frame(0, "$", ""), frame(100, "$ a b", ""), frame(300, "$ a b", "<&>"), frame(500, "c", "")],
			options,
		);
		assert.deepEqual(pieces(svg), [
			{ text: "$", still: true, seen: "0% v 50% h" },
			{ text: "a\u00a0b", still: true, seen: "10% v 50% h" },
			{ text: "&lt;&amp;&gt;", still: false, seen: "30% v 50% h" },
			{ text: "c", still: false, seen: "50%,to v" },
		]);
		assert.match(svg, /<title>&lt;t&gt;<\/title>/);
	});

	it("moves only where motion is wanted", () => {
		const svg = svgOf([frame(0, "a"), frame(100, "b")], options);
		const still = svg.replace(/@media \(prefers-reduced-motion:no-preference\)\{\n(.*\n)+?\}\n/, "");
		assert.match(svg, /animation:600ms/);
		assert.doesNotMatch(still, /animation:/);
	});

	it("keeps apart what is of another look, and puts backgrounds under it", () => {
		const [row = []] = frame(0, "abcd").rows;
		const rows = [
			row.map((cell, at) => (at === 1 ? { ...cell, style: "fill:red", background: "blue" } : cell)),
		];
		const svg = svgOf([{ at: 0, rows, cursor: { row: 0, column: 2 } }], { ...options, still: 0 });
		assert.match(svg, /<rect x="8.4" y="0" width="8.4" height="19" fill="blue" class="s"/);
		assert.match(svg, /<text x="8.4" y="14" class="c0 s"[^>]*>b</);
		assert.match(svg, /\.c0\{fill:red\}/);
		assert.match(svg, /textLength="33.6"[^>]*>a\u00a0cd</);
		assert.match(svg, /<rect id="c"[^>]* transform="translate\(16.8,0\)"/);
	});

	it("is not made without the frame of the still", () => {
		assert.throws(() => svgOf([frame(0, "a")], options), /no frame 1 among 1/);
	});
});

const RECORDINGS = {
	session: ["1\u00a0open,", "0\u00a0open,", "alice", "[mosh\u00a0is\u00a0exiting.]"],
	history: ["History:", "undefined", "compiled"],
} as const;
for (const [name, texts] of Object.entries(RECORDINGS)) {
	it(`the recording docs/${name}.svg is small, runs nothing, and tells nothing of the machine it was made on`, () => {
		const svg = readFileSync(new URL(`../../docs/${name}.svg`, import.meta.url), "utf8");
		assert.ok(svg.length < 60_000, `${svg.length} bytes`);
		assert.doesNotMatch(svg, /<script|href=|\/tmp\/|\/home\//);
		assert.ok(!svg.includes(hostname()));
		for (const text of texts) {
			assert.ok(svg.includes(text), text);
		}
	});
}
