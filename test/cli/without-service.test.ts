/** A host without the service: what the login's hook starts, and `sync`, keep live sessions' ports and close the others'. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { constants, cpus } from "node:os";
import { after, afterEach, before, describe, it } from "node:test";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import { RENEW_BELOW_S } from "../../src/firewall/nftables/store.js";
import type { PortStatus } from "../../src/guard/report/status.js";
import { listNft } from "../firewall/nftables/subject.js";
import { readCensus, startCensus, stopCensus } from "../lab/census.js";
import { labMissing, SERVER4 } from "../lab/hosts.js";
import { BACKENDS } from "../latency/backends.js";
import { endProcess, isAlive } from "../support/processes.js";
import { sleep } from "../support/wait.js";
import { Installed } from "./installed.js";

/** Beside rules that time out by themselves, one firewall whose rules do not. */
const TRIED = BACKENDS.filter(({ name }) => name === "nftables" || name === "ufw");
const legacyMissing = (await labMissing("iptables-legacy")) ?? false;
const stock = existsSync("/usr/bin/mosh-server") ? undefined : "needs /usr/bin/mosh-server";

/** A datagram of a new flow every 2 ms. */
const SENDER = `
	const { createSocket } = require("node:dgram");
	setInterval(() => {
		const socket = createSocket("udp4");
		socket.send("x", 60001, "${SERVER4}", () => socket.close());
	}, 2);`;

