import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "smol-toml";
import { parseConfig } from "../../../src/config/load.js";
import type { Executable } from "../../../src/guard/kernel/processes.js";
import { MOSH, NODE } from "../../support/fake-host.js";
import { memoryGuard } from "../../support/memory-guard.js";

/** What the status says about port 60001 when a process runs this file. */
async function told(path: string, over: Partial<Executable> = {}, commandLine = ["mosh-server", "new"]) {
	const { guard, host, firewall, events } = memoryGuard();
	host.serve(60001, { executable: host.install(path, over), commandLine });
	await guard.start();
	const [port] = guard.status().ports;
	await guard.stop();
	assert.deepEqual(firewall.open, []);
	return { code: port?.code, reason: port?.reason ?? "", logged: events.includes("port.refused") };
}

describe("a mosh-server that is not listed", () => {
	test("is shown, logged, and told with a line that lists it", async () => {
		const { code, reason, logged } = await told("/opt/mosh-1.4/bin/mosh-server");
		assert.equal(code, "unlisted-server");
		assert.ok(logged);
		const line = /servers\.executables = .*\]/.exec(reason)?.[0] ?? "";
		assert.deepEqual(JSON.parse(JSON.stringify(parse(line))), {
			servers: { executables: [MOSH, "/opt/mosh-1.4/bin/mosh-server"] },
		});
		parseConfig("line.toml", line);
	});

	test("in a store of packages is listed by a pattern, which the next version matches too", async () => {
		const { reason } = await told("/nix/store/0a1b-mosh-1.4.0/bin/.mosh-server-wrapped");
		assert.match(reason, /"\/nix\/store\/\*\/bin\/\.mosh-server-wrapped"\]/);
		parseConfig("line.toml", /servers\.executables = .*\]/.exec(reason)?.[0] ?? "");
		const guix = await told("/gnu/store/0a1b-mosh-1.4.0/bin/mosh-server");
		assert.match(guix.reason, /"\/gnu\/store\/\*\/bin\/mosh-server"\]/);
	});

	test("of a user's own is said never to be trusted", async () => {
		for (const over of [{ ownerUid: 1000 }, { mode: 0o100775 }]) {
			const { code, reason } = await told("/home/eve/bin/mosh-server", over);
			assert.equal(code, "unlisted-server");
			assert.match(reason, /never trusted/);
			assert.doesNotMatch(reason, /servers\.executables/);
		}
	});

	test("which is another file here gets no line", async () => {
		const { guard, host } = memoryGuard();
		const executable = { ...host.install("/opt/bin/mosh-server"), inode: 3n };
		host.serve(60001, { executable });
		await guard.start();
		assert.match(guard.status().ports[0]?.reason ?? "", /another file at that path/);
		await guard.stop();
	});

	test("with a hostile path steers no terminal, makes no line to copy and fills no log", async () => {
		for (const name of [
			"\x1b[2J",
			"a\nport 60001 open",
			"\u202e",
			"\u2028",
			'x"]; evil = ["',
			"`id`",
			"$(id)",
			"a b",
		]) {
			const { code, reason } = await told(`/opt/${name}/mosh-server`);
			assert.equal(code, "unlisted-server");
			assert.doesNotMatch(reason, /[\p{C}\p{Zl}\p{Zp}]/u);
			assert.doesNotMatch(reason, /servers\.executables/, name);
		}
		const { reason } = await told(`/opt/${"x".repeat(4000)}/mosh-server`);
		assert.ok(reason.length < 500, String(reason.length));
	});

	test("that a shared interpreter runs is named by its script", async () => {
		const { guard, host } = memoryGuard();
		const script = "/opt/mosh/dist/mosh-server.cjs";
		host.serve(60001, { executable: host.file(NODE) as Executable, commandLine: ["node", script, "new"] });
		await guard.start();
		const [port] = guard.status().ports;
		assert.equal(port?.code, "unlisted-server");
		assert.match(port?.reason ?? "", /script = "\/opt\/mosh\/dist\/mosh-server\.cjs"/);
		await guard.stop();
	});

	test("from another namespace is told as that", async () => {
		const { guard, host } = memoryGuard();
		host.serve(60001, { executable: host.install("/opt/mosh-server"), userNamespace: "user:[9]" });
		await guard.start();
		assert.equal(guard.status().ports[0]?.code, "foreign-namespace");
		await guard.stop();
	});

	test("does not stand in for the listed one that has the same socket", async () => {
		const { guard, host, firewall } = memoryGuard();
		const { socket } = host.serve(60001);
		host.spawn(socket.uid, { executable: host.install("/home/eve/mosh-server"), sockets: [socket.inode] });
		await guard.start();
		assert.equal(firewall.open.length, 1);
		await guard.stop();
	});

	test("does not speak for any other program", async () => {
		for (const path of [
			"/usr/bin/game",
			"/usr/bin/mosh-client",
			"/opt/not-mosh-server",
			"/opt/mosh-servers",
		]) {
			assert.equal((await told(path)).code, undefined, path);
		}
	});

	test("costs a bounded search, however many there are", async () => {
		const { guard, host } = memoryGuard();
		const executable = host.install("/home/eve/mosh-server", { ownerUid: 1000 });
		for (let i = 0; i < 500; i++) {
			host.spawn(1000, { executable });
		}
		host.serve(60001, { executable: host.install("/usr/bin/game") });
		await guard.start();
		host.descriptorReads = 0;
		await guard.reconcile();
		assert.ok(host.descriptorReads <= 2 * 16, String(host.descriptorReads));
		await guard.stop();
	});

	test("is served once it is listed", async () => {
		const { guard, host, firewall } = memoryGuard();
		const path = "/opt/mosh/bin/mosh-server";
		host.serve(60001, { executable: host.install(path) });
		await guard.start();
		assert.deepEqual(firewall.open, []);
		const { SETTINGS } = await import("../../support/memory-guard.js");
		await guard.apply({ ...SETTINGS, trust: { ...SETTINGS.trust, executables: [MOSH, path] } });
		assert.equal(firewall.open.length, 1);
		await guard.stop();
	});
});
