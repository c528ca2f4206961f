import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import fc from "fast-check";
import type { Opening } from "../../src/firewall/firewall.js";
import { openingKey } from "../../src/firewall/opening.js";
import type { Guard } from "../../src/guard/guard.js";
import type { Lease } from "../../src/guard/sessions/leases.js";
import { RESCAN_DELAYS_MS } from "../../src/guard/triggers/rescan-burst.js";
import { type FakeHost, MOSH, NODE, SCRIPT } from "../support/fake-host.js";
import { memoryGuard, SETTINGS, until } from "../support/memory-guard.js";

const started: Guard[] = [];
afterEach(async () => {
	for (const guard of started.splice(0)) {
		await guard.stop({ leaveOpen: true });
	}
});

function setUp(settings = SETTINGS) {
	const parts = memoryGuard(settings);
	started.push(parts.guard);
	return parts;
}

const at = (port: number, address = "192.0.2.1"): Opening => ({ family: "ipv4", address, port });

const leaseOf = (opening: Opening, pid: number, uid?: number): Lease => {
	return { opening, pid, uid, ended: () => undefined };
};

describe("a login", () => {
	test("opens its port on an event and closes it after the server's end", async () => {
		const { host, firewall, trigger, guard, cut } = setUp();
		await guard.start();
		const { pid } = host.serve(60001);
		trigger.pull();
		await until(() => firewall.open.length === 1);
		assert.deepEqual(firewall.open, ["ipv4 192.0.2.1 60001"]);
		host.kill(pid);
		trigger.pull();
		await until(() => firewall.open.length === 0);
		assert.deepEqual(cut.map(openingKey), ["ipv4 192.0.2.1 60001"]);
	});

	test("has a port that the guard knows until it has found the socket gone", async () => {
		const { host, trigger, guard } = setUp();
		await guard.start();
		const { pid } = host.serve(60001);
		assert.ok(!guard.knows(60001));
		trigger.pull();
		await until(() => guard.knows(60001));
		assert.ok(!guard.knows(60002));
		host.kill(pid);
		assert.ok(guard.knows(60001));
		trigger.pull();
		await until(() => !guard.knows(60001));
	});

	test("costs no listing of the rules, and only new processes are inspected", async () => {
		const { host, firewall, trigger, guard } = setUp();
		for (let port = 60101; port < 60119; port++) {
			host.serve(port);
		}
		await guard.start();
		const { listings } = firewall;
		host.descriptorReads = 0;
		host.serve(60001);
		trigger.pull();
		await until(() => firewall.open.includes("ipv4 192.0.2.1 60001"));
		assert.equal(firewall.listings, listings);
		assert.equal(host.descriptorReads, 1);
	});

	test("is in the log with whose port it is", async () => {
		const { host, guard, opened } = setUp();
		host.serve(60001, { uid: 1000 });
		host.serve(60002, { uid: 1001, family: "ipv6", address: "::" });
		await guard.start();
		assert.deepEqual(opened, [
			{ ...at(60001), uid: 1000 },
			{ family: "ipv6", address: "::", port: 60002, uid: 1001 },
			{ ...at(60002, "0.0.0.0"), uid: 1001 },
		]);
	});

	test("is told of when its port is open, and a firewall that fails is not taken for a closed port", async () => {
		const { host, firewall, trigger, guard, settled } = setUp();
		await guard.start();
		const { pid } = host.serve(60001);
		trigger.pull();
		await until(() => settled.at(-1)?.join() === "60001");
		firewall.failure = new Error("disk full");
		host.serve(60002);
		trigger.pull();
		await until(() => guard.status().problems.length > 0);
		assert.equal(settled.at(-1)?.join(), "60001");
		firewall.failure = undefined;
		await until(() => settled.at(-1)?.join() === "60001,60002");
		host.kill(pid);
		trigger.pull();
		await until(() => settled.at(-1)?.join() === "60002");
	});

	test("of a program of another kind opens nothing and is not reported", async () => {
		const { host, firewall, guard, events } = setUp();
		const executable = host.install("/home/eve/game", { ownerUid: 1000 });
		host.serve(60001, { executable, commandLine: [MOSH] });
		await guard.start();
		assert.deepEqual(firewall.open, []);
		assert.deepEqual(guard.status().ports, []);
		assert.ok(!events.includes("port.refused"));
	});

	test("of a server that is just forking opens at once, and the process that stays is its holder", async () => {
		const { host, firewall, trigger, guard } = setUp();
		const { pid, socket } = host.serve(60001);
		const server = host.spawn(1000, { parent: pid, sockets: [socket.inode] });
		const shell = host.spawn(1000, { parent: server, sockets: [socket.inode] });
		await guard.start();
		assert.deepEqual(firewall.open, ["ipv4 192.0.2.1 60001"]);
		for (const gone of [pid, shell]) {
			host.processes.delete(gone);
		}
		trigger.pull();
		await until(() => guard.status().ports[0]?.pid === server);
	});

	test("of a server that forks while it is inspected keeps its port", async () => {
		const { host, firewall, guard, events } = setUp();
		const { pid, socket } = host.serve(60001);
		await guard.start();
		const child = host.spawn(1000, { parent: pid, sockets: [] });
		const describe = host.describe.bind(host);
		host.describe = () => {
			host.describe = describe;
			host.processes.delete(pid);
			(host.processes.get(child) as { sockets: number[] }).sockets.push(socket.inode);
			return undefined;
		};
		await guard.reconcile();
		assert.equal(guard.status().ports[0]?.pid, child);
		// Parent, child and the child's own, all at once.
		const shell = host.spawn(1000, { parent: child, sockets: [socket.inode] });
		host.spawn(1000, { parent: shell, sockets: [socket.inode] });
		await guard.reconcile();
		assert.deepEqual(firewall.open, ["ipv4 192.0.2.1 60001"]);
		assert.ok(!events.includes("port.closed"));
	});

	test("of a server that passes its socket to another program is closed", async () => {
		const { host, firewall, guard } = setUp();
		const { pid, socket } = host.serve(60001);
		await guard.start();
		host.processes.delete(pid);
		host.spawn(1000, { executable: host.file("/usr/bin/bash") as never, sockets: [socket.inode] });
		await guard.reconcile();
		assert.deepEqual(firewall.open, []);
	});

	test("whose socket an unrelated process holds too opens nothing", async () => {
		const { host, firewall, guard } = setUp();
		const { socket } = host.serve(60001);
		host.spawn(1000, { sockets: [socket.inode] });
		await guard.start();
		assert.deepEqual(firewall.open, []);
	});

	test("on an address and port that two sockets share opens nothing", async () => {
		const { host, firewall, guard } = setUp();
		host.serve(60001);
		host.serve(60001, { executable: host.file("/usr/bin/bash") as never });
		await guard.start();
		assert.deepEqual(firewall.open, []);
		assert.equal((await guard.answer(at(60001)))?.code, "many-holders");
	});
	test("whose datagrams a more specific socket would receive opens nothing", async () => {
		const { host, firewall, guard } = setUp();
		host.serve(60001, { address: "0.0.0.0" });
		host.serve(60001, { executable: host.file("/usr/bin/bash") as never });
		await guard.start();
		assert.deepEqual(firewall.open, []);
	});
	test("whose socket another program holds too loses its port soon, and for as long as that lasts", async () => {
		const { host, firewall, guard } = setUp();
		const { socket } = host.serve(60001);
		const honest = host.serve(60002);
		const second = host.spawn(socket.uid, {
			executable: host.file("/usr/bin/bash") as never,
			sockets: [socket.inode],
		});
		await guard.start();
		assert.equal(firewall.open.length, 2);
		await until(() => firewall.open.length === 1);
		assert.deepEqual(firewall.open, [openingKey(honest.socket)]);
		await guard.reconcile();
		assert.deepEqual(firewall.open, [openingKey(honest.socket)]);
		assert.equal((await guard.answer(at(60001)))?.code, "many-holders");
		host.processes.delete(second);
		await guard.reconcile();
		assert.equal(firewall.open.length, 1);
	});
	test("is not kept out by another user's wildcard", async () => {
		const { host, firewall, guard } = setUp();
		const { socket } = host.serve(60001);
		host.serve(60001, { address: "0.0.0.0", uid: 1001, executable: host.file("/usr/bin/bash") as never });
		await guard.start();
		assert.deepEqual(firewall.open, [openingKey(socket)]);
	});
});

