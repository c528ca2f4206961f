/** On a host with a guard and a session: status, list, metrics, explain and doctor say of its port what its client meets. */

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { EXIT } from "../../src/cli/output/exit-codes.js";
import type { OpeningExplanation } from "../../src/cli/queries/explanations.js";
import { CLIENT4, labMissing, SERVER4, SERVER6 } from "../lab/hosts.js";
import { endProcess } from "../support/processes.js";
import { holds } from "../support/wait.js";
import { Installed } from "./installed.js";

const PORT = 60_001;
const missing = (await labMissing("nft", "iptables-nft", "iptables-legacy", "mosh-server", "flock")) ?? false;

describe("on a host with a session", { skip: missing, concurrency: 1 }, () => {
	let host: Installed;
	let key = "";
	let pid = 0;

	before(async () => {
		host = await Installed.create();
		await host.startDaemon();
		const line = ["mosh-server", "new", "-i", SERVER4, "-p", String(PORT), "--", "sleep", "600"];
		const { stdout, stderr } = await host.run(...line);
		key = /MOSH CONNECT \d+ (\S+)/.exec(stdout)?.[1] ?? "";
		pid = Number(/pid = (\d+)/.exec(stderr)?.[1]);
		await host.until(async () => (await host.status()).ports[0]?.state === "open");
	});
	after(async () => {
		if (pid > 0) {
			await endProcess(pid);
		}
		await host?.remove();
	});

	const isAnswered = () => host.lab.client.agent.session(SERVER4, PORT, key, 1000);
	const shutLines = () =>
		host.log
			.split("\n")
			.filter((line) => line.includes('"port.shut"'))
			.map((line) => JSON.parse(line) as { reason: string });
	const explained = async (...args: string[]): Promise<OpeningExplanation[]> => {
		const { stdout } = await host.portguard("explain", "--json", String(PORT), ...args);
		return (JSON.parse(stdout) as { rules: OpeningExplanation[] }).rules;
	};

	test("that nothing else shuts, all say open", async () => {
		// What a busy host did not let anyone read in time is rightly unverified.
		await holds(async () => {
			assert.equal(await isAnswered(), true);
			assert.equal((await host.decided()).ports[0]?.state, "open");
			assert.deepEqual(
				(await explained()).map(({ verdict, by }) => `${verdict} by ${by}`),
				["open by guard"],
			);
			assert.match((await host.portguard("metrics")).stdout, /ports\{family="ipv4",state="open"\} 1/);
		});
	});

	const shutting: readonly {
		readonly name: string;
		readonly add: string;
		readonly remove: string;
		readonly says: RegExp;
	}[] = [
		{
			name: "whose answers OUTPUT drops",
			add: "iptables-nft -A OUTPUT -p udp --sport 60000:61000 -j DROP",
			remove: "iptables-nft -D OUTPUT -p udp --sport 60000:61000 -j DROP",
			says: /the administrator's rule, which drops the answer: iptables filter: -A OUTPUT .*--sport 60000:61000 -j DROP/,
		},
		{
			name: "whose port goes elsewhere",
			add: `iptables-nft -t nat -A PREROUTING -p udp --dport ${PORT} -j DNAT --to-destination 172.31.0.2`,
			remove: `iptables-nft -t nat -D PREROUTING -p udp --dport ${PORT} -j DNAT --to-destination 172.31.0.2`,
			says: /the administrator's rule, which sends datagrams elsewhere: iptables nat: -A PREROUTING .* -j DNAT/,
		},
		{
			name: "whose port is dropped at the interface",
			add: `nft 'table netdev early { chain ingress { type filter hook ingress device "eth0" priority -500; udp dport ${PORT} drop; }; }'`,
			remove: "nft delete table netdev early",
			says: /the administrator's rule: netdev early, chain ingress: udp dport 60001 drop/,
		},
	];
	for (const { name, add, remove, says } of shutting) {
		test(`${name}, all say so, and by which rule`, async () => {
			const said = shutLines().length;
			await host.lab.server.sh(add);
			try {
				assert.equal(await isAnswered(), false);
				await host.until(() => shutLines().length > said);
				assert.match(String(shutLines().at(-1)?.reason), says);
				const status = await host.portguard("status");
				assert.equal(status.code, EXIT.problems);
				assert.match(status.stdout, /0 open, 1 blocked, 0 pending/);
				assert.match(status.stdout, /^problem +port-blocked: /m);
				assert.match(status.stdout, says);
				const [port] = (await host.decided()).ports;
				assert.equal(port?.state, "blocked");
				assert.match(port?.reason ?? "", says);
				assert.match((await host.portguard("list")).stdout, /60001 +blocked/);
				assert.match((await host.portguard("metrics")).stdout, /ports\{family="ipv4",state="blocked"\} 1/);
				const explain = await host.portguard("explain", String(PORT));
				assert.equal(explain.code, EXIT.notOpen);
				assert.match(explain.stdout, says);
				const doctor = await host.portguard("doctor");
				assert.equal(doctor.code, EXIT.problems);
				assert.match(doctor.stdout, says);
			} finally {
				await host.lab.server.sh(remove);
			}
			assert.equal(await isAnswered(), true);
			assert.equal((await host.decided()).ports[0]?.state, "open");
		});
	}

	test("another login is told which rule shuts its port", async () => {
		const rule = "OUTPUT -p udp --sport 60002 -j DROP";
		await host.lab.server.sh(`iptables-nft -A ${rule}`);
		try {
			const server = ["mosh-server", "new", "-i", SERVER4, "-p", "60002", "--", "sleep", "1"];
			const { stdout, stderr } = await host.portguard("run", "--", ...server);
			assert.match(stdout, /^MOSH CONNECT 60002 /m);
			assert.match(
				stderr,
				/UDP port 60002 may not be open: .*another rule .* shuts it .*-A OUTPUT .*--sport 60002 -j DROP/,
			);
		} finally {
			await host.lab.server.sh(`iptables-nft -D ${rule}`);
		}
	});

	test("that a condition may shut, all say that it is unverified", async () => {
		const rule = `-p udp --dport ${PORT} -m statistic --mode random --probability 0.0001 -j DROP`;
		await host.lab.server.sh(`iptables-nft -t mangle -A PREROUTING ${rule}`);
		const [port] = (await host.status()).ports;
		assert.equal(port?.state, "unverified");
		assert.match(port?.reason ?? "", /iptables mangle: .*-m statistic .* -j DROP/);
		const { stdout } = await host.portguard("explain", String(PORT));
		assert.match(stdout, /10\.77\.0\.1:60001 is unverified: what comes in may be dropped: iptables mangle: /);
		await host.lab.server.sh(`iptables-nft -t mangle -D PREROUTING ${rule}`);
	});

	test("while the host has no link, its rules decide all the same", async () => {
		await host.lab.client.sh("ip link set eth0 down");
		try {
			assert.deepEqual(
				(await explained()).map(({ address, verdict, by }) => `${address} ${verdict} by ${by}`),
				[`${SERVER4} open by guard`],
			);
			const { stdout } = await host.portguard("explain", "--json", String(PORT + 50));
			const { rules } = JSON.parse(stdout) as { rules: OpeningExplanation[] };
			assert.deepEqual(
				[...new Set(rules.map(({ verdict, by }) => `${verdict} by ${by}`))],
				["closed by policy"],
			);
		} finally {
			await host.lab.client.sh("ip link set eth0 up");
		}
		await host.until(isAnswered);
	});

	test("explain asks for one client", async () => {
		await host.lab.server.sh(`iptables-nft -t raw -A PREROUTING -s ${CLIENT4} -p udp -j DROP`);
		const verdicts = async (...args: string[]) =>
			(await explained(...args)).map(({ verdict, from }) => [verdict, from]);
		assert.equal(await isAnswered(), false);
		assert.deepEqual(await verdicts("--from", CLIENT4), [["closed", CLIENT4]]);
		assert.deepEqual(await verdicts("--from", "::ffff:10.77.0.2"), [["closed", CLIENT4]]);
		assert.deepEqual(await verdicts("--from", "192.0.2.7"), [["open", "192.0.2.7"]]);
		assert.deepEqual(await verdicts(), [["open", undefined]]);
		const { stdout } = await host.portguard("explain", String(PORT), "--from", CLIENT4);
		assert.match(
			stdout,
			/10\.77\.0\.1:60001 from 10\.77\.0\.2 is closed by the administrator's rule: iptables raw: -A PREROUTING -s/,
		);
		assert.deepEqual(await verdicts("--from", SERVER6), []);
		for (const wrong of ["10.77.0", "host.example", "fe80::1%eth0", ""]) {
			assert.equal((await host.portguard("explain", String(PORT), "--from", wrong)).code, EXIT.usage);
		}
		await host.lab.server.sh(`iptables-nft -t raw -D PREROUTING -s ${CLIENT4} -p udp -j DROP`);
	});
});

test("status does not wait for another program that holds the lock of iptables", {
	skip: missing,
}, async () => {
	const host = await Installed.create(async ({ server }) => {
		for (const tool of ["iptables-legacy", "ip6tables-legacy"]) {
			await server.sh(`${tool} -P INPUT DROP`);
		}
	});
	let pid = 0;
	let holder: ChildProcess | undefined;
	try {
		await host.startDaemon();
		holder = host.spawn("flock", "--no-fork", "/run/xtables.lock", "sleep", "600");
		await new Promise((resolve) => setTimeout(resolve, 300));
		pid = await host.moshServer(SERVER4, PORT);
		const took: number[] = [];
		for (let i = 0; i < 3; i++) {
			const began = performance.now();
			assert.notEqual((await host.shown()).ports[0]?.state, "open");
			took.push(performance.now() - began);
		}
		// Within 2 s, and the command's own start on a busy machine.
		assert.ok(Math.max(...took) < 30_000, `${took}`);
		assert.equal(holder.exitCode, null, "the lock was held all the time");
		holder.kill();
		await host.until(async () => (await host.status()).ports[0]?.state === "open");
	} finally {
		holder?.kill();
		if (pid > 0) {
			await endProcess(pid);
		}
		await host.remove();
	}
});
