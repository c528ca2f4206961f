/** Hosts on which several firewalls drop: a port opens in all of them or in none, and nothing is left in any. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { clearFirewalls } from "../../src/daemon/clear-firewalls.js";
import { CachedVerifier } from "../../src/firewall/cached-verifier.js";
import { Combined } from "../../src/firewall/combined.js";
import { createFirewalls } from "../../src/firewall/create.js";
import { type DetectOptions, detect } from "../../src/firewall/detect.js";
import { FirewallError } from "../../src/firewall/errors.js";
import type { Firewall, Opening } from "../../src/firewall/firewall.js";
import { isFirewalldRunning } from "../../src/firewall/firewalld/client.js";
import { Firewalld } from "../../src/firewall/firewalld/firewalld.js";
import { openingKey } from "../../src/firewall/opening.js";
import type { Commands } from "../../src/system/commands.js";
import { CONTROL_PORT, type Lab, labMissing, SERVER4, startLab } from "../lab/hosts.js";
import { NETWORK } from "../lab/verify.js";
import { MemoryFirewall } from "../support/memory-firewall.js";
import { until } from "../support/wait.js";
import { ADMIN_DENIED, v4, v6 } from "./conformance.js";
import { labInterfaces, servesAndLeaves } from "./field.js";
import { labFirewalld, setUpFirewalld } from "./firewalld/subject.js";
import { listIptables, restoreAdminRules } from "./iptables/subject.js";
import { listNft } from "./nftables/subject.js";

describe("several firewalls as one", () => {
	const setUp = () => {
		const members = [new MemoryFirewall(), new MemoryFirewall(), new MemoryFirewall()] as const;
		return { members, combined: new Combined(members, "a + b + c") };
	};
	const open = (members: readonly MemoryFirewall[]) => members.map((member) => member.open);
	const ONE = openingKey(v4(60001));
	const TWO = openingKey(v4(60002));
	const failure = new FirewallError("tool-failed", "no room");

	test("open and close in each of them, and list what all have", async () => {
		const { members, combined } = setUp();
		await combined.apply({ open: [v4(60001), v4(60002)], close: [] });
		assert.deepEqual(open(members), [
			[ONE, TWO],
			[ONE, TWO],
			[ONE, TWO],
		]);
		members[1].rules.delete(ONE);
		assert.deepEqual(await combined.list(), [v4(60002)]);
		await combined.apply({ open: [], close: [v4(60002)] });
		assert.deepEqual(open(members), [[ONE], [], [ONE]]);
	});

	test("are renewed where each can be", async () => {
		const { members, combined } = setUp();
		const renewals: boolean[] = [];
		const renewing = (is: boolean) => ({
			renew: async () => {
				renewals.push(is);
				return is;
			},
		});
		Object.assign(members[0], renewing(true));
		Object.assign(members[2], renewing(true));
		assert.equal(await combined.renew(), false);
		Object.assign(members[1], renewing(true));
		assert.equal(await combined.renew(), true);
		Object.assign(members[1], renewing(false));
		assert.equal(await combined.renew(), false);
		assert.equal(renewals.length, 8);
	});

	test("take back what went in when one of them fails, and nothing that was open before", async () => {
		const { members, combined } = setUp();
		await combined.apply({ open: [v4(60001)], close: [] });
		members[2].failure = failure;
		await assert.rejects(combined.apply({ open: [v4(60001), v4(60002)], close: [] }), failure);
		members[2].failure = undefined;
		assert.deepEqual(open(members), [[ONE], [ONE], [ONE]]);
	});

	test("take back half of what the failing one did itself", async () => {
		const { members, combined } = setUp();
		const apply = members[1].apply.bind(members[1]);
		members[1].apply = async (change) => {
			await apply(change);
			if (change.open.length > 0) {
				throw failure;
			}
		};
		await assert.rejects(combined.apply({ open: [v4(60001)], close: [] }), failure);
		assert.deepEqual(open(members), [[], [], []]);
	});

	test("say what could not be taken back", async () => {
		const { members, combined } = setUp();
		members[0].failure = failure;
		const apply = members[1].apply.bind(members[1]);
		members[1].apply = async (change) => {
			if (change.close.length > 0) {
				throw new FirewallError("tool-timeout", "a lock is held");
			}
			await apply(change);
		};
		await assert.rejects(combined.apply({ open: [v4(60001)], close: [] }), {
			code: "several",
			message: "no room a lock is held",
		});
	});

	test("repair closes what another program left in some of them", async () => {
		const { members, combined } = setUp();
		await combined.apply({ open: [v4(60001), v4(60002)], close: [] });
		members[0].flush();
		assert.deepEqual(await combined.repair(), []);
		assert.deepEqual(open(members), [[], [], []]);
	});

	test("what one of them can serve of one address family only is common to all", async () => {
		const { members, combined } = setUp();
		for (const member of members) {
			await member.apply({ open: [v6(60001)], close: [] });
		}
		members[0].rules.set(ONE, v4(60001));
		members[1].repair = async () => {
			throw new FirewallError("owned-by-other", "not in IPv4", { served: [v6(60001)] });
		};
		await assert.rejects(combined.repair(), (error: FirewallError) => {
			assert.deepEqual([error.message, error.served], ["not in IPv4", [v6(60001)]]);
			return true;
		});
		assert.deepEqual(members[0].open, [openingKey(v6(60001))]);
	});

	test("close and clear go to the others too when one fails", async () => {
		const { members, combined } = setUp();
		await combined.apply({ open: [v4(60001), v4(60002)], close: [] });
		members[1].failure = failure;
		await assert.rejects(combined.apply({ open: [], close: [v4(60001)] }), failure);
		await assert.rejects(combined.clear(), failure);
		members[1].failure = undefined;
		assert.deepEqual(open(members), [[], [ONE, TWO], []]);
	});

	test("count what the one that saw most has seen", async () => {
		const { members, combined } = setUp();
		const counts =
			(...entries: [string, number][]) =>
			async () =>
				new Map(entries);
		Object.assign(members[0], { counted: counts([ONE, 2], [TWO, 0]) });
		Object.assign(members[2], { counted: counts([ONE, 0], [TWO, 1]) });
		assert.deepEqual(
			[...(await combined.counted([v4(60001), v4(60002)]))],
			[
				[ONE, 2],
				[TWO, 1],
			],
		);
	});

	test("a change of any is reported, and the watches end together", async () => {
		const { members, combined } = setUp();
		const causes: string[] = [];
		const watch = await combined.watch((cause) => causes.push(cause));
		members[0].flush();
		members[2].flush();
		assert.deepEqual(causes, ["flushed", "flushed"]);
		await watch.stop();
		assert.deepEqual(
			members.map(({ watched }) => watched),
			[false, false, false],
		);
	});
});

/** Drops by default, in a table of its own. */
const table = (family: string, name: string) => `nft -f - <<'END'
table ${family} ${name} {
	chain input {
		type filter hook input priority 10; policy drop;
		iif lo accept
		ct state established,related accept
		meta l4proto { icmp, ipv6-icmp } accept
		udp dport ${ADMIN_DENIED} drop
		udp dport ${CONTROL_PORT} accept
	}
}
END`;

