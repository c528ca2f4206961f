/**
 * One login session: a client's input goes to a program, the program's screen goes to the client (protocol §6.5,
 * §6.6). Everything it needs is handed in and nothing is kept outside of it, so that a process can have several.
 * It is called with datagrams, output and signals, does at once what a person waits for (keys to the program,
 * output to the emulator) and leaves the rest to one turn after whatever else is ready has been read.
 */

import {
	type DatagramPort,
	eagerCollection,
	type LocalStateCodec,
	type PeerAddress,
	SspError,
	Transport,
	type TransportObserver,
	UserInput,
	userInputCodec,
} from "../../ssp/index.js";
import type { Clock } from "../../system/clock.js";
import { clampSize, Emulator, KeyTranslator } from "../../terminal/index.js";
import type { Pty } from "../host/pty.js";
import { EchoAck } from "./echo-ack.js";
import {
	INITIAL_SIZE,
	initialTerminalState,
	type TerminalState,
	terminalStateCodec,
} from "./terminal-state.js";
import type { Timeouts } from "./timeouts.js";
import type { Timers } from "./timers.js";

/** Without a client after this long (ms) nobody is coming any more. */
export const FIRST_CLIENT_LIMIT_MS = 60_000;
/** A client unheard of for this long (ms) is shown as away in utmp. */
export const AWAY_AFTER_MS = 30_000;
/** While shutting down without a client to send to, how often the time limit is looked at (ms). */
const SHUTDOWN_CHECK_MS = 5_000;
/** While nothing could be sent yet, a new screen is not looked at more often than frames can follow each other (ms). */
const SNAPSHOT_INTERVAL_MS = 20;
/** Looks in a row that showed nothing new, after which the next one waits as well: a large screen takes 30 ms to look at. */
const MAX_FRUITLESS_LOOKS = 3;

/**
 * After a turn with a look at the screen that took longer than any at a usual size (ms), twice that time is left to the program's
 * output, up to a limit (ms): looking at a large screen and sending it would else be most of what a flood costs.
 */
const LONG_LOOK_MS = 8;
const REST_AFTER_LOOK = 2;
const MAX_REST_MS = 60;

/**
 * A program that asks the terminal and does not read the answers gets no more of them while so much is unread (bytes).
 * The stock server then waits for it and does nothing else.
 */
const MAX_UNREAD_FOR_ANSWERS = 1 << 20;

export type EndReason =
	| "program"
	| "client"
	| "signal"
	| "no-client"
	| "silence"
	| "unreachable"
	| "key-exhausted";

/** What becomes known outside of the session. */
export interface SessionListener {
	/** The first client state is there: the program may start. Called before its input is passed on. */
	started(): void;
	/** A client is there: the first, one from another address, or one that had been away. */
	connected(peer: PeerAddress): void;
	/** No client has been heard for AWAY_AFTER_MS. */
	away(): void;
	/** Nothing happens any more; called once, the session is not to be used afterwards. */
	ended(reason: EndReason): void;
}

/** When, by the session's clock, the client was last heard and its user last typed; undefined: never. */
export interface Contact {
	readonly peer: PeerAddress | undefined;
	readonly heardAt: number | undefined;
	readonly typedAt: number | undefined;
}

export interface SessionParts {
	readonly key: Uint8Array;
	readonly port: DatagramPort;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly timeouts: Timeouts;
	/** The pty of INITIAL_SIZE whose output and end the owner hands to `output` and `programEnded`. */
	readonly pty: Pty;
	readonly listener: SessionListener;
	/** Shown before the program's own output. */
	readonly welcome: () => Uint8Array;
	/** For -v. */
	readonly observer?: TransportObserver;
	readonly codec?: LocalStateCodec<TerminalState>;
}

export class Session {
	readonly #parts: SessionParts;
	readonly #transport: Transport<TerminalState, UserInput>;
	readonly #emulator: Emulator;
	readonly #keys = new KeyTranslator();
	readonly #echoAck = new EchoAck();
	readonly #startedAt: number;
	/** Events of the client's input already acted upon. */
	#consumed = 0;
	/** Where the client last was; undefined while it is away. */
	#shownPeer: PeerAddress | undefined;
	/** The emulator may show something that `#current` does not. */
	#screenChanged = false;
	/** No look at the screen before this. */
	#nextSnapshot = 0;
	#fruitlessLooks = 0;
	#current = initialTerminalState();
	/** Set by the transport's report of a datagram sent. */
	#sentSomething = false;
	/** `#current` is news to the transport since it was last asked to send. */
	#offered = false;
	/** The client has been there. */
	#begun = false;
	#typedAt: number | undefined;
	#reason: EndReason | undefined;
	#ended = false;
	#turnPlanned = false;
	#cancelTimer: () => void = () => {};

