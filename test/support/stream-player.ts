/**
 * Plays byte streams to the stock client through one live session, one after the other, and reports what it
 * then shows. Each key typed makes the program on the pty write its next file, exactly as it is.
 *
 * When is a stream shown? A marker in the same write (a clipboard, or a title where the stream has a clipboard
 * of its own) reaches the terminal with the frame that holds the stream, but before that frame's cells; a second
 * marker, asked for by a key only then, arrives in a later frame. Seeing it means all of the first is there.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClientScreen } from "./client-screen.js";
import type { ServerName } from "./mosh-server.js";
import { type Session, startSession } from "./session.js";
import type { TmuxTerminal } from "./tmux.js";
import { until } from "./wait.js";

/** All a person, or the person's terminal, can tell of a screen. */
export interface Shown extends ClientScreen {
	/** Private modes the client has set in its terminal, those tmux cannot show included. */
	readonly modes: readonly number[];
	/** Title or clipboard, whichever the marker leaves alone, as last sent. */
	readonly clipboard: string | undefined;
	readonly bell: boolean;
}

/** Modes that say something of the program's screen. */
const COMPARED_MODES = new Set([5, 9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 2004]);

/** Writes the next file of the folder $0 for every N typed; answers of the terminal are other characters. */
const PLAYER = `
stty raw -echo
cd "$0"
part=0
while key=$(dd bs=1 count=1 2>/dev/null) && [ -n "$key" ]; do
	[ "$key" = N ] || continue
	part=$((part + 1))
	cat "$part"
done
`;

const RESET = "\x1bc\x1b]0;\x07";
const [ESC, BEL] = ["\x1b", "\x07"];
const CLIPBOARD = new RegExp(`${ESC}\\]52;c;([^${BEL}]*)${BEL}`, "g");
const ANY_OSC = new RegExp(`${ESC}\\][^${BEL}]*${BEL}`, "g");
const PRIVATE_MODE = new RegExp(`${ESC}\\[\\?([\\d;]+)([hl])`, "g");

/** A server that loses this many sessions will not keep the next one either. */
const MAX_LOST_SESSIONS = 3;

export class StreamPlayer {
	readonly #server: ServerName;
	readonly #environment: Readonly<Record<string, string>>;
	#session: Session | undefined;
	#folder = "";
	#part = 0;
	#lostSessions = 0;

	/** @param environment what the login has beside what every login has */
	constructor(server: ServerName, environment: Readonly<Record<string, string>> = {}) {
		this.#server = server;
		this.#environment = environment;
	}

	/** After a failure the next stream gets a new session. */
	async show(stream: Uint8Array): Promise<Shown> {
		if (this.#lostSessions >= MAX_LOST_SESSIONS) {
			throw new Error(`${this.#server}: too many sessions were lost`);
		}
		try {
			return await this.#show(stream, await this.#terminal());
		} catch (error) {
			this.#lostSessions += 1;
			await this.close();
			throw error;
		}
	}

	async close(): Promise<void> {
		await this.#session?.close();
		this.#session = undefined;
		if (this.#folder !== "") {
			rmSync(this.#folder, { recursive: true, force: true });
		}
	}

	async #terminal(): Promise<TmuxTerminal> {
		if (this.#session === undefined) {
			this.#part = 0;
			this.#folder = mkdtempSync(join(tmpdir(), "mosh-streams-"));
			const command = ["sh", "-c", PLAYER, this.#folder];
			this.#session = await startSession({
				server: this.#server,
				command,
				serverEnvironment: this.#environment,
			});
			// Once a title has been set, the client shows that there is none: the same for all sessions, whatever their streams.
			await this.#play(this.#session.terminal, "\x1b]0;title\x07", "clipboard");
		}
		return this.#session.terminal;
	}

	async #show(stream: Uint8Array, terminal: TmuxTerminal): Promise<Shown> {
		const hasClipboard = Buffer.from(stream).includes("\x1b]52;");
		await this.#play(terminal, RESET, "clipboard");
		await this.#play(terminal, "", "clipboard");
		// tmux joins characters that wcwidth keeps apart, and then shows remains of the last stream.
		await terminal.reset();
		const from = terminal.output().length;
		await this.#play(terminal, stream, hasClipboard ? "title" : "clipboard");
		await this.#play(terminal, "", hasClipboard ? "title" : "clipboard");
		const written = terminal.output();
		const since = written.subarray(from).toString("latin1");
		const screen = await terminal.screen();
		return {
			...screen,
			title: hasClipboard ? "" : screen.title,
			modes: modesIn(written.toString("latin1")),
			clipboard: hasClipboard ? [...since.matchAll(CLIPBOARD)].at(-1)?.[1] : undefined,
			bell: since.replace(ANY_OSC, "").includes("\x07"),
		};
	}

	async #play(
		terminal: TmuxTerminal,
		bytes: Uint8Array | string,
		kind: "clipboard" | "title",
	): Promise<void> {
		this.#part += 1;
		const marker = Buffer.from(`part-${String(this.#part).padStart(7, "0")}`).toString("base64");
		const ending = kind === "clipboard" ? `\x1b]52;c;${marker}\x07` : `\x1b]2;${marker}\x07`;
		writeFileSync(
			join(this.#folder, String(this.#part)),
			Buffer.concat([Buffer.from(bytes), Buffer.from(ending)]),
		);
		await terminal.type("N");
		await until("the stream's end is shown", () => terminal.output().includes(`${marker}\x07`), {
			pollMs: 5,
			explain: () => terminal.describe(),
		});
	}
}

function modesIn(written: string): number[] {
	const modes = new Set<number>();
	for (const [, list = "", final] of written.matchAll(PRIVATE_MODE)) {
		for (const mode of list.split(";").map(Number)) {
			if (final === "h") {
				modes.add(mode);
			} else {
				modes.delete(mode);
			}
		}
	}
	return [...modes].filter((mode) => COMPARED_MODES.has(mode)).sort((a, b) => a - b);
}
