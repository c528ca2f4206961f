import assert from "node:assert/strict";
import { test } from "node:test";
import { everywhere, explainOpenings, sentence } from "../../../src/cli/queries/explanations.js";
import type { Explanation, Opening } from "../../../src/firewall/firewall.js";
import type { Verifier } from "../../../src/firewall/verify.js";

const OPENING: Opening = { family: "ipv4", address: "192.0.2.1", port: 60001 };
const CLOSED: Explanation = { verdict: "closed", by: "admin", rule: "-j DROP" };

test("a port everywhere is one on the wildcard of each family", () => {
	assert.deepEqual(everywhere(60001), [
		{ family: "ipv4", address: "0.0.0.0", port: 60001 },
		{ family: "ipv6", address: "::", port: 60001 },
	]);
});

test("each opening that others can reach is explained, with who sends where that is asked", async () => {
	const explain = async ({ port }: Opening) => (port === 60001 ? CLOSED : undefined);
	const verifier = { explain } as Partial<Verifier> as Verifier;
	const found = await explainOpenings(verifier, [
		{ opening: OPENING },
		{ opening: { ...OPENING, port: 60002 } },
		{ opening: OPENING, client: { address: "203.0.113.5" } },
	]);
	assert.deepEqual(found, [
		{ ...OPENING, ...CLOSED },
		{ ...OPENING, ...CLOSED, from: "203.0.113.5" },
	]);
});

test("an explanation is a sentence that steers no terminal", () => {
	const from = { ...OPENING, ...CLOSED, from: "203.0.113.5" };
	assert.equal(
		sentence(from),
		"192.0.2.1:60001 from 203.0.113.5 is closed by the administrator's rule: -j DROP",
	);
	const unknown = { ...OPENING, ...CLOSED, verdict: "unknown", rule: "\x1b[2J" } as const;
	assert.equal(sentence(unknown), "192.0.2.1:60001 is unverified: what comes in may be dropped: \\x1b[2J");
});
