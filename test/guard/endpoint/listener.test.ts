import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { monotonicClock } from "../../../src/clock.js";
import { FirewallError } from "../../../src/firewall/errors.js";
import { Listener } from "../../../src/guard/endpoint/listener.js";
import type { Guard } from "../../../src/guard/guard.js";
import type { Status } from "../../../src/guard/status.js";
import { ask, GuardLease } from "../../../src/guard/wire/client.js";
import { NODE, SCRIPT } from "../../support/fake-host.js";
import { memoryGuard, until } from "../../support/memory-guard.js";
import { scratchFolder } from "../../support/scratch.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listening() {
	const folder = scratchFolder();
	const paths = { public: join(folder, "guard.sock"), admin: join(folder, "admin.sock") };
	const parts = memoryGuard();
	await parts.guard.start();
	const listener = await listen(parts.guard, paths);
	cleanups.push(() => parts.guard.stop({ leaveOpen: true }));
	return { ...parts, paths, listener };
}

async function listen(guard: Guard, paths: { public: string; admin: string }, yielded?: () => void) {
	const listener = new Listener(guard, paths, monotonicClock, () => undefined, yielded);
	await listener.start();
	cleanups.push(() => listener.stop());
	return listener;
}

/** Comes again while the guard's queue is full, as an attacker would. */
async function connect(path: string): Promise<Socket> {
	for (;;) {
		const socket = createConnection(path);
		const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
			socket.once("connect", () => resolve(undefined)).once("error", resolve);
		});
		if (failure === undefined) {
			cleanups.push(() => socket.destroy());
			return socket;
		}
		if (failure.code !== "EAGAIN") throw failure;
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
}

/** What the guard says until it hangs up. */
async function exchange(path: string, text: string | Buffer): Promise<string> {
	const socket = await connect(path);
	socket.on("error", () => undefined);
	socket.write(text);
	let said = "";
	for await (const chunk of socket) said += chunk;
	return said;
}

const at = (port: number, address = "192.0.2.1") => ({ family: "ipv4" as const, address, port });

describe("a report", () => {
	test("is answered once the port is open, holds while it stands, and its end closes a script's port", async () => {
		const { host, firewall, paths, guard } = await listening();
		const script = { executable: host.file(NODE) as never, commandLine: ["node", SCRIPT, "new"] };
		const { pid } = host.serve(60001, script);
		const lease = new GuardLease(at(60001), pid, paths.public);
		assert.deepEqual(await lease.start(), { state: "open" });
		assert.deepEqual(firewall.open, ["ipv4 192.0.2.1 60001"]);
		lease.update({ client: { address: "203.0.113.5", port: 5 }, silentMs: 0 });
		await until(() => guard.status().ports[0]?.client?.address === "203.0.113.5");
		lease.stop();
		await until(() => firewall.open.length === 0);
		assert.equal(guard.leases.count, 0);
	});

	test("may write its address another way", async () => {
		const { host, paths } = await listening();
		const { pid } = host.serve(60001, { family: "ipv6", address: "2001:db8::1" });
		const socket = { family: "ipv6" as const, address: "2001:DB8:0:0:0:0:0:1", port: 60001 };
		const lease = new GuardLease(socket, pid, paths.public);
		assert.deepEqual(await lease.start(), { state: "open" });
		lease.stop();
	});

	test("is made again when the guard comes back, with what is known of the client", async () => {
		const { host, guard, paths, listener } = await listening();
		const { pid } = host.serve(60001);
		const lease = new GuardLease(at(60001), pid, paths.public);
		await lease.start();
		lease.update({ client: { address: "203.0.113.5", port: 5 } });
		await listener.stop();
		await until(() => guard.leases.count === 0);
		await listen(guard, paths);
		await until(() => guard.status().ports[0]?.client?.address === "203.0.113.5");
		lease.stop();
	});

	test("without a guard is answered by what is wrong", async () => {
		const lease = new GuardLease(at(60001), 1, "/nonexistent/guard.sock");
		const outcome = await lease.start();
		assert.equal(outcome.state === "not-open" && outcome.code, "no-guard");
		lease.stop();
	});

	test("that is forged opens nothing, and its answer tells nothing about other processes", async () => {
		const { host, firewall, paths } = await listening();
		const copy = host.install("/home/eve/secret/mosh-server", { ownerUid: 1000 });
		const { pid } = host.serve(60001, { executable: copy });
		for (const [socket, code] of [
			[at(60001), "no-holder"],
			[at(60002), "not-bound"],
			[at(22), "not-bound"],
		] as const) {
			const lease = new GuardLease(socket, pid, paths.public);
			const outcome = await lease.start();
			assert.ok(outcome.state === "not-open");
			assert.equal(outcome.code, code);
			assert.doesNotMatch(outcome.reason, /secret|\d{3}/);
			lease.stop();
		}
		assert.deepEqual(firewall.open, []);
	});
});