	constructor(parts: SessionParts) {
		this.#parts = parts;
		this.#startedAt = parts.clock.now();
		this.#emulator = new Emulator({ ...INITIAL_SIZE, onReply: (bytes) => this.#answer(bytes) });
		const observer: TransportObserver = {
			...parts.observer,
			sent: (datagram) => {
				this.#sentSomething = true;
				parts.observer?.sent?.(datagram);
			},
		};
		this.#transport = new Transport({
			role: "server",
			key: parts.key,
			clock: parts.clock,
			port: parts.port,
			local: parts.codec ?? terminalStateCodec,
			initialLocal: this.#current,
			remote: userInputCodec,
			initialRemote: UserInput.empty,
			collection: eagerCollection,
			observer,
		});
		this.#sleep(this.#startedAt);
	}

	/** A datagram has come from the network; anything may be in it. */
	receive(datagram: Uint8Array, from: PeerAddress): void {
		if (this.#ended) {
			return;
		}
		if (this.#transport.receive(datagram, from)) {
			this.#clientMoved();
		}
		this.#planTurn();
	}

	/** The program has written `bytes`; they are not kept. */
	output(bytes: Uint8Array): void {
		if (this.#ended || this.#transport.shuttingDown) {
			return;
		}
		this.#emulator.write(bytes);
		// In a flood, what is already waiting for its time is not planned anew with every chunk.
		if (!this.#screenChanged) {
			this.#screenChanged = true;
			this.#planTurn();
		}
	}

	/** All output has been given; the last screen goes to the client before the session ends. */
	programEnded(): void {
		this.#shutDown("program");
		this.#planTurn();
	}

	/** SIGTERM, SIGINT or SIGUSR1: a chance for a client that is there to hear of the end, else the end. */
	signal(name: "SIGTERM" | "SIGINT" | "SIGUSR1"): void {
		const limit = this.#parts.timeouts.signal;
		if (this.#ended || (name === "SIGUSR1" && limit !== undefined && this.#silence() < limit)) {
			return;
		}
		this.#endOrShutDown("signal");
		this.#planTurn();
	}

	/** What the terminal tells the program of itself. */
	#answer(bytes: Uint8Array): void {
		if (this.#parts.pty.unwritten < MAX_UNREAD_FOR_ANSWERS) {
			this.#parts.pty.write(bytes);
		}
	}

	get contact(): Contact {
		const { peer, lastHeard } = this.#transport;
		return { peer, heardAt: lastHeard, typedAt: this.#typedAt };
	}

	/** Milliseconds since the client last had something new to say; since the start while there was none. */
	#silence(): number {
		return this.#parts.clock.now() - Math.max(this.#startedAt, this.#transport.remote.receivedAt);
	}

	/** Acts on a new newest client state. */
	#clientMoved(): void {
		const { state, number } = this.#transport.remote;
		const events = state.since(this.#consumed);
		this.#consumed = state.end;
		for (const [index, event] of events.entries()) {
			if (event.type === "bytes") {
				this.#typedAt = this.#parts.clock.now();
				this.#parts.pty.write(this.#keys.translate(event.bytes, this.#emulator.applicationCursorKeys));
			} else if (events[index + 1]?.type !== "resize") {
				const { columns, rows } = clampSize(event.columns, event.rows);
				this.#emulator.resize(columns, rows);
				this.#parts.pty.resize(columns, rows);
				this.#screenChanged = true;
			}
		}
		if (events.length > 0) {
			this.#echoAck.register(number, this.#parts.clock.now());
		}
		if (!this.#begun) {
			this.#begun = true;
			this.output(this.#parts.welcome());
			this.#parts.listener.started();
		}
		const peer = this.#transport.peer;
		if (peer !== undefined && peer.address !== this.#shownPeer?.address) {
			this.#shownPeer = peer;
			this.#parts.listener.connected(peer);
		}
	}

	#planTurn(): void {
		if (!this.#turnPlanned) {
			this.#turnPlanned = true;
			this.#parts.timers.soon(this.#turn);
		}
	}

	/** Limits, local state, sending; then sleep until something is due. */
	readonly #turn = (): void => {
		this.#turnPlanned = false;
		this.#cancelTimer();
		if (this.#ended) {
			return;
		}
		const now = this.#parts.clock.now();
		this.#checkLimits(now);
		const looked = this.#updateLocal(now);
		this.#send(now);
		if (looked) this.#restAfterLook(now);
		if (this.#transport.shutdownAcknowledged || this.#transport.peerShutdownAcknowledged) {
			this.#end(this.#reason ?? "client");
		} else if (this.#transport.shutdownTimedOut) {
			this.#end(this.#reason ?? "unreachable");
		}
		if (!this.#ended) {
			this.#sleep(now);
		}
	};

	#checkLimits(now: number): void {
		const { network } = this.#parts.timeouts;
		if (!this.#begun) {
			if (now - this.#startedAt >= FIRST_CLIENT_LIMIT_MS) {
				this.#end("no-client");
			}
			return;
		}
		if (this.#shownPeer !== undefined && this.#silence() >= AWAY_AFTER_MS) {
			this.#shownPeer = undefined;
			this.#parts.listener.away();
		}
		if (network !== undefined && !this.#transport.shuttingDown && this.#silence() >= network) {
			this.#endOrShutDown("silence");
		}
	}

	#restAfterLook(began: number): void {
		const end = this.#parts.clock.now();
		const took = end - began;
		if (took <= LONG_LOOK_MS) return;
		const rest = Math.min(MAX_REST_MS, REST_AFTER_LOOK * took);
		this.#nextSnapshot = Math.max(this.#nextSnapshot, end + rest);
	}

	/** Gives the transport the newest screen, but not for frames that could not be sent yet; true when it looked at it. */
	#updateLocal(now: number): boolean {
		if (this.#ended || this.#transport.shuttingDown) {
			return false;
		}
		const echoAckChanged = this.#echoAck.advance(now);
		// An echo ack vouches for the screen it comes with, so that must not be an old one.
		const look = this.#screenChanged && (echoAckChanged || now >= this.#nextSnapshot);
		if (look) {
			this.#screenChanged = false;
		}
		const next: TerminalState = {
			screen: look ? this.#emulator.snapshot() : this.#current.screen,
			echoAck: this.#echoAck.acknowledged,
			fullScreen: this.#emulator.fullScreen,
		};
		if (terminalStateCodec.equal(next, this.#current)) {
			if (look && ++this.#fruitlessLooks > MAX_FRUITLESS_LOOKS) {
				this.#nextSnapshot = now + SNAPSHOT_INTERVAL_MS;
			}
			return look;
		}
		this.#fruitlessLooks = 0;
		this.#current = next;
		this.#transport.setLocal(next);
		this.#offered = true;
		return look;
	}

	#send(now: number): void {
		if (this.#ended) {
			return;
		}
		this.#sentSomething = false;
		try {
			this.#transport.tick();
		} catch (error) {
			if (error instanceof SspError && error.code === "key-exhausted") {
				this.#end("key-exhausted");
				return;
			}
			throw error;
		}
		if (this.#sentSomething) {
			this.#nextSnapshot = now;
		} else if (this.#offered) {
			this.#nextSnapshot = now + Math.min(SNAPSHOT_INTERVAL_MS, this.#transport.waitTime());
		}
		this.#offered = false;
	}

	#sleep(now: number): void {
		const waits = [this.#transport.waitTime()];
		if (this.#begun) {
			const { network } = this.#parts.timeouts;
			waits.push(this.#echoAck.waitTime(now));
			if (this.#shownPeer !== undefined) {
				waits.push(AWAY_AFTER_MS - this.#silence());
			}
			if (network !== undefined && !this.#transport.shuttingDown) {
				waits.push(network - this.#silence());
			}
		} else {
			waits.push(this.#startedAt + FIRST_CLIENT_LIMIT_MS - now);
		}
		if (this.#screenChanged) {
			waits.push(this.#nextSnapshot - now);
		}
		if (this.#transport.shuttingDown) {
			waits.push(SHUTDOWN_CHECK_MS);
		}
		const wait = Math.max(0, Math.min(...waits));
		this.#cancelTimer = Number.isFinite(wait) ? this.#parts.timers.after(wait, this.#turn) : () => {};
	}

	#endOrShutDown(reason: EndReason): void {
		if (this.#transport.attached && !this.#transport.shuttingDown) {
			this.#shutDown(reason);
		} else {
			this.#end(reason);
		}
	}

	#shutDown(reason: EndReason): void {
		if (this.#ended || this.#transport.shuttingDown) {
			return;
		}
		this.#reason = reason;
		this.#nextSnapshot = 0;
		this.#updateLocal(this.#parts.clock.now());
		this.#transport.startShutdown();
		this.#parts.pty.stopReading();
	}

	#end(reason: EndReason): void {
		if (!this.#ended) {
			this.#ended = true;
			this.#cancelTimer();
			this.#emulator.dispose();
			this.#parts.listener.ended(reason);
		}
	}
}
