/** One session in memory: a client's transport, a link, a pretended pty, all run by a fake clock. */
import type { Pty } from "../../src/server/host/pty.js";
import { type EndReason, Session, type SessionParts } from "../../src/server/session/session.js";
import type { Timeouts } from "../../src/server/session/timeouts.js";
import { generateKey } from "../../src/ssp/crypto/key.js";
import { decodeHostMessage, Opening, Transport, UserInput, userInputCodec } from "../../src/ssp/index.js";
import { SHUTDOWN_NUMBER } from "../../src/ssp/instruction.js";
import type { StateCodec } from "../../src/ssp/state.js";
import type { UserEvent } from "../../src/ssp/user-input.js";
import { FakeClock } from "./fake-clock.js";
import { FakeTimers } from "./fake-timers.js";
import { type LinkOptions, LossyLink } from "./lossy-link.js";
import { SeededRandom } from "./random.js";
import { KEY } from "./transport-pair.js";
import { strictCodec } from "./verified-diff.js";
import { runVirtually } from "./virtual-run.js";

/** What a client has seen: all host strings of its newest state, and the echo ack. */
export interface Seen {
	readonly text: string;
	readonly echoAck: bigint;
	readonly size: string;
}

export const seenCodec: StateCodec<Seen> = {
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
	/** What the client types before there is a session: it has heard of an opening only. */
	readonly early?: string;
	readonly parts?: Partial<SessionParts>;
}

/** A client that notes what it is told. */
function rigClient(key: Uint8Array, clock: FakeClock, link: LossyLink): Transport<UserInput, Seen> {
	return new Transport({
		role: "client",
		key,
		clock,
		port: link.client,
		peer: link.server.address,
		local: userInputCodec,
		initialLocal: UserInput.empty,
		remote: seenCodec,
		initialRemote: { text: "", echoAck: 0n, size: "" },
	});
}

/** Another client of a rig's session, with a key and a path of its own. */
export class Newcomer {
	readonly client: Transport<UserInput, Seen>;
	readonly link: LossyLink;
	/** False: it has vanished, or sleeps. */
	present = true;
	#input = UserInput.empty;

	constructor(rig: SessionRig, watches = false) {
		const key = generateKey();
		this.link = new LossyLink(rig.clock, new SeededRandom(2));
		rig.session.promise(key, this.link.server, watches);
		this.client = rigClient(key, rig.clock, this.link);
		this.link.client.deliver = (datagram, from) => rig.session.receive(datagram, from);
		this.link.server.deliver = (datagram, from) => {
			this.client.receive(datagram, from);
		};
	}

	get seen(): Seen {
		return this.client.remote.state;
	}

	get told(): boolean {
		return this.client.remote.number === SHUTDOWN_NUMBER;
	}

	resize(columns: number, rows: number): void {
		this.#enter({ type: "resize", columns, rows });
	}

	type(text: string): void {
		this.#enter({ type: "bytes", bytes: Buffer.from(text) });
	}

	#enter(event: UserEvent): void {
		this.#input = this.#input.with(event);
		this.client.setLocal(this.#input);
	}
}

export class SessionRig {
	readonly clock: FakeClock;
	readonly timers: FakeTimers;
	readonly pty = new FakePty();
	readonly link: LossyLink;
	readonly session: Session;
	readonly client: Transport<UserInput, Seen>;
	/** Clients beside the first. */
	readonly others: Newcomer[] = [];
	#input = UserInput.empty;
	/** What the listener heard, in order. */
	readonly heard: string[] = [];
	ended: EndReason | undefined;
	closed = false;

	constructor(options: RigOptions = {}) {
		this.clock = options.clock ?? new FakeClock();
		const { clock, pty } = this;
		this.timers = new FakeTimers(clock);
		this.link = new LossyLink(clock, new SeededRandom(1), options.link);
		this.client = rigClient(KEY, clock, this.link);
		this.link.server.deliver = (datagram, from) => {
			this.client.receive(datagram, from);
		};
		const opening = options.early === undefined ? undefined : this.#open(options.early);
		this.session = new Session({
			key: KEY,
			port: this.link.server,
			clock,
			timers: this.timers,
			timeouts: { network: undefined, signal: undefined, farewell: 0, ...options.timeouts },
			pty,
			welcome: () => Buffer.from(options.welcome ?? ""),
			listener: {
				started: () => this.heard.push("started"),
				connected: (peer) => this.heard.push(`connected ${peer.address}`),
				typed: () => this.heard.push(`typed after "${this.pty.written}"`),
				away: () => this.heard.push("away"),
				attached: (peer, watches) => this.heard.push(`${watches ? "watched" : "attached"} ${peer.address}`),
				closed: () => {
					this.closed = true;
				},
				ended: (reason) => {
					this.ended = reason;
					this.heard.push(`ended ${reason}`);
				},
			},
			codec: strictCodec,
			opening,
			...options.parts,
		});
		this.link.client.deliver = (datagram, from) => this.session.receive(datagram, from);
		this.session.begin();
	}

	/** The client has sent its size and `typed`, and been answered by the opening that is returned. */
	#open(typed: string): Opening {
		const opening = new Opening({ key: KEY, port: this.link.server, clock: this.clock });
		this.link.client.deliver = (datagram, from) => opening.receive(datagram, from);
		this.resize(100, 30);
		this.run(20);
		this.type(typed);
		this.run(200);
		return opening;
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

	/** A client that has been promised a place and has sent its size. */
	attach(columns = 80, rows = 24, watches = false): Newcomer {
		const other = new Newcomer(this, watches);
		this.others.push(other);
		other.resize(columns, rows);
		return other;
	}

	output(text: string): void {
		this.session.output(Buffer.from(text));
	}

	/** Runs for `ms`, or until `done`; true when it did. `clientToo` false: the client has vanished. */
	run(ms: number, done: () => boolean = () => false, clientToo = true): boolean {
		const { clock, timers } = this;
		const links = () => [this.link, ...this.others.map(({ link }) => link)];
		const clients = () => [
			...(clientToo ? [this.client] : []),
			...this.others.filter(({ present }) => present).map(({ client }) => client),
		];
		return runVirtually({
			clock,
			ms,
			act() {
				for (const link of links()) {
					link.deliverDue();
				}
				timers.settle();
				for (const client of clients()) {
					client.tick();
				}
			},
			waitTime: () =>
				Math.min(timers.waitTime(), ...[...links(), ...clients()].map((party) => party.waitTime())),
			step: 0.01,
			finish: () => timers.settle(),
			done,
		});
	}
}
