import assert from "node:assert/strict";
import { test } from "node:test";
import { bits, NO_MARK } from "../../../src/firewall/path/marks.js";
import { answerTo, firstDatagram, isTracked, REMOTE_PORTS } from "../../../src/firewall/path/packet.js";

const FIRST = firstDatagram("ipv4", "10.77.0.1", { first: 60_001, last: 60_001 }, "eth0");
const UNMARKED = { packet: NO_MARK, connection: NO_MARK };

test("a first datagram is new, from anybody and any port that a host picks from", () => {
	assert.deepEqual(FIRST, {
		family: "ipv4",
		direction: "in",
		interface: "eth0",
		local: "10.77.0.1",
		localPorts: { first: 60_001, last: 60_001 },
		remote: undefined,
		remotePorts: REMOTE_PORTS,
		state: "new",
		marks: UNMARKED,
	});
});

test("its answer goes back the same way, of a flow that is known unless nobody has looked at it", () => {
	const marks = { packet: NO_MARK, connection: bits(7) };
	const left = { packet: bits(1), connection: bits(7) };
	assert.deepEqual(answerTo(FIRST, "new", left), {
		...FIRST,
		direction: "out",
		state: "established",
		marks,
	});
	const untracked = answerTo(FIRST, "untracked", left);
	assert.deepEqual([untracked.state, untracked.marks], ["new", UNMARKED]);
});

test("a connection is one that is tracked", () => {
	const states = ["new", "established", "untracked", "invalid"] as const;
	assert.deepEqual(states.filter(isTracked), ["new", "established"]);
});
