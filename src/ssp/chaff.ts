/**
 * Random bytes, 0 to 16 of them, that obscure the length of an instruction (protocol §2.3). Drawn for some dozens at a time: asking for
 * each took 4 % of what a key costs.
 */

import { randomFillSync } from "node:crypto";

export const CHAFF_MAX = 16;
const DRAWN_BYTES = 1024;

const drawn = Buffer.alloc(DRAWN_BYTES);
let used = DRAWN_BYTES;

/** Valid until the next call. */
export function chaff(): Uint8Array {
	if (used + 1 + CHAFF_MAX > DRAWN_BYTES) {
		randomFillSync(drawn);
		used = 0;
	}
	const start = used + 1;
	const end = start + ((drawn[used] as number) % (CHAFF_MAX + 1));
	used = end;
	return drawn.subarray(start, end);
}
