/**
 * One login session: the client's input goes to a program, the program's screen goes to the client (protocol §6.5,
 * §6.6). All dependencies are passed in and no state is kept outside, so one process can run several sessions.
 * Datagrams, output and signals are method calls. What a user waits for (keys to the program, output to the emulator)
 * happens within the call; everything else happens in one turn after all input that is ready has been read.
 */

import type {
	DatagramPort,
	LocalStateCodec,
	Opening,
	PeerAddress,
	TransportObserver,
} from "../../ssp/index.js";
import type { Clock } from "../../system/clock.js";
import { clampSize, Emulator, type Extensions, type Screen } from "../../terminal/index.js";
import type { Pty } from "../host/pty.js";
import { Clients } from "./clients.js";
import { Farewell } from "./farewell.js";
import { type HistoryPiece, historyPiece } from "./history-text.js";
import { Lifetime } from "./lifetime.js";
import { NativeScrollback, SPARE_LINES } from "./native-scrollback.js";
import { OutputRun } from "./output-run.js";
import { DEFAULT_LINES, type ScrollbackOptions } from "./scrollback.js";
import { SessionClient, type SessionClientParts } from "./session-client.js";
import { SynchronizedUpdate } from "./synchronized-update.js";
import { INITIAL_SIZE, type TerminalState } from "./terminal-state.js";
import type { Timeouts } from "./timeouts.js";
import type { TimerService } from "./timer-service.js";
import { HistoryView } from "./view/history-view.js";

/**
 * A program that queries the terminal without reading the replies gets no more of them while this many bytes are unread.
 * (The stock server blocks until the program reads.)
 */
const MAX_UNREAD_REPLY_BYTES = 1 << 20;
/** Clients that are there have at least this long (ms) to confirm that they know of the end: some round trips. */
const LAST_WORD_MS = 1_000;
/** A client is heard every 3 s: one that is not for so long (ms) does not hold up the end of a session. */
const DRAIN_SILENCE_MS = 10_000;

export type EndReason =
	| "program"
	| "client"
	| "signal"
	| "no-client"
	| "silence"
	| "unreachable"
	/** The user asked for it, from another login. */
	| "request"
	| "key-exhausted";

/**
 * Ends after which clients that are away are waited for. Others are for getting rid of a session, or of a process: at the
 * shutdown of the host one that lingers would delay it.
 */
const AWAITS_CLIENTS: ReadonlySet<EndReason> = new Set(["program", "request"]);

/** What the session reports to its owner. */
export interface SessionListener {
	/** The first client state has arrived: the program may start. Called before the input is passed on. */
	started(): void;
	/** The user has typed for the first time. Called before what was typed is passed on. */
	typed?(): void;
	/** A client is there: the first, one from another address, or one that had been away. */
	connected(peer: PeerAddress): void;
	/** No client has been heard for AWAY_AFTER_MS. */
	away(): void;
	/** A promised client has arrived; another one than the first has the session now, or watches. */
	attached?(peer: PeerAddress, watches: boolean): void;
	/** Clients are no more: some port may have nobody left (see `ports`). */
	left?(): void;
	/** The session is over, and nothing is shown or typed any more. Called once. */
	ended(reason: EndReason): void;
	/** Its clients know, or have not been heard in time. Called once, after `ended`; nothing happens any more. */
	closed(): void;
}

/** When the client was last heard and its user last typed, on the session's clock (ms); undefined: never. */
export interface ClientActivity {
	readonly port: DatagramPort;
	readonly peer: PeerAddress | undefined;
	readonly lastHeardAt: number | undefined;
	readonly lastInputAt: number | undefined;
	/** Clients that watch and are there. */
	readonly watchers: number;
	/** The session has ended, and clients that do not know yet are waited for. */
	readonly ending: boolean;
}

export interface SessionParts {
	readonly key: Uint8Array;
	readonly port: DatagramPort;
	readonly clock: Clock;
	/** Has answered the first client so far; undefined: nobody has. */
	readonly opening?: Opening | undefined;
	readonly timers: TimerService;
	readonly timeouts: Timeouts;
	/** What the client shows beyond 1.4.0; none unless given. */
	readonly extensions?: Extensions;
	/** What is kept of what leaves the screen; nothing unless given. */
	readonly scrollback?: ScrollbackOptions;
	/** A pty of INITIAL_SIZE. Its owner passes its output to `output` and its end to `programEnded`. */
	readonly pty: Pty;
	readonly listener: SessionListener;
	/** Shown before the program's own output. */
	readonly welcome: () => Uint8Array;
	/** For -v. */
	readonly observer?: TransportObserver | undefined;
	readonly codec?: LocalStateCodec<TerminalState>;
}

