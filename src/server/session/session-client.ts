/**
 * One client of a session: what it has said, and what it has been shown (protocol §4). Whatever differs between two clients of
 * the same session is kept here; the program, its screen and the time limits are the session's.
 */

import {
	type DatagramPort,
	eagerFrameTiming,
	type LocalStateCodec,
	type Opening,
	type PeerAddress,
	Transport,
	type TransportObserver,
	type UserEvent,
	UserInput,
	userInputCodec,
} from "../../ssp/index.js";
import type { Clock } from "../../system/clock.js";
import { type Emulator, fitted, KeyTranslator, type Screen } from "../../terminal/index.js";
import { ClipboardRelay } from "./clipboard-relay.js";
import { ALONE_AFTER_MS, ECHO_DELAY_MS, EchoAck } from "./echo-ack.js";
import { FramePacer } from "./frame-pacer.js";
import type { NativeScrollback } from "./native-scrollback.js";
import type { RunPhase } from "./output-run.js";
import {
	INITIAL_SIZE,
	initialTerminalState,
	repeatsLine,
	type TerminalState,
	terminalStateCodec,
} from "./terminal-state.js";
import type { HistoryView } from "./view/history-view.js";

export interface SessionClientParts {
	/** Of this client alone: nonces begin at 0 with each. */
	readonly key: Uint8Array;
	readonly port: DatagramPort;
	readonly clock: Clock;
	/** Has answered the client so far; undefined: nobody has. */
	readonly opening?: Opening | undefined;
	/** For -v. */
	readonly observer?: TransportObserver | undefined;
	readonly codec?: LocalStateCodec<TerminalState> | undefined;
	/** What its user looks back by; undefined: by nothing. */
	readonly view?: HistoryView | undefined;
	/** Leads its terminal's own scrollback; undefined: nothing does. */
	readonly native?: NativeScrollback | undefined;
	/** The program's screen so far, for a client that comes later: it hears no bell of the past, and its clipboard stays. */
	readonly past?: Screen | undefined;
	/** Sees the session and does nothing in it. */
	readonly watches?: boolean | undefined;
}

/**
 * `promised`: has been given a key and not been heard yet. `typing`: has the session. `leaving`: is told that it is over, as soon
 * as it can be.
 */
export type Role = "promised" | "typing" | "watching" | "leaving";

/** How long (ms) after a leaving client was heard it is sent to: while it sleeps, it costs no timers. */
export const LEAVING_REACH_MS = 10_000;

export class SessionClient {
	readonly transport: Transport<TerminalState, UserInput>;
	readonly port: DatagramPort;
	readonly watches: boolean;
	role: Role = "promised";
	/** On the session's clock (ms). */
	readonly since: number;
	/** The peer last reported as connected; undefined while it is away. */
	shownPeer: PeerAddress | undefined;
	readonly #clock: Clock;
	/** Undefined too when all has been shown that will be: a history may be large. */
	#view: HistoryView | undefined;
	readonly #native: NativeScrollback | undefined;
	readonly #codec: LocalStateCodec<TerminalState>;
	readonly #keys = new KeyTranslator();
	readonly #echoAck = new EchoAck();
	readonly #pacer = new FramePacer();
	readonly #clipboard: ClipboardRelay;
	/** Number of input events already processed. */
	#consumed = 0;
	/** The state last given to the transport. */
	#current: TerminalState;
	/** The user has typed, and no end of a long run of output has been sent since. Only such a one is an answer, one for a key. */
	#awaitsEnd = false;
	/** The newest screen, as last taken. */
	#screen: Screen;
	/** It is not given to the transport yet: it only has another part of a line like the one above (`repeatsLine`). */
	#repeating = false;
	/** The size of its terminal. */
	#size: { readonly columns: number; readonly rows: number } = INITIAL_SIZE;

