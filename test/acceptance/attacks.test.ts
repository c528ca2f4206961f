/** Attacks by an ordinary user: no port opens or closes, and the guard stays up. */

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import { iptablesSubject } from "../firewall/iptables/subject.js";
import { SERVER4 } from "../lab/hosts.js";
import { residentKiB } from "../support/processes.js";
import { until } from "../support/wait.js";
import { binder, flood, renamedBinder, reporter } from "./attackers.js";
import { GuardedHost, skipReason } from "./guarded-host.js";
import type { Session } from "./stock-sessions.js";

const VICTIM_UID = 61500;
const MALLORY_UID = 61234;
const MALLORY = ["setpriv", `--reuid=${MALLORY_UID}`, `--regid=${MALLORY_UID}`, "--clear-groups"];
const HOME = "/run/mallory";
/** Of the flood. The guard's door lets some hundred a second through; one in twenty or so gets in. */
const ATTEMPTS = 30_000;
/** Of the flood's, that got in: each kind of garbage several times. */
const ENOUGH = 100;

const subject = iptablesSubject("nft");
const skip = await skipReason(...subject.tools, "perl", "setpriv", "unshare");
const skipSudo = skip || (await skipReason("sudo"));

describe("an ordinary user", { skip, concurrency: 1 }, () => {
	let host: GuardedHost;
	let victim: Session[];
	let guard: number;
	const running: ChildProcess[] = [];

	const mallory = (...line: string[]) => host.installed.run(...MALLORY, ...line);
	const malloryStays = (...line: string[]) => {
		const child = host.installed.spawn(...MALLORY, ...line);
		running.push(child);
		return child;
	};
	const portguard = (...args: string[]) => host.installed.command(...args);
	/** Starts a program that says "bound" once it has its socket. */
	const binds = async (...line: string[]) => {
		const { stdout } = malloryStays(...line);
		assert.ok(stdout !== null);
		assert.match(String(await once(stdout, "data")), /bound/);
	};

	before(async () => {
		host = await GuardedHost.create(subject);
		await host.lab.server.sh(`
			install -d -o ${MALLORY_UID} ${HOME}
			echo 'mallory:x:${MALLORY_UID}:${MALLORY_UID}::${HOME}:/bin/sh' >> /etc/passwd
			echo 'mallory:*:20000:0:99999:7:::' >> /etc/shadow
		`);
		await host.start();
		victim = await host.sessions.start([{ address: SERVER4, port: 60020 }], VICTIM_UID);
		await host.exactlyRight();
		assert.deepEqual(await host.sessions.unreached(victim), []);
		guard = (await host.installed.status()).guard.pid ?? 0;
	});
	after(() => host?.remove());

	afterEach(async () => {
		// After a full scan, with the attackers still there and then gone.
		for (const attackers of ["at work", "gone"]) {
			await until("the guard answers", async () => (await host.installed.portguard("sync")).code === EXIT.ok);
			await host.exactlyRight();
			assert.deepEqual(await host.sessions.unreached(victim), [], `attackers ${attackers}`);
			for (const child of running.splice(0)) {
				if (child.exitCode !== null) {
					continue;
				}
				child.kill("SIGKILL");
				await once(child, "exit");
			}
		}
		assert.equal((await host.installed.status()).guard.pid, guard, "the same guard");
	});

	test("gets nothing by reports that are not true", async () => {
		const [{ pid, address, port }] = victim as [Session];
		const own = { family: "ipv4", address: SERVER4, port: 60030 };
		await binds(process.execPath, "-e", binder(SERVER4, own.port));
		const { stdout } = malloryStays(
			process.execPath,
			"-e",
			reporter([
				{ ...own, pid: running[0]?.pid },
				{ ...own, pid },
				{ ...own, pid: 1 },
				{ ...own, address: "0.0.0.0", pid },
				{ ...own, port: 60031, pid },
				{ ...own, port: 22, pid },
				// It is open, and may be told so; neither the report nor its end is to change that.
				{ family: "ipv4", address, port, pid: running[0]?.pid },
			]),
		);
		let answers = "";
		stdout?.on("data", (data) => {
			answers += data;
		});
		await until("all are answered", () => answers.split("\n").length > 7);
		assert.deepEqual(
			answers
				.trim()
				.split("\n")
				.map((line) => (JSON.parse(line) as { type: string }).type)
				.sort(),
			["open", ...Array(6).fill("refused")],
		);
	});

	test("gets nothing by the name of a mosh-server", async () => {
		await binds("perl", "-e", renamedBinder(SERVER4, 60032));
		await binds(
			"/bin/bash",
			"-c",
			`exec -a /usr/bin/mosh-server "$@"`,
			"bash",
			process.execPath,
			"-e",
			binder(SERVER4, 60033),
		);
	});

	test("gets nothing by a copy of a mosh-server", async () => {
		for (const name of ["mosh-server", "copy"]) {
			await mallory("cp", "/usr/bin/mosh-server", `${HOME}/${name}`);
		}
		const server = (name: string, port: number) =>
			mallory(`${HOME}/${name}`, "new", "-i", SERVER4, "-p", String(port), "--", "sleep", "30");
		assert.match((await server("mosh-server", 60034)).stdout, /MOSH CONNECT 60034/);
		assert.match((await server("copy", 60035)).stdout, /MOSH CONNECT 60035/);
	});

	test("gets nothing by a mount over the mosh-server, nor by a genuine one, in a private namespace", async () => {
		const alone = ["unshare", "--user", "--map-root-user", "--mount"];
		await binds(
			...[...alone, "sh", "-c", `mount --bind ${process.execPath} /usr/bin/mosh-server && exec "$@"`, "sh"],
			...["/usr/bin/mosh-server", "-e", binder(SERVER4, 60036)],
		);
		const line = ["mosh-server", "new", "-i", SERVER4, "-p", "60037", "--", "sleep", "30"];
		assert.match((await mallory(...alone, ...line)).stdout, /MOSH CONNECT 60037/);
		const { ports } = await host.installed.status();
		const codes = [60036, 60037].map((port) => ports.find((found) => found.port === port)?.code);
		assert.deepEqual(codes, ["foreign-namespace", "foreign-namespace"]);
	});

	test("gets nothing outside the range, even by a genuine mosh-server", async () => {
		for (const port of [61001, 60000, 50000]) {
			const line = ["mosh-server", "new", "-i", SERVER4, "-p", String(port), "--", "sleep", "30"];
			assert.match((await mallory(...line)).stdout, new RegExp(`MOSH CONNECT ${port}`));
		}
	});

	test("cannot close another user's port, nor steer the guard", async () => {
		for (const args of [
			["close", "60020"],
			["hook"],
			["daemon"],
			["reap", "--idle", "0s"],
			["kill", "60020"],
		]) {
			assert.notEqual((await mallory(...portguard(...args))).code, EXIT.ok, args.join(" "));
		}
		const connect = `require("net").connect("/run/mosh-portguard/admin.sock").on("error", (e) => console.log(e.code))`;
		assert.equal((await mallory(process.execPath, "-e", connect)).stdout.trim(), "EACCES");
	});

	test("cannot put links or files into the guard's folder, nor take its lock", async () => {
		const { stdout } = await mallory(
			"sh",
			"-c",
			`cd /run/mosh-portguard
			for attempt in 'ln -s /etc/shadow link' 'rm -f guard.sock' 'mv guard.sock other' 'flock -n lock true' \\
				'ln -sfn /tmp /run/mosh-portguard' 'ln -s /tmp /run/other' 'sh -c "exec > lock"'
			do $attempt 2>/dev/null && echo "$attempt"; done; true`,
		);
		assert.equal(stdout, "");
		const files = readdirSync(host.lab.server.path("/run/mosh-portguard")).sort();
		assert.deepEqual(files, ["admin.sock", "guard.sock", "lock", "ready", "users"]);
	});

	test("gets nothing through sudo, whatever the environment and arguments", { skip: skipSudo }, async () => {
		const [command = ""] = portguard();
		const hook = command.replace("bin/mosh-portguard", "hooks/login-hook");
		const rule = readFileSync(new URL("../../sudoers.d/mosh-portguard-hook", import.meta.url), "utf8");
		await host.lab.server.sh(`
			printf 'Defaults !env_reset, setenv\\n' > /etc/sudoers.d/a-careless-host
			cat > /etc/sudoers.d/mosh-portguard-hook <<'END'\n${rule.replaceAll("/usr/lib/mosh-portguard/login-hook", hook)}END
			chmod 440 /etc/sudoers.d/*
			cd ${HOME}
			echo 'require("fs").writeFileSync("${HOME}/ran", "")' > evil.cjs
			for name in node readlink id; do printf '#!/bin/sh\\ntouch ${HOME}/ran\\n' > $name; chmod 755 $name; done
		`);
		const hostile = [
			...["env", "SUDO_UID=0", "LD_PRELOAD=/run/mallory/evil.so", `NODE_OPTIONS=--require=${HOME}/evil.cjs`],
			...[`NODE_PATH=${HOME}`, `ENV=${HOME}/node`, `BASH_ENV=${HOME}/node`, `HOME=${HOME}`],
		];
		const sudo = (...line: string[]) =>
			mallory(...hostile, `PATH=${HOME}:/usr/sbin:/usr/bin:/sbin:/bin`, "/usr/bin/sudo", "-n", ...line);
		const { code, stderr } = await sudo(hook);
		assert.equal(code, EXIT.ok, stderr);
		for (const line of [
			[command],
			[command, "hook"],
			[hook, "60030"],
			[hook, ""],
			[hook, "--help"],
			[command, "daemon"],
			[command, "close", "60020"],
			["NODE_OPTIONS=--require=/run/mallory/evil.cjs", hook],
		]) {
			const refused = await sudo(...line);
			assert.equal(refused.code, 1, line.join(" "));
			assert.match(refused.stderr, /^sudo: /);
		}
		assert.equal(existsSync(host.lab.server.path(`${HOME}/ran`)), false);
	});

	test(`makes ${ATTEMPTS} connections full of garbage, and logins go on`, async (t) => {
		const { sessions } = host;
		const descriptors = () => readdirSync(`/proc/${guard}/fd`).length;
		const before = { KiB: residentKiB(guard), descriptors: descriptors() };
		const attacker = malloryStays(process.execPath, "-e", flood(ATTEMPTS));
		let said = "";
		attacker.stdout?.on("data", (data) => {
			said += data;
		});
		let logins = 0;
		while (!said.includes("\n")) {
			const begun = await sessions.start([{ address: SERVER4, port: 60040 + logins }], VICTIM_UID);
			await host.exactlyRight();
			assert.deepEqual(await sessions.unreached(begun), []);
			sessions.kill(begun);
			await host.exactlyRight();
			logins += 1;
			assert.equal(attacker.exitCode, said.includes("\n") ? attacker.exitCode : null, "the attack goes on");
		}
		assert.ok(logins > 0);
		const [, accepted = "", refused = ""] = /^done (\d+) (\d+)$/m.exec(said) ?? [];
		assert.ok(Number(accepted) >= ENOUGH, said);
		await until("its connections are gone", () => descriptors() <= before.descriptors + 2);
		t.diagnostic(
			`${logins} logins meanwhile; ${accepted} connections got in, ${refused} were turned away; the guard's memory ` +
				`${before.KiB} KiB before, ${residentKiB(guard)} KiB after`,
		);
	});
});
