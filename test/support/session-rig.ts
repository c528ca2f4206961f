/** One session in memory: a client's transport, a link, a pretended pty, all run by a fake clock. */
import type { Pty } from "../../src/server/host/pty.js";
import { type EndReason, Session, type SessionParts } from "../../src/server/session/session.js";
import type { Timeouts } from "../../src/server/session/timeouts.js";
import { decodeHostMessage, Transport, UserInput, userInputCodec } from "../../src/ssp/index.js";
import { SHUTDOWN_NUMBER } from "../../src/ssp/instruction.js";
import type { StateCodec } from "../../src/ssp/state.js";
import type { UserEvent } from "../../src/ssp/user-input.js";
import { FakeClock } from "./fake-clock.js";
import { FakeTimers } from "./fake-timers.js";
import { type LinkOptions, LossyLink } from "./lossy-link.js";
import { SeededRandom } from "./random.js";
import { KEY } from "./transport-pair.js";

/** What a client has seen: all host strings of its newest state, and the echo ack. */
export interface Seen {
	readonly text: string;
	readonly echoAck: bigint;
	readonly size: string;
}

const seenCodec: StateCodec<Seen> = {
	equal: (a, b) => a === b,
	diff: () => new Uint8Array(0),
	apply(base, diff) {
		let { text, echoAck, size } = base;
		for (const part of decodeHostMessage(diff)) {
			text += Buffer.from(part.hostString ?? []).toString();
			echoAck = part.echoAck ?? echoAck;
			size = part.resize ? `${part.resize.columns}x${part.resize.rows}` : size;
		}
		return { text, echoAck, size };
	},
};

export class FakePty implements Pty {
	written = "";
	/** What a program that reads nothing would leave. */
	unwritten = 0;
	readonly sizes: string[] = [];
	reading = true;
	open = true;
	/** What the program answers; called with every write. */
	answer: (text: string) => void = () => {};

	write(bytes: Uint8Array): void {
		const text = Buffer.from(bytes).toString();
		this.written += text;
		this.answer(text);
	}

	resize(columns: number, rows: number): void {
		this.sizes.push(`${columns}x${rows}`);
	}

	stopReading(): void {
		this.reading = false;
	}

	close(): void {
		this.open = false;
	}
}

export interface RigOptions {
	readonly clock?: FakeClock;
	readonly timeouts?: Partial<Timeouts>;
	readonly link?: LinkOptions;
	readonly welcome?: string;
	readonly parts?: Partial<SessionParts>;
}

export class SessionRig {
	readonly clock: FakeClock;
	readonly timers: FakeTimers;
	readonly pty = new FakePty();
	readonly link: LossyLink;
	readonly session: Session;
	readonly client: Transport<UserInput, Seen>;
	#input = UserInput.empty;
	/** What the listener heard, in order. */
	readonly heard: string[] = [];
	ended: EndReason | undefined;

	constructor(options: RigOptions = {}) {
		this.clock = options.clock ?? new FakeClock();
		const { clock, pty } = this;
		this.timers = new FakeTimers(clock);
		this.link = new LossyLink(clock, new SeededRandom(1), options.link);
		this.session = new Session({
			key: KEY,
			port: this.link.server,
			clock,
			timers: this.timers,
			timeouts: { network: undefined, signal: undefined, ...options.timeouts },
			pty,
			welcome: () => Buffer.from(options.welcome ?? ""),
			listener: {
				started: () => this.heard.push("started"),
				connected: (peer) => this.heard.push(`connected ${peer.address}`),
				away: () => this.heard.push("away"),
				ended: (reason) => {
					this.ended = reason;
					this.heard.push(`ended ${reason}`);
				},
			},
			...options.parts,
		});
		this.client = new Transport({
			role: "client",
			key: KEY,
			clock,
			port: this.link.client,
			peer: this.link.server.address,
			local: userInputCodec,
			initialLocal: UserInput.empty,
			remote: seenCodec,
			initialRemote: { text: "", echoAck: 0n, size: "" },
		});
		this.link.client.deliver = (datagram, from) => this.session.receive(datagram, from);
		this.link.server.deliver = (datagram, from) => {
			this.client.receive(datagram, from);
		};
	}

	get seen(): Seen {
		return this.client.remote.state;
	}

	/** The client types; call `run` to let it arrive. */
	type(text: string): void {
		this.#enter({ type: "bytes", bytes: Buffer.from(text) });
	}

	resize(columns: number, rows: number): void {
		this.#enter({ type: "resize", columns, rows });
	}

	/** The client has been told of the session's end. */
	get clientTold(): boolean {
		return this.client.remote.number === SHUTDOWN_NUMBER;
	}

	#enter(event: UserEvent): void {
		this.#input = this.#input.with(event);
		this.client.setLocal(this.#input);
	}

	/** A client that is connected and has sent its size. */
	connect(): this {
		this.resize(80, 24);
		this.run(2000);
		return this;
	}

	output(text: string): void {
		this.session.output(Buffer.from(text));
	}

	/** Runs for `ms`, or until `done`; true when it did. `clientToo` false: the client has vanished. */
	run(ms: number, done: () => boolean = () => false, clientToo = true): boolean {
		const end = this.clock.now() + ms;
		for (;;) {
			this.link.deliverDue();
			this.timers.settle();
			if (clientToo) {
				this.client.tick();
			}
			if (done()) {
				return true;
			}
			const wait = Math.min(
				this.timers.waitTime(),
				clientToo ? this.client.waitTime() : Number.POSITIVE_INFINITY,
				this.link.waitTime(),
			);
			if (this.clock.now() + wait > end) {
				break;
			}
			this.clock.advance(Math.max(wait, 0.01));
		}
		this.clock.advanceTo(end);
		this.timers.settle();
		return done();
	}
}
