import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { admitUser } from "../../../src/daemon/admit-user.js";
import { FirewallError } from "../../../src/firewall/errors.js";
import type { Guard } from "../../../src/guard/guard.js";
import type { Status } from "../../../src/guard/report/status.js";
import { Listener, type ListenerPaths } from "../../../src/guard/socket/listener.js";
import { ask, GuardLease } from "../../../src/guard-protocol/client.js";
import { userSocket } from "../../../src/guard-protocol/messages.js";
import { monotonicClock } from "../../../src/system/clock.js";
import { SystemCommands } from "../../../src/system/commands.js";
import { NODE, SCRIPT } from "../../support/fake-host.js";
import { memoryGuard, until } from "../../support/memory-guard.js";
import { scratchFolder } from "../../support/scratch.js";

/** The sessions are of the user who runs the test: other users' sockets need CAP_CHOWN. */
const ME = process.geteuid?.() ?? 0;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) {
		await cleanup();
	}
});

const admit = (path: string, uid: number) => admitUser(new SystemCommands(), path, uid);

function pathsIn(folder: string): ListenerPaths {
	const at = (name: string) => join(folder, name);
	return { public: at("guard.sock"), admin: at("admin.sock"), users: at("users"), logins: at("logins") };
}

async function listening() {
	const folder = scratchFolder();
	const paths = pathsIn(folder);
	const parts = memoryGuard();
	await parts.guard.start();
	const listener = await listen(parts.guard, paths);
	cleanups.push(() => parts.guard.stop({ leaveOpen: true }));
	return { ...parts, paths, listener };
}

async function listen(guard: Guard, paths: ListenerPaths, yielded?: () => void) {
	const listener = new Listener(guard, paths, monotonicClock, () => undefined, admit, yielded);
	await listener.start([ME]);
	await until(() => existsSync(userSocket(ME, paths.public)));
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
		if (failure.code !== "EAGAIN") {
			throw failure;
		}
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
}

/** What the guard says until it hangs up. */
async function exchange(path: string, text: string | Buffer): Promise<string> {
	const socket = await connect(path);
	socket.on("error", () => undefined);
	socket.write(text);
	let said = "";
	for await (const chunk of socket) {
		said += chunk;
	}
	return said;
}

/** The first line of its answer; the connection stays until the test has ended. */
async function exchangeLine(path: string, text: string): Promise<string> {
	const socket = await connect(path);
	socket.write(text);
	const [line] = await once(socket, "data");
	return String(line);
}

const at = (port: number, address = "192.0.2.1") => ({ family: "ipv4" as const, address, port });