	constructor(parts: SessionClientParts) {
		this.#clock = parts.clock;
		this.port = parts.port;
		this.watches = parts.watches ?? false;
		this.since = parts.clock.now();
		this.#view = parts.view;
		this.#native = parts.native;
		const codec = parts.codec ?? terminalStateCodec;
		this.#codec = parts.native?.codec(codec) ?? codec;
		const initial = initialTerminalState(parts.past);
		this.#current = parts.native?.initial(initial) ?? initial;
		this.#screen = initial.screen;
		this.#clipboard = new ClipboardRelay(this.#screen);
		this.transport = new Transport({
			role: "server",
			key: parts.key,
			clock: parts.clock,
			port: parts.port,
			local: this.#codec,
			initialLocal: this.#current,
			remote: userInputCodec,
			initialRemote: UserInput.empty,
			frameTiming: eagerFrameTiming,
			opening: parts.opening,
			...(parts.observer && { observer: parts.observer }),
		});
	}

	/** The input that has not been acted on yet. Act on it before the next call; each event is given once. */
	takeEvents(): readonly UserEvent[] {
		const { state, number } = this.transport.remote;
		const events = state.since(this.#consumed);
		this.#consumed = state.end;
		if (events.length > 0) {
			this.#echoAck.register(number, this.#clock.now());
		}
		return events;
	}

	/** Acts on events of a client that watches: its user can look back, and type nothing. */
	watch(events: readonly UserEvent[]): void {
		for (const event of events) {
			if (event.type === "bytes") {
				this.#look(event.bytes);
			} else {
				this.#size = event;
				this.#pacer.changed();
			}
		}
	}

	/** Its window has got another size. */
	resized(size: { readonly columns: number; readonly rows: number }): void {
		this.#native?.resized(size, this.transport.sentLocal, this.transport.patience, this.#clock.now());
	}

	/** What the program is to receive for the bytes of an event. */
	translate(bytes: Uint8Array, applicationCursorKeys: boolean): Uint8Array {
		this.#pacer.typed(this.#clock.now());
		this.#awaitsEnd = true;
		const typed = this.#look(bytes);
		this.#native?.typed(typed, this.#clock.now());
		return this.#keys.translate(typed, applicationCursorKeys);
	}

	/** Returns what is not for the view. */
	#look(bytes: Uint8Array): Uint8Array {
		if (this.#view === undefined) {
			return bytes;
		}
		const wasOpen = this.#view.open;
		const rest = this.#view.input(bytes);
		if (wasOpen || this.#view.open) {
			this.#pacer.changed();
		}
		return rest;
	}

	/** The program's screen may have changed. Returns false when that was known already. */
	changed(): boolean {
		return this.#pacer.changed();
	}

	/**
	 * Gives the transport the newest screen if the pacer asks for one. Returns whether a snapshot was taken.
	 * @param held an unfinished update is kept back: the screen before it is shown
	 * @param phase of the program's output
	 */
	update(emulator: Emulator, held: boolean, phase: RunPhase, now: number): boolean {
		if (this.transport.shuttingDown) {
			return false;
		}
		// An echo ack vouches for the screen it comes with, which must therefore be current.
		const echoAckChanged = !held && this.#echoAck.pending && this.#echoAck.advance(now, this.#echoDelay(now));
		const passing = phase === "passing";
		const over = !passing && this.showsPassing;
		const snapshot = this.#pacer.advance(now, echoAckChanged || over);
		if (snapshot) {
			const screen = held ? emulator.settled() : emulator.snapshot();
			const shown = this.#view?.shown(screen) ?? screen;
			this.#screen = this.watches ? this.#asWatched(shown) : shown;
		}
		const confirmed = this.transport.confirmedLocal;
		const viewed = this.#view?.open === true;
		const newest: TerminalState = {
			screen: this.#clipboard.relayed(this.#screen, confirmed.screen),
			echoAck: this.#echoAck.acknowledged,
			fullScreen: emulator.fullScreen || viewed,
			phase: phase === "over" && !this.#awaitsEnd ? "brief" : phase,
		};
		const next = this.#native?.wanted(newest, confirmed, emulator.fullScreen, viewed, now) ?? newest;
		this.#repeating = passing && !echoAckChanged && (snapshot ? this.#repeats(next) : this.#repeating);
		if (over || !(this.#repeating || this.#codec.equal(next, this.#current))) {
			this.#current = next;
			this.transport.setLocal(next);
			this.#pacer.offered();
		} else if (snapshot && !held) {
			this.#pacer.fruitless(now);
		}
		return snapshot;
	}

	/** How long ago (ms) input has reached the program that can be acknowledged now. */
	#echoDelay(now: number): number {
		if (this.#native?.hasLinesToScroll) {
			return 0;
		}
		const goesWithOther = this.#pacer.waitTime(now) === 0 || this.transport.waitTime() === 0;
		return goesWithOther ? ECHO_DELAY_MS : ALONE_AFTER_MS;
	}

