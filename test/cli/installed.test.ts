/** The installed command and guard on a lab host whose firewall drops by default. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import { SERVER4, SERVER6 } from "../lab/hosts.js";
import { ended } from "../support/processes.js";
import { Installed } from "./installed.js";

const needed = ["/usr/bin/mosh-server", "/usr/sbin/iptables", "/usr/bin/unshare", "/usr/bin/nsenter"];
const missing = needed.filter((path) => !existsSync(path));
const why = process.geteuid?.() !== 0 ? "needs root" : missing.length > 0 && `needs ${missing.join(", ")}`;

const RUN = ["run", "--", "mosh-server", "new", "-i", SERVER4, "-p", "60001", "--", "sleep", "60"];

/** Of a login whose guard has not answered in time. */
const MOST_TRIES = 10;

const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

describe("installed on a host that drops by default", { skip: why }, () => {
	let host: Installed;
	let before_: string;
	const pids: number[] = [];

	before(async () => {
		host = await Installed.create();
		before_ = await host.rules();
	});
	after(() => host?.remove());
	afterEach(async () => {
		for (const pid of pids.splice(0)) {
			kill(pid);
			await ended(pid, "a server");
		}
		await host.stopDaemon();
		host.configure("");
		assert.equal(
			await host.rules(),
			before_,
			"the administrator's rules are as before, and none of ours is left",
		);
	});

	const serve = async (...args: Parameters<Installed["moshServer"]>) => {
		const pid = await host.moshServer(...args);
		pids.push(pid);
		return pid;
	};
	const isOpen = async (text: string) => (await host.rules()).includes(text);

	test("without a daemon, status says so and shows what would be", async () => {
		await serve(SERVER4, 60001);
		// A busy machine may need longer than a status takes.
		await host.until(async () => (await host.shown()).ports[0]?.state !== "unverified");
		const { code, stdout } = await host.portguard("status");
		assert.equal(code, EXIT.noGuard);
		assert.match(stdout, /not running/);
		assert.match(stdout, /10\.77\.0\.1:60001 +(pending|unverified) +root/);
		assert.match(stdout, /iptables: .*drops by default/);
	});

	test("without a daemon and without root, it says what cannot be seen, and shows one's own sessions", async () => {
		await serve(SERVER4, 60001);
		await serve(SERVER4, 60002, NOBODY);
		const { code, stdout } = await host.run(...NOBODY, ...host.command("status"));
		assert.equal(code, EXIT.noGuard);
		assert.match(stdout, /^firewall +unknown: only root/m);
		assert.match(stdout, /10\.77\.0\.1:60002 +unverified +nobody/);
		assert.doesNotMatch(stdout, /60001|CAP_/);
		assert.match(stdout, /^problem +not-root: .*sudo/m);
	});

	test("a stock server's port is open on its own address while it lives, for both families", async () => {
		await host.startDaemon();
		await serve(SERVER4, 60001);
		const pid = await serve(SERVER6, 60001);
		await host.until(async () => (await isOpen(`-d ${SERVER4}/32`)) && (await isOpen(`-d ${SERVER6}/128`)));
		await host.decided();
		const { ports } = await host.shown();
		assert.deepEqual(
			ports.map(({ address, state, user }) => [address, state, user]),
			[
				[SERVER4, "open", "root"],
				[SERVER6, "open", "root"],
			],
		);
		const explained = await host.portguard("explain", "60001");
		assert.equal(explained.code, EXIT.ok);
		assert.match(explained.stdout, /open by the guard's rule/);
		process.kill(pid, "SIGKILL");
		await host.until(async () => !(await isOpen(`-d ${SERVER6}/128`)));
		assert.ok(await isOpen(`-d ${SERVER4}/32`));
	});

	test("two guards never run at once", async () => {
		await host.startDaemon();
		assert.equal((await host.portguard("daemon")).code, EXIT.alreadyRunning);
	});

	test("a guard killed with SIGKILL leaves what its successor puts right", async () => {
		await host.startDaemon();
		const first = await serve(SERVER4, 60001);
		await host.until(() => isOpen("--dport 60001"));
		await host.stopDaemon("SIGKILL");
		kill(first);
		await serve(SERVER4, 60002);
		await host.startDaemon();
		await host.until(async () => !(await isOpen("--dport 60001")) && (await isOpen("--dport 60002")));
	});

	test("what is flushed is restored", async () => {
		await host.startDaemon();
		await serve(SERVER4, 60001);
		await host.until(() => isOpen("--dport 60001"));
		await host.lab.server.sh("iptables -F MOSH-PORTGUARD");
		await host.until(() => isOpen("--dport 60001"));
		// The line is written after the rule.
		await host.until(async () => host.log.includes("firewall.repaired"));
	});

	describe("an ordinary program gets no port", () => {
		const bind = (port: number, prefix: string[], ...more: string[]) => {
			const script = `require("dgram").createSocket("udp4").bind(${port}, "${SERVER4}"); setTimeout(() => {}, 60000)`;
			const child = host.spawn(...prefix, process.execPath, "-e", script, ...more);
			if (child.pid !== undefined) {
				pids.push(child.pid);
			}
			return child;
		};
		const staysShut = async (port: number) => {
			await host.until(async () => (await host.run("ss", "-lunH")).stdout.includes(`:${port}`));
			assert.equal((await host.portguard("sync")).code, EXIT.ok);
			assert.ok(!(await isOpen(`--dport ${port}`)));
		};

		test("for binding in the range, nor for naming itself mosh-server", async () => {
			await host.startDaemon();
			bind(60001, []);
			bind(60002, ["/bin/bash", "-c", 'exec -a /usr/bin/mosh-server "$@"', "bash"]);
			await staysShut(60001);
			await staysShut(60002);
			assert.deepEqual((await host.status()).ports, []);
		});

		test("for being a copy of mosh-server, renamed or not", async () => {
			await host.startDaemon();
			await host.lab.server.sh("mkdir -p /run/copy; cp /usr/bin/mosh-server /run/copy/mosh-server");
			const line = ["/run/copy/mosh-server", "new", "-i", SERVER4, "-p", "60003", "--", "sleep", "60"];
			const { stderr } = await host.run(...line);
			pids.push(Number(/pid = (\d+)/.exec(stderr)?.[1]));
			await staysShut(60003);
		});

		test("for standing at mosh-server's path by a bind mount of its own", async () => {
			await host.startDaemon();
			const mount = `mount --bind ${process.execPath} /usr/bin/mosh-server && exec "$@"`;
			const script = `require("dgram").createSocket("udp4").bind(60004, "${SERVER4}"); setTimeout(() => {}, 60000)`;
			const child = host.spawn(
				...["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"],
				...["/usr/bin/mosh-server", "-e", script],
			);
			if (child.pid !== undefined) {
				pids.push(child.pid);
			}
			await staysShut(60004);
			assert.deepEqual(
				(await host.status()).ports.map(({ code }) => code),
				["foreign-namespace"],
			);
		});
	});

	test("an ordinary user may run a server and not steer the guard", async () => {
		await host.startDaemon();
		await serve(SERVER4, 60001, NOBODY);
		await host.until(() => isOpen("--dport 60001"));
		assert.equal((await host.shown()).ports[0]?.user, "nobody");
		const asNobody = (...args: string[]) => host.run(...NOBODY, ...host.command(...args));
		assert.equal((await asNobody("close", "60001")).code, EXIT.notPermitted);
		assert.equal((await asNobody("hook")).code, EXIT.notPermitted);
		assert.equal((await asNobody("daemon")).code, EXIT.notPermitted);
		assert.equal((await asNobody("status")).code, EXIT.ok);
		assert.ok(await isOpen("--dport 60001"));
		await serve(SERVER4, 60002);
		await host.until(() => isOpen("--dport 60002"));
		const killed = await asNobody("kill", "60002");
		assert.equal(killed.code, EXIT.notPermitted);
		assert.match(killed.stderr, /belongs to another user; try sudo/);
		assert.equal((await asNobody("kill", "60001")).code, EXIT.ok);
	});

	test("run holds MOSH CONNECT back until the port is open", async () => {
		await host.startDaemon();
		for (let tries = 1; ; tries++) {
			const child = host.spawn(...host.command(...RUN));
			let rulesThen: Promise<string> | undefined;
			let [said, errors] = ["", ""];
			child.stderr?.on("data", (data) => {
				errors += data;
			});
			child.stdout?.on("data", (data) => {
				said += data;
				if (/MOSH CONNECT 60001 /.test(said)) {
					rulesThen ??= host.rules();
				}
			});
			await host.until(() => rulesThen !== undefined && /pid = \d+/.test(errors));
			const rules = await rulesThen;
			const pid = Number(/pid = (\d+)/.exec(errors)?.[1]);
			pids.push(pid);
			// It waits for the guard no longer than a login can, which may be too short on a loaded machine.
			if (/no answer from the guard in \d+ ms/.test(errors) && tries < MOST_TRIES) {
				kill(pid);
				await host.until(async () => !(await isOpen("--dport 60001")));
				continue;
			}
			assert.doesNotMatch(errors, /may not be open/);
			assert.match(rules ?? "", /--dport 60001/, host.log);
			return;
		}
	});

	test("run lets a login pass without a guard, and says what is wrong", async () => {
		const { stdout, stderr, code } = await host.portguard(...RUN);
		pids.push(Number(/pid = (\d+)/.exec(stderr)?.[1]));
		assert.equal(code, EXIT.ok);
		assert.match(stdout, /^MOSH CONNECT 60001 /m);
		assert.match(stderr, /60001 may not be open: no guard listens/);
	});

	test("close, kill and reap do what they say, and nothing in a dry run", async () => {
		await host.startDaemon();
		const pid = await serve(SERVER4, 60001);
		await host.until(() => isOpen("--dport 60001"));
		for (const args of [
			["close", "60001"],
			["kill", "60001"],
			["reap", "--idle", "1s"],
		]) {
			assert.equal((await host.portguard(...args, "--dry-run")).code, EXIT.ok, args[0]);
		}
		assert.ok(await isOpen("--dport 60001"));
		assert.equal((await host.portguard("close", "60001")).code, EXIT.ok);
		assert.ok(!(await isOpen("--dport 60001")));
		assert.match((await host.portguard("reap", "--idle", "1h")).stdout, /no such session/);
		await host.until(async () => ((await host.status()).ports[0]?.ageSeconds ?? 0) > 1);
		await host.until(async () =>
			(await host.portguard("reap", "--idle", "1s")).stdout.includes(`pid ${pid}`),
		);
		await host.until(async () => (await host.status()).ports.length === 0);
		assert.equal((await host.portguard("kill", "60001")).code, EXIT.notOpen);
	});

	test("SIGHUP takes a good configuration and keeps the old one from a bad one", async () => {
		await host.startDaemon();
		await serve(SERVER4, 60001);
		await host.until(() => isOpen("--dport 60001"));
		host.configure("[ports]\nfirst = 1\n");
		host.signal("SIGHUP");
		await host.until(() => host.log.includes("config.rejected"));
		assert.match(host.log, /"line":2,"key":"ports\.first","message":"must be an integer, 1024–65535"/);
		assert.ok(await isOpen("--dport 60001"));
		assert.equal((await host.portguard("check-config")).code, EXIT.badConfig);
		host.configure('[users]\ndeny = ["root"]\n');
		host.signal("SIGHUP");
		await host.until(async () => !(await isOpen("--dport 60001")));
		assert.equal((await host.status()).ports[0]?.code, "user-not-allowed");
	});

	test("SIGHUP while the guard stops does not keep it from closing what is open", async () => {
		await host.startDaemon();
		await serve(SERVER4, 60001);
		await host.until(() => isOpen("--dport 60001"));
		const reloads = setInterval(() => host.signal("SIGHUP"), 1);
		const ended = host.daemonEnded();
		host.signal("SIGTERM");
		assert.equal(await ended.finally(() => clearInterval(reloads)), EXIT.ok);
		assert.ok(!(await isOpen("--dport 60001")));
	});

	test("sync serves a host without the daemon", async () => {
		await host.startDaemon();
		const pid = await serve(SERVER4, 60001);
		await host.until(() => isOpen("--dport 60001"));
		await host.stopDaemon("SIGKILL");
		kill(pid);
		await host.until(async () => (await host.status()).ports.length === 0);
		const dry = await host.portguard("sync", "--dry-run");
		assert.match(dry.stdout, /would be closed {2}10\.77\.0\.1:60001/);
		assert.ok(await isOpen("--dport 60001"));
		assert.match((await host.portguard("sync")).stdout, /^closed {2}10\.77\.0\.1:60001/);
		assert.ok(!(await isOpen("--dport 60001")));
		// What stays is our empty chain: only a daemon that ends takes it away.
		await host.startDaemon();
	});

	test("the caller's environment changes nothing, as when sudo lets some of it through", async () => {
		await host.startDaemon();
		await host.lab.server.sh(`
			mkdir -p /run/evil
			echo 'require("fs").writeFileSync("/run/evil/ran", "")' > /run/evil/evil.cjs
			printf '#!/bin/sh\ntouch /run/evil/ran\n' > /run/evil/node
			cp /run/evil/node /run/evil/readlink
			chmod 755 /run/evil/node /run/evil/readlink
		`);
		const hostile = [
			...["NODE_OPTIONS=--require=/run/evil/evil.cjs", "NODE_PATH=/run/evil", "PATH=/run/evil:/usr/bin:/bin"],
			...["ENV=/run/evil/node", "BASH_ENV=/run/evil/node", "SUDO_UID=1000"],
		];
		assert.equal((await host.run("env", ...hostile, ...host.command("hook"))).code, EXIT.ok);
		assert.ok(!existsSync(host.lab.server.path("/run/evil/ran")));
	});

	test("what ends root's command reaches its program, which has a session of its own, and nothing is left", async () => {
		for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
			const script = `mosh=$$; echo $mosh $(cut -d' ' -f6 /proc/$$/stat); exec sleep 300`;
			const child = host.spawn(...host.command("run", "--", "sh", "-c", script));
			const [said] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
			const [sleeper = 0, session] = String(said).split(" ").map(Number);
			pids.push(sleeper);
			assert.notEqual(session, child.pid);
			child.kill(signal);
			const [code] = (await once(child, "exit")) as [number | null];
			assert.equal(code, 143, signal);
			// `run` leaves what it runs to whoever it is: as root that is no Node of ours.
			const ofThisHost = `${host.folder}/.* run -- sh -c mosh`;
			await host.until(async () => (await host.run("pgrep", "-f", ofThisHost)).code === 1);
		}
	});

	test("a link in the place of the runtime folder is refused", async () => {
		await host.lab.server.sh(
			"rm -rf /run/mosh-portguard; mkdir /run/elsewhere; ln -s /run/elsewhere /run/mosh-portguard",
		);
		const { code, stderr } = await host.portguard("daemon");
		await host.lab.server.sh("rm /run/mosh-portguard");
		assert.equal(code, EXIT.failed);
		assert.match(stderr, /must be a folder owned by uid 0/);
		assert.ok(!existsSync(host.lab.server.path("/run/elsewhere/lock")));
	});

	test("doctor finds what keeps mosh from connecting", async () => {
		const findings = async () => {
			const { stdout, code } = await host.portguard("doctor", "--json");
			const list = JSON.parse(stdout).findings as { check: string; state: string }[];
			return { code, bad: list.filter(({ state }) => state === "bad").map(({ check }) => check) };
		};
		assert.deepEqual(await findings(), { code: EXIT.problems, bad: ["guard"] });
		await host.startDaemon();
		assert.deepEqual(await findings(), { code: EXIT.ok, bad: [] });
		host.configure('[users]\ndeny = ["root"]\n');
		host.signal("SIGHUP");
		await serve(SERVER4, 60001);
		await host.until(async () => (await host.status()).ports[0]?.state === "refused");
		assert.ok((await findings()).bad.includes("sessions"));
		host.configure("[users]\ndeny = 7\n");
		const { bad } = await findings();
		assert.ok(bad.includes("configuration"));
	});

	test("each kind of failure has its own code", async () => {
		const code = async (...args: string[]) => (await host.portguard(...args)).code;
		// No mosh-server, no guard.
		assert.equal(await code("explain", "60001"), EXIT.notOpen);
		assert.equal(await code("kill", "60001"), EXIT.notOpen);
		assert.equal(await code("close", "60001"), EXIT.noGuard);
		assert.equal(await code("clear"), EXIT.ok);
		host.configure('[firewall]\nname = "nftables"\n');
		assert.equal(await code("sync"), EXIT.firewall, "that one is not in force");
		host.configure("");
		await host.lab.server.sh(
			"nft add table inet other; nft add chain inet other input '{ type filter hook input priority 0; policy drop; }'",
		);
		assert.equal(await code("sync"), EXIT.ok, "both are served");
		host.configure('[firewall]\nname = "iptables"\n');
		assert.match(
			(await host.portguard("check-config")).stdout,
			/^warning: firewall\.name = "iptables": nftables drops too/m,
		);
		assert.match((await host.portguard("status")).stdout, /^problem +firewall-unserved: .*inet other input/m);
		await host.lab.server.sh("nft delete table inet other");
		host.configure("[ports]\nfirst = 1\n");
		for (const command of ["sync", "status", "daemon", "check-config"]) {
			assert.equal(await code(command), EXIT.badConfig, command);
		}
		// Whatever is wrong with the configuration, our rules can be taken away.
		assert.equal(await code("clear"), EXIT.ok);
		host.configure('[users]\ndeny = ["nosuchuser"]\n');
		await host.startDaemon();
		assert.equal(await code("status"), EXIT.problems);
		assert.equal(await code("clear"), EXIT.alreadyRunning);
		assert.equal(await code("close", "60001"), EXIT.notOpen);
	});

	test("whatever is shown has a form for programs, with a schema number", async () => {
		await host.startDaemon();
		const pid = await serve(SERVER4, 60001);
		await host.until(() => isOpen("--dport 60001"));
		const shown = async (...args: string[]) => {
			const { stdout } = await host.portguard(...args, "--json");
			const { schema, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
			assert.equal(schema, 1, args.join(" "));
			return rest;
		};
		const keys = async (...args: string[]) => Object.keys(await shown(...args)).sort();
		assert.deepEqual(await keys("status"), ["firewall", "guard", "leftOver", "ports", "problems", "range"]);
		assert.deepEqual(await keys("list"), ["ports"]);
		assert.deepEqual(await keys("doctor"), ["findings"]);
		assert.deepEqual(await keys("explain", "60001"), ["port", "rules", "sessions"]);
		assert.deepEqual(await keys("check-config"), [
			"config",
			"faults",
			"files",
			"unknownNames",
			"valid",
			"warnings",
		]);
		const opening = { family: "ipv4", address: SERVER4, port: 60001 };
		const none = { dryRun: false, opened: [], closed: [] };
		assert.deepEqual(await shown("sync"), none);
		assert.deepEqual(await shown("sync", "--dry-run"), { ...none, dryRun: true });
		const closed = { dryRun: true, opened: [], closed: [opening] };
		assert.deepEqual(await shown("close", "60001", "--dry-run"), closed);
		assert.deepEqual(await shown("close", "60001"), { ...closed, dryRun: false });
		const ended = [{ ...opening, pid, uid: 0 }];
		assert.deepEqual(await shown("reap", "--idle", "1s", "--dry-run").then(({ dryRun }) => dryRun), true);
		assert.deepEqual(await shown("kill", "60001", "--dry-run"), { dryRun: true, ended });
		assert.deepEqual(await shown("kill", "60001"), { dryRun: false, ended });
		await host.until(async () => (await host.status()).ports.length === 0);
		assert.deepEqual(await shown("kill", "60001"), { dryRun: false, ended: [] });
	});

	test("a wrong command line has its own code", async () => {
		for (const args of [
			[],
			["nonsense"],
			["close"],
			["close", "0"],
			["hook", "now"],
			["reap"],
			["reap", "--idle", "x"],
		]) {
			assert.equal((await host.portguard(...args)).code, EXIT.usage, args.join(" "));
		}
		assert.equal((await host.portguard("--help")).code, EXIT.ok);
	});
});

function kill(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// It has ended already.
	}
}