describe("scans", () => {
	test("an event is followed by one full scan and quick ones", async () => {
		const { host, trigger, guard } = setUp();
		host.serve(60001);
		await guard.start();
		host.quickReads.length = 0;
		trigger.pull();
		await until(() => host.quickReads.length > RESCAN_DELAYS_MS.length);
		assert.deepEqual(host.quickReads, [false, ...RESCAN_DELAYS_MS.map(() => true)]);
	});

	test("a kernel table that cannot be read closes nothing and is a problem, logged once", async () => {
		const { host, firewall, guard, events } = setUp();
		const { pid } = host.serve(60001);
		await guard.start();
		host.unreadable = new Error("no memory");
		host.kill(pid);
		await assert.rejects(guard.reconcile(), /no memory/);
		assert.equal(firewall.open.length, 1);
		assert.equal(guard.status().problems[0]?.code, "kernel-unreadable");
		await guard.scanned();
		assert.equal(events.filter((event) => event === "kernel.unreadable").length, 1);
		host.unreadable = undefined;
		await guard.reconcile();
		assert.deepEqual(firewall.open, []);
		assert.deepEqual(guard.status().problems, []);
	});

	test("processes that may not be inspected are named as the reason", async () => {
		const { host, guard } = setUp();
		const { pid } = host.serve(60001);
		host.hidden.add(pid);
		await guard.start();
		assert.equal(guard.status().ports[0]?.code, "holder-unreadable");
	});
});