describe("without the service", { concurrency: 1 }, async () => {
	for (const backend of TRIED) {
		const skip = stock ?? (await labMissing("nft", ...backend.tools)) ?? false;
		describe(`on ${backend.name}`, { skip }, () => {
			let host: Installed;
			let untouched: string;
			const servers: number[] = [];
			const started: ChildProcess[] = [];

			before(async () => {
				host = await Installed.create(backend.setUp);
				untouched = await listNft(host.lab);
			});
			afterEach(async () => {
				for (const pid of servers.splice(0)) {
					await endProcess(pid);
				}
				for (const child of started.splice(0)) {
					child.kill();
				}
				await host.stopDaemon();
				await host.run("pkill", "-TERM", "-f", `^${process.execPath} .*${host.folder}/.* daemon`);
				await host.until(async () => (await host.portguard("clear")).code === EXIT.ok);
				assert.equal(await listNft(host.lab), untouched, "nothing of ours is left");
			});
			after(() => host?.remove());

			/** As the hook starts it, for a shorter time. */
			async function watch(seconds: number): Promise<ChildProcess> {
				const watcher = host.spawn(...host.command("daemon", "--for", String(seconds)));
				started.push(watcher);
				await host.until(() => host.guards(watcher));
				return watcher;
			}

			/** A login waits for the guard only so long, which may be too short on a loaded machine: then it is announced again. */
			const announced = (...hook: string[]) =>
				host.until(async () => {
					const { code } = await host.run(...hook);
					assert.ok(code === EXIT.ok || code === EXIT.noGuard, `${code}`);
					return code === EXIT.ok;
				});

			/** What login hooks go by. */
			const isMarked = () => existsSync(host.lab.server.path("/run/mosh-portguard/watcher"));

			async function serve(port: number): Promise<number> {
				const pid = await host.moshServer(SERVER4, port);
				servers.push(pid);
				return pid;
			}

			const open = async () => {
				const { ports } = await host.decided();
				return ports.filter(({ state }: PortStatus) => state === "open").map(({ port }) => port);
			};
			const opened = (...ports: number[]) => host.until(async () => (await open()).join() === ports.join());

			it("a watcher outlives the login for as long as a session lives, and leaves nothing", async () => {
				// Before it, since a second is over before a busy machine has started a server.
				const [first, second] = [await serve(60001), await serve(60002)];
				const watcher = await watch(1);
				assert.ok(isMarked());
				await opened(60001, 60002);
				await host.until(async () => (await host.status()).guard.armedSeconds === 0);
				// Longer than it takes to see that nobody needs it.
				await sleep(1500);
				assert.equal(watcher.exitCode, null);
				process.kill(second, "SIGKILL");
				await opened(60001);
				process.kill(first, "SIGKILL");
				const [code] = await once(watcher, "exit");
				assert.equal(code, EXIT.ok);
				assert.ok(!isMarked());
				assert.equal(await listNft(host.lab), untouched);
			});

			it("a watcher that is ended closes its ports, as the service does", async () => {
				const watcher = await watch(20);
				await serve(60001);
				await opened(60001);
				watcher.kill();
				await once(watcher, "exit");
				assert.equal(await listNft(host.lab), untouched);
			});

			it("the service takes over from the hook's watcher at once, and not a datagram is dropped", async () => {
				await announced(...host.command("hook"));
				const watcher = (await host.status()).guard.pid ?? 0;
				await serve(60001);
				await opened(60001);
				const { server } = host.lab;
				await startCensus(server);
				const enter = ["-t", String(host.lab.client.pid), "-n", "--", process.execPath, "-e", SENDER];
				const sender = spawn("nsenter", enter, { stdio: "ignore" });
				started.push(sender);
				await host.until(async () => (await readCensus(server)).arrived > 0);
				await host.startDaemon();
				assert.ok(!isAlive(watcher), "two guards never run at once");
				assert.ok(!isMarked());
				const { guard, ports } = await host.decided();
				assert.notEqual(guard.pid, watcher);
				assert.deepEqual(
					ports.map(({ state }) => state),
					["open"],
				);
				const soFar = (await readCensus(server)).arrived;
				await host.until(async () => (await readCensus(server)).arrived > soFar + 20);
				sender.kill();
				await once(sender, "exit");
				const { arrived, passed } = await readCensus(server);
				await stopCensus(server);
				assert.ok(arrived > 100, `${arrived} datagrams`);
				assert.equal(passed, arrived);
				assert.doesNotMatch(host.log, /"port\.(opened|closed)"/);
			});

			it("a guard that the hook started and somebody kills leaves no rule, and comes back for the sessions", async () => {
				await announced(`${host.folder}/hooks/login-hook`);
				const session = await serve(60001);
				await opened(60001);
				const { pid = 0 } = (await host.status()).guard;
				process.kill(pid, "SIGKILL");
				await host.until(() => host.readyPid !== undefined && host.readyPid !== pid);
				await opened(60001);
				process.kill(session, "SIGKILL");
				await opened();
			});

			it("sync opens for the sessions there are, and closes for those that have ended", async () => {
				const first = await serve(60001);
				await serve(60002);
				assert.equal((await host.portguard("sync")).code, EXIT.ok);
				assert.deepEqual(await open(), [60001, 60002]);
				await endProcess(first);
				assert.match((await host.portguard("sync")).stdout, /^closed {2}10\.77\.0\.1:60001\n$/);
				assert.deepEqual(await open(), [60002]);
			});

			// What has nothing to do with the firewall, and what only this one does.
			if (backend.name === "nftables") {
				it("what a user could have set is the hook's guard's no more", async () => {
					// As sudo would run it for one who has prepared everything.
					const prepared = `
import os, resource, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
for kind in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD): signal.signal(kind, signal.SIG_IGN)
os.umask(0o777); os.nice(15); os.sched_setaffinity(0, {0})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
for limit in ("CPU", "FSIZE", "NOFILE"):
    kind = getattr(resource, "RLIMIT_" + limit)
    resource.setrlimit(kind, (64, resource.getrlimit(kind)[1]))
os.environ.update(NODE_OPTIONS="--require=/nonexistent", ENV="/nonexistent", LD_LIBRARY_PATH="/nonexistent")
os.execv(sys.argv[1], sys.argv[1:])`;
					await announced("python3", "-c", prepared, `${host.folder}/hooks/login-hook`);
					const pid = (await host.status()).guard.pid ?? 0;
					const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
					assert.match(read("limits"), /^Max cpu time +unlimited +unlimited/m);
					assert.match(read("limits"), /^Max file size +unlimited +unlimited/m);
					assert.match(read("limits"), /^Max open files +16384 +16384/m);
					assert.match(read("status"), /^Umask:\t0022$/m);
					// Node blocks them all for a moment whenever it starts a program.
					await host.until(() => /^SigBlk:\t0+$/m.test(read("status")));
					// SIGPIPE, as every Node has it, and SIGUSR1 or nothing.
					const ignored = BigInt(`0x${/^SigIgn:\t(\w+)$/m.exec(read("status"))?.[1]}`);
					for (const signal of [
						constants.signals.SIGTERM,
						constants.signals.SIGHUP,
						constants.signals.SIGCHLD,
					]) {
						assert.equal((ignored >> BigInt(signal - 1)) & 1n, 0n);
					}
					const fields = read("stat").split(") ")[1]?.split(" ") ?? [];
					const [priority, policy] = [fields[16], fields[38]];
					assert.deepEqual([priority, policy], ["0", "0"]);
					assert.notEqual(fields[3], String(process.pid));
					assert.match(read("status"), new RegExp(`^Cpus_allowed_list:\t0-${cpus().length - 1}$`, "m"));
					assert.equal(read("environ").includes("nonexistent"), false);
					assert.doesNotMatch(read("cgroup"), /:\/.*(user|session)/);
					const { mode } = statSync(host.lab.server.path("/run/mosh-portguard/lock"));
					assert.equal(mode & 0o777, 0o600);
					// Without syslog its words are in a file.
					const log = readFileSync(host.lab.server.path("/run/mosh-portguard-login/log"), "utf8");
					assert.match(log, /"event":"guard.started"/);
				});

				it("the hook takes nobody else's lock for the guard's, whatever its inode", async () => {
					// Every tmpfs counts its inodes from one.
					const script = `
						: >/run/mosh-portguard/lock; chmod 600 /run/mosh-portguard/lock
						mkdir -p /run/other; mount -t tmpfs tmpfs /run/other
						for i in $(seq 5000); do : >/run/other/$i;
							[ "$(stat -c %i /run/other/$i)" != "$(stat -c %i /run/mosh-portguard/lock)" ] || break; done
						echo "$i"; exec flock /run/other/$i sleep 60`;
					const other = host.spawn("sh", "-c", script);
					started.push(other);
					await once(other.stdout as NodeJS.ReadableStream, "data");
					await announced(...host.command("hook"));
					await host.until(() => host.readyPid !== undefined);
					assert.ok((await host.shown()).guard.running);
				});

				it("a second watcher ends at once, and neither takes over from the service", async () => {
					await host.startDaemon();
					const { guard } = await host.status();
					assert.equal((await host.portguard("daemon", "--for", "1")).code, EXIT.alreadyRunning);
					assert.equal((await host.portguard("daemon")).code, EXIT.alreadyRunning);
					assert.equal((await host.status()).guard.pid, guard.pid);
				});

				const timeLeft = async () => {
					const listing = await host.lab.server.sh("nft -j list set inet admin mosh_portguard_4");
					return [...listing.matchAll(/"expires": (\d+)/g)].map(([, seconds]) => Number(seconds));
				};
				const element = `{ ${SERVER4} . 60001 }`;
				const leave = (seconds: number) =>
					host.lab.server.sh(`nft -f - <<'END'
delete element inet admin mosh_portguard_4 ${element}
add element inet admin mosh_portguard_4 ${element.replace(" }", ` timeout ${seconds}s comment "mosh-portguard" }`)}
END
`);

				const exchange = () =>
					host.lab.server.sh(
						"nft flush ruleset; iptables-nft -P INPUT DROP; iptables-nft -A INPUT -i lo -j ACCEPT",
					);
				const follows = () => host.until(async () => (await host.status()).firewall.name === "iptables");

				it("a watcher and the service follow to another firewall", async () => {
					try {
						const watcher = await watch(20);
						await serve(60001);
						await opened(60001);
						await exchange();
						await follows();
						assert.equal(watcher.exitCode, null);
						await opened(60001);
						await backend.setUp(host.lab);
						await host.startDaemon();
						const { pid } = (await host.status()).guard;
						await exchange();
						await follows();
						await opened(60001);
						assert.equal((await host.status()).guard.pid, pid);
					} finally {
						await backend.setUp(host.lab);
					}
				});

				it("systemd is to start the service anew where that may need the privileges for iptables-legacy", {
					skip: legacyMissing,
				}, async () => {
					try {
						await host.startDaemon();
						// A table of the variant is there from now on, and lets everything pass.
						await host.lab.server.sh("iptables-legacy -S");
						await exchange();
						assert.equal(await host.daemonEnded(), EXIT.firewallExchanged);
					} finally {
						await backend.setUp(host.lab);
					}
				});

				it("a watcher renews what the kernel would close", async () => {
					await watch(20);
					await serve(60001);
					await opened(60001);
					await leave(30);
					await host.until(async () => ((await timeLeft())[0] ?? 0) > RENEW_BELOW_S);
				});

				it("what sync opens has no time limit, until a guard adopts it", async () => {
					await serve(60001);
					await host.portguard("sync");
					assert.deepEqual(await timeLeft(), []);
					assert.deepEqual(await open(), [60001]);
					await host.startDaemon();
					assert.equal((await timeLeft()).length, 1);
					// A guard that was killed leaves a limit, which the session must not meet.
					await host.stopDaemon("SIGKILL");
					await host.portguard("sync");
					assert.deepEqual(await timeLeft(), []);
					assert.deepEqual(await open(), [60001]);
				});
			}
		});
	}
});
