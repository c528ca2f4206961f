/** Diffs that are known to lead a client where they should. */
import assert from "node:assert/strict";
import { verifyingCodec } from "../../src/server/session/verifying-codec.js";
import type { Feed } from "../../src/terminal/diff/screen-diff.js";
import { ClientScreen, type Screen, screenDiff } from "../../src/terminal/index.js";

/** As `screenDiff`; fails if the diff leads elsewhere. */
export function verifiedDiff(base: Screen, target: Screen, feed?: Feed): Uint8Array {
	const diff = screenDiff(base, target, feed);
	const client = new ClientScreen(base);
	if (base.columns !== target.columns || base.rows !== target.rows) {
		client.resize(target.columns, target.rows);
	}
	client.write(diff);
	assert.equal(client.differenceFrom(target), undefined, JSON.stringify(Buffer.from(diff).toString()));
	return diff;
}

/** For sessions under test: a diff that leads elsewhere ends the test. */
export const strictCodec = verifyingCodec((line) => assert.fail(line));