const detectIn = (lab: Lab, options: DetectOptions = {}) =>
	detect(lab.server.commands, { bus: labFirewalld(lab).bus, interfaces: labInterfaces, ...options });

interface Case {
	readonly name: string;
	readonly setUp: (lab: Lab) => Promise<unknown>;
	readonly found: string;
	/** What else happens while 60001 to 60003 are open. */
	readonly later?: (lab: Lab, firewall: Firewall) => Promise<void>;
	/** What is so where the configuration names one of them. */
	readonly narrowed?: (lab: Lab) => Promise<void>;
}

const CASES: readonly Case[] = [
	{
		name: "iptables-legacy and a table of nftables",
		setUp: async (lab) => {
			await restoreAdminRules(lab, "legacy");
			await lab.server.sh(table("inet", "own"));
		},
		found: "iptables + nftables",
		narrowed: async (lab) => {
			const { name, serve, unserved, reason } = await detectIn(lab, { override: "iptables" });
			assert.equal(name, "iptables");
			assert.match(unserved.join(), /^nftables drops too, .*inet own input/);
			assert.match(reason, /nftables drops too/);
			const firewall = createFirewalls(serve, lab.server.commands);
			await firewall.apply({ open: [v4(60001)], close: [] });
			assert.equal(await lab.isOpen(SERVER4, 60001), false);
			await firewall.clear();
			assert.match((await detectIn(lab, { variant: "nft" })).unserved.join(), /^iptables drops too/);
		},
	},
	{
		name: "firewalld and a table of nftables, into which firewalld opens nothing",
		setUp: async (lab) => {
			await setUpFirewalld(lab);
			await lab.server.sh(table("inet", "own"));
		},
		found: "firewalld + nftables",
		later: async (lab, firewall) => {
			const ours = async () =>
				(await lab.server.sh("nft list table inet firewalld")).match(/dport 6000\d/g) ?? [];
			await lab.server.sh("kill -9 $(cat /run/firewalld.pid); nft list table inet firewalld >/dev/null");
			await until("firewalld is gone", async () => !(await isFirewalldRunning(labFirewalld(lab).bus)));
			assert.deepEqual(await ours(), ["dport 60001", "dport 60002", "dport 60003"]);
			assert.equal((await firewall.repair()).length, 4);
			await firewall.apply({ open: [], close: [v4(60001)] });
			assert.deepEqual(await ours(), ["dport 60002", "dport 60003"]);
			await assert.rejects(firewall.apply({ open: [v4(60004)], close: [] }), { code: "not-in-force" });
			await assert.rejects(
				clearFirewalls(lab.server.commands, labFirewalld(lab).bus),
				/60002.*nft delete rule/,
			);
			await firewall.clear();
			assert.deepEqual(await ours(), []);
			await clearFirewalls(lab.server.commands, labFirewalld(lab).bus);
		},
	},
];

