/**
 * When a changed state is sent. Changes in quick succession should share a frame, so the sender waits for a collection
 * interval (`minDelay`) after the first one.
 *
 * Stock (protocol §3.3, step 4a): every first change waits `minDelay`, and frames are at least one frame interval apart,
 * whatever they carry.
 *
 * Eager: after one frame interval without an answer (`LocalStateCodec.urgency`), an answer is sent at once; the wait applies
 * within bursts, where it pays off. Other frames do not delay the next answer. Measured with the stock client on loopback:
 * echo after 2 ms instead of 10, with as many datagrams and bytes.
 *
 * Bookkeeping alone, which has waited for company before it is one, comes that much later after the frame before, as if that had
 * not been early. While keys follow each other at frame rate, it would otherwise be due a moment before the next one, whose answer
 * carries it for nothing.
 *
 * Output that is passing waits a little longer, once in a run of output: mostly a listing is complete then, which the stock
 * server, faster in a session that has just begun, shows in its first frame. Frames of its parts cost twice the bytes, and the
 * last one waited until they were made.
 */

import type { Urgency } from "./state.js";
import { PASSING_DELAY } from "./timing.js";

export interface FrameTimes {
	/** When the local state first differed from the last one sent. */
	readonly changedAt: number;
	/** When it first differed in an answer; `undefined` if it does not. */
	readonly answerAt: number | undefined;
	/** Of the newest change. */
	readonly urgency: Urgency;
	/** When the last state was last sent, including acks and retransmissions. */
	readonly lastSentAt: number;
	/** When an answer was last sent for the first time; -Infinity before that. */
	readonly lastAnswerAt: number;
	/** Least time between frames, 20 to 250 ms. */
	readonly interval: number;
	readonly minDelay: number;
}

/** Returns when the changed state is due. */

export type FrameTiming = (times: FrameTimes) => number;

export const stockFrameTiming: FrameTiming = ({ changedAt, minDelay, lastSentAt, interval }) =>
	Math.max(changedAt + minDelay, lastSentAt + interval);

export const eagerFrameTiming: FrameTiming = (times) => {
	const { changedAt, answerAt, urgency, minDelay, lastSentAt, lastAnswerAt, interval } = times;
	if (answerAt === undefined) {
		const stock = stockFrameTiming(times);
		switch (urgency) {
			case "bookkeeping":
				return Math.max(changedAt, lastSentAt + interval + minDelay);
			case "passing":
				return stock + PASSING_DELAY;
			default:
				return stock;
		}
	}
	if (answerAt - lastAnswerAt >= interval) {
		return answerAt;
	}
	return Math.max(changedAt + minDelay, lastAnswerAt + interval);
};