describe("a firewall that others change or that fails", () => {
	test("what was flushed is restored, and logged", async () => {
		const { host, firewall, guard, events } = setUp();
		host.serve(60001);
		await guard.start();
		firewall.flush();
		await until(() => firewall.open.length === 1);
		assert.ok(events.includes("firewall.repaired"));
	});

	test("a failing firewall closes nothing, is tried again, and recovers", async () => {
		const { host, firewall, trigger, guard, events } = setUp();
		host.serve(60001);
		await guard.start();
		firewall.failure = new Error("No space left on device");
		host.serve(60002);
		trigger.pull();
		await until(() => events.includes("firewall.failed"));
		assert.equal(guard.status().firewall.healthy, false);
		assert.match(guard.status().problems[0]?.message ?? "", /No space left/);
		assert.deepEqual(firewall.open, ["ipv4 192.0.2.1 60001"]);
		firewall.failure = undefined;
		await until(() => firewall.open.length === 2);
		await until(() => events.includes("firewall.recovered"));
	});

	test("a firewall that stays broken is tried at one pace however much happens, and logged once", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const pass = async (ms: number) => {
			t.mock.timers.tick(ms);
			await new Promise((resolve) => setImmediate(resolve));
		};
		const { host, firewall, guard, events } = setUp();
		await guard.start();
		firewall.failure = new Error("No space left on device");
		for (let port = 60001; port <= 60015; port++) {
			host.serve(port);
			await guard.scanned();
			await pass(100);
		}
		const { failed } = firewall;
		assert.ok(failed >= 15);
		for (let second = 0; second < 30; second++) {
			await pass(1000);
		}
		// Every 10 s, and once for the servers' reports, which are awaited after the guard's start.
		assert.ok(firewall.failed - failed <= 4, `${firewall.failed - failed} tries in 30 s`);
		assert.equal(events.filter((event) => event === "firewall.failed").length, 1);
	});

	test("a firewall that fails at the start does not keep the guard from starting", async () => {
		const { host, firewall, guard } = setUp();
		firewall.failure = new Error("not running");
		host.serve(60001);
		await guard.start();
		firewall.failure = undefined;
		await until(() => firewall.open.length === 1);
	});

	test("a crashed guard's leftovers are closed at the next start, what is wanted of them stays untouched", async () => {
		const { host, firewall, guard } = setUp();
		firewall.rules.set("ipv4 192.0.2.1 60001", at(60001));
		firewall.rules.set("ipv4 192.0.2.1 60002", at(60002));
		host.serve(60001);
		await guard.start();
		assert.deepEqual(firewall.open, ["ipv4 192.0.2.1 60001"]);
		assert.deepEqual(firewall.changes, [{ open: [], close: [at(60002)] }]);
	});
});

