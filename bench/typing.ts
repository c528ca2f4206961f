/** A typist with a fixed rhythm, and the times of the echoes. */

import type { MeasuringClient } from "./client/client.js";
import { between, type Random } from "./measure/random.js";
import { sleep } from "./measure/time.js";

const KEYS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/** Less than a screen is wide, and few enough that no key occurs twice in a line. */
const LINE = 40;
const KILL_LINE = "\x15";
/** Until the echo acknowledgement (50 ms) and the delayed acknowledgements (100 ms) are through. */
const QUIET = 250;

export interface Rhythm {
	/** Milliseconds between two keys: uniform from the first to the second. */
	readonly gap: readonly [number, number];
	readonly random: Random;
	/** An echo later than this, ms, is a failure. */
	readonly limit?: number;
}

/**
 * Types `count` keys, never waiting for an echo. Returns, per key, the milliseconds from the key to the state
 * that shows it. The line is cleared now and then, outside what is measured.
 */
export async function typeKeys(client: MeasuringClient, count: number, rhythm: Rhythm): Promise<number[]> {
	const latencies: number[] = [];
	for (let typed = 0; typed < count; typed += LINE) {
		const echoes: Promise<number>[] = [];
		for (let index = typed; index < Math.min(count, typed + LINE); index++) {
			const key = KEYS[index % KEYS.length] as string;
			const at = client.type(key);
			echoes.push(client.see(key, rhythm.limit).then((seen) => seen - at));
			await sleep(between(rhythm.random, ...rhythm.gap));
		}
		latencies.push(...(await Promise.all(echoes)));
		client.type(KILL_LINE);
		await sleep(QUIET);
	}
	return latencies;
}
