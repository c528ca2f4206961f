import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compress } from "../../src/ssp/compression.js";
import { DatagramCipher } from "../../src/ssp/datagram.js";
import { encodeFragment } from "../../src/ssp/fragment.js";
import { encodeInstruction } from "../../src/ssp/instruction.js";
import { Opening } from "../../src/ssp/opening.js";
import { Transport } from "../../src/ssp/transport.js";
import { UserInput, userInputCodec } from "../../src/ssp/user-input.js";
import { KEY, TransportPair, textCodec } from "../support/transport-pair.js";
import { runTransports } from "../support/virtual-run.js";

const SIZE = { type: "resize", columns: 80, rows: 24 } as const;

/** A client whose server has only an opening so far. */
class Beginning {
	readonly pair = new TransportPair();
	readonly opening: Opening;
	/** Sequence numbers of the datagrams that the client got. */
	readonly sequences: bigint[] = [];
	readonly dropped: string[] = [];

	constructor() {
		const { link, clock, client } = this.pair;
		this.opening = new Opening({
			key: KEY,
			port: link.server,
			clock,
			observer: { dropped: (reason) => this.dropped.push(reason) },
		});
		link.client.deliver = (datagram, from) => this.opening.receive(datagram, from);
		const cipher = new DatagramCipher(KEY);
		link.server.deliver = (datagram, from) => {
			this.sequences.push(cipher.open(datagram)?.sequence ?? -1n);
			client.receive(datagram, from);
		};
	}

	type(text: string): void {
		this.pair.enter({ type: "bytes", bytes: Buffer.from(text) });
	}

	/** The transport that continues, and what the client has typed meanwhile. */
	continue(): { server: Transport<string, UserInput>; typed: string } {
		const { link, clock } = this.pair;
		const server = new Transport({
			role: "server",
			key: KEY,
			clock,
			port: link.server,
			opening: this.opening,
			local: textCodec,
			initialLocal: "",
			remote: userInputCodec,
			initialRemote: UserInput.empty,
		});
		link.client.deliver = (datagram, from) => server.receive(datagram, from);
		let typed = "";
		let consumed = 0;
		for (const instruction of this.opening.takeKept()) {
			if (server.resume(instruction)) {
				const { state } = server.remote;
				for (const event of state.since(consumed)) {
					typed += event.type === "bytes" ? Buffer.from(event.bytes).toString() : "";
				}
				consumed = state.end;
			}
		}
		return { server, typed };
	}
}

/** A client's datagram with an instruction of its own making. */
function sealed(sequence: bigint, oldNumber: bigint): Uint8Array {
	const instruction = {
		oldNumber,
		newNumber: oldNumber + 1n,
		ack: 0n,
		throwaway: 0n,
		diff: new Uint8Array(0),
	};
	const contents = compress(encodeInstruction(instruction));
	const payload = encodeFragment({ id: sequence, number: 0, final: true, contents });
	return new DatagramCipher(KEY).seal({
		...{ toClient: false, sequence, timestamp: 1, timestampReply: 0xffff, payload },
	});
}

describe("an opening", () => {
	it("tells a client at once that its server is there, and only once", () => {
		const { pair, sequences, opening } = new Beginning();
		pair.enter(SIZE);
		pair.run(20);
		assert.deepEqual([pair.client.remote.number, pair.client.remote.state], [1n, ""]);
		assert.equal(pair.client.confirmedLocal.end, 1, "what it has said counts as heard");
		pair.run(20_000);
		assert.deepEqual(sequences, [0n]);
		assert.ok(opening.takeKept().length > 1);
	});

	it("answers nobody else", () => {
		const { pair, opening, dropped } = new Beginning();
		const from = pair.link.client.address;
		const rest = { sequence: 1n, timestamp: 1, timestampReply: 0xffff, payload: Buffer.alloc(40) };
		for (const bytes of [
			new Uint8Array(0),
			Buffer.alloc(60),
			Buffer.alloc(3000),
			new DatagramCipher(new Uint8Array(16)).seal({ ...rest, toClient: false }),
			new DatagramCipher(KEY).seal({ ...rest, toClient: true }),
			// A fragment of zeros: the rest of it never comes.
			new DatagramCipher(KEY).seal({ ...rest, toClient: false }),
		]) {
			opening.receive(bytes, from);
		}
		assert.equal(pair.link.server.sent, 0);
		assert.deepEqual(opening.takeKept(), []);
		assert.equal(dropped.length, 5);
	});

	it("acknowledges nothing of which it lacks the beginning, and keeps no more than a client says in a few seconds", () => {
		const { pair, opening } = new Beginning();
		for (let sequence = 0n; sequence < 1000n; sequence++) {
			opening.receive(sealed(sequence, 5n + sequence), pair.link.client.address);
		}
		assert.equal(pair.link.server.sent, 0);
		assert.equal(opening.takeKept().length, 64);
		assert.equal(opening.takeKept().length, 0);
		opening.receive(sealed(1000n, 0n), pair.link.client.address);
		assert.equal(pair.link.server.sent, 1);
	});
});

describe("a transport that continues an opening", () => {
	it("has all that the client has said, and no nonce is used again", () => {
		const beginning = new Beginning();
		const { pair, sequences } = beginning;
		pair.enter(SIZE);
		pair.run(20);
		beginning.type("ab");
		pair.run(300);
		beginning.type("c");
		pair.run(300);
		const { server, typed } = beginning.continue();
		assert.equal(typed, "abc");
		server.setLocal("screen");
		const { link, client, clock } = pair;
		assert.ok(
			runTransports({
				...{ link, client, clock, server, ms: 1000, step: 0.01 },
				done: () => server.confirmedLocal === "screen",
			}),
		);
		assert.deepEqual([client.remote.number, client.remote.state], [2n, "screen"]);
		assert.deepEqual(
			sequences,
			sequences.map((_, index) => BigInt(index)),
		);
	});

	it("sends the first frame when it is due, however little after the answer", () => {
		const beginning = new Beginning();
		const { pair } = beginning;
		pair.enter(SIZE);
		pair.run(20);
		const { server } = beginning.continue();
		server.setLocal(".screen");
		const { link, client, clock } = pair;
		const done = () => client.remote.state === ".screen";
		assert.ok(runTransports({ link, client, clock, server, ms: 10, step: 0.01, done }));
	});

	it("begins at the beginning if nobody has been heard", () => {
		const beginning = new Beginning();
		const { pair } = beginning;
		const { server } = beginning.continue();
		pair.enter(SIZE);
		server.setLocal("screen");
		const { link, client, clock } = pair;
		runTransports({ link, client, clock, server, ms: 1000, step: 0.01, done: () => false });
		assert.deepEqual([client.remote.number, client.remote.state], [1n, "screen"]);
	});
});