describe("what a previous guard has left open", () => {
	test("stays for a script whose report is still to come, and no longer than that takes", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const { host, firewall, guard } = setUp();
		firewall.rules.set("ipv4 192.0.2.1 60001", at(60001));
		const script = { executable: host.file(NODE) as never, commandLine: ["node", SCRIPT, "new"] };
		const { pid } = host.serve(60001, script);
		host.serve(60002, script);
		await guard.start();
		assert.deepEqual(firewall.open, ["ipv4 192.0.2.1 60001"]);
		assert.equal((await guard.answer(at(60002)))?.code, "needs-report");
		const lease = leaseOf(at(60001), pid, 1000);
		guard.leases.add(lease);
		t.mock.timers.tick(10_000);
		await guard.reconcile();
		assert.deepEqual(firewall.open, ["ipv4 192.0.2.1 60001"]);
		guard.leases.remove(lease);
		await guard.reconcile();
		assert.deepEqual(firewall.open, []);
	});

	test("is closed in time for a script that does not report any more", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const { host, firewall, guard } = setUp();
		firewall.rules.set("ipv4 192.0.2.1 60001", at(60001));
		host.serve(60001, { executable: host.file(NODE) as never, commandLine: ["node", SCRIPT, "new"] });
		await guard.start();
		t.mock.timers.tick(9_000);
		await guard.scanned();
		assert.ok(guard.hasAdmitted);
		t.mock.timers.tick(1_000);
		for (let scans = 0; scans < 3; scans++) {
			await guard.scanned();
		}
		assert.deepEqual(firewall.open, []);
		assert.ok(!guard.hasAdmitted);
	});
});

describe("stopping", () => {
	test("leaves nothing of ours, no watch and no trigger", async () => {
		const { host, firewall, trigger, guard } = setUp();
		host.serve(60001);
		await guard.start();
		await guard.stop();
		assert.deepEqual(firewall.open, []);
		assert.ok(!firewall.watched);
		assert.ok(trigger.stopped);
	});

	test("may leave the ports of sessions that go on", async () => {
		const { host, firewall, guard } = setUp();
		host.serve(60001);
		await guard.start();
		await guard.stop({ leaveOpen: true });
		assert.equal(firewall.open.length, 1);
	});
});

