/** What a login and a logout take, counted: no command, one list of sockets, and beside 200 sessions no more system calls than beside one. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { iptablesSubject } from "../firewall/iptables/subject.js";
import { nftablesSubject } from "../firewall/nftables/subject.js";
import { labMissing, SERVER4 } from "../lab/hosts.js";
import { scratchFolder } from "../support/scratch.js";
import { Installed } from "./installed.js";

const HOLDERS = new URL("../../bench/guard/programs/holders.pl", import.meta.url).pathname;
const FIRST_STANDING = 61_001;
const LOGINS = 4;
/** Once the guard has started, until it has read all rules, and the reports of the guard before are no longer expected. */
const SETTLED_MS = 12_000;
/** After an event, until the last look that follows from it. */
const EVENT_MS = 400;

/** Logins until the guard knows how iptables writes its rules: one for each of two ports. */
const LEARNED = 2;

/** ptys of its own, so that no other program of the machine wakes the guard. */
const OWN_PTYS = `
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts /dev/pts
mount --bind /dev/pts/ptmx /dev/ptmx
`;

/** What strace wrote of a login and logout: system calls that start a command, open a file, list a folder or ask the kernel. */
type Calls = readonly string[];

/** One for IPv4 and one for IPv6 each. */
const socketQuestionsIn = (calls: Calls) =>
	calls.filter((line) => /sendto\(.* nlmsg_type=(0x14|SOCK_DIAG_BY_FAMILY)\b/.test(line)).length / 2;

const commandsIn = (calls: Calls) => calls.flatMap((line) => /execve\("([^"]+)"/.exec(line)?.[1] ?? []);

for (const { name, tools, setUp } of [nftablesSubject, iptablesSubject("nft")]) {
	const skip = (await labMissing(...tools, "nft", "strace", "mosh-server", "perl")) ?? false;
	describe(`a login and a logout beside ${name}`, { skip }, () => {
		let installed: Installed;
		let port = 60_001;
		before(async () => {
			installed = await Installed.create(setUp);
			await installed.lab.server.sh(OWN_PTYS);
			installed.configure(`
			ports = { first = 60001, last = 61999 }
			limits = { per_user = 1000, total = 1000, per_minute = 1000 }
			[servers]
			executables = ["/usr/bin/mosh-server", "/usr/bin/perl"]
			scripts = []
		`);
			await installed.startDaemon();
			await sleep(SETTLED_MS);
			for (let login = 0; login < LEARNED; login += 1) {
				await logInAndOut();
			}
		});
		after(() => installed.remove());

		async function stand(count: number): Promise<ChildProcess> {
			const holders = installed.spawn(
				"/usr/bin/perl",
				HOLDERS,
				SERVER4,
				String(FIRST_STANDING),
				String(count),
			);
			await once(holders.stdout as NonNullable<typeof holders.stdout>, "data");
			await installed.portguard("sync");
			await sleep(2 * EVENT_MS);
			return holders;
		}

		async function logInAndOut(): Promise<void> {
			port += 1;
			const pid = await installed.moshServer(SERVER4, port);
			await installed.until(() => isLogged("opened"));
			await sleep(EVENT_MS);
			process.kill(pid, "SIGKILL");
			await installed.until(() => isLogged("closed"));
			await sleep(EVENT_MS);
		}

		async function callsOfLogins(): Promise<readonly Calls[]> {
			const file = join(scratchFolder(), "calls");
			const traced = ["execve", "openat", "getdents64", "sendto"];
			const strace = spawn("strace", [
				...["-f", "-qq", "-e", `trace=${traced.join()}`, "-e", "signal=none"],
				...["-o", file, "-p", String(installed.readyPid)],
			]);
			await sleep(2 * EVENT_MS);
			const written = () =>
				readFileSync(file, "latin1")
					.split("\n")
					.filter((line) => !line.includes("resumed>"));
			const logins: Calls[] = [];
			for (let login = 0; login < LOGINS; login += 1) {
				const before_ = written().length;
				await logInAndOut();
				logins.push(written().slice(before_ - 1, -1));
			}
			strace.kill("SIGINT");
			await once(strace, "exit");
			return logins;
		}

		function isLogged(what: "opened" | "closed"): boolean {
			return installed.log
				.split("\n")
				.some((line) => line.includes(`"port.${what}"`) && line.includes(`"port":${port}`));
		}

		test("take no command, one list of all sockets, and beside many sessions no more system calls than beside one", async () => {
			const counted: (readonly Calls[])[] = [];
			for (const count of [1, 200]) {
				const holders = await stand(count);
				counted.push(await callsOfLogins());
				holders.kill("SIGTERM");
				await sleep(2 * EVENT_MS);
			}
			// A sweep, which comes with the clock, is counted with one of them, and on a busy machine the guard looks more often.
			const fewest = <T>(logins: readonly T[], count: (calls: T) => number): T =>
				logins.reduce((least, calls) => (count(calls) < count(least) ? calls : least));
			const [few, many] = counted.map((logins) => fewest(logins, (calls) => calls.length)) as [Calls, Calls];
			assert.deepEqual([...commandsIn(few), ...commandsIn(many)], []);
			// At the login all sockets, at the logout those of the port of which the kernel has told.
			const asked = fewest(counted.flat(), socketQuestionsIn);
			assert.equal(socketQuestionsIn(asked), 2, asked.join("\n"));
			assert.ok(few.length > 0);
			assert.ok(
				many.length <= few.length * 1.2,
				`${few.length} calls beside one session, ${many.length} beside 200:\n${many.join("\n")}`,
			);
		});
	});
}
