import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { UdpPort } from "../../../src/server/host/udp-port.js";
import type { SendOutcome } from "../../../src/ssp/index.js";
import { until } from "../../support/wait.js";

describe("a UDP port", () => {
	const open: UdpPort[] = [];
	afterEach(() => {
		for (const port of open.splice(0)) {
			port.close();
		}
	});

	async function bound(address: string, port = 0): Promise<UdpPort> {
		const made = await UdpPort.bind(address, port);
		open.push(made);
		return made;
	}

	it("carries datagrams both ways, with the address that each comes from", async () => {
		const [one, other] = [await bound("127.0.0.1"), await bound("127.0.0.1")];
		const heard: string[] = [];
		other.onDatagram((datagram, from) => {
			heard.push(`${Buffer.from(datagram)} from ${from.address}:${from.port}`);
		});
		assert.equal(one.send(Buffer.from("hello"), { address: "127.0.0.1", port: other.port }), "sent");
		await until("it arrives", () => heard.length > 0);
		assert.deepEqual(heard, [`hello from 127.0.0.1:${one.port}`]);
		assert.deepEqual([one.family, one.address], ["ipv4", "127.0.0.1"]);
	});

	it("is taken by one, and the system's error tells", async () => {
		const { port } = await bound("127.0.0.1");
		await assert.rejects(bound("127.0.0.1", port), { code: "EADDRINUSE" });
		await assert.rejects(bound("198.51.100.1"), { code: "EADDRNOTAVAIL" });
	});

	it("tells of a datagram that is too big for the path, each of those who share it of its own only", async () => {
		const port = await bound("127.0.0.1");
		const told: [string, SendOutcome, number][] = [];
		port.onSendError((outcome, bytes) => told.push(["port", outcome, bytes]));
		const seats = ["first", "second"].map((name) => {
			const seat = port.share();
			seat.onSendError?.((outcome, bytes) => told.push([name, outcome, bytes]));
			return seat;
		});
		const to = { address: "127.0.0.1", port: 9 };
		seats[1]?.send(new Uint8Array(65_508), to);
		await until("it is told", () => told.length > 0);
		assert.deepEqual(told, [["second", "too-big", 65_508]]);
		port.send(new Uint8Array(70_000), to);
		await until("it is told", () => told.length > 1);
		assert.deepEqual(told[1], ["port", "too-big", 70_000]);
		assert.equal(seats[0]?.family, "ipv4");
	});
});
