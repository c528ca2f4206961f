/**
 * A terminal to run a client in: a private tmux server holding one pane of a known size, whose keys can be
 * pressed and whose screen can be read. Everything the program writes is recorded as well.
 */

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ClientScreen, parseCapture } from "./client-screen.js";
import { needsTools } from "./requirements.js";
import { holds, until } from "./wait.js";

const run = promisify(execFile);

export const needsTmux = (): string | false => needsTools("tmux");

const configuration = (history: number) =>
	[
		`set -g history-limit ${history}`,
		"set -g status off",
		"set -g remain-on-exit on",
		'set -g remain-on-exit-format ""',
		"set -s set-clipboard on",
		"set -s escape-time 0",
		// A type without "back colour erase": the client then paints coloured blanks as characters, and
		// capture-pane shows them, which it does not for cells that were only erased.
		"set -g default-terminal screen-256color",
	].join("\n");

/**
 * Runs the command, notes its process and its exit status in the folder given as $0. tmux's own
 * `pane_dead_status` stays empty now and then (3.3a).
 */
const WATCHED = `sh -c 'echo $$ >"$0/pid"; exec "$@"' "$0" "$@"; echo $? >"$0/status"`;

const SCREEN_FORMAT = "#{cursor_y} #{cursor_x} #{cursor_flag} #{pane_title}";

/** Screens are large; tmux answers in one piece. */
const MAX_ANSWER_BYTES = 4 << 20;

export interface TmuxOptions {
	readonly command: readonly string[];
	readonly environment?: Readonly<Record<string, string>>;
	readonly columns?: number;
	readonly rows?: number;
	/** Lines that the terminal keeps of what has left the screen; 100 by default. */
	readonly history?: number;
}

export class TmuxTerminal {
	readonly #folder: string;
	readonly #environment: NodeJS.ProcessEnv;

