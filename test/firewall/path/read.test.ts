/** What a reading makes of a host as a whole; of what fails and lacks: read-nft.test.ts, read-iptables.test.ts. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, JSON_LISTING, PLAIN_LISTING, read } from "./reading.js";

test("a host without rules is open, and asks no tool that has nothing to tell", async () => {
	const { verdict, codes, lines } = await read({ outputs: EMPTY });
	assert.deepEqual([verdict, codes], ["accept", []]);
	assert.deepEqual(lines.sort(), [JSON_LISTING, PLAIN_LISTING]);
});
