/** A program on a pty of its own, typed into as by a person, and every screen that the person would see. */

import headless from "@xterm/headless";
import { type IPty, spawn } from "node-pty";
import { sleep, until } from "../../test/support/wait.js";
import { type Frame, textOf } from "./frame.js";
import { screenOf } from "./screen.js";

/** That of somebody who types well. */
const KEY_MS = 70;

export class RecordedTerminal {
	readonly #frames: Frame[] = [];
	readonly #pty: IPty;
	readonly #begun = performance.now();

	/** @param environment all of it */
	constructor(
		file: string,
		words: readonly string[],
		{ columns, rows }: { columns: number; rows: number },
		environment: Record<string, string>,
	) {
		const terminal = new headless.Terminal({ cols: columns, rows, scrollback: 0, allowProposedApi: true });
		let hiddenCursor = false;
		const watchCursor = (final: "h" | "l") =>
			terminal.parser.registerCsiHandler({ prefix: "?", final }, (parameters) => {
				if (parameters.includes(25)) {
					hiddenCursor = final === "l";
				}
				// The terminal obeys it besides.
				return false;
			});
		watchCursor("h");
		watchCursor("l");
		this.#pty = spawn(file, [...words], { cols: columns, rows, cwd: "/", env: environment });
		terminal.onData((answer) => this.#pty.write(answer));
		this.#pty.onData((output) => {
			const at = performance.now() - this.#begun;
			terminal.write(output, () => this.#frames.push({ at, ...screenOf(terminal, hiddenCursor) }));
		});
	}

	/** So far; `at` counts from the start of the program. */
	get frames(): readonly Frame[] {
		return this.#frames;
	}

	/** Waits until the screen, less its empty rows at the end, shows it. @throws Error with the screen when it does not */
	async see(wanted: string | RegExp): Promise<void> {
		const shown = () => {
			const last = this.#frames.at(-1);
			// A prompt ends with a blank, which belongs to it.
			return last === undefined ? "" : `${textOf(last).trimEnd()} `;
		};
		const check = () => (typeof wanted === "string" ? shown().includes(wanted) : wanted.test(shown()));
		await until(`the terminal shows ${wanted}`, check, { explain: shown });
	}

	/** Types a command after `pauseMs`, key by key, and Enter. */
	async type(command: string, pauseMs: number): Promise<void> {
		await sleep(pauseMs);
		for (const key of `${command}\r`) {
			this.#pty.write(key);
			await sleep(KEY_MS);
		}
	}

	/** Presses keys one after the other, each after `pauseMs`. @param keys the bytes of each */
	async press(keys: readonly string[], pauseMs: number): Promise<void> {
		for (const key of keys) {
			await sleep(pauseMs);
			this.#pty.write(key);
		}
	}

	/** Ends the program, if it has not ended. */
	close(): void {
		this.#pty.kill();
	}
}