const TOOLS = ["nft", "iptables-nft", "iptables-legacy", "firewalld", "firewall-cmd", "dbus-daemon"];

describe("on a host where several drop", { skip: (await labMissing(...TOOLS)) ?? false }, () => {
	let lab: Lab;
	beforeEach(async () => {
		lab = await startLab();
	});
	afterEach(() => lab.stop());

	const listing = async () => `${await listNft(lab)}${await listIptables(lab, "legacy")}`;

	for (const { name, setUp, found, narrowed, later } of CASES) {
		test(`${name}: ${found}`, async () => {
			await setUp(lab);
			const detection = await detectIn(lab);
			assert.equal(detection.name, found);
			assert.deepEqual(detection.unserved, []);
			await narrowed?.(lab);
			const firewall = createFirewalls(detection.serve, lab.server.commands, { bus: labFirewalld(lab).bus });
			try {
				await servesAndLeaves(lab, firewall, [v4(60001), v6(60001)], ADMIN_DENIED, listing);
				await foresees(lab, firewall);
				await later?.(lab, firewall);
			} finally {
				await disconnect(firewall);
			}
		});
	}
});

const LATE =
	"table inet late { chain pre { type filter hook prerouting priority -150; udp dport 60000-61000 drop; }; }";

/** What a login is told costs no command beyond the first, and follows rules that come later. */
async function foresees(lab: Lab, firewall: Firewall): Promise<void> {
	const { commands, pid } = lab.server;
	let count = 0;
	const counted: Commands = {
		find: (tool) => commands.find(tool),
		run: (...line) => {
			count += 1;
			return commands.run(...line);
		},
		follow: (...line) => commands.follow(...line),
		started: (...process) => commands.started(...process),
	};
	const ports = () => ({ first: 60001, last: ADMIN_DENIED - 1 });
	const foresight = new CachedVerifier(counted, {
		firewall,
		ports,
		network: NETWORK,
		net: `/proc/${pid}/net`,
	});
	const held: Opening[] = [];
	const open = async (opening: Opening) => {
		await firewall.apply({ open: [opening], close: [] });
		held.push(opening);
		const before = count;
		const found = (await foresight.explain([opening], () => held)).get(openingKey(opening));
		return { found, commands: count - before };
	};
	const again = async () => (await foresight.explain([v4(60001)], () => held)).get(openingKey(v4(60001)));
	await firewall.repair();
	const first = await open(v4(60001));
	assert.equal(first.found?.verdict, "open");
	const seen = async () => (await firewall.counted?.([v4(60001)]))?.get(openingKey(v4(60001)));
	assert.equal(await seen(), 0);
	assert.equal(await lab.isOpen(SERVER4, 60001), true);
	assert.equal(await seen(), 1);
	assert.ok(first.commands > 0);
	for (const opening of [v4(60002), v4(60003)]) {
		assert.deepEqual(await open(opening), { found: first.found, commands: 0 });
	}
	const denied = await open(v4(ADMIN_DENIED));
	assert.deepEqual([denied.found?.verdict, denied.found?.by], ["closed", "admin"]);
	await lab.server.sh(`nft '${LATE}'`);
	assert.equal((await again())?.verdict, "open");
	foresight.invalidate();
	assert.match((await again())?.rule ?? "", /^inet late, chain pre: udp dport 60000-61000 drop$/);
	await lab.server.sh("nft delete table inet late");
}

async function disconnect(firewall: unknown): Promise<void> {
	if (firewall instanceof Firewalld) {
		await firewall.disconnect();
	}
}
