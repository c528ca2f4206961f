/**
 * States that a peer has to pass through one by one (`StatePath`). Each is sent as a diff from the one before; a peer that
 * lacks that one ignores it, and from there on all are sent again, in order and under the same numbers. Many may be under
 * way, as many bytes as the path carries and evenly spread, since a queue that overflows would lose what follows as well.
 */

import type { Channel } from "./channel.js";
import { SendWindow } from "./send-window.js";
import type { SentState, SentStates } from "./sent-states.js";
import type { StatePath } from "./state.js";
import {
	ACK_DELAY,
	CHAIN_BURST,
	CHAIN_DUPLICATION,
	CHAIN_GAP,
	CHAIN_MARGIN_MAX,
	CHAIN_MARGIN_MIN,
	CHAIN_PROBE_MAX,
	CHAIN_PROBE_STATES,
	CHAIN_REPEAT,
	CHAIN_SILENCE,
	CHAIN_STATES_MAX,
} from "./timing.js";

/** Of a datagram and an instruction around a diff (bytes). */
const OVERHEAD = 80;
/** Somewhat faster than the window goes round, or the window would never be what limits. */
const PACE = 1.25;

export interface ChainParts<S> {
	readonly path: StatePath<S>;
	readonly sent: SentStates<S>;
	readonly channel: Pick<Channel, "patience" | "rto" | "srtt" | "trip">;
	/** Sends `to` as a diff from `from`; returns the length of the diff in bytes. */
	transmit(from: SentState<S>, to: SentState<S>, now: number): number;
}

export class Chain<S> {
	readonly #parts: ChainParts<S>;
	readonly #window = new SendWindow();
	/** Index of the next state to transmit: behind the last unless some are being sent again. */
	#next = 1;
	#paceAt = Number.NEGATIVE_INFINITY;
	/** Transmissions in vain since something was acknowledged. */
	#probes = 0;
	/** The last losses that no queue explains. */
	#lossAt = Number.NEGATIVE_INFINITY;
	#formerLossAt = Number.NEGATIVE_INFINITY;
	/** When the last state is to be sent once more. */
	#repeatAt = Number.POSITIVE_INFINITY;
	/** When states began to be sent again. */
	#againAt = Number.NEGATIVE_INFINITY;
	/** The first state after a silence, which has to arrive before any other. */
	#settling: SentState<S> | undefined;
	/** The window has kept something back since the last acknowledgement. */
	#limited = false;

	constructor(parts: ChainParts<S>) {
		this.#parts = parts;
	}

	/** Whether states are under way, or to be sent to reach `goal`, that have to arrive one by one. */
	leadsTo(goal: S): boolean {
		const { path, sent } = this.#parts;
		const { first, last } = sent;
		return path.joined(first.state, last.state) || path.joined(last.state, goal);
	}

	/** The peer may have had nothing new for so long that it tells its user, and shows something of its own (protocol §3.5). */
	unsure(now: number): boolean {
		const { sent } = this.#parts;
		const settling = this.#settling !== undefined && sent.entries.includes(this.#settling);
		return now - (settling ? (this.#settling as SentState<S>) : sent.first).since > CHAIN_SILENCE;
	}

	/** All states have been transmitted, otherwise than as a chain. */
	skip(): void {
		this.#next = this.#parts.sent.entries.length;
	}

	step(goal: S, unsure: boolean): S {
		const { path, sent } = this.#parts;
		return path.step(sent.last.state, goal, unsure);
	}

	/** These were acknowledged. */
	acknowledged(states: readonly SentState<S>[], now: number): void {
		this.#sample(now);
		this.#next = Math.max(1, this.#next - states.length);
		if (now - this.#againAt < this.#window.leastTrip / 2) {
			// This cannot be the answer to what has just been sent again: the first time was late, not lost (as RFC 3522 has it).
			this.#lossAt = this.#formerLossAt;
			this.#next = this.#parts.sent.entries.length;
		}
		this.#probes = 0;
		this.#window.acknowledged(
			states.reduce((sum, { size }) => sum + size, 0),
			this.#limited,
		);
		this.#limited = false;
	}

	/** An instruction of the peer has arrived: what it does not acknowledge had not arrived when it was sent. */
	heard(now: number): void {
		const { channel, sent } = this.#parts;
		this.#sample(now);
		const sentAt = now - Math.max(channel.srtt, channel.trip ?? 0) - this.#margin;
		sent.missing(sentAt);
		const next = sent.entries[1];
		if (next === undefined) {
			return;
		}
		if (this.#waits(now)) {
			sent.forget();
			this.#next = 1;
			this.#outage();
			return;
		}
		if (this.#next > 1 && next.time < sentAt) {
			this.#lost(now);
			this.#next = 1;
			this.#againAt = now;
		}
	}

	/** When there is something to send. @param newAt when a new state is due; Infinity if there is none */
	dueAt(now: number, newAt: number): number {
		const { sent } = this.#parts;
		if (this.#waits(now)) {
			return Number.POSITIVE_INFINITY;
		}
		this.#dropHeartbeats();
		const oldest = sent.entries[1];
		const probe =
			oldest === undefined || this.#next === 1
				? Number.POSITIVE_INFINITY
				: Math.min(
						this.#repeatAt,
						oldest.time + Math.min(CHAIN_PROBE_MAX, this.#patience * 2 ** Math.max(0, this.#probes - 1)),
					);
		const again = this.#next < sent.entries.length;
		const full = !again && !this.#takesMore;
		if (full || !this.#hasRoom()) {
			this.#limited ||= !full && (again || newAt <= now);
			return probe;
		}
		return Math.min(probe, again ? this.#paceAt : Math.max(this.#paceAt, newAt));
	}

	/** Sends what is due. Returns whether anything was. @param add adds the new state that is due to those sent */
	tick(now: number, newAt: number, add: () => void): boolean {
		const { sent } = this.#parts;
		let any = false;
		while (this.dueAt(now, newAt) <= now) {
			any = true;
			const due = this.#hasRoom() && this.#paceAt <= now;
			if (this.#next < sent.entries.length && due) {
				this.#advance(now);
				continue;
			}
			if (newAt <= now && due && this.#takesMore) {
				const unsure = this.unsure(now);
				add();
				this.#settling = unsure ? sent.last : this.#settling;
				this.#advance(now);
			} else if (this.#repeatAt <= now) {
				this.#repeat(now);
			} else {
				const isNew = newAt <= now && sent.entries.length <= CHAIN_STATES_MAX;
				this.#probe(now, isNew ? add : undefined);
			}
			break;
		}
		return any;
	}

	/** What the time of a round trip varies by (ms). */
	get #margin(): number {
		const { rto, srtt } = this.#parts.channel;
		return Math.min(CHAIN_MARGIN_MAX, Math.max(CHAIN_MARGIN_MIN, (rto - srtt) / 2));
	}

	/** How long an acknowledgement may take (ms). */
	get #patience(): number {
		const { patience, srtt } = this.#parts.channel;
		return Math.max(patience, srtt + ACK_DELAY) + this.#margin;
	}

	/** States that differ from the acknowledged one in nothing but their number are not acknowledged before long. */
	#dropHeartbeats(): void {
		const { sent } = this.#parts;
		if (sent.entries.length > 1 && sent.last.state === sent.first.state) {
			sent.forget();
			this.#next = 1;
		}
	}

