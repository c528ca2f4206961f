/** A program that prints more than can be read: what its user is shown of it, when, and in how many frames. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Emulator } from "../../../src/terminal/index.js";
import { textOf } from "../../support/row-text.js";
import { SessionRig } from "../../support/session-rig.js";

describe("a flood", () => {
	it("does not make more frames than the interval allows, and ends with the newest screen", () => {
		let sent = 0;
		const rig = new SessionRig({ parts: { observer: { sent: () => sent++ } } }).connect();
		sent = 0;
		for (let line = 0; line < 1000; line++) {
			rig.output(`line ${line}\r\n`);
			rig.run(1);
		}
		assert.ok(sent >= 20 && sent <= 60, `${sent} frames in a second`);
		rig.output("no more");
		rig.run(500);
		assert.match(rig.seen.text, /no more/);
	});

	let printed = 0;
	/** A millisecond's output, each line another one. */
	const print = (rig: SessionRig): void => {
		rig.output(Array.from({ length: 60 }, () => `line ${++printed} of a log\r\n`).join(""));
		rig.run(1);
	};

	/** Prints, and a prompt `sinceFrame` ms after the last frame. Returns how long (ms) it takes to be seen. */
	function timeToPrompt(sinceFrame: number, key: string): number {
		const rig = new SessionRig().connect();
		for (let ms = 0; ms < 200; ms++) {
			print(rig);
		}
		for (const { sent } = rig.link.server; rig.link.server.sent === sent; ) {
			print(rig);
		}
		if (key !== "") {
			rig.type(key);
		}
		for (let ms = 0; ms < sinceFrame; ms++) {
			print(rig);
		}
		rig.output("^C\r\nprompt$ ");
		const since = rig.clock.now();
		assert.ok(rig.run(500, () => rig.seen.text.includes("prompt$")));
		return rig.clock.now() - since;
	}

	it("that a key ends does not keep the prompt from being seen at once", () => {
		for (const sinceFrame of [3, 6, 9, 12, 15]) {
			const took = timeToPrompt(sinceFrame, "\x03");
			assert.ok(took <= 4, `${took} ms, ${sinceFrame} after a frame`);
		}
		assert.ok(timeToPrompt(6, "") >= 10, "though nobody waits for it");
	});

	it("that pauses makes as many frames whether the user types or not", () => {
		const framesOf = (key: string, pause: number): number => {
			const rig = new SessionRig().connect();
			const { sent } = rig.link.server;
			for (let burst = 0; burst < 50; burst++) {
				if (burst === 10 && key !== "") {
					rig.type(key);
				}
				for (let ms = 0; ms < 3; ms++) {
					print(rig);
				}
				rig.run(pause);
			}
			return rig.link.server.sent - sent;
		};
		for (const pause of [3, 6, 12, 18, 30]) {
			const [quiet, typing] = [framesOf("", pause), framesOf("x", pause)];
			assert.ok(quiet >= 15 && typing <= quiet + 2, `${typing} frames, ${quiet} without a key`);
		}
	});
});

describe("output without end", () => {
	/** Prints `piece(n)` every 2 ms for a second; returns how many frames that made. */
	function frames(rig: SessionRig, piece: (index: number) => string): number {
		const { sent } = rig.link.server;
		for (let index = 0; index < 500; index++) {
			rig.output(piece(index));
			rig.run(2);
		}
		return rig.link.server.sent - sent;
	}

	it("of the same line makes hardly a frame, wherever it is cut, and ends with what has been printed of it", () => {
		const rig = new SessionRig().connect();
		const cut = [
			"yes\r\n".repeat(1_000),
			`${"yes\r\n".repeat(1_000)}ye`,
			`s\r\n${"yes\r\n".repeat(999)}y`,
			"es\r\n",
		];
		const made = frames(rig, (index) => cut[index % 4] ?? "");
		assert.ok(made <= 4, `${made} frames`);
		rig.output(`${"yes\r\n".repeat(1_000)}ye`);
		rig.run(30);
		const shown = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
		shown.write(Buffer.from(rig.seen.text));
		assert.deepEqual(shown.snapshot().lines.slice(-2).map(textOf), ["yes", "ye"]);
	});

	it("that counts in one line is shown at frame rate", () => {
		const rig = new SessionRig().connect();
		rig.output("yes\r\n".repeat(50));
		rig.run(500);
		const made = frames(rig, (index) =>
			Array.from({ length: 1_000 }, (_, at) => `\r${index}.${at}`).join(""),
		);
		assert.ok(made >= 40, `${made} frames`);
	});
});

describe("a long listing", () => {
	/** Prints a line of 80 characters every 25 µs, more or less what `ls -l` does, `lines` of them. */
	function list(rig: SessionRig, lines: number): void {
		for (let line = 0; line < lines; line += 40) {
			rig.output(Array.from({ length: 40 }, (_, index) => `${line + index} ${"x".repeat(70)}\r\n`).join(""));
			rig.run(1);
		}
	}

	it("is shown in one frame, as soon as it is complete", () => {
		const rig = new SessionRig().connect();
		rig.pty.answer = () => rig.output("\r\n");
		rig.type("\r");
		rig.run(10);
		const { sent } = rig.link.server;
		list(rig, 1_200);
		rig.output("$ ");
		const since = rig.clock.now();
		assert.ok(rig.run(500, () => rig.seen.text.includes("$ ")));
		assert.ok(rig.clock.now() - since <= 5, "and as soon as it is");
		assert.equal(rig.link.server.sent - sent, 1);
	});

	it("is shown while it grows where it takes longer, at frame rate after the first", () => {
		const rig = new SessionRig().connect();
		rig.output("\r\n");
		rig.run(500);
		const { sent } = rig.link.server;
		list(rig, 1_200);
		assert.equal(rig.link.server.sent - sent, 0, "28 ms after its first line");
		list(rig, 800);
		assert.equal(rig.link.server.sent - sent, 1, "48 ms after it");
		list(rig, 40_000);
		const frames = rig.link.server.sent - sent;
		assert.ok(frames >= 49, `${frames} frames in the second after that`);
	});
});