export class Session {
	readonly #parts: SessionParts;
	readonly #clients: Clients;
	/** Undefined when the session has ended. */
	#emulator: Emulator | undefined;
	readonly #hold = new SynchronizedUpdate();
	readonly #run = new OutputRun();
	readonly #lifetime: Lifetime;
	#lastInputAt: number | undefined;
	/** Why the session is shutting down. */
	#reason: EndReason | undefined;
	#programEnded = false;
	#farewell: Farewell | undefined;
	#turnPlanned = false;
	#cancelTimer: () => void = () => {};

	constructor(parts: SessionParts) {
		this.#parts = parts;
		const startedAt = parts.clock.now();
		this.#lifetime = new Lifetime(parts.timeouts, startedAt);
		const { extensions, scrollback } = parts;
		const told = toldLines(scrollback);
		this.#emulator = new Emulator({
			...INITIAL_SIZE,
			...(extensions && { extensions }),
			...(scrollback && { historyLines: told > 0 ? told + SPARE_LINES : scrollback.lines }),
			numbered: told > 0,
			onReply: (bytes) => this.#reply(bytes),
		});
		this.#clients = new Clients(this.#newClient(parts, this.#emulator));
		this.#sleep(startedAt);
	}

	/** Acts on what the first client has said to the opening. To be called before `receive`. */
	begin(): void {
		const { typing } = this.#clients;
		for (const instruction of this.#parts.opening?.takeKept() ?? []) {
			if (typing.transport.resume(instruction) && this.#emulator !== undefined) {
				this.#processClientState(typing, this.#emulator);
			}
		}
		this.#planTurn();
	}

	/** A datagram has arrived; it may contain anything. */
	receive(datagram: Uint8Array, from: PeerAddress): void {
		if (this.#emulator === undefined) {
			this.#farewell?.receive(datagram, from);
			return;
		}
		const client = this.#clients.of(datagram);
		if (client?.transport.receive(datagram, from)) {
			this.#processClientState(client, this.#emulator);
		}
		this.#planTurn();
	}

	/** The program has written `bytes`, which are not kept. */
	output(bytes: Uint8Array): void {
		if (this.#emulator === undefined || this.#shuttingDown) {
			return;
		}
		this.#emulator.write(bytes);
		const now = this.#parts.clock.now();
		this.#hold.output(this.#emulator.synchronizedUpdate, now);
		this.#run.output(bytes.length, this.#emulator.midLine, now);
		// A flood does not plan a turn for every chunk: one is planned already.
		if (this.#changed()) {
			this.#planTurn();
		}
	}

	/** All output has been passed on. The client gets the last screen before the session ends. */
	programEnded(): void {
		const { typing } = this.#clients;
		if (typing.tellsLines) {
			this.#programEnded = true;
			typing.hurry();
		} else {
			this.#shutDown("program");
		}
		this.#planTurn();
	}

	/** Ends the session. An attached client is told first, unless this is the second signal; a farewell is cut short. */
	signal(name: "SIGTERM" | "SIGINT" | "SIGUSR1"): void {
		if (name !== "SIGUSR1" || this.#lifetime.endsOnUsr1(this.#parts.clock.now())) {
			this.end("signal");
		}
	}

	/** Ends the session. An attached client is told first, unless the session is ending already. */
	end(reason: EndReason): void {
		if (this.#farewell !== undefined) {
			this.#farewell.stop();
			return;
		}
		this.#endOrShutDown(reason);
		this.#planTurn();
	}

	/**
	 * A client with `key` may come within FIRST_CLIENT_LIMIT_MS. Nothing changes until it is heard; then it has the session, or
	 * watches. Datagrams that reach `port` are to be passed to `receive`.
	 * @param key used for nothing else
	 * @param port of this client alone (`DatagramPort` reports failures to one listener)
	 */
	promise(key: Uint8Array, port: DatagramPort, watches: boolean): void {
		if (this.#emulator === undefined) {
			return;
		}
		const { clock, observer, codec } = this.#parts;
		const past = this.#emulator.snapshot();
		const parts = { key, port, clock, observer, codec, past, watches };
		this.#clients.promise(this.#newClient(parts, this.#emulator));
		this.#lifetime.promised(clock.now());
		this.#planTurn();
	}

	/** With what it looks back by, if anything is kept. The terminal of one that watches keeps no lines: its size may be another. */
	#newClient(parts: SessionClientParts, emulator: Emulator): SessionClient {
		const { scrollback } = this.#parts;
		const { history } = emulator;
		if (scrollback === undefined || history === undefined) {
			return new SessionClient(parts);
		}
		const told = parts.watches ? 0 : toldLines(scrollback);
		return new SessionClient({
			...parts,
			view: scrollback.lines > 0 ? new HistoryView(scrollback, emulator, history) : undefined,
			native: told > 0 ? new NativeScrollback(history, told) : undefined,
		});
	}

	/** As Clients.giveUp. */
	giveUp(ports: ReadonlySet<DatagramPort>): boolean {
		return this.#clients.giveUp(ports);
	}

	/** Takes a promise back that nobody has taken. */
	withdraw(port: DatagramPort): void {
		if (this.#clients.withdraw(port)) {
			this.#planTurn();
		}
	}

	/** As Clients.ports. */
	get ports(): readonly DatagramPort[] {
		return this.#clients.ports;
	}

	/** Passes the terminal's reply to a query on to the program. */
	#reply(bytes: Uint8Array): void {
		if (this.#parts.pty.unwritten < MAX_UNREAD_REPLY_BYTES) {
			this.#parts.pty.write(bytes);
		}
	}

	get clientActivity(): ClientActivity {
		const { port, transport } = this.#clients.typing;
		return {
			port,
			peer: transport.peer,
			lastHeardAt: transport.lastHeard,
			lastInputAt: this.#lastInputAt,
			watchers: this.#clients.all.filter((client) => client.role === "watching" && client.transport.attached)
				.length,
			ending: this.#emulator === undefined,
		};
	}

	/** What a person knows the session by; undefined when it has ended. */
	get sight(): Pick<Screen, "title" | "columns" | "rows"> | undefined {
		return this.#emulator?.snapshot();
	}

	/** A piece of what its user can look back at; undefined if nothing is kept, or no more. */
	history(from: number, colours: boolean): HistoryPiece | undefined {
		const history = this.#emulator?.history;
		return history && historyPiece(history, from, colours);
	}

	get #shuttingDown(): boolean {
		return this.#clients.typing.transport.shuttingDown;
	}

	/** Acts on a new newest state of a client. */
	#processClientState(client: SessionClient, emulator: Emulator): void {
		if (client.role === "promised") {
			this.#arrived(client);
		}
		switch (client.role) {
			case "typing":
				this.#processInput(client, emulator);
				break;
			case "watching":
				client.watch(client.takeEvents());
				break;
		}
	}

	/** A promised client is there. */
	#arrived(client: SessionClient): void {
		if (this.#shuttingDown) {
			this.#clients.dismiss(client);
			return;
		}
		this.#clients.arrived(client);
		client.changed();
		const { peer } = client.transport;
		if (peer !== undefined) {
			this.#parts.listener.attached?.(peer, client.watches);
		}
	}

	#processInput(client: SessionClient, emulator: Emulator): void {
		const first = this.#lifetime.heard(client.transport.remote.receivedAt);
		const events = client.takeEvents();
		for (const [index, event] of events.entries()) {
			if (event.type === "bytes") {
				if (this.#lastInputAt === undefined) {
					this.#parts.listener.typed?.();
				}
				this.#lastInputAt = this.#parts.clock.now();
				const keys = client.translate(event.bytes, emulator.applicationCursorKeys);
				if (keys.length > 0) {
					this.#parts.pty.write(keys);
				}
				continue;
			}
			const { columns, rows } = clampSize(event.columns, event.rows);
			client.resized({ columns, rows });
			if (events[index + 1]?.type !== "resize") {
				emulator.resize(columns, rows);
				this.#parts.pty.resize(columns, rows);
				this.#changed();
			}
		}
		if (events.length > 0) {
			this.#releaseHold();
		}
		if (first) {
			this.output(this.#parts.welcome());
			this.#parts.listener.started();
		}
		const { peer } = client.transport;
		if (peer !== undefined && peer.address !== client.shownPeer?.address) {
			client.shownPeer = peer;
			this.#parts.listener.connected(peer);
		}
	}

	#planTurn(): void {
		if (!this.#turnPlanned) {
			this.#turnPlanned = true;
			this.#parts.timers.soon(this.#turn);
		}
	}

	/** Checks the time limits, updates what the clients are to see, sends, then sleeps until something is due. */
	readonly #turn = (): void => {
		this.#turnPlanned = false;
		this.#cancelTimer();
		const now = this.#parts.clock.now();
		this.#checkLimits(now);
		if (this.#emulator === undefined) {
			return;
		}
		const viewers = this.#updateViewers(this.#emulator, now);
		this.#send(now);
		if (this.#programEnded && !this.#isBehind(now)) {
			this.#shutDown("program");
			this.#send(now);
		}
		for (const client of viewers) {
			client.rest(now, this.#parts.clock.now());
		}
		this.#clients.advance(now);
		const { typing } = this.#clients;
		if (typing.gone) {
			this.#end(this.#reason ?? "client");
		} else if (typing.transport.shutdownTimedOut) {
			this.#end(this.#reason ?? "unreachable");
		}
		if (this.#clients.takeDropped()) {
			this.#parts.listener.left?.();
		}
		if (this.#emulator !== undefined) {
			this.#sleep(now);
		}
	};

	#checkLimits(now: number): void {
		if (this.#emulator === undefined) {
			return;
		}
		for (const event of this.#lifetime.advance(now)) {
			switch (event) {
				case "no-client":
					this.#end("no-client");
					break;
				case "away":
					this.#clients.typing.shownPeer = undefined;
					this.#parts.listener.away();
					break;
				case "silence":
					this.#endOrShutDown("silence");
					break;
			}
		}
	}

	/** Shows the clients the newest screen if it is time. Returns those for which a snapshot was taken. */
	#updateViewers(emulator: Emulator, now: number): readonly SessionClient[] {
		if (this.#shuttingDown) {
			return [];
		}
		if (this.#hold.expired(now)) {
			this.#changed();
		}
		const held = this.#hold.holds(now);
		const phase = this.#run.phase(now);
		return this.#clients.viewers.filter((client) => client.update(emulator, held, phase, now));
	}

	/** The screen may differ from what the clients were shown. Returns false when that was known already. */
	#changed(): boolean {
		let news = false;
		for (const client of this.#clients.viewers) {
			news = client.changed() || news;
		}
		return news;
	}

	/** Lines are on their way to a client that is there. */
	#isBehind(now: number): boolean {
		const { typing } = this.#clients;
		const { lastHeard = Number.NEGATIVE_INFINITY } = typing.transport;
		return now - lastHeard < DRAIN_SILENCE_MS && typing.isBehind(now);
	}

	#releaseHold(): void {
		if (this.#hold.release()) {
			this.#changed();
		}
	}

	#send(now: number): void {
		if (!this.#clients.send(now)) {
			this.#end("key-exhausted");
		}
	}

	#sleep(now: number): void {
		const held = this.#hold.holds(now);
		const wait = Math.min(
			this.#clients.waitTime(held, now),
			this.#lifetime.waitTime(now),
			held ? this.#hold.waitTime(now) : Number.POSITIVE_INFINITY,
			this.#clients.viewers.some((client) => client.showsPassing)
				? this.#run.waitTime(now)
				: Number.POSITIVE_INFINITY,
		);
		// Not the turn itself: output that has come meanwhile is read first.
		const wake = (): void => this.#planTurn();
		this.#cancelTimer = Number.isFinite(wait) ? this.#parts.timers.after(wait, wake) : () => {};
	}

	#endOrShutDown(reason: EndReason): void {
		if (this.#clients.typing.transport.attached && !this.#shuttingDown) {
			this.#shutDown(reason);
		} else {
			this.#end(reason);
		}
	}

	#shutDown(reason: EndReason): void {
		if (this.#emulator === undefined || this.#shuttingDown) {
			return;
		}
		this.#reason = reason;
		this.#releaseHold();
		for (const client of this.#clients.viewers) {
			client.finish(this.#emulator, this.#parts.clock.now());
		}
		this.#lifetime.shutDown();
		this.#parts.pty.stopReading();
	}

	#end(reason: EndReason): void {
		if (this.#emulator === undefined) {
			return;
		}
		this.#cancelTimer();
		this.#emulator.dispose();
		this.#emulator = undefined;
		const { clock, timers, timeouts, listener } = this.#parts;
		const { typing, viewers } = this.#clients;
		for (const client of viewers) {
			this.#clients.dismiss(client);
		}
		if (typing.gone || typing.transport.lastHeard === undefined || reason === "key-exhausted") {
			this.#clients.drop(typing);
		}
		listener.ended(reason);
		const lastWord = this.#clients.all.some(({ reachable }) => reachable) ? LAST_WORD_MS : 0;
		const limit = Math.max(AWAITS_CLIENTS.has(reason) ? timeouts.farewell : 0, lastWord);
		const left = (): void => listener.left?.();
		const done = (): void => listener.closed();
		this.#farewell = new Farewell({ clients: this.#clients, clock, timers, limit, left, done });
	}
}

/** How many lines of what comes at once go to the terminal's own scrollback; 0: none do. */
function toldLines(scrollback: ScrollbackOptions | undefined): number {
	return scrollback?.native ? scrollback.lines || DEFAULT_LINES : 0;
}
