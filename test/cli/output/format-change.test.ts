import assert from "node:assert/strict";
import { test } from "node:test";
import { formatChange } from "../../../src/cli/output/format-change.js";

const CHANGE = {
	open: [{ family: "ipv4", address: "192.0.2.1", port: 60001 }],
	close: [{ family: "ipv6", address: "2001:db8::1", port: 60002 }],
} as const;

test("a change is a line for each port, or that there is none", () => {
	assert.equal(formatChange(CHANGE, {}), "opened  192.0.2.1:60001\nclosed  [2001:db8::1]:60002\n");
	assert.equal(
		formatChange(CHANGE, { dryRun: true }),
		"would be opened  192.0.2.1:60001\nwould be closed  [2001:db8::1]:60002\n",
	);
	assert.equal(formatChange({ open: [], close: [] }, {}), "nothing to change\n");
});

test("a change is JSON where that is asked for", () => {
	assert.deepEqual(JSON.parse(formatChange(CHANGE, { json: true })), {
		schema: 1,
		dryRun: false,
		opened: CHANGE.open,
		closed: CHANGE.close,
	});
});