	/** Where native scrollback shows what passes, it does this by itself. */
	#repeats(next: TerminalState): boolean {
		return this.#native === undefined && repeatsLine(this.#current.screen, next.screen);
	}

	/** Sends what is due. Throws `SspError` `key-exhausted`. */
	send(now: number): void {
		if (this.transport.tick()) {
			this.#pacer.sent(now);
			this.#awaitsEnd &&= this.#current.phase !== "over";
		} else {
			this.#pacer.postponed(now, () => this.transport.waitTime());
		}
		this.#native?.sent(this.transport.sentLocal);
	}

	/** What the client is shown, or going to be, is of output that passes: its end is news. */
	get showsPassing(): boolean {
		return this.#repeating || this.#current.phase === "passing";
	}

	/** A turn with a snapshot lasted from `began` to `ended`. */
	rest(began: number, ended: number): void {
		this.#pacer.rest(began, ended);
	}

	/** The screen as it is now is the last one that this client gets. */
	finish(emulator: Emulator, now: number): void {
		this.#pacer.finish();
		this.#clipboard.finish();
		if (this.#view?.open) {
			this.#view.close();
			this.#pacer.changed();
		}
		this.update(emulator, false, "brief", now);
		this.#view = undefined;
		this.transport.startShutdown();
	}

	/** Nothing more is shown to this client: what it has is what it ends with. */
	dismiss(): void {
		if (this.transport.shuttingDown) {
			return;
		}
		this.#view = undefined;
		const { screen } = this.transport.confirmedLocal;
		this.#current = { screen, echoAck: this.#echoAck.acknowledged, fullScreen: false };
		this.#screen = screen;
		this.transport.setLocal(this.#current);
		this.transport.startShutdown();
	}

	/** The client knows that the session is over for it, or has left by itself. */
	get gone(): boolean {
		return this.transport.shutdownAcknowledged || this.transport.peerShutdownAcknowledged;
	}

	/** Something can be sent to it, and what is due will not wait for long. */
	get reachable(): boolean {
		const { lastHeard } = this.transport;
		if (this.role === "leaving") {
			return lastHeard !== undefined && this.#clock.now() - lastHeard < LEAVING_REACH_MS;
		}
		return this.role !== "promised";
	}

	/** A program's requests to the terminal are not for one that only watches: its mouse stays its own, and its clipboard. */
	#asWatched(screen: Screen): Screen {
		const { clipboard, copies } = this.#current.screen;
		return {
			...fitted(screen, this.#size.columns, this.#size.rows),
			...{ clipboard, copies, mouseMode: 0, mouseEncoding: 0, focusReports: false, bracketedPaste: false },
		};
	}

	/** Milliseconds until `update` or `send` has something to do; Infinity: not until something happens. */
	waitTime(held: boolean, now: number): number {
		return Math.min(
			this.transport.waitTime(),
			held ? Number.POSITIVE_INFINITY : this.#echoAck.waitTime(now),
			this.#pacer.waitTime(now),
			this.#native?.waitTime(now) ?? Number.POSITIVE_INFINITY,
		);
	}

	/** All lines go to the client's terminal, also if the program has ended meanwhile. */
	get tellsLines(): boolean {
		return this.#native !== undefined;
	}

	/** The next screen may be the last: it waits for nothing. */
	hurry(): void {
		this.#pacer.finish();
	}

	/** Lines are on their way to the client's terminal, or are going to be. */
	isBehind(now: number): boolean {
		return this.transport.chained || (this.#native?.holdsBack(now) ?? false);
	}
}
