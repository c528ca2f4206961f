/** A session with native scrollback in memory, its client drawn as stock 1.4.0 draws, beside a terminal that shows the program itself. */
import type headless from "@xterm/headless";
import { Session } from "../../src/server/session/session.js";
import { decodeHostMessage, Transport, UserInput, userInputCodec } from "../../src/ssp/index.js";
import type { StateCodec } from "../../src/ssp/state.js";
import type { UserEvent } from "../../src/ssp/user-input.js";
import { ClientTerminal, linesOf, newTerminal, type TerminalKind } from "./client-terminal.js";
import { FakeClock } from "./fake-clock.js";
import { FakeTimers } from "./fake-timers.js";
import { type LinkOptions, LossyLink } from "./lossy-link.js";
import { SeededRandom } from "./random.js";
import { FakePty } from "./session-rig.js";
import { type Prediction, StockDisplay } from "./stock-display.js";
import { StockEmulator } from "./stock-emulator/index.js";
import { KEY } from "./transport-pair.js";
import { strictCodec } from "./verified-diff.js";
import { runVirtually } from "./virtual-run.js";

export const MARKER = /^\[mosh: (\d+) lines skipped\]$/;
/** A client that has had no new state for so long (ms) says so across the top of the screen. */
const BAR_AFTER = 6_500;

/** The echo ack that came with each of the client's states. */
const echoAcks = new WeakMap<StockEmulator, bigint>();

const clientCodec: StateCodec<StockEmulator> = {
	equal: (a, b) => a === b,
	diff: () => new Uint8Array(0),
	apply(base, diff) {
		const next = base.clone();
		let acknowledged = echoAcks.get(base) ?? 0n;
		for (const { hostString, resize, echoAck } of decodeHostMessage(diff)) {
			acknowledged = echoAck ?? acknowledged;
			if (resize) {
				next.resize(resize.columns, resize.rows);
			}
			next.write(hostString ?? new Uint8Array(0));
		}
		echoAcks.set(next, acknowledged);
		return next;
	},
};

export interface ScrollbackRigOptions {
	readonly link?: LinkOptions;
	readonly seed?: number;
	readonly columns?: number;
	readonly rows?: number;
	/** Lines told at most of a flood. */
	readonly lines?: number;
	/** Checks every diff; takes most of the time. */
	readonly strict?: boolean;
	/** Lines scroll off the client's terminal; so unless it is for comparison. */
	readonly native?: boolean;
	/** The client's terminal is emulated as well, and is of this kind, as is the one without mosh. */
	readonly terminal?: TerminalKind;
}

export class ScrollbackRig {
	readonly clock = new FakeClock();
	readonly timers = new FakeTimers(this.clock);
	readonly pty = new FakePty();
	readonly link: LossyLink;
	readonly session: Session;
	readonly client: Transport<UserInput, StockEmulator>;
	readonly display: StockDisplay;
	readonly terminal: ClientTerminal | undefined;
	readonly native: headless.Terminal;
	#input = UserInput.empty;
	#lastState = Number.POSITIVE_INFINITY;
	#barShown = false;
	/** `number`: that of the client's first state with the key, once it has been sent. */
	#predictions: (Prediction & { number?: bigint })[] = [];
	ended = false;

	constructor({
		link,
		seed = 1,
		columns = 80,
		rows = 24,
		lines = 2_000,
		strict = true,
		native = true,
		terminal,
	}: ScrollbackRigOptions) {
		const { clock, timers, pty } = this;
		this.link = new LossyLink(clock, new SeededRandom(seed), link);
		this.display = new StockDisplay(rows);
		this.terminal = terminal && new ClientTerminal(columns, rows, terminal);
		this.native = newTerminal(columns, rows, terminal);
		this.session = new Session({
			key: KEY,
			port: this.link.server,
			clock,
			timers,
			timeouts: { network: undefined, signal: undefined, farewell: 0 },
			pty,
			welcome: () => new Uint8Array(0),
			scrollback: { lines, pageUp: false, wheel: false, native },
			listener: {
				started() {},
				connected() {},
				away() {},
				closed() {},
				ended: () => {
					this.ended = true;
				},
			},
			...(strict && { codec: strictCodec }),
		});
		this.client = new Transport({
			role: "client",
			key: KEY,
			clock,
			port: this.link.client,
			peer: this.link.server.address,
			local: userInputCodec,
			initialLocal: UserInput.empty,
			remote: clientCodec,
			initialRemote: new StockEmulator(columns, rows),
			observer: {
				sent: ({ newNumber }) => {
					for (const prediction of this.#predictions) {
						prediction.number ??= newNumber;
					}
				},
			},
		});
		this.link.client.deliver = (datagram, from) => this.session.receive(datagram, from);
		this.link.server.deliver = (datagram, from) => {
			if (this.client.receive(datagram, from)) {
				this.#lastState = clock.now();
				this.#barShown = false;
				this.#draw();
			}
		};
		this.enter({ type: "resize", columns, rows });
		this.run(20_000, () => this.pty.sizes.length > 0);
		this.run(500);
	}

	enter(event: UserEvent): void {
		this.#input = this.#input.with(event);
		this.client.setLocal(this.#input);
	}

	type(text: string): void {
		this.enter({ type: "bytes", bytes: Buffer.from(text) });
	}

	/** Types what the client shows at once, as it does with predictions on, until the server has acknowledged it. */
	predict(text: string): void {
		const { row, column } = this.client.remote.state.framebuffer;
		this.type(text);
		this.#predictions = [...text].map((character, index) => ({ row, column: column + index, character }));
		this.#draw();
	}

	#draw(): void {
		const { state } = this.client.remote;
		const acknowledged = echoAcks.get(state) ?? 0n;
		this.#predictions = this.#predictions.filter(
			({ number }) => number === undefined || number > acknowledged,
		);
		this.display.draw(state, this.#predictions);
		this.terminal?.draw(state);
	}

	resize(columns: number, rows: number): void {
		this.display.setHeight(rows);
		this.terminal?.resize(columns, rows);
		this.native.resize(columns, rows);
		this.enter({ type: "resize", columns, rows });
	}

	/** The program prints. */
	output(text: string): void {
		this.native.input("", true);
		this.native.write(text);
		this.session.output(Buffer.from(text));
	}

	/** Runs for `ms`, or until `done`; true when it did. */
	run(ms: number, done: () => boolean = () => false): boolean {
		const { clock, link, timers, client } = this;
		return runVirtually({
			clock,
			ms,
			act: () => {
				link.deliverDue();
				timers.settle();
				client.tick();
				if (!this.#barShown && clock.now() - this.#lastState > BAR_AFTER) {
					this.#barShown = true;
					this.display.showBar();
				}
			},
			waitTime: () => Math.min(timers.waitTime(), client.waitTime(), link.waitTime()),
			step: 0.25,
			finish: () => timers.settle(),
			done,
		});
	}

	/** What a terminal of the program's own has: its scrollback, then its screen. */
	get nativeLines(): string[] {
		return linesOf(this.native);
	}

	/** Runs until the client's screen is the program's and nothing more has come for a while; false if that does not happen. */
	settle(ms = 60_000): boolean {
		let since = this.clock.now();
		return this.run(ms, () => {
			const [shown, native] = [this.display.screen, linesOf(this.native, this.native.buffer.active.baseY)];
			if (shown.length === 0 || shown.some((line, row) => line !== native[row])) {
				since = this.clock.now();
			}
			return this.clock.now() - since > 300;
		});
	}
}