describe("reports", () => {
	const onNode = (host: FakeHost) => ({
		executable: host.file(NODE) as never,
		commandLine: ["node", SCRIPT, "new"],
	});

	test("a script counts while its report stands, and no longer", async () => {
		const { host, firewall, guard } = setUp();
		const { pid } = host.serve(60001, onNode(host));
		await guard.start();
		assert.deepEqual(await guard.answer(at(60001)), {
			code: "needs-report",
			detail: `process ${pid} runs ${SCRIPT}`,
		});
		const lease = leaseOf(at(60001), pid, 1000);
		guard.leases.add(lease);
		assert.equal(await guard.answer(at(60001)), undefined);
		assert.equal(firewall.open.length, 1);
		guard.leases.remove(lease);
		guard.requestScan();
		await until(() => firewall.open.length === 0);
	});

	test("a server that counts by its report is refused in the log only when none comes", async (t) => {
		const { host, guard, events } = setUp();
		const { pid } = host.serve(60001, onNode(host));
		host.serve(60002, onNode(host));
		t.mock.timers.enable({ apis: ["setTimeout"] });
		await guard.start();
		guard.leases.add(leaseOf(at(60001), pid, 1000));
		await guard.reconcile();
		assert.ok(!events.includes("port.refused"));
		t.mock.timers.tick(10_000);
		assert.deepEqual(
			events.filter((event) => event === "port.refused"),
			["port.refused"],
		);
	});

	test("a report that names another process than the holder is none", async () => {
		const { host, guard } = setUp();
		const { pid } = host.serve(60001, onNode(host));
		await guard.start();
		guard.leases.add(leaseOf(at(60001), pid + 1));
		assert.equal((await guard.answer(at(60001)))?.code, "needs-report");
	});

	test("about a socket that is nobody's is refused after a short wait, on loopback needs nothing", async () => {
		const { guard } = setUp();
		await guard.start();
		assert.equal((await guard.answer(at(60001)))?.code, "not-bound");
		assert.equal(await guard.answer(at(60001, "127.0.0.1")), undefined);
	});

	test("show client and silence in the status, by the holder's own pid only", async () => {
		const { host, guard } = setUp();
		const { pid } = host.serve(60001);
		await guard.start();
		const forged = leaseOf(at(60001), 1, 1000);
		// An anonymous client that names the holder's pid too.
		const anonymous = leaseOf(at(60001), pid);
		const own = leaseOf(at(60001), pid, 1000);
		for (const lease of [forged, anonymous, own]) {
			guard.leases.add(lease);
		}
		for (const lease of [forged, anonymous]) {
			guard.updateLease(lease, { type: "update", client: { address: "203.0.113.66", port: 6 } });
		}
		assert.equal(guard.status().ports[0]?.client, undefined);
		guard.updateLease(own, { type: "update", client: { address: "203.0.113.5", port: 5 }, silentMs: 3000 });
		const [port] = guard.status().ports;
		assert.deepEqual(port?.client, { address: "203.0.113.5", port: 5 });
		assert.equal(port?.silentSeconds, 3);
	});
});

describe("a status that was asked for", () => {
	const shut = { verdict: "closed", by: "admin", rule: "raw: -A PREROUTING -j DROP" } as const;
	const unclear = { verdict: "unknown", by: "admin", rule: "-m magic -j DROP" } as const;

	test("shows an opened port as blocked or unverified by the rules of the host, and what is blocked as a problem", async () => {
		const { host, guard, explained } = setUp();
		await guard.start();
		for (const port of [60001, 60002, 60003]) {
			host.serve(port);
		}
		await guard.reconcile();
		explained.set("ipv4 192.0.2.1 60001", shut);
		explained.set("ipv4 192.0.2.1 60002", unclear);
		for (const status of [await guard.currentStatus(), await guard.recentStatus()]) {
			assert.deepEqual(
				status.ports.map(({ port, state, reason }) => [port, state, reason]),
				[
					[60001, "blocked", `closed by the administrator's rule: ${shut.rule}`],
					[60002, "unverified", `what comes in may be dropped: ${unclear.rule}`],
					[60003, "open", undefined],
				],
			);
			assert.deepEqual(
				status.problems.map(({ code }) => code),
				["port-blocked"],
			);
			assert.match(
				status.problems[0]?.message ?? "",
				/192\.0\.2\.1:60001 is closed by .* -A PREROUTING -j DROP/,
			);
		}
		explained.clear();
		assert.deepEqual((await guard.currentStatus()).problems, []);
	});

	test("of a firewall that fails tells what the rules do all the same", async () => {
		const { host, guard, firewall, explained } = setUp();
		for (const port of [60001, 60002, 60003, 60004]) {
			host.serve(port);
		}
		await guard.start();
		firewall.failure = new Error("iptables-save prints another rule");
		await guard.reconcile().catch(() => undefined);
		explained.set("ipv4 192.0.2.1 60001", { verdict: "open", by: "guard", rule: "ours" });
		explained.set("ipv4 192.0.2.1 60002", { verdict: "closed", by: "policy", rule: "-P INPUT DROP" });
		explained.set("ipv4 192.0.2.1 60003", shut);
		explained.set("ipv4 192.0.2.1 60004", unclear);
		for (const { ports } of [await guard.currentStatus(), await guard.recentStatus()]) {
			assert.deepEqual(
				ports.map(({ state }) => state),
				["open", "pending", "blocked", "pending"],
			);
		}
	});

	test("does not wait for a firewall that waits for a lock", async () => {
		const { host, guard, firewall } = setUp();
		await guard.start();
		let release = () => {};
		firewall.apply = () =>
			new Promise<void>((resolve) => {
				release = resolve;
			});
		host.serve(60001);
		const began = performance.now();
		const { ports, problems } = await guard.currentStatus();
		assert.ok(performance.now() - began < 2000);
		assert.equal(ports[0]?.state, "pending");
		assert.deepEqual(
			problems.map(({ code }) => code),
			["firewall-waiting"],
		);
		release();
		assert.deepEqual((await guard.currentStatus()).problems, []);
	});
});

