/** Keeps the peer's copy of the local state up to date: what to send, from which base, and when (protocol §3.3). */

import { Chain } from "./chain.js";
import type { Channel } from "./channel.js";
import { type FrameTiming, stockFrameTiming } from "./frame-timing.js";
import { SHUTDOWN_NUMBER } from "./instruction.js";
import { type SentState, SentStates } from "./sent-states.js";
import type { LocalStateCodec, Urgency } from "./state.js";
import * as timing from "./timing.js";

/** What the sender needs of a channel. */
export type SenderChannel = Pick<
	Channel,
	"attached" | "interval" | "patience" | "rto" | "srtt" | "trip" | "send"
>;

export interface SenderOptions<S> {
	readonly codec: LocalStateCodec<S>;
	readonly initial: S;
	/** Milliseconds to wait for further changes after a first one. */
	readonly minDelay: number;
	readonly frameTiming?: FrameTiming | undefined;
	readonly now: number;
	/** When the peer was sent state 1, which is the initial one under another number (`Opening`); undefined: it was not. */
	readonly answeredAt?: number | undefined;
}

/**
 * A diff from the acknowledged state is certain to be understood. It is preferred if it is shorter than the first number
 * of bytes and less than the second number longer than a diff from the assumed state. The stock server allows 100 bytes
 * more, which repeats each scrolled line of an editor: 1.17 times its bytes with our shorter diffs, 0.92 times with 64
 * (measured). On a path that loses, the second does not matter: a change that was lost comes with the echo ack of the same
 * key, 50 ms later, instead of after a timeout.
 */
const SAFE_DIFF_MAX = 1000;
const SAFE_DIFF_EXTRA_MAX = 64;

const EMPTY = new Uint8Array(0);

export class Sender<S> {
	readonly #codec: LocalStateCodec<S>;
	readonly #channel: SenderChannel;
	readonly #minDelay: number;
	readonly #frameTiming: FrameTiming;
	readonly #sent: SentStates<S>;
	/** For states that have to arrive one by one. */
	readonly #chain: Chain<S> | undefined;
	/** What the peer is to have in the end. */
	#goal: S;
	/** What it is to have next: the goal, unless states lie between. */
	#current: S;
	#assumed: SentState<S>;
	/** What `#current` was found from; undefined: it has to be found anew. */
	#steppedFrom: S | undefined;
	#steppedUnsure = false;
	/** The last new state was one on the way, and the goal has not been reached since. */
	#underWay = false;
	/** Results of comparing states with `#current` since it was set. */
	readonly #compared = new Map<SentState<S>, boolean>();
	#urgency: Urgency | undefined;
	#subtractDue = false;

	#nextAck: number;
	#nextSend: number;
	#changedAt: number | undefined;
	#answerAt: number | undefined;
	#lastAnswerAt = Number.NEGATIVE_INFINITY;

	#ack = 0n;
	#pendingDataAck = false;
	#lastHeard = Number.NEGATIVE_INFINITY;
	/** When a state was last overdue. */
	#overdueAt = Number.NEGATIVE_INFINITY;
	#shutdownStart: number | undefined;
	#shutdownTries = 0;
	#peerShutdownAcknowledged = false;

	constructor(channel: SenderChannel, options: SenderOptions<S>) {
		this.#channel = channel;
		this.#codec = options.codec;
		this.#minDelay = options.minDelay;
		this.#frameTiming = options.frameTiming ?? stockFrameTiming;
		this.#goal = options.initial;
		this.#current = options.initial;
		this.#sent = new SentStates(options.initial, options.now);
		this.#assumed = this.#sent.first;
		const { path } = options.codec;
		this.#chain =
			path &&
			new Chain({
				path,
				sent: this.#sent,
				channel,
				transmit: (from, to, now) => this.#transmit(from, to, now),
			});
		this.#nextAck = options.now;
		this.#nextSend = options.now;
		if (options.answeredAt !== undefined) {
			this.#sent.add(1n, options.initial, options.answeredAt);
			this.#nextAck = options.answeredAt + timing.ACK_INTERVAL;
			// It was no frame: the first one need not keep its distance.
			this.#sent.last.time = Number.NEGATIVE_INFINITY;
		}
	}

