import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { after, describe, test } from "node:test";
import { SocketDiag } from "../../../src/guard/kernel/socket-diag.js";
import { KernelSocketTable } from "../../../src/guard/kernel/sockets.js";
import { changesBetween } from "../../../src/guard/kernel/table-changes.js";
import type { UdpSocket } from "../../../src/guard/kernel/udp-socket.js";
import { SystemCommands } from "../../../src/system/commands.js";
import {
	loadNetlink,
	type Netlink,
	NetlinkError,
	type NetlinkQuestions,
} from "../../../src/system/netlink.js";
import { netlinkModule } from "../../support/netlink.js";

const RANGE = { first: 61_700, last: 61_799 };

const sockets: Socket[] = [];
after(() => {
	for (const socket of sockets) {
		socket.close();
	}
});

async function bind(
	type: "udp4" | "udp6",
	port: number,
	address?: string,
	ipv6Only = false,
): Promise<Socket> {
	const socket = createSocket({ type, ipv6Only });
	sockets.push(socket);
	socket.bind(port, address);
	await once(socket, "listening");
	return socket;
}

function diag(): SocketDiag {
	return new SocketDiag(loadNetlink(netlinkModule()) as Netlink);
}

const sorted = (found: readonly UdpSocket[]) => [...found].sort((a, b) => a.inode - b.inode);

describe("sockets as the kernel itself lists them", () => {
	test("are those that ss lists: by port, not on loopback, not connected", async () => {
		await bind("udp4", 61_700, "0.0.0.0");
		await bind("udp6", 61_701, "::");
		await bind("udp6", 61_702, "::", true);
		await bind("udp4", 61_703, "127.0.0.1");
		await bind("udp6", 61_704, "::1");
		await bind("udp6", 61_705, "::ffff:127.0.0.1");
		await bind("udp4", 61_799, "0.0.0.0");
		await bind("udp4", 61_800, "0.0.0.0");
		await bind("udp4", 61_699, "0.0.0.0");
		const connected = await bind("udp4", 61_706, "0.0.0.0");
		connected.connect(9, "127.0.0.1");
		await once(connected, "connect");
		const found = await diag().list(RANGE, true);
		assert.deepEqual(found.map(({ port }) => port).sort(), [61_700, 61_701, 61_702, 61_799]);
		assert.deepEqual(sorted(found), sorted(await new KernelSocketTable(new SystemCommands()).read(RANGE)));
	});

	test("a known one is the same object, also after a list of other ports", async () => {
		const reader = diag();
		const [first] = await reader.list({ first: 61_700, last: 61_700 }, true);
		await reader.list({ first: 61_799, last: 61_799 }, false);
		const [again] = await reader.list({ first: 61_700, last: 61_700 }, true);
		assert.ok(first);
		assert.equal(again, first);
	});

	test("an unchanged list is the same array, and of a changed one it is known what has changed", async () => {
		const range = { first: 61_900, last: 61_999 };
		const bound: Socket[] = [];
		for (let port = range.first; port < range.first + 60; port += 1) {
			bound.push(await bind(port % 3 === 0 ? "udp6" : "udp4", port, port % 3 === 0 ? "::" : "0.0.0.0"));
		}
		const reader = diag();
		const close = async (index: number) => {
			const [socket] = bound.splice(index, 1);
			sockets.splice(sockets.indexOf(socket as Socket), 1);
			socket?.close();
			await once(socket as Socket, "close");
		};
		let before = await reader.list(range, true);
		assert.equal(before.length, 60);
		assert.equal(await reader.list(range, true), before);
		const steps = [
			() => close(30),
			async () => bound.push(await bind("udp4", 61_999, "0.0.0.0")),
			async () => {
				await close(0);
				await close(bound.length - 1);
				bound.push(await bind("udp6", 61_998, "::"));
			},
			() => close(20),
		];
		for (const step of steps) {
			await step();
			const after = await reader.list(range, true);
			const whole = await diag().list(range, true);
			assert.deepEqual(sorted(after), sorted(whole));
			const { added, removed } = changesBetween(before, after);
			assert.deepEqual(
				added,
				after.filter((socket) => !before.includes(socket)),
			);
			assert.deepEqual(
				removed,
				before.filter((socket) => !after.includes(socket)),
			);
			assert.ok(added.length + removed.length <= 3);
			before = after;
		}
	});

	test("where it cannot list them, ss is asked", async () => {
		let asked = 0;
		const netlink: NetlinkQuestions = {
			ask: async () => {
				asked += 1;
				throw new NetlinkError("EPROTONOSUPPORT");
			},
		};
		const table = new KernelSocketTable(new SystemCommands(), { netlink });
		assert.ok((await table.read(RANGE)).some(({ port }) => port === 61_700));
		assert.ok((await table.readPorts(new Set([61_799]))).some(({ port }) => port === 61_799));
		assert.equal(asked, 2);
	});
});