describe("an administrator", () => {
	test("close keeps a port shut until its server ends", async () => {
		const { host, firewall, guard } = setUp();
		const { pid } = host.serve(60001);
		await guard.start();
		assert.deepEqual(await guard.closePort(60001, true), [at(60001)]);
		assert.equal(firewall.open.length, 1);
		assert.deepEqual(await guard.closePort(60001, false), [at(60001)]);
		await guard.reconcile();
		assert.equal(guard.status().ports[0]?.code, "closed-by-admin");
		assert.deepEqual(firewall.open, []);
		host.kill(pid);
		host.serve(60001);
		await guard.reconcile();
		assert.equal(firewall.open.length, 1);
	});

	test("reconcile and close throw what kept them from their work", async () => {
		const { host, firewall, guard } = setUp();
		host.serve(60001);
		await guard.start();
		firewall.failure = new Error("disk full");
		await assert.rejects(guard.reconcile(), /disk full/);
		await assert.rejects(guard.closePort(60001, false), /disk full/);
		firewall.failure = undefined;
		assert.deepEqual((await guard.reconcile()).close, [at(60001)]);
		host.unreadable = new Error("no /proc");
		await assert.rejects(guard.reconcile(), /no \/proc/);
		host.unreadable = undefined;
		assert.deepEqual(await guard.reconcile(), { open: [], close: [] });
	});

	test("a reconcile resolves with what changed since it was requested, for each caller", async () => {
		const { host, guard } = setUp();
		host.serve(60001);
		await guard.start();
		host.serve(60002);
		const opened = [guard.reconcile(), guard.reconcile()].map(async (change) =>
			(await change).open.map(({ port }) => port),
		);
		assert.deepEqual(await Promise.all(opened), [[60002], [60002]]);
		assert.deepEqual(await guard.reconcile(), { open: [], close: [] });
	});

	test("a policy that no longer allows a user closes the user's ports at once", async () => {
		const { host, firewall, guard } = setUp();
		host.serve(60001);
		await guard.start();
		await guard.apply({ ...SETTINGS, policy: { ...SETTINGS.policy, denyUids: [1000] } });
		assert.deepEqual(firewall.open, []);
	});
});

