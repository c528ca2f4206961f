/** Waiting for something to become true: polled, bounded, and clear about what did not happen. */

import { AssertionError } from "node:assert/strict";

/**
 * Ends a test that would hang, and asserts nothing about speed: with four runnable processes per core everything takes many
 * times as long. A passing test never waits this long.
 */
export const HANG_MS = 180_000;
const DEFAULT_POLL_MS = 20;

export interface WaitOptions {
	readonly limitMs?: number | undefined;
	readonly pollMs?: number;
	/** Called only when time runs out; what it says ends up in the error. */
	readonly explain?: () => string | Promise<string>;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Polls `check` until it answers something other than `undefined` or `false`, and returns that answer.
 * @throws Error naming `what` when `limitMs` passes first
 */
export async function until<T>(
	what: string,
	check: () => T | undefined | false | Promise<T | undefined | false>,
	{ limitMs = HANG_MS, pollMs = DEFAULT_POLL_MS, explain }: WaitOptions = {},
): Promise<T> {
	const deadline = performance.now() + limitMs;
	for (;;) {
		const began = performance.now();
		const answer = await check();
		if (answer !== undefined && answer !== false) {
			return answer;
		}
		if (performance.now() > deadline) {
			const why = explain === undefined ? "" : `\n${await explain()}`;
			throw new Error(`not within ${limitMs} ms: ${what}${why}`);
		}
		// A check that runs programs leaves as much time to those it waits for.
		await sleep(Math.max(pollMs, performance.now() - began));
	}
}

/**
 * Repeats `check` until none of its assertions fails: for what comes in parts, of which the first may be seen alone.
 * @throws Error with what the last assertion said when `limitMs` passes first; any other error of `check` at once
 */
export async function holds(
	check: () => void | Promise<void>,
	options: Omit<WaitOptions, "explain"> = {},
): Promise<void> {
	let failure = "";
	const passes = async () => {
		try {
			await check();
			return true;
		} catch (error) {
			if (!(error instanceof AssertionError)) {
				throw error;
			}
			failure = error.message;
			return false;
		}
	};
	await until("every assertion holds", passes, { ...options, explain: () => failure });
}
