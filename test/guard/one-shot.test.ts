/** What commands do where no guard runs. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Opening } from "../../src/firewall/firewall.js";
import { NoFirewall } from "../../src/firewall/none/none.js";
import { openingKey } from "../../src/firewall/opening.js";
import { type FakeHost, NODE, SCRIPT } from "../support/fake-host.js";
import { memoryGuard } from "../support/memory-guard.js";

const at = (port: number): Opening => ({ family: "ipv4", address: "192.0.2.1", port });

const onNode = (host: FakeHost) => ({
	executable: host.file(NODE) as never,
	commandLine: ["node", SCRIPT, "new"],
});

describe("without a guard", () => {
	test("a plan says what a reconcile does, and changes nothing", async () => {
		const { host, firewall, oneShot } = memoryGuard();
		firewall.rules.set(openingKey(at(60007)), at(60007));
		host.serve(60001);
		const plan = await oneShot().plan();
		assert.deepEqual(plan, { open: [at(60001)], close: [at(60007)] });
		assert.deepEqual(firewall.changes, []);
		assert.deepEqual(await oneShot().reconcile(), plan);
		assert.deepEqual(firewall.open, [openingKey(at(60001))]);
		assert.deepEqual(await oneShot().reconcile(), { open: [], close: [] });
	});

	test("what is open stays open for a script whose report is not to be had; nothing new is opened for one", async () => {
		const { host, firewall, oneShot } = memoryGuard();
		for (const port of [60001, 60002]) {
			firewall.rules.set(openingKey(at(port)), at(port));
		}
		host.serve(60001, onNode(host));
		host.serve(60003, onNode(host));
		assert.deepEqual((await oneShot().plan()).open, []);
		const { ports } = await oneShot().status(2000);
		assert.deepEqual(
			ports.map(({ port, state }) => [port, state]),
			[
				[60001, "open"],
				[60003, "refused"],
			],
		);
		assert.deepEqual(await oneShot().reconcile(), { open: [], close: [at(60002)] });
	});

	test("the flows of what is closed are cut, and nothing waits afterwards", async () => {
		const { firewall, cut, oneShot } = memoryGuard();
		firewall.rules.set(openingKey(at(60007)), at(60007));
		await oneShot().reconcile();
		assert.deepEqual(cut, [at(60007)]);
		assert.ok(!firewall.watched);
	});

	test("the status shows a guard that does not run, and a firewall that cannot be read as a problem", async () => {
		const { host, firewall, oneShot } = memoryGuard();
		host.serve(60001);
		const status = await oneShot().status(2000);
		assert.deepEqual(status.guard, { running: false, armedSeconds: 0, leases: 0 });
		assert.equal(status.firewall.healthy, true);
		assert.deepEqual([status.ports[0]?.state, status.ports[0]?.uid], ["pending", 1000]);
		firewall.failure = new Error("disk full");
		const broken = await oneShot().status(2000);
		assert.equal(broken.firewall.healthy, false);
		assert.deepEqual(
			broken.problems.map(({ code }) => code),
			["firewall-failed"],
		);
		assert.deepEqual(firewall.changes, []);
	});

	test("the status does not wait for a firewall that hangs, and says so", async () => {
		const { host, firewall, oneShot } = memoryGuard();
		host.serve(60001);
		firewall.list = () => new Promise(() => {});
		firewall.repair = firewall.list;
		const began = performance.now();
		const { ports, problems } = await oneShot().status(450);
		assert.ok(performance.now() - began < 1500);
		assert.match(problems[0]?.message ?? "", /^The firewall cannot be read: it has not answered yet/);
		assert.equal(ports[0]?.state, "unverified");
		assert.equal(ports[0]?.reason, problems[0]?.message);
	});

	test("the status says of a host of which not all could be read that its firewall is unknown", async () => {
		const { host, oneShot } = memoryGuard();
		host.serve(60001);
		const incomplete = { firewall: new NoFirewall(), incomplete: true };
		const { firewall, ports, problems } = await oneShot(incomplete).status(2000);
		assert.deepEqual([firewall.name, firewall.healthy], ["unknown", false]);
		assert.deepEqual(
			ports.map(({ state }) => state),
			["unverified"],
		);
		assert.match(problems[0]?.message ?? "", /^Which firewall is in force is not known/);
		const none = await oneShot({ ...incomplete, incomplete: false }).status(2000);
		assert.deepEqual([none.firewall.name, none.ports[0]?.state], ["none", "pending"]);
	});

	test("what keeps it from its work is thrown", async () => {
		const { host, firewall, oneShot } = memoryGuard();
		host.serve(60001);
		firewall.failure = new Error("disk full");
		await assert.rejects(oneShot().reconcile(), /disk full/);
		await assert.rejects(oneShot().plan(), /disk full/);
		firewall.failure = undefined;
		host.unreadable = new Error("no /proc");
		for (const work of [() => oneShot().reconcile(), () => oneShot().plan(), () => oneShot().status(2000)]) {
			await assert.rejects(work(), /no \/proc/);
		}
	});

	test("a server that is just moving to the background is found", async () => {
		const { host, firewall, oneShot } = memoryGuard();
		const { pid, socket } = host.serve(60001);
		const child = host.spawn(1000, { parent: pid, sockets: [] });
		const describeProcess = host.describe.bind(host);
		host.describe = () => {
			host.describe = describeProcess;
			host.processes.delete(pid);
			(host.processes.get(child) as { sockets: number[] }).sockets.push(socket.inode);
			return undefined;
		};
		await oneShot().reconcile();
		assert.deepEqual(firewall.open, [openingKey(at(60001))]);
	});
});