describe("a plan", () => {
	test("is what a reconcile then does", async () => {
		const { host, firewall, guard } = setUp();
		await guard.start();
		const { pid } = host.serve(60001);
		host.serve(60002);
		await guard.reconcile();
		host.kill(pid);
		host.serve(60003);
		firewall.rules.set(openingKey(at(60007)), at(60007));
		const plan = await guard.plan();
		assert.deepEqual(plan, { open: [at(60003)], close: [at(60001), at(60007)] });
		assert.deepEqual(await guard.reconcile(), plan);
	});

	test("changes nothing: neither what is open, nor what the guard knows, nor what the next scan does", async () => {
		const { host, firewall, guard, events } = setUp();
		await guard.start();
		const { pid } = host.serve(60001);
		await guard.reconcile();
		host.kill(pid);
		host.serve(60002);
		const changes = firewall.changes.length;
		const before = guard.status();
		for (let i = 0; i < 5; i++) {
			await guard.plan();
		}
		assert.equal(firewall.changes.length, changes);
		assert.deepEqual(
			guard.status().ports.map(({ port, state }) => [port, state]),
			before.ports.map(({ port, state }) => [port, state]),
		);
		assert.ok(guard.knows(60001) && !guard.knows(60002));
		const logged = events.length;
		// A plain scan, which would miss what a plan had marked as seen.
		await guard.scanned();
		assert.deepEqual(firewall.open, ["ipv4 192.0.2.1 60002"]);
		assert.deepEqual(events.slice(logged).sort(), ["port.closed", "port.opened"]);
	});

	test("does not count for the rate of a user", async () => {
		const { host, firewall, guard } = setUp({
			...SETTINGS,
			policy: { ...SETTINGS.policy, perMinute: 1 },
		});
		await guard.start();
		host.serve(60001);
		for (let i = 0; i < 5; i++) {
			assert.deepEqual((await guard.plan()).open, [at(60001)]);
		}
		await guard.scanned();
		assert.deepEqual(firewall.open, ["ipv4 192.0.2.1 60001"]);
		host.serve(60002);
		assert.deepEqual((await guard.plan()).open, []);
	});

	test("says what it could not read", async () => {
		const { host, firewall, guard } = setUp();
		await guard.start();
		firewall.failure = new Error("disk full");
		await assert.rejects(guard.plan(), /disk full/);
		firewall.failure = undefined;
		host.unreadable = new Error("no /proc");
		await assert.rejects(guard.plan(), /no \/proc/);
		host.unreadable = undefined;
	});
});

test("after any mix of logins, ends and drift, exactly the ports of live servers are open", async () => {
	const step = fc.oneof(
		fc.record({
			do: fc.constant("login" as const),
			port: fc.integer({ min: 60001, max: 60012 }),
			uid: fc.nat(3),
		}),
		fc.record({
			do: fc.constant("imitate" as const),
			port: fc.integer({ min: 60001, max: 60012 }),
			uid: fc.nat(3),
		}),
		fc.record({ do: fc.constant("end" as const), which: fc.nat(20) }),
		fc.record({ do: fc.constant("drift" as const), port: fc.integer({ min: 60001, max: 60012 }) }),
		fc.record({ do: fc.constant("flush" as const) }),
		fc.record({ do: fc.constant("reconcile" as const) }),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
			const { host, firewall, guard } = setUp();
			await guard.start();
			const live = new Map<number, string | undefined>();
			const bound = () => new Set(host.sockets.map(({ port }) => port));
			for (const action of steps) {
				if (action.do === "login" && !bound().has(action.port)) {
					const { pid, socket } = host.serve(action.port, { uid: action.uid });
					live.set(pid, openingKey(socket));
				} else if (action.do === "imitate" && !bound().has(action.port)) {
					const { pid } = host.serve(action.port, {
						uid: action.uid,
						executable: host.file("/usr/bin/bash") as never,
					});
					live.set(pid, undefined);
				} else if (action.do === "end") {
					const pid = [...live.keys()][action.which];
					if (pid !== undefined) {
						host.kill(pid);
					}
					if (pid !== undefined) {
						live.delete(pid);
					}
				} else if (action.do === "drift") {
					firewall.rules.set(openingKey(at(action.port)), at(action.port));
				} else if (action.do === "flush") {
					firewall.rules.clear();
				} else if (action.do === "reconcile") {
					await guard.reconcile();
				}
			}
			await guard.reconcile();
			await guard.reconcile();
			const wanted = [...live.values()].filter((key) => key !== undefined).sort();
			assert.deepEqual(firewall.open, wanted);
			await guard.stop();
			assert.deepEqual(firewall.open, []);
		}),
		{ numRuns: 60 },
	);
});