describe("who may ask what", () => {
	test("the status names the process that holds the socket now, not its parent that bound it", async () => {
		const { host, paths, guard } = await listening();
		const { pid: parent, socket } = host.serve(60001);
		await guard.reconcile();
		const pid = host.spawn(socket.uid, { parent, sockets: [socket.inode] });
		host.processes.delete(parent);
		const answer = await ask({ type: "status" }, paths.public);
		assert.ok(answer.type === "status");
		assert.equal((answer.status as Status).ports[0]?.pid, pid);
	});

	test("the public socket hides clients; the admin socket is root's alone", async () => {
		const { host, paths, guard } = await listening();
		const { pid } = host.serve(60001);
		await guard.reconcile();
		const lease = new GuardLease(at(60001), pid, paths.public);
		await lease.start();
		lease.update({ client: { address: "203.0.113.5", port: 5 }, idleMs: 9000 });
		await until(() => guard.status().ports[0]?.client !== undefined);
		const seen = async (path: string) => {
			const answer = await ask({ type: "status" }, path);
			assert.ok(answer.type === "status");
			return (answer.status as Status).ports[0];
		};
		assert.equal((await seen(paths.public))?.client, undefined);
		assert.equal((await seen(paths.public))?.idleSeconds, undefined);
		assert.equal((await seen(paths.admin))?.client?.port, 5);
		assert.equal(statSync(paths.admin).mode & 0o777, 0o600);
		assert.equal(statSync(paths.public).mode & 0o777, 0o666);
		lease.stop();
	});

	test("only the admin socket closes a port", async () => {
		const { host, paths, guard, firewall } = await listening();
		host.serve(60001);
		await guard.reconcile();
		const refused = await ask({ type: "close", port: 60001 }, paths.public);
		assert.ok(refused.type === "error" && refused.code === "not-permitted");
		assert.equal(firewall.open.length, 1);
		const closed = await ask({ type: "close", port: 60001 }, paths.admin);
		assert.deepEqual(closed.type === "synced" && closed.closed, [at(60001)]);
	});
});

test("a firewall that fails is said to be at fault", async () => {
	const { firewall, paths } = await listening();
	firewall.failure = new FirewallError("disk-full", "the disk is full");
	const answer = await ask({ type: "sync" }, paths.public);
	assert.deepEqual(answer.type === "error" && [answer.code, answer.reason], [
		"firewall-failed",
		"the disk is full",
	]);
	firewall.failure = undefined;
});

describe("a guard that is asked to yield", () => {
	test("does so for root, if it is a watcher", async () => {
		const { guard, paths, listener } = await listening();
		const told = async (path: string) => {
			const answer = await ask({ type: "yield" }, path);
			return answer.type === "error" ? answer.code : answer.type;
		};
		assert.equal(await told(paths.admin), "not-permitted");
		await listener.stop();
		let yields = 0;
		await listen(guard, paths, () => yields++);
		assert.equal(await told(paths.public), "not-permitted");
		assert.equal(yields, 0);
		assert.equal(await told(paths.admin), "yielded");
		assert.equal(yields, 1);
	});
});

describe("attacks on the socket", () => {
	const garbage: [string, string | Buffer, string][] = [
		["bytes that are no text", Buffer.from([0, 255, 254, 10, 13, 10]), "bad-message"],
		["a line without end", "x".repeat(100_000), "bad-message"],
		["deeply nested JSON", `${"[".repeat(4000)}\n`, "bad-message"],
		["a prototype", '{"v":1,"type":"__proto__","__proto__":{"admin":true}}\n', "bad-message"],
		["another version", '{"v":2,"type":"status"}\n', "bad-message"],
		["a port that is none", '{"v":1,"type":"close","port":"60001; reboot"}\n', "bad-message"],
		[
			"an address with a shell in it",
			'{"v":1,"type":"report","family":"ipv4","address":"$(id)","port":60001,"pid":1}\n',
			"bad-message",
		],
		["more messages than anybody needs", '{"v":1,"type":"arm","seconds":1}\n'.repeat(100), "too-fast"],
	];
	for (const [name, text, code] of garbage) {
		test(`${name} ends the connection, and nothing else`, async () => {
			const { paths, guard, firewall } = await listening();
			assert.match(await exchange(paths.public, text), new RegExp(`"code":"${code}"`));
			assert.deepEqual(firewall.changes, []);
			assert.equal(guard.leases.count, 0);
			assert.equal((await ask({ type: "status" }, paths.public)).type, "status");
		});
	}

	test("10,000 connections that stay leave room for a session's report", async () => {
		const { host, paths, firewall, listener } = await listening();
		let made = 0;
		const flood = async () => {
			for (let i = 0; i < 1000; i++, made++) {
				const socket = await connect(paths.public);
				socket.on("error", () => undefined);
				socket.write('{"v":1,"type":"report","family":"ipv4","address":"192.0.2.1","port":60001,"pid":1}\n');
			}
		};
		const floods = Promise.all(Array.from({ length: 10 }, flood));
		await until(() => made > 2000);
		const { pid } = host.serve(60001);
		const lease = new GuardLease(at(60001), pid, paths.public);
		await until(() => firewall.open.length === 1);
		await lease.start();
		await floods;
		assert.equal(made, 10_000);
		await until(() => listener.connections <= 150);
		const after = new GuardLease(at(60001), pid, paths.public);
		assert.deepEqual(await after.start(), { state: "open" });
		lease.stop();
		after.stop();
	});

	test("a lie about another's session does not push its own report out", async () => {
		const { host, paths, guard } = await listening();
		const { pid } = host.serve(60001);
		await guard.reconcile();
		for (let i = 0; i < 20; i++) {
			const socket = await connect(paths.public);
			socket.write(
				`{"v":1,"type":"report","family":"ipv4","address":"192.0.2.1","port":60001,"pid":${i + 1}}\n`,
			);
			socket.write('{"v":1,"type":"update","client":{"address":"198.51.100.66","port":6}}\n');
		}
		const lease = new GuardLease(at(60001), pid, paths.public);
		assert.deepEqual(await lease.start(), { state: "open" });
		lease.update({ client: { address: "203.0.113.5", port: 5 } });
		await until(() => guard.status().ports[0]?.client?.address === "203.0.113.5");
		lease.stop();
	});
});
