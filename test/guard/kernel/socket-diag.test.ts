import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { after, describe, test } from "node:test";
import { SocketDiag } from "../../../src/guard/kernel/socket-diag.js";
import { KernelSocketTable } from "../../../src/guard/kernel/sockets.js";
import type { UdpSocket } from "../../../src/guard/kernel/udp-socket.js";
import { SystemCommands } from "../../../src/system/commands.js";
import { loadNetlink, type Netlink, NetlinkError } from "../../../src/system/netlink.js";
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

	test("where it cannot list them, ss is asked", async () => {
		let asked = 0;
		const netlink: Netlink = {
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
