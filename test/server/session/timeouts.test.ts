import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readTimeouts } from "../../../src/server/session/timeouts.js";

describe("time limits", () => {
	it("are seconds; unset and 0 mean none, but for the farewell, which has a default", () => {
		const warn = () => assert.fail("nothing to warn of");
		assert.deepEqual(readTimeouts({}, warn), { network: undefined, signal: undefined, farewell: 600_000 });
		assert.deepEqual(
			readTimeouts(
				{
					MOSH_SERVER_NETWORK_TMOUT: "604800",
					MOSH_SERVER_SIGNAL_TMOUT: "0",
					MOSH_PORTGUARD_FAREWELL: "0",
				},
				warn,
			),
			{ network: 604_800_000, signal: undefined, farewell: 0 },
		);
	});

	it("are ignored with a word when they are nonsense", () => {
		const warnings: string[] = [];
		const limits = readTimeouts(
			{
				MOSH_SERVER_NETWORK_TMOUT: "1h",
				MOSH_SERVER_SIGNAL_TMOUT: "-3",
				MOSH_PORTGUARD_FAREWELL: "1000000",
			},
			(sentence) => warnings.push(sentence),
		);
		assert.deepEqual(limits, { network: undefined, signal: undefined, farewell: 600_000 });
		assert.match(warnings[0] ?? "", /MOSH_SERVER_NETWORK_TMOUT.*not a number/);
		assert.match(warnings[1] ?? "", /MOSH_SERVER_SIGNAL_TMOUT.*negative/);
		assert.match(warnings[2] ?? "", /MOSH_PORTGUARD_FAREWELL.*not a number/);
	});
});
