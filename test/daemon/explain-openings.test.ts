import assert from "node:assert/strict";
import { test } from "node:test";
import { explainHeld } from "../../src/daemon/explain-openings.js";
import type { Opening } from "../../src/firewall/firewall.js";
import { openingKey } from "../../src/firewall/opening.js";
import type { Commands } from "../../src/system/commands.js";

const HELD: readonly Opening[] = [60001, 60002].map((port) => ({
	family: "ipv4",
	address: "192.0.2.1",
	port,
}));
const verdicts = async (commands: Commands, withinMs: number) => {
	const found = await explainHeld(commands, HELD, withinMs);
	return HELD.map((opening) => found.get(openingKey(opening)));
};

test("rules that cannot be read make unknown what they do, in words, for every port", async () => {
	const failing = { find: () => Promise.reject(new Error("out of order")) } as Partial<Commands> as Commands;
	for (const found of await verdicts(failing, 1000)) {
		assert.deepEqual(found, { verdict: "unknown", by: "admin", rule: "out of order" });
	}
});

test("so does a time that is over, for all ports but the first", async () => {
	const none = { find: async () => undefined } as Partial<Commands> as Commands;
	const [, second] = await verdicts(none, -1);
	assert.equal(second?.verdict, "unknown");
	assert.match(second?.rule ?? "", /in time/);
});
