import assert from "node:assert/strict";
import { test } from "node:test";
import { clients } from "../../../src/cli/doctor/clients.js";
import { examined, finds, OPEN } from "../../support/doctor.js";

test("a client that was never heard, and how to see where its datagrams stay", async () => {
	const { state, says, remedy } = await finds(clients, { ports: [OPEN] });
	assert.equal(state, "hint");
	assert.equal(says, "nothing received from the client of 192.0.2.1:60001 (open for 40s)");
	assert.match(remedy ?? "", /tcpdump -ni any udp port 60001/);
});

test("no fault in clients that were heard, have just come, or of whom nothing is told", async () => {
	const client = { address: "203.0.113.5", port: 5 };
	const heard = await finds(clients, { ports: [{ ...OPEN, client, silentSeconds: 9000 }] });
	assert.deepEqual(heard, { state: "good", says: "heard: 1" });
	for (const port of [
		{ ...OPEN, ageSeconds: 2 },
		{ ...OPEN, reports: false },
		{ ...OPEN, state: "refused" as const },
	]) {
		assert.equal(await clients.examine(examined({ ports: [port] })), undefined);
	}
	assert.equal(await clients.examine(examined({ ports: [OPEN], privileged: false })), undefined);
});

test("a client whose datagrams reach this host, or do not, as far as the rule's counter tells", async () => {
	const noted = { ...OPEN, note: "nothing has arrived", packets: 0 };
	const before = await finds(clients, { ports: [noted] });
	assert.deepEqual(
		[before.state, before.says],
		["hint", "192.0.2.1:60001 (open for 40s): nothing has arrived"],
	);
	assert.match(before.remedy ?? "", /if nothing arrives, something on the way drops the datagrams/);
	const behind = await finds(clients, { ports: [{ ...noted, packets: 7, note: "7 have" }] });
	assert.match(behind.remedy ?? "", /something on the way back drops them/);
});