	#sample(now: number): void {
		const { trip } = this.#parts.channel;
		if (trip !== undefined) {
			this.#window.sample(trip, now);
		}
	}

	/** Nothing but a sign of life may go out: what is under way would push aside what the peer shows of its own. */
	#waits(now: number): boolean {
		const { path, sent } = this.#parts;
		return this.unsure(now) && path.joined(sent.first.state, sent.last.state);
	}

	/** Without an answer, no more than can be sent again as a whole, but for what a probe takes along. */
	get #takesMore(): boolean {
		const most = this.#probes > 0 ? CHAIN_PROBE_STATES + 1 : CHAIN_STATES_MAX;
		return this.#parts.sent.entries.length <= most;
	}

	#hasRoom(): boolean {
		const { entries } = this.#parts.sent;
		let bytes = 0;
		for (let index = 1; index < this.#next; index++) {
			bytes += (entries[index] as SentState<S>).size;
		}
		return bytes === 0 || bytes < this.#window.size;
	}

	/** Transmits the next state, after the one before it if datagrams are being lost. */
	#advance(now: number): void {
		const losses =
			this.#lossAt - this.#formerLossAt < CHAIN_DUPLICATION && now - this.#lossAt < CHAIN_DUPLICATION;
		if (losses && this.#next > 1) {
			this.#transmit(this.#next - 1, now);
		}
		const size = this.#transmit(this.#next++, now);
		const last = this.#next === this.#parts.sent.entries.length;
		this.#repeatAt = losses && last ? now + CHAIN_REPEAT : Number.POSITIVE_INFINITY;
		const rate = (this.#window.size / (this.#parts.channel.srtt + ACK_DELAY)) * PACE;
		this.#paceAt = Math.max(this.#paceAt, now - CHAIN_BURST) + Math.max(CHAIN_GAP, size / rate);
	}

	/** The last one has been sent only once. */
	#repeat(now: number): void {
		this.#repeatAt = Number.POSITIVE_INFINITY;
		this.#transmit(this.#next - 1, now);
	}

	/**
	 * No acknowledgement came. A few states ask for it: the first one, and each time others, as any may have been lost, and the peer
	 * does not answer to one that it has already; and a new one, to which a peer answers that has all of them.
	 * @param add as `tick`'s; undefined if there is no new one
	 */
	#probe(now: number, add: (() => void) | undefined): void {
		this.#lost(now);
		const last = this.#next - 1;
		this.#transmit(1, now);
		// The first time there is no sign yet that nothing goes through: the new one is sent in addition.
		const room = CHAIN_PROBE_STATES - (add !== undefined && this.#probes > 0 ? 1 : 0);
		const others = Math.min(room, last) - 1;
		const from = Math.floor(this.#probes / 2) * others;
		for (let turn = from; turn < from + others; turn++) {
			this.#transmit(2 + (turn % (last - 1)), now);
		}
		if (add !== undefined && this.#next === this.#parts.sent.entries.length) {
			add();
			this.#transmit(this.#next++, now);
		}
		if (++this.#probes > 2) {
			this.#outage();
		}
	}

	/** Nothing gets through. That says nothing of the path as it will be then. */
	#outage(): void {
		this.#window.restart();
		this.#lossAt = Number.NEGATIVE_INFINITY;
		this.#formerLossAt = Number.NEGATIVE_INFINITY;
	}

	#lost(now: number): void {
		const { channel } = this.#parts;
		this.#window.lost(now, channel.srtt + ACK_DELAY);
		if (!this.#window.queues) {
			this.#formerLossAt = this.#lossAt;
			this.#lossAt = now;
		}
	}

	#transmit(index: number, now: number): number {
		const { sent, transmit } = this.#parts;
		const from = sent.entries[index - 1] as SentState<S>;
		const to = sent.entries[index] as SentState<S>;
		to.size = transmit(from, to, now) + OVERHEAD;
		to.time = now;
		return to.size;
	}
}
