import assert from "node:assert/strict";
import { test } from "node:test";
import { inTurns } from "../../../src/server/startup/turn.js";

test("sockets are looked after between the steps of a start", async () => {
	const events: string[] = [];
	function* steps(): Generator<void, string> {
		for (const step of ["load", "run"]) {
			events.push(step);
			// As a socket's: not before what runs now is over.
			setImmediate(() => events.push(`datagram after ${step}`));
			yield;
		}
		return "loaded";
	}
	assert.equal(await inTurns(steps()), "loaded");
	assert.deepEqual(events, ["load", "datagram after load", "run", "datagram after run"]);
});