	private constructor(folder: string) {
		this.#folder = folder;
		this.#environment = {
			PATH: process.env.PATH,
			HOME: folder,
			LC_ALL: "C.UTF-8",
			// The socket lives in a folder of our own: no other tmux is met, and nothing is left behind.
			TMUX_TMPDIR: folder,
		};
	}

	static async start({
		command,
		environment = {},
		columns = 80,
		rows = 24,
		history = 100,
	}: TmuxOptions): Promise<TmuxTerminal> {
		const folder = mkdtempSync(join(tmpdir(), "mosh-e2e-"));
		const terminal = new TmuxTerminal(folder);
		const file = join(folder, "tmux.conf");
		writeFileSync(file, configuration(history));
		const variables = Object.entries(environment).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
		const size = ["-x", String(columns), "-y", String(rows)];
		try {
			// A placeholder first, so that recording begins before the command's first byte.
			await terminal.#tmux("-f", file, "-u", "new-session", "-d", ...size, "cat");
			await terminal.#tmux("pipe-pane", "-O", `exec cat >>'${join(folder, "output")}'`);
			await terminal.#tmux("respawn-pane", "-k", ...variables, "--", "sh", "-c", WATCHED, folder, ...command);
		} catch (error) {
			await terminal.close();
			throw error;
		}
		return terminal;
	}

	async screen(): Promise<ClientScreen> {
		const answer = await this.#tmux(
			...["display-message", "-p", SCREEN_FORMAT, ";"],
			...["capture-pane", "-p", "-e", "-N"],
		);
		const firstLineEnd = answer.indexOf("\n");
		const [row, column, visible, ...title] = answer.slice(0, firstLineEnd).split(" ");
		return {
			...parseCapture(answer.slice(firstLineEnd + 1)),
			cursor: { row: Number(row), column: Number(column), visible: visible === "1" },
			title: title.join(" "),
		};
	}

	/** What has left the screen, the oldest first, and then the screen, as `styledRows`. */
	async history(): Promise<readonly string[]> {
		return parseCapture(await this.#tmux("capture-pane", "-p", "-e", "-N", "-S", "-")).styledRows;
	}

	/** The same as it is copied: what goes on in the next row is one line. */
	async copiedLines(): Promise<readonly string[]> {
		return parseCapture(await this.#tmux("capture-pane", "-p", "-e", "-J", "-S", "-")).styledRows;
	}

	/** What is recorded of what the program has written: it comes through a process of its own, and may be behind the screen. */
	output(): Buffer {
		return this.#read("output");
	}

	/** What the program has written, as soon as `text` is among it. */
	async outputWith(text: string): Promise<string> {
		const check = () => {
			const written = this.output().toString("latin1");
			return written.includes(text) && written;
		};
		return until(`${JSON.stringify(text)} is written`, check, { explain: () => this.describe() });
	}

	/** Text as if typed; no key names. */
	async type(text: string): Promise<void> {
		await this.#tmux("send-keys", "-l", "--", text);
	}

	/** Keys by tmux's names: Enter, Escape, C-c, Up, F1… */
	async press(...keys: string[]): Promise<void> {
		await this.#tmux("send-keys", ...keys);
	}

	async enter(line: string): Promise<void> {
		await this.type(line);
		await this.press("Enter");
	}

	/** Text as if pasted: bracketed when the program asked for it. */
	async paste(text: string): Promise<void> {
		await this.#tmux("set-buffer", "--", text);
		await this.#tmux("paste-buffer", "-p", "-r");
	}

	async resize(columns: number, rows: number): Promise<void> {
		await this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
	}

	/** Blanks the terminal behind the program's back. */
	async reset(): Promise<void> {
		await this.#tmux("send-keys", "-R");
	}

	/** The program itself, which may since have ended. */
	processId(): number {
		return Number(this.#read("pid").toString());
	}

	/** Exit status of the program, or undefined while it runs. A program killed by a signal has 128 + signal. */
	exitStatus(): number | undefined {
		return this.#read("status").length > 0 ? Number(this.#read("status").toString()) : undefined;
	}

	async exited(limitMs?: number): Promise<number> {
		return until("the program in the terminal ends", () => this.exitStatus(), {
			limitMs,
			explain: () => this.describe(),
		});
	}

	/** Waits for a screen that `accept` likes. */
	async see(
		what: string,
		accept: (screen: ClientScreen) => boolean,
		limitMs?: number,
	): Promise<ClientScreen> {
		const check = async () => {
			const screen = await this.screen();
			return accept(screen) && screen;
		};
		return until(what, check, { limitMs, explain: () => this.describe() });
	}

	/** Waits for text to stand anywhere on the screen. */
	async seeText(text: string | RegExp, limitMs?: number): Promise<ClientScreen> {
		const matches = (row: string) => (typeof text === "string" ? row.includes(text) : text.test(row));
		return this.see(`the screen shows ${text}`, (screen) => screen.rows.some(matches), limitMs);
	}

	/** Waits for a screen of which every assertion of `check` is true: nobody says in how many frames it comes. */
	async shows(check: (screen: ClientScreen) => void, limitMs?: number): Promise<void> {
		await holds(async () => check(await this.screen()), { limitMs });
	}

	/** The screen for a person reading a failure. */
	async describe(): Promise<string> {
		const { rows, cursor, title } = await this.screen();
		const body = rows.map((row) => `| ${row}`).join("\n");
		return `title "${title}", cursor row ${cursor.row} column ${cursor.column}, visible ${cursor.visible}\n${body}`;
	}

	async close(): Promise<void> {
		await this.#tmux("kill-server").catch(() => undefined);
		rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
	}

	#read(name: string): Buffer {
		try {
			return readFileSync(join(this.#folder, name));
		} catch {
			return Buffer.alloc(0);
		}
	}

	async #tmux(...words: string[]): Promise<string> {
		// tmux takes a word that ends in ";" as the end of a command: a typed one must be escaped.
		const escaped = words.map((word) =>
			word !== ";" && word.endsWith(";") ? `${word.slice(0, -1)}\\;` : word,
		);
		const { stdout } = await run("tmux", escaped, {
			env: this.#environment,
			maxBuffer: MAX_ANSWER_BYTES,
			cwd: "/",
		});
		return stdout;
	}
}
