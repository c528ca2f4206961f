/** One client of a session, on a link in memory; how clients take part together: clients.test.ts. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	LEAVING_REACH_MS,
	SessionClient,
	type SessionClientParts,
} from "../../../src/server/session/session-client.js";
import { Transport, UserInput, userInputCodec } from "../../../src/ssp/index.js";
import { Emulator } from "../../../src/terminal/index.js";
import { FakeClock } from "../../support/fake-clock.js";
import { LossyLink } from "../../support/lossy-link.js";
import { SeededRandom } from "../../support/random.js";
import { type Seen, seenCodec } from "../../support/session-rig.js";
import { KEY } from "../../support/transport-pair.js";
import { strictCodec } from "../../support/verified-diff.js";

function connected(parts: Partial<SessionClientParts> = {}) {
	const clock = new FakeClock();
	const link = new LossyLink(clock, new SeededRandom(1));
	const emulator = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
	const client = new SessionClient({ key: KEY, port: link.server, clock, codec: strictCodec, ...parts });
	const remote = new Transport<UserInput, Seen>({
		role: "client",
		key: KEY,
		clock,
		port: link.client,
		peer: link.server.address,
		local: userInputCodec,
		initialLocal: UserInput.empty,
		remote: seenCodec,
		initialRemote: { text: "", echoAck: 0n, size: "" },
	});
	link.client.deliver = (datagram, from) => client.transport.receive(datagram, from);
	link.server.deliver = (datagram, from) => remote.receive(datagram, from);
	let input = UserInput.empty;
	/** So many milliseconds go by; the session has a turn in each. */
	const run = (ms: number) => {
		for (let passed = 0; passed < ms; passed++) {
			clock.advance(1);
			remote.tick();
			link.deliverDue();
			client.update(emulator, false, "brief", clock.now());
			client.send(clock.now());
			link.deliverDue();
		}
	};
	const type = (text: string) => {
		input = input.with({ type: "bytes", bytes: Buffer.from(text) });
		remote.setLocal(input);
		run(50);
	};
	const output = (text: string) => {
		emulator.write(Buffer.from(text));
		client.changed();
		run(50);
	};
	type("");
	run(500);
	return { client, clock, emulator, remote, run, type, output, shown: () => remote.remote.state.text };
}

const textsOf = (client: SessionClient) =>
	client
		.takeEvents()
		.map((event) => (event.type === "bytes" ? Buffer.from(event.bytes).toString() : "resize"));

describe("what a client says", () => {
	test("is given once, however often the client repeats it", () => {
		const { client, type, run } = connected();
		type("a");
		assert.deepEqual(textsOf(client), ["a"]);
		run(1000);
		type("b");
		assert.deepEqual(textsOf(client), ["b"]);
		assert.deepEqual(textsOf(client), []);
	});

	test("is vouched for 50 ms after it was taken, with the screen of that time", () => {
		const { client, type, run, remote } = connected();
		type("a");
		const { echoAck } = remote.remote.state;
		client.takeEvents();
		run(49);
		assert.equal(remote.remote.state.echoAck, echoAck);
		run(60);
		assert.ok(remote.remote.state.echoAck > echoAck);
	});

	test("reaches the program with cursor keys as it wants them", () => {
		const { client } = connected();
		const translated = (text: string, application: boolean) =>
			Buffer.from(client.translate(Buffer.from(text), application)).toString();
		assert.equal(translated("\x1bOA", false), "\x1b[A");
		assert.equal(translated("\x1bOA", true), "\x1bOA");
		assert.equal(translated("x", false), "x");
	});
});

describe("what a client is shown", () => {
	test("is the program's screen", () => {
		const { output, shown } = connected();
		output("hello");
		assert.match(shown(), /hello/);
	});

	test("is without a program's requests where it only watches", () => {
		const { client, output, shown } = connected({ watches: true });
		client.watch([{ type: "resize", columns: 40, rows: 10 }]);
		output("\x1b[?1002h\x1b[?2004h\x1b]52;c;eA==\x07seen");
		assert.match(shown(), /seen/);
		assert.doesNotMatch(shown(), /\?1002h|\?2004h|eA==/);
	});

	test("stays what it has once it is dismissed", () => {
		const { client, output, shown, remote, run } = connected();
		output("before");
		client.dismiss();
		output("after");
		run(1000);
		assert.match(shown(), /before/);
		assert.doesNotMatch(shown(), /after/);
		assert.equal(remote.peerShutdownAcknowledged || client.gone, true);
	});

	test("is the program's last screen when it ends", () => {
		const { client, emulator, clock, shown, run } = connected();
		emulator.write(Buffer.from("last words"));
		client.changed();
		client.finish(emulator, clock.now());
		run(1000);
		assert.match(shown(), /last words/);
		assert.equal(client.gone, true);
		assert.equal(client.update(emulator, false, "brief", clock.now()), false);
	});
});

test("a client that leaves is reachable for a while after it was heard, one that was promised is not yet", () => {
	const { client, clock } = connected();
	assert.deepEqual([client.role, client.reachable], ["promised", false]);
	client.role = "typing";
	assert.equal(client.reachable, true);
	client.role = "leaving";
	assert.equal(client.reachable, true);
	clock.advance(LEAVING_REACH_MS + 3_000);
	assert.equal(client.reachable, false);
});
