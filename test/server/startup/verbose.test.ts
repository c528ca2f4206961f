import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { verboseObserver } from "../../../src/server/startup/verbose.js";

const DATAGRAM = {
	oldNumber: 1n,
	newNumber: 2n,
	fragmentId: 3n,
	fragmentNumber: 0,
	ack: 4n,
	throwaway: 1n,
	length: 20,
	interval: 40,
	rto: 100,
	srtt: 79.96,
	outcome: "sent",
} as const;

describe("the lines of -v", () => {
	it("tell of each datagram, with what became of it unless it was sent", () => {
		const lines: string[] = [];
		const observer = verboseObserver((line) => lines.push(line));
		observer.sent?.(DATAGRAM);
		observer.sent?.({ ...DATAGRAM, outcome: "too-big" });
		const expected =
			"Sent [1=>2] id 3, frag 0 ack=4, throwaway=1, len=20, frame rate=25.0, timeout=100, srtt=80.0";
		assert.deepEqual(lines, [expected, `${expected} (too-big)`]);
	});

	it("tell of the client's states and address, and of what is dropped", () => {
		const lines: string[] = [];
		const observer = verboseObserver((line) => lines.push(line));
		observer.received?.({ number: 5n, base: 4n, ack: 2n, newest: true, length: 0 });
		observer.peerChanged?.({ address: "2001:db8::1", port: 60001 });
		observer.detached?.();
		observer.congestion?.();
		observer.dropped?.("bad-datagram");
		observer.dropped?.("bad-diff", new Error("A diff could not be applied."));
		assert.deepEqual(lines, [
			"Received state 5 [coming from 4, ack 2]",
			"Server now attached to client at [2001:db8::1]:60001",
			"Server now detached from client.",
			"Received explicit congestion notification.",
			"Dropped input: bad-datagram",
			"Dropped input: A diff could not be applied.",
		]);
	});
});
