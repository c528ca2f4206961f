import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { KernelProcessTable } from "../../../src/guard/kernel/processes.js";
import { KernelSocketTable, parseSocket } from "../../../src/guard/kernel/sockets.js";
import type { UdpSocket } from "../../../src/guard/kernel/udp-socket.js";
import { SystemCommands } from "../../../src/system/commands.js";
import { scratchFolder } from "../../support/scratch.js";

const ALL = { first: 1, last: 65535 };
const RANGE = { first: 60001, last: 60999 };

/** A line of `ss -uanHe state unconnected`. */
const row = (local: string, inode = 4711, uid = 1000) =>
	`0      0      ${local}      0.0.0.0:*    ${uid === 0 ? "" : `uid:${uid} `}ino:${inode} sk:c78c cgroup:/user.slice <-> `;

/** `ss` as it would answer: the sockets that a filter's ports select. */
class PretendedSs {
	rows: string[] = [];
	/** What the next listing of a range lacks. */
	hidden: string[] = [];
	readonly filters: string[] = [];
	/** Called before each answer is given. */
	before: (filter: string) => Promise<void> = async () => undefined;

	async run(tool: string, _args: readonly string[], { input = "" } = {}) {
		if (tool === "ip") {
			return { stdout: "2: eth0    inet 192.0.2.9/24 scope global eth0\n", stderr: "", exitCode: 0 };
		}
		assert.equal(tool, "ss");
		this.filters.push(input);
		const { rows } = this;
		const ports = [...input.matchAll(/sport = :(\d+)/g)].map(([, port]) => port);
		const hidden = ports.length === 0 ? this.hidden.splice(0) : [];
		await this.before(input);
		const lines = rows.filter((line) => {
			if (hidden.includes(line)) {
				return false;
			}
			return ports.length === 0 || ports.some((port) => line.includes(`:${port} `));
		});
		return { stdout: `${lines.join("\n")}\n`, stderr: "", exitCode: 0 };
	}
}

function pretended(rows: string[], counted?: number) {
	const ss = new PretendedSs();
	ss.rows = rows;
	const folder = scratchFolder();
	const count = (sockets: number) =>
		writeFileSync(join(folder, "sockstat"), `TCP: inuse 7\nUDP: inuse ${sockets} mem 2\n`);
	if (counted !== undefined) {
		count(counted);
	}
	return { ss, count, folder, table: new KernelSocketTable(ss, { folder }) };
}

const portsOf = (sockets: readonly UdpSocket[]) => sockets.map(({ port }) => port);
const rowsOf = (count: number) =>
	Array.from({ length: count }, (_, i) => row(`10.0.0.1:${60001 + i}`, 5000 + i));

