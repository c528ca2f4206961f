/**
 * One login session: the client's input goes to a program, the program's screen goes to the client (protocol §6.5,
 * §6.6). All dependencies are passed in and no state is kept outside, so one process can run several sessions.
 * Datagrams, output and signals are method calls. What a user waits for (keys to the program, output to the emulator)
 * happens within the call; everything else happens in one turn after all input that is ready has been read.
 */

import {
	type DatagramPort,
	eagerFrameTiming,
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
import { FramePacer } from "./frame-pacer.js";
import { Lifetime } from "./lifetime.js";
import {
	INITIAL_SIZE,
	initialTerminalState,
	type TerminalState,
	terminalStateCodec,
} from "./terminal-state.js";
import type { Timeouts } from "./timeouts.js";
import type { TimerService } from "./timer-service.js";

/**
 * A program that queries the terminal without reading the replies gets no more of them while this many bytes are unread.
 * (The stock server blocks until the program reads.)
 */
const MAX_UNREAD_REPLY_BYTES = 1 << 20;

export type EndReason =
	| "program"
	| "client"
	| "signal"
	| "no-client"
	| "silence"
	| "unreachable"
	| "key-exhausted";

/** What the session reports to its owner. */
export interface SessionListener {
	/** The first client state has arrived: the program may start. Called before the input is passed on. */
	started(): void;
	/** A client is there: the first, one from another address, or one that had been away. */
	connected(peer: PeerAddress): void;
	/** No client has been heard for AWAY_AFTER_MS. */
	away(): void;
	/** The session is over. Called once; the session must not be used afterwards. */
	ended(reason: EndReason): void;
}

/** When the client was last heard and its user last typed, on the session's clock (ms); undefined: never. */
export interface ClientActivity {
	readonly peer: PeerAddress | undefined;
	readonly lastHeardAt: number | undefined;
	readonly lastInputAt: number | undefined;
}

export interface SessionParts {
	readonly key: Uint8Array;
	readonly port: DatagramPort;
	readonly clock: Clock;
	readonly timers: TimerService;
	readonly timeouts: Timeouts;
	/** A pty of INITIAL_SIZE. Its owner passes its output to `output` and its end to `programEnded`. */
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
	readonly #pacer = new FramePacer();
	readonly #lifetime: Lifetime;
	/** Number of client input events already processed. */
	#consumed = 0;
	/** The peer last reported as connected; undefined while it is away. */
	#shownPeer: PeerAddress | undefined;
	/** The state last given to the transport. */
	#current = initialTerminalState();
	#lastInputAt: number | undefined;
	/** Why the session is shutting down. */
	#reason: EndReason | undefined;
	#ended = false;
	#turnPlanned = false;
	#cancelTimer: () => void = () => {};

	constructor(parts: SessionParts) {
		this.#parts = parts;
		const startedAt = parts.clock.now();
		this.#lifetime = new Lifetime(parts.timeouts, startedAt);
		this.#emulator = new Emulator({ ...INITIAL_SIZE, onReply: (bytes) => this.#reply(bytes) });
		this.#transport = new Transport({
			role: "server",
			key: parts.key,
			clock: parts.clock,
			port: parts.port,
			local: parts.codec ?? terminalStateCodec,
			initialLocal: this.#current,
			remote: userInputCodec,
			initialRemote: UserInput.empty,
			frameTiming: eagerFrameTiming,
			...(parts.observer && { observer: parts.observer }),
		});
		this.#sleep(startedAt);
	}

	/** A datagram has arrived; it may contain anything. */
	receive(datagram: Uint8Array, from: PeerAddress): void {
		if (this.#ended) {
			return;
		}
		if (this.#transport.receive(datagram, from)) {
			this.#processClientState();
		}
		this.#planTurn();
	}

	/** The program has written `bytes`, which are not kept. */
	output(bytes: Uint8Array): void {
		if (this.#ended || this.#transport.shuttingDown) {
			return;
		}
		this.#emulator.write(bytes);
		// A flood does not plan a turn for every chunk: one is planned already.
		if (this.#pacer.changed()) {
			this.#planTurn();
		}
	}

	/** All output has been passed on. The client gets the last screen before the session ends. */
	programEnded(): void {
		this.#shutDown("program");
		this.#planTurn();
	}

	/** Ends the session. An attached client is told first, unless this is the second signal. */
	signal(name: "SIGTERM" | "SIGINT" | "SIGUSR1"): void {
		if (this.#ended || (name === "SIGUSR1" && !this.#lifetime.endsOnUsr1(this.#parts.clock.now()))) {
			return;
		}
		this.#endOrShutDown("signal");
		this.#planTurn();
	}

	/** Passes the terminal's reply to a query on to the program. */
	#reply(bytes: Uint8Array): void {
		if (this.#parts.pty.unwritten < MAX_UNREAD_REPLY_BYTES) {
			this.#parts.pty.write(bytes);
		}
	}

	get clientActivity(): ClientActivity {
		const { peer, lastHeard } = this.#transport;
		return { peer, lastHeardAt: lastHeard, lastInputAt: this.#lastInputAt };
	}

	/** Acts on a new newest client state. */
	#processClientState(): void {
		const { state, number, receivedAt } = this.#transport.remote;
		const first = this.#lifetime.heard(receivedAt);
		const events = state.since(this.#consumed);
		this.#consumed = state.end;
		for (const [index, event] of events.entries()) {
			if (event.type === "bytes") {
				this.#lastInputAt = this.#parts.clock.now();
				this.#parts.pty.write(this.#keys.translate(event.bytes, this.#emulator.applicationCursorKeys));
			} else if (events[index + 1]?.type !== "resize") {
				const { columns, rows } = clampSize(event.columns, event.rows);
				this.#emulator.resize(columns, rows);
				this.#parts.pty.resize(columns, rows);
				this.#pacer.changed();
			}
		}
		if (events.length > 0) {
			this.#echoAck.register(number, this.#parts.clock.now());
		}
		if (first) {
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

	/** Checks the time limits, updates the local state, sends, then sleeps until something is due. */
	readonly #turn = (): void => {
		this.#turnPlanned = false;
		this.#cancelTimer();
		if (this.#ended) {
			return;
		}
		const now = this.#parts.clock.now();
		this.#checkLimits(now);
		const tookSnapshot = this.#updateLocal(now);
		this.#send(now);
		if (tookSnapshot) {
			this.#pacer.rest(now, this.#parts.clock.now());
		}
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
		for (const event of this.#lifetime.advance(now)) {
			switch (event) {
				case "no-client":
					this.#end("no-client");
					break;
				case "away":
					this.#shownPeer = undefined;
					this.#parts.listener.away();
					break;
				case "silence":
					this.#endOrShutDown("silence");
					break;
			}
		}
	}

	/** Gives the transport the newest screen if the pacer asks for one. Returns whether a snapshot was taken. */
	#updateLocal(now: number): boolean {
		if (this.#ended || this.#transport.shuttingDown) {
			return false;
		}
		const echoAckChanged = this.#echoAck.advance(now);
		// An echo ack vouches for the screen it comes with, which must therefore be current.
		const snapshot = this.#pacer.advance(now, echoAckChanged);
		const next: TerminalState = {
			screen: snapshot ? this.#emulator.snapshot() : this.#current.screen,
			echoAck: this.#echoAck.acknowledged,
			fullScreen: this.#emulator.fullScreen,
		};
		if (!terminalStateCodec.equal(next, this.#current)) {
			this.#current = next;
			this.#transport.setLocal(next);
			this.#pacer.offered();
		} else if (snapshot) {
			this.#pacer.fruitless(now);
		}
		return snapshot;
	}

	#send(now: number): void {
		if (this.#ended) {
			return;
		}
		try {
			if (this.#transport.tick()) {
				this.#pacer.sent(now);
			} else {
				this.#pacer.postponed(now, () => this.#transport.waitTime());
			}
		} catch (error) {
			if (!(error instanceof SspError && error.code === "key-exhausted")) {
				throw error;
			}
			this.#end("key-exhausted");
		}
	}

	#sleep(now: number): void {
		const wait = Math.min(
			this.#transport.waitTime(),
			this.#lifetime.waitTime(now),
			this.#echoAck.waitTime(now),
			this.#pacer.waitTime(now),
		);
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
		this.#pacer.finish();
		this.#updateLocal(this.#parts.clock.now());
		this.#transport.startShutdown();
		this.#lifetime.shutDown();
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
