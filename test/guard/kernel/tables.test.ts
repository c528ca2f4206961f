import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { addressFromKernel, addressFromText, isLoopback } from "../../../src/guard/kernel/address.js";
import { KernelProcessTable } from "../../../src/guard/kernel/processes.js";
import { KernelSocketTable, parseSocketTable } from "../../../src/guard/kernel/sockets.js";
import { scratchFolder } from "../../support/scratch.js";

const HEADING =
	"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref\n";
const row = (local: string, state = "07", uid = "1000", inode = "4711") =>
	` 1852: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000 ${uid}        0 ${inode} 2 0 0\n`;
const ALL = { first: 1, last: 65535 };

describe("the socket table as the kernel prints it", { skip: process.arch === "s390x" }, () => {
	test("v4, v6, mapped and wildcard addresses, in canonical form", () => {
		const addresses = [
			["0100000A:EA61", "ipv4", "10.0.0.1"],
			["00000000:EA61", "ipv4", "0.0.0.0"],
			["000000FD000000000000000001000000:EA61", "ipv6", "fd00::1"],
			["00000000000000000000000000000000:EA61", "ipv6", "::"],
			["0000000000000000FFFF00000100000A:EA61", "ipv4", "10.0.0.1"],
		] as const;
		for (const [local, family, address] of addresses) {
			const [socket] = parseSocketTable(HEADING + row(local), ALL);
			assert.deepEqual(socket, { family, address, port: 60001, uid: 1000, inode: 4711 });
		}
	});

	test("connected sockets, other ports and broken lines are left out", () => {
		const text = `${HEADING}${row("0100000A:EA61", "01")}${row("0100000A:EA60")}${row("XYZ:EA61")} 1: 0100000A\n\n`;
		assert.deepEqual(parseSocketTable(text, { first: 60001, last: 60999 }), []);
	});

	test("an unchanged table is the same array, an unchanged line the same socket", () => {
		const folder = scratchFolder();
		writeFileSync(join(folder, "udp"), HEADING + row("0100000A:EA61"));
		const table = new KernelSocketTable(folder);
		const first = table.read(ALL);
		assert.equal(table.read(ALL), first);
		writeFileSync(
			join(folder, "udp"),
			HEADING + row("0100000A:EA61") + row("0100000A:EA62", "07", "0", "4712"),
		);
		const second = table.read(ALL);
		assert.equal(second.length, 2);
		assert.equal(second[0], first[0]);
		assert.deepEqual(table.read({ first: 60002, last: 60002 }), [second[1]]);
		rmSync(folder, { recursive: true });
		assert.throws(() => table.read(ALL), { code: "ENOENT" });
	});

	describe("a glance", () => {
		const one = HEADING + row("0100000A:EA61");
		const other = HEADING + row("0100000A:EA62");
		const both = one + row("0100000A:EA62", "07", "0", "4712");
		function table(text: string, count?: number) {
			const folder = scratchFolder();
			const write = (text: string, count?: number) => {
				writeFileSync(join(folder, "udp"), text);
				if (count !== undefined)
					writeFileSync(join(folder, "sockstat"), `TCP: inuse 7\nUDP: inuse ${count} mem 2\n`);
			};
			write(text, count);
			return { table: new KernelSocketTable(folder), write };
		}
		const ports = (table: KernelSocketTable, glance: boolean) =>
			table.read(ALL, glance).map(({ port }) => port);

		test("reads nothing while the kernel counts as many sockets as a whole read found", () => {
			const { table: sockets, write } = table(one, 1);
			assert.deepEqual(ports(sockets, true), [60001]);
			assert.ok(sockets.whole);
			write(other, 1);
			assert.deepEqual(ports(sockets, true), [60001]);
			assert.deepEqual(ports(sockets, false), [60002]);
		});

		test("reads when the number is another, or the range", () => {
			const { table: sockets, write } = table(one, 1);
			sockets.read(ALL);
			write(both, 2);
			assert.deepEqual(ports(sockets, true), [60001, 60002]);
			assert.equal(sockets.read({ first: 60002, last: 60002 }, true).length, 1);
		});

		test("reads after a read that found another number, and where there is no number", () => {
			for (const count of [2, undefined]) {
				const { table: sockets, write } = table(one, count);
				sockets.read(ALL);
				assert.ok(!sockets.whole);
				write(other);
				assert.deepEqual(ports(sockets, true), [60002]);
			}
		});
	});

	test("holds a socket of this process, found again among its descriptors", async () => {
		const socket = createSocket("udp4").bind(0, "127.0.0.1");
		await once(socket, "listening");
		const { port } = socket.address();
		const [found] = new KernelSocketTable().read({ first: port, last: port });
		assert.equal(found?.uid, process.geteuid?.());
		assert.ok(new KernelProcessTable().socketInodes(process.pid).includes(found?.inode ?? -1));
		socket.close();
		await once(socket, "close");
		assert.deepEqual(new KernelSocketTable().read({ first: port, last: port }), []);
	});
});

test("addresses as people write them", () => {
	assert.deepEqual(addressFromText("ipv6", "2001:DB8:0:0::1"), { family: "ipv6", address: "2001:db8::1" });
	assert.deepEqual(addressFromText("ipv6", "::FFFF:192.0.2.1"), { family: "ipv4", address: "192.0.2.1" });
	assert.equal(addressFromText("ipv6", "fe80::1%eth0"), undefined);
	assert.equal(addressFromText("ipv4", "::1"), undefined);
	assert.equal(addressFromText("ipv4", "192.0.2"), undefined);
	assert.equal(addressFromKernel("0100"), undefined);
	assert.ok(isLoopback({ family: "ipv4", address: "127.9.9.9" }));
	assert.ok(!isLoopback({ family: "ipv6", address: "::" }));
});

describe("processes", () => {
	const processes = new KernelProcessTable();

	test("this one, as the kernel knows it", () => {
		const facts = processes.describe(process.pid);
		assert.equal(facts?.executable.path, process.execPath);
		assert.equal(facts?.parent, process.ppid);
		assert.equal(facts?.effectiveUid, process.geteuid?.());
		assert.ok(facts?.groups.includes(process.getegid?.() ?? -1));
		assert.equal(facts?.executable.deleted, false);
		assert.match(facts?.startTime ?? "", /^\d+$/);
		assert.ok(processes.pids().includes(process.pid));
	});

	test("one whose file was unlinked keeps its path, its inode and its owner", async () => {
		const folder = scratchFolder();
		const path = join(folder, "sleep (1)");
		copyFileSync("/bin/sleep", path);
		const inode = processes.file(path)?.inode;
		const child = spawn(path, ["60"]);
		await once(child, "spawn");
		rmSync(path);
		const facts = processes.describe(child.pid ?? 0);
		assert.equal(facts?.executable.path, path);
		assert.equal(facts?.executable.deleted, true);
		assert.equal(facts?.executable.inode, inode);
		assert.equal(processes.executablePath(child.pid ?? 0), path);
		assert.equal(processes.file(path), undefined);
		child.kill();
		await once(child, "exit");
		assert.equal(processes.describe(child.pid ?? 0), undefined);
		assert.deepEqual(processes.socketInodes(child.pid ?? 0), []);
	});
});