describe("the socket table as ss prints it", () => {
	test("v4, v6, mapped, wildcard and device-bound addresses, in canonical form", () => {
		const addresses = [
			["10.0.0.1:60001", "ipv4", "10.0.0.1"],
			["0.0.0.0:60001", "ipv4", "0.0.0.0"],
			["0.0.0.0%eth0:60001", "ipv4", "0.0.0.0"],
			["10.0.0.1%wg-a.b:60001", "ipv4", "10.0.0.1"],
			["[fd00::1]:60001", "ipv6", "fd00::1"],
			["[fe80::1]%eth0:60001", "ipv6", "fe80::1"],
			["*:60001", "ipv6", "::"],
			["[::]:60001", "ipv6", "::"],
			["[::ffff:10.0.0.1]:60001", "ipv4", "10.0.0.1"],
		] as const;
		for (const [local, family, address] of addresses) {
			assert.deepEqual(parseSocket(row(local)), { family, address, port: 60001, uid: 1000, inode: 4711 });
		}
		assert.equal(parseSocket(row("10.0.0.1:60001", 4711, 0))?.uid, 0);
	});

	test("connected sockets, orphans and broken lines are none", () => {
		const connected = row("10.0.0.1:60001").replace("0.0.0.0:*", "10.0.0.2:53");
		for (const line of [connected, row("10.0.0.1:60001", 0), row("host:60001"), "0 0 10.0.0.1:60001", ""]) {
			assert.equal(parseSocket(line), undefined);
		}
	});

	test("an unchanged table is the same array, an unchanged socket the same object", async () => {
		const { ss, table } = pretended([row("10.0.0.1:60001")]);
		const first = await table.read(RANGE);
		assert.equal(await table.read(RANGE), first);
		ss.rows = [...ss.rows, row("10.0.0.1:60002", 4712)];
		const second = await table.read(RANGE);
		assert.equal(second.length, 2);
		assert.equal(second[0], first[0]);
	});

	test("a failure of ss is a failure, not an empty table", async () => {
		const table = new KernelSocketTable({ run: () => Promise.reject(new Error("no ss")) });
		await assert.rejects(table.read(RANGE), /no ss/);
	});

	test("the kernel selects: range and loopback are in the filter", async () => {
		const { ss, table } = pretended([]);
		await table.read(RANGE);
		assert.equal(
			ss.filters[0],
			"( sport >= :60001 and sport <= :60999 ) and not src 127.0.0.0/8 and not src [::1]\n",
		);
	});

	test("a socket that a list in several pieces lacks is asked for by its port before it counts as gone", async () => {
		const rows = rowsOf(40);
		const { ss, table } = pretended(rows);
		assert.equal((await table.read(RANGE)).length, 40);
		ss.hidden = rows.slice(3, 5);
		assert.equal((await table.read(RANGE)).length, 40);
		ss.rows = rows.slice(0, 39);
		assert.equal((await table.read(RANGE)).length, 39);
	});

	test("so is one that the very first list lacks", async () => {
		const rows = rowsOf(40);
		const { ss, table } = pretended(rows);
		ss.hidden = rows.slice(3, 5);
		assert.equal((await table.read(RANGE)).length, 40);
	});

	test("one port is read without the list, and its news outlasts an older list that is still under way", async () => {
		const { ss, table } = pretended([row("10.0.0.1:60001")]);
		await table.read(RANGE);
		let finish: () => void = () => undefined;
		ss.before = (filter) =>
			filter.includes(">=") ? new Promise((resolve) => (finish = resolve)) : Promise.resolve();
		const list = table.read(RANGE);
		ss.rows = [row("10.0.0.1:60002", 4712)];
		assert.deepEqual(portsOf(await table.readPorts(new Set([60002]))), [60001, 60002]);
		assert.deepEqual(portsOf(await table.readPorts(new Set([60001]))), [60002]);
		finish();
		assert.deepEqual(portsOf(await list), [60002]);
	});

	test("while a user floods the range, only what can be a session's is listed, and the rest stays as it was", async () => {
		const flood = Array.from({ length: 1200 }, (_, i) => row(`10.0.0.1:60500`, 9000 + i, 1001));
		const { ss, folder } = pretended([row("10.0.0.1:60001"), ...flood]);
		const table = new KernelSocketTable(ss, { folder, maxPerUser: () => 10 });
		assert.equal((await table.read(RANGE)).length, 11);
		assert.doesNotMatch(ss.filters.at(-1) ?? "", /0\.0\.0\.0/);
		ss.rows = [row("0.0.0.0:60001", 4712)];
		await table.read(RANGE);
		assert.match(
			ss.filters.at(-1) ?? "",
			/and \( src 0\.0\.0\.0 or src \[::\] or src 192\.0\.2\.9 \) and not src 10\.0\.0\.1:60500 \)/,
		);
		// Neither address nor crowd is asked for, so nothing is known of their end; the port's own reading tells.
		assert.equal((await table.read(RANGE)).length, 12);
		const sockets = await table.readPorts(new Set([60001, 60500]));
		assert.deepEqual(
			sockets.map(({ inode }) => inode),
			[4712],
		);
	});

	describe("a quick reading", () => {
		test("lists nothing while the host has as many sockets as at the last list", async () => {
			const { ss, table } = pretended([row("10.0.0.1:60001")], 9);
			assert.deepEqual(portsOf(await table.read(RANGE, true)), [60001]);
			ss.rows = [row("10.0.0.1:60002")];
			assert.deepEqual(portsOf(await table.read(RANGE, true)), [60001]);
			assert.deepEqual(portsOf(await table.read(RANGE)), [60002]);
		});

		test("lists nothing either while it has as many as readings of single ports have found since", async () => {
			const { ss, count, table } = pretended([row("10.0.0.1:60001"), row("10.0.0.1:60002", 4712)], 9);
			await table.read(RANGE);
			ss.rows = [row("10.0.0.1:60002", 4712)];
			count(8);
			await table.readPorts(new Set([60001]));
			assert.deepEqual(portsOf(await table.read(RANGE, true)), [60002]);
			ss.rows.push(row("10.0.0.1:60003", 4713), row("10.0.0.1:60004", 4714));
			count(10);
			await table.readPorts(new Set([60003, 60004]));
			await table.read(RANGE, true);
			assert.equal(ss.filters.filter((filter) => filter.includes(">=")).length, 1);
			count(11);
			await table.read(RANGE, true);
			assert.equal(ss.filters.filter((filter) => filter.includes(">=")).length, 2);
		});

		test("lists nothing after a list that lacked a socket, which its port showed", async () => {
			const rows = rowsOf(40);
			const { ss, table } = pretended(rows, 40);
			await table.read(RANGE);
			ss.hidden = rows.slice(3, 4);
			await table.read(RANGE);
			const asked = ss.filters.length;
			assert.equal((await table.read(RANGE, true)).length, 40);
			assert.equal(ss.filters.length, asked);
		});

		test("lists when the number is another, or the range, and where there is no number", async () => {
			const { ss, count, table } = pretended([row("10.0.0.1:60001")], 9);
			await table.read(RANGE);
			count(10);
			await table.read(RANGE, true);
			await table.read(ALL, true);
			assert.equal(ss.filters.length, 3);
			const without = pretended([]);
			await without.table.read(RANGE);
			await without.table.read(RANGE, true);
			assert.equal(without.ss.filters.length, 2);
		});
	});

	test("holds a socket of this process, found again among its descriptors", async (t) => {
		const address = Object.values(networkInterfaces())
			.flat()
			.find((found) => found?.family === "IPv4" && !found.internal)?.address;
		if (address === undefined) {
			return t.skip("this machine has no address but loopback's");
		}
		const table = new KernelSocketTable(new SystemCommands());
		const socket = createSocket("udp4").bind(0, address);
		await once(socket, "listening");
		const { port } = socket.address();
		const [found] = await table.read({ first: port, last: port });
		assert.equal(found?.uid, process.geteuid?.());
		assert.ok(new KernelProcessTable().socketsOf(process.pid).has(found?.inode ?? -1));
		socket.close();
		await once(socket, "close");
		assert.deepEqual(await table.readPorts(new Set([port])), []);
	});
});