describe("a report", () => {
	test("is answered once the port is open, holds while it stands, and its end closes a script's port", async () => {
		const { host, firewall, paths, guard } = await listening();
		const script = { executable: host.file(NODE) as never, commandLine: ["node", SCRIPT, "new"] };
		const { pid } = host.serve(60001, { ...script, uid: ME });
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
		const { pid } = host.serve(60001, { uid: ME, family: "ipv6", address: "2001:db8::1" });
		const socket = { family: "ipv6" as const, address: "2001:DB8:0:0:0:0:0:1", port: 60001 };
		const lease = new GuardLease(socket, pid, paths.public);
		assert.deepEqual(await lease.start(), { state: "open" });
		lease.stop();
	});

	test("is made again when the guard comes back, with what is known of the client", async () => {
		const { host, guard, paths, listener } = await listening();
		const { pid } = host.serve(60001, { uid: ME });
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
		const { pid } = host.serve(60001, { uid: ME, executable: copy });
		for (const [socket, code] of [
			[at(60001), "unlisted-server"],
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
		const answer = await ask({ type: "status" }, paths.admin);
		assert.ok(answer.type === "status");
		assert.equal((answer.status as Status).ports[0]?.pid, pid);
	});

	test("the public socket hides clients; the admin socket is root's alone", async () => {
		const { host, paths, guard } = await listening();
		const { pid } = host.serve(60001, { uid: ME });
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

test("the error of a firewall that fails names it", async () => {
	const { firewall, paths } = await listening();
	firewall.failure = new FirewallError("disk-full", "the disk is full");
	const answer = await ask({ type: "sync" }, paths.public);
	assert.deepEqual(answer.type === "error" && [answer.code, answer.reason], [
		"firewall-failed",
		"the disk is full",
	]);
	firewall.failure = undefined;
});

describe("a guard that is asked to hand over", () => {
	test("does so for root, if it is on demand", async () => {
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
		["more messages than are allowed", '{"v":1,"type":"arm","seconds":1}\n'.repeat(100), "too-fast"],
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

	test("a flood at the public socket is refused by the kernel, and leaves room for a session's report", async () => {
		const { host, paths, listener } = await listening();
		let [made, refused] = [0, 0];
		const knock = async () => {
			const socket = createConnection(paths.public).on("error", () => undefined);
			const connected = await new Promise((resolve) => {
				socket.once("connect", () => resolve(true)).once("close", () => resolve(false));
			});
			if (!connected) {
				return ++refused;
			}
			cleanups.push(() => socket.destroy());
			socket.write('{"v":1,"type":"report","family":"ipv4","address":"192.0.2.1","port":60001,"pid":1}\n');
			return ++made;
		};
		for (let i = 0; i < 20; i++) {
			await Promise.all(Array.from({ length: 100 }, knock));
		}
		assert.equal(made + refused, 2000);
		assert.ok(refused > 500, `${refused} refused`);
		assert.ok(listener.connections <= 128, `${listener.connections} connections`);
		const { pid } = host.serve(60001, { uid: ME });
		const lease = new GuardLease(at(60001), pid, paths.public);
		assert.deepEqual(await lease.start(), { state: "open" });
		lease.stop();
	});

	test("connections of one user that stay are few, and those of others are not counted with them", async () => {
		const { host, paths, listener } = await listening();
		const own = userSocket(ME, paths.public);
		const before = listener.connections;
		for (let i = 0; i < 50; i++) {
			await connect(own);
		}
		await until(() => listener.connections - before <= 32);
		const { pid } = host.serve(60001, { uid: ME });
		const lease = new GuardLease(at(60001), pid, paths.public);
		assert.deepEqual(await lease.start(), { state: "open" });
		for (let i = 0; i < 5; i++) {
			await connect(own);
		}
		lease.update({ client: { address: "203.0.113.5", port: 5 } });
		await until(() => listener.connections - before <= 33);
		lease.stop();
	});

	test("a client that does not read is dropped, and makes no second answer while the first is unread", async () => {
		const { host, guard, paths, listener } = await listening();
		for (let port = 60001; port <= 60999; port++) {
			host.serve(port, { uid: port });
		}
		await guard.reconcile();
		let made = 0;
		const { recentStatus } = guard;
		guard.recentStatus = () => {
			made++;
			return recentStatus.call(guard);
		};
		const own = userSocket(ME, paths.public);
		const clients = await Promise.all(Array.from({ length: 5 }, () => connect(own)));
		for (const client of clients) {
			client.pause().write('{"v":1,"type":"status"}\n'.repeat(15));
		}
		// The kernel takes one or two of each from the guard; what it does not take, the guard waits for.
		await until(() => made > 0);
		await new Promise((resolve) => setTimeout(resolve, 200));
		assert.ok(made <= 20, `${made} made`);
		await until(() => listener.connections === 0);
	});

	test("leases are as many as there are sockets, and end with them", async () => {
		const { host, guard, paths, listener } = await listening();
		const { pid } = host.serve(60001, { uid: ME });
		const own = userSocket(ME, paths.public);
		const report = (port: number) =>
			`{"v":1,"type":"report","family":"ipv4","address":"192.0.2.1","port":${port},"pid":${pid}}\n`;
		for (let i = 0; i < 10; i++) {
			(await connect(own)).write(report(60001 + (i % 2)));
		}
		await until(() => guard.leases.count === 2);
		host.kill(pid);
		await guard.scanned();
		assert.equal(guard.leases.count, 0);
		await until(() => listener.connections <= 8);
	});

	test("sessions on loopback hold no lease, and no more of them stay than a user may have sessions", async () => {
		const { guard, paths } = await listening();
		const own = userSocket(ME, paths.public);
		const line = '{"v":1,"type":"report","family":"ipv4","address":"127.0.0.1","port":60001,"pid":1}\n';
		for (let i = 0; i < 40; i++) {
			(await connect(own)).write(line);
		}
		const lease = new GuardLease(at(60001, "127.0.0.1"), 1, paths.public);
		assert.deepEqual(await lease.start(), { state: "open" });
		assert.equal(guard.leases.count, 0);
		lease.stop();
	});

	test("a report of another user's session is none, whatever pid it names", async (t) => {
		if (ME !== 0) {
			return t.skip("only root can create a socket for another user");
		}
		const { host, guard, paths, listener } = await listening();
		await listener.stop();
		const other = new Listener(guard, paths, monotonicClock, () => undefined, admit);
		await other.start([1234]);
		await until(() => existsSync(userSocket(1234, paths.public)));
		cleanups.push(() => other.stop());
		const { pid } = host.serve(60001, { uid: ME });
		const forged = await exchangeLine(
			userSocket(1234, paths.public),
			`{"v":1,"type":"report","family":"ipv4","address":"192.0.2.1","port":60001,"pid":${pid}}\n`,
		);
		assert.match(forged, /"code":"wrong-user"/);
		assert.equal(guard.leases.count, 0);
	});

	test("all users but root together have the firewall read back at a limited rate", async () => {
		const { paths } = await listening();
		const sync = async (path: string) => {
			const answer = await ask({ type: "sync", dryRun: true }, path);
			return answer.type === "error" ? answer.code : answer.type;
		};
		const said = [];
		for (let i = 0; i < 4; i++) {
			said.push(await sync(i % 2 ? paths.public : userSocket(ME, paths.public)));
		}
		assert.deepEqual(said, ["synced", "synced", "too-fast", "too-fast"]);
		for (let i = 0; i < 4; i++) {
			assert.equal(await sync(paths.admin), "synced");
		}
	});

	test("a forged report about another session does not replace its own", async () => {
		const { host, paths, guard } = await listening();
		const { pid } = host.serve(60001, { uid: ME });
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
