import assert from "node:assert/strict";
import { test } from "node:test";
import { answerTo, firstDatagram, REMOTE_PORTS } from "../../../src/firewall/path/packet.js";

const FIRST = firstDatagram("ipv4", "10.77.0.1", { first: 60_001, last: 60_001 }, "eth0");

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
	});
});

test("its answer goes back the same way, of a flow that is known unless nobody has looked at it", () => {
	assert.deepEqual(answerTo(FIRST, "new"), { ...FIRST, direction: "out", state: "established" });
	assert.equal(answerTo(FIRST, "untracked").state, "new");
});