	/** States kept as possible bases, 1 to 32. */
	get bufferedStates(): number {
		return this.#sent.entries.length;
	}

	/** The newest state that the peer has confirmed. */
	get confirmed(): S {
		return this.#sent.first.state;
	}

	/** That one, and the states sent since, in order. */
	get sent(): readonly S[] {
		return this.#sent.entries.map(({ state }) => state);
	}

	/** Ignored once shutting down: the last state is final. */
	set(state: S): void {
		if (this.#shutdownStart !== undefined || state === this.#goal) {
			return;
		}
		this.#goal = state;
		this.#steppedFrom = undefined;
		if (this.#chain === undefined) {
			this.#turnTo(state);
		}
	}

	/** States that have to arrive one by one are still to be sent or acknowledged. */
	get chained(): boolean {
		return this.#shutdownStart === undefined && (this.#held || (this.#chain?.leadsTo(this.#goal) ?? false));
	}

	get #held(): boolean {
		return this.#shutdownStart === undefined && (this.#codec.path?.holds?.(this.#goal) ?? false);
	}

	/** The peer has our state `number`. */
	acknowledged(number: bigint, now: number): void {
		const before = this.#chain ? [...this.#sent.entries] : [];
		if (!this.#sent.acknowledge(number)) {
			return;
		}
		this.#chain?.acknowledged(before.slice(1, 1 + before.length - this.#sent.entries.length), now);
		this.#assumed = this.#sent.first;
		this.#compared.clear();
		this.#subtractDue = this.#codec.subtract !== undefined;
	}

	/** We have the peer's state `number`. @param hasData its diff was not empty */
	received(number: bigint, hasData: boolean, now: number): void {
		this.#ack = number;
		this.#lastHeard = now;
		if (hasData) {
			this.#pendingDataAck = true;
		}
		this.#chain?.heard(now);
	}

	startShutdown(now: number): void {
		this.#shutdownStart ??= now;
		this.#steppedFrom = undefined;
	}

	get shuttingDown(): boolean {
		return this.#shutdownStart !== undefined;
	}

	get shutdownAcknowledged(): boolean {
		return this.#sent.first.number === SHUTDOWN_NUMBER;
	}

	shutdownTimedOut(now: number): boolean {
		if (this.#shutdownStart === undefined) {
			return false;
		}
		return (
			this.#shutdownTries >= timing.SHUTDOWN_TRIES || now - this.#shutdownStart >= timing.SHUTDOWN_TIMEOUT
		);
	}

	/** An instruction that acknowledges the peer's shutdown has been sent. */
	get peerShutdownAcknowledged(): boolean {
		return this.#peerShutdownAcknowledged;
	}

	/** Milliseconds until `tick` has something to do. */
	waitTime(now: number): number {
		if (!this.#channel.attached) {
			return Number.POSITIVE_INFINITY;
		}
		this.#schedule(now);
		return Math.max(0, Math.min(this.#nextAck, this.#nextSend) - now);
	}

	/** Sends what is due. Returns whether anything was sent. */
	tick(now: number): boolean {
		if (!this.#channel.attached) {
			return false;
		}
		this.#schedule(now);
		const ackDue = now >= this.#nextAck;
		const sendDue = now >= this.#nextSend;
		if (!ackDue && !sendDue) {
			return false;
		}
		if (this.chained && this.#chain !== undefined) {
			return this.#tickChain(this.#chain, now);
		}
		const diff = this.#chooseDiff(now);
		// The last case: the state went back to what the base already is, and the peer may have another one.
		const due = diff.length > 0 || ackDue || !this.#equalsCurrent(this.#sent.last);
		if (diff.length > 0) {
			this.#sendDiff(diff, now);
		} else if (due) {
			this.#sendEmpty(now);
		} else {
			this.#nextSend = Number.POSITIVE_INFINITY;
		}
		this.#changedAt = undefined;
		this.#answerAt = undefined;
		return due;
	}

	/** Finds what the peer is to have next on the way to the goal. */
	#aim(now: number): void {
		if (this.#chain === undefined) {
			return;
		}
		const { state } = this.#sent.last;
		const unsure = this.#chain.unsure(now);
		if (this.#steppedFrom !== state || this.#steppedUnsure !== unsure) {
			this.#steppedFrom = state;
			this.#steppedUnsure = unsure;
			this.#turnTo(this.shuttingDown ? this.#goal : this.#chain.step(this.#goal, unsure));
		}
	}

	#turnTo(state: S): void {
		if (state === this.#current) {
			return;
		}
		this.#current = state;
		this.#compared.clear();
		this.#urgency = undefined;
		this.#subtractDue = this.#codec.subtract !== undefined;
	}

	/** Sends what is due of states that have to arrive one by one. Returns whether anything was. */
	#tickChain(chain: Chain<S>, now: number): boolean {
		if (!this.#held && chain.tick(now, this.#newStateTime(now), () => this.#addStep(now))) {
			return true;
		}
		if (now < this.#nextAck) {
			return false;
		}
		const { first } = this.#sent;
		this.#transmit(first, first, now);
		return true;
	}

	#newStateTime(now: number): number {
		const { last } = this.#sent;
		if (this.#equalsCurrent(last)) {
			this.#underWay = false;
			return Number.POSITIVE_INFINITY;
		}
		return this.#underWay ? now : this.#frameTime(last, now);
	}

	#addStep(now: number): void {
		const { last } = this.#sent;
		if (this.#urgencyAfter(last) === "answer") {
			this.#lastAnswerAt = now;
		}
		this.#sent.add(this.#sent.nextNumber, this.#current, now, true);
		this.#changedAt = undefined;
		this.#answerAt = undefined;
		this.#urgency = undefined;
		this.#underWay = true;
	}

	/** Sends `to` to a peer that holds `from`; returns the length of the diff. */
	#transmit(from: SentState<S>, to: SentState<S>, now: number): number {
		const diff = from.state === to.state ? EMPTY : this.#codec.diff(from.state, to.state);
		this.#emit(from.number, to.number, diff, now);
		return diff.length;
	}

	#schedule(now: number): void {
		this.#aim(now);
		this.#assumed = this.#sent.assumed(now, this.#channel.patience, SHUTDOWN_NUMBER);
		if (this.#assumed !== this.#sent.last) {
			this.#overdueAt = now;
		}
		if (this.#subtractDue) {
			this.#subtract();
		}
		if (this.#pendingDataAck) {
			this.#nextAck = Math.min(this.#nextAck, now + timing.ACK_DELAY);
		}
		if (this.#held) {
			this.#nextSend = Number.POSITIVE_INFINITY;
		} else if (this.chained) {
			this.#nextSend = this.#chain?.dueAt(now, this.#newStateTime(now)) ?? 0;
		} else {
			this.#nextSend = this.#sendTime(now);
		}
		if (this.shuttingDown || this.#ack === SHUTDOWN_NUMBER) {
			this.#nextAck = this.#sent.last.time + this.#channel.interval;
		}
	}

	#sendTime(now: number): number {
		const { first, last } = this.#sent;
		if (!this.#equalsCurrent(last)) {
			return this.#frameTime(last, now);
		}
		if (this.#lastHeard + timing.ACTIVE_RETRY > now) {
			if (!this.#equalsCurrent(this.#assumed)) {
				const next = last.time + this.#channel.interval;
				return this.#changedAt === undefined ? next : Math.max(next, this.#changedAt + this.#minDelay);
			}
			if (!this.#equalsCurrent(first)) {
				return last.time + this.#channel.patience;
			}
		}
		return Number.POSITIVE_INFINITY;
	}

	/** When the current state, which differs from the last one sent, is due. */
	#frameTime(last: SentState<S>, now: number): number {
		this.#changedAt ??= now;
		if (this.#answerAt === undefined && this.#urgencyAfter(last) === "answer") {
			this.#answerAt = now;
		}
		return this.#frameTiming({
			changedAt: this.#changedAt,
			answerAt: this.#answerAt,
			urgency: this.#urgencyAfter(last),
			lastSentAt: last.time,
			lastAnswerAt: this.#lastAnswerAt,
			interval: this.#channel.interval,
			minDelay: this.#minDelay,
		});
	}

	/** The diff to send and, in `#assumed`, its base. The acknowledged state is preferred if it costs little more. */
	#chooseDiff(now: number): Uint8Array {
		const { first } = this.#sent;
		const diff = this.#diffFrom(this.#assumed);
		if (this.#assumed === first) {
			return diff;
		}
		const safe = this.#diffFrom(first);
		const extra = safe.length - diff.length;
		const extraMax = now - this.#overdueAt < timing.LOSS_MEMORY ? SAFE_DIFF_MAX : SAFE_DIFF_EXTRA_MAX;
		if (extra <= 0 || (safe.length < SAFE_DIFF_MAX && extra < extraMax)) {
			this.#assumed = first;
			return safe;
		}
		return diff;
	}

	#diffFrom(base: SentState<S>): Uint8Array {
		return this.#equalsCurrent(base) ? EMPTY : this.#codec.diff(base.state, this.#current);
	}

	#sendDiff(diff: Uint8Array, now: number): void {
		const { last } = this.#sent;
		const again = this.#equalsCurrent(last);
		const number = this.shuttingDown ? SHUTDOWN_NUMBER : again ? last.number : this.#sent.nextNumber;
		if (!again && this.#urgencyAfter(last) === "answer") {
			this.#lastAnswerAt = now;
		}
		this.#send(number, diff, now);
		this.#assumed = this.#sent.last;
	}

	#sendEmpty(now: number): void {
		this.#send(this.shuttingDown ? SHUTDOWN_NUMBER : this.#sent.nextNumber, EMPTY, now);
	}

	#send(number: bigint, diff: Uint8Array, now: number): void {
		const { last } = this.#sent;
		const base = this.#assumed.number;
		if (number === last.number) {
			last.time = now;
		} else {
			this.#sent.add(number, this.#current, now);
			this.#urgency = undefined;
		}
		this.#chain?.skip();
		this.#emit(base, number, diff, now);
	}

	#emit(base: bigint, number: bigint, diff: Uint8Array, now: number): void {
		this.#nextAck = now + timing.ACK_INTERVAL;
		this.#nextSend = Number.POSITIVE_INFINITY;
		this.#pendingDataAck = false;
		if (number === SHUTDOWN_NUMBER) {
			this.#shutdownTries++;
		}
		if (this.#ack === SHUTDOWN_NUMBER) {
			this.#peerShutdownAcknowledged = true;
		}
		this.#channel.send(
			{ oldNumber: base, newNumber: number, ack: this.#ack, throwaway: this.#sent.first.number, diff },
			now,
		);
	}

	#equalsCurrent(entry: SentState<S>): boolean {
		if (entry.state === this.#current) {
			return true;
		}
		let equal = this.#compared.get(entry);
		if (equal === undefined) {
			equal = this.#codec.equal(entry.state, this.#current);
			this.#compared.set(entry, equal);
		}
		return equal;
	}

	#urgencyAfter(last: SentState<S>): Urgency {
		this.#urgency ??= this.#codec.urgency?.(last.state, this.#current) ?? "answer";
		return this.#urgency;
	}

	#subtract(): void {
		this.#subtractDue = false;
		const acknowledged = this.#sent.first.state;
		const subtract = (state: S) => this.#codec.subtract?.(state, acknowledged) ?? state;
		this.#current = subtract(this.#current);
		for (const entry of this.#sent.entries) {
			entry.state = subtract(entry.state);
		}
	}
}
