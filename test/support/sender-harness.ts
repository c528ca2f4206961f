/** A sender on a pretended channel: what it sends is recorded, and time stands still. */
import type { FrameTiming } from "../../src/ssp/frame-timing.js";
import type { Instruction } from "../../src/ssp/instruction.js";
import { Sender, type SenderChannel } from "../../src/ssp/sender.js";
import type { LocalStateCodec } from "../../src/ssp/state.js";
import { FakeClock } from "./fake-clock.js";
import { textCodec } from "./transport-pair.js";

export interface Transmission extends Omit<Instruction, "diff"> {
	/** Milliseconds since the harness was made. */
	readonly at: number;
	readonly text: string;
}

export class SenderHarness {
	readonly clock = new FakeClock();
	readonly start = this.clock.now();
	readonly sent: Transmission[] = [];
	/** As after a first sample of 10 ms: interval 20, RTO 50 and the peer's 100 to acknowledge. */
	readonly channel = {
		attached: true as boolean,
		interval: 20,
		patience: 150,
		rto: 50,
		srtt: 10,
		trip: 10,
		send: (instruction: Instruction, now: number) => {
			const { diff, ...numbers } = instruction;
			this.sent.push({ ...numbers, at: now - this.start, text: Buffer.from(diff).toString() });
		},
	} satisfies SenderChannel;
	readonly sender: Sender<string>;

	constructor(options: { frameTiming?: FrameTiming; codec?: LocalStateCodec<string> } = {}) {
		this.sender = new Sender<string>(this.channel, {
			codec: options.codec ?? textCodec,
			initial: "",
			minDelay: 8,
			frameTiming: options.frameTiming,
			now: this.start,
		});
	}

	get now(): number {
		return this.clock.now();
	}

	set(state: string): void {
		this.sender.set(state);
	}

	/** A peer's instruction: its new state's number, what it acknowledges, whether it held data. */
	hear(number: bigint, ack: bigint, hasData = true): void {
		this.sender.acknowledged(ack, this.now);
		this.sender.received(number, hasData, this.now);
	}

	/** Runs until `ms` since the start, ticking exactly when asked to; returns what was sent meanwhile. */
	runUntil(ms: number): Transmission[] {
		const before = this.sent.length;
		const end = this.start + ms;
		for (;;) {
			this.sender.tick(this.now);
			const wait = this.sender.waitTime(this.now);
			if (this.now + wait > end) {
				break;
			}
			this.clock.advance(wait);
		}
		this.clock.advanceTo(end);
		return this.sent.slice(before);
	}

	/** As `runUntil`, but only the times. */
	timesUntil(ms: number): number[] {
		return this.runUntil(ms).map((transmission) => transmission.at);
	}
}
