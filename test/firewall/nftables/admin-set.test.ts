/** The administrator's set of ports on a real host: when it is used, what stays theirs, and what a changed option leaves. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Nftables, type NftablesOptions } from "../../../src/firewall/nftables/nftables.js";
import { CONTROL_PORT, type Lab, labMissing, SERVER4, SERVER6, startLab } from "../../lab/hosts.js";
import { sorted, v4, v6 } from "../conformance.js";
import { listNft, loadRuleset, nftablesSetSubject } from "./subject.js";

const skip = (await labMissing("nft")) ?? false;

describe("a set of the administrator's", { skip }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
		await nftablesSetSubject.setUp(lab);
	});
	after(() => lab.stop());

	test("keeps its own port, whatever is opened, closed and cleared", async () => {
		const firewall = new Nftables(lab.server.commands, { set: "mosh_ports" });
		await firewall.apply({ open: [v4(60902)], close: [] });
		assert.deepEqual(await firewall.list(), []);
		await firewall.apply({ open: [], close: [v4(60902)] });
		await firewall.clear();
		assert.equal(await lab.isOpen(SERVER4, 60902), true);
	});

	test("holds a port until the last of its addresses is closed", async () => {
		const firewall = new Nftables(lab.server.commands, { set: "mosh_ports" });
		await firewall.apply({ open: [v4(60001)], close: [] });
		await firewall.apply({ open: [v6(60001)], close: [] });
		assert.deepEqual(sorted(await firewall.list()), sorted([v4(60001), v6(60001)]));
		await firewall.apply({ open: [], close: [v4(60001)] });
		assert.equal(await lab.isOpen(SERVER6, 60001), true);
		await firewall.apply({ open: [], close: [v6(60001)] });
		assert.equal(await lab.isOpen(SERVER6, 60001), false);
	});
});

describe("a set of a thousand addresses beside it", { skip }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
		await nftablesSetSubject.setUp(lab);
		const addresses = Array.from({ length: 1000 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
		await loadRuleset(
			lab,
			`add set inet admin banned { type ipv4_addr; }
add rule inet admin input ip saddr @banned drop
add element inet admin banned { ${addresses.join(", ")} }
`,
		);
	});
	after(() => lab.stop());

	for (const set of [undefined, "mosh_ports"]) {
		test(`is never fetched, ${set ? "where ports go into the administrator's" : "where they go into ours"}`, async () => {
			const before = await listNft(lab);
			const ran: string[] = [];
			const { commands } = lab.server;
			const firewall = new Nftables(
				{
					find: (tool) => commands.find(tool),
					follow: (...call) => commands.follow(...call),
					started: (...call) => commands.started(...call),
					run: (tool, args, options) => {
						ran.push([tool, ...args].join(" "));
						return commands.run(tool, args, options);
					},
				},
				{ set },
			);
			await firewall.repair();
			await firewall.apply({ open: [v4(60001)], close: [] });
			assert.deepEqual(await firewall.list(), [v4(60001)]);
			await firewall.apply({ open: [], close: [v4(60001)] });
			assert.deepEqual(await firewall.list(), []);
			await firewall.apply({ open: [v4(60002)], close: [] });
			await firewall.clear();
			assert.equal(await listNft(lab), before);
			// Listing a table fetches all of its sets, even where it prints none of their elements.
			assert.deepEqual(
				ran.filter(
					(line) => line.includes("banned") || /list (table|chain|sets)|^nft -j list ruleset/.test(line),
				),
				[],
			);
			assert.ok(ran.includes(`nft -j list set inet admin ${set ?? "mosh_portguard_4"}`), ran.join("\n"));
		});
	}
});

test("beside a set of ranges, each change of the administrator's set has nft fetch that set alone, and leaves it as it was", {
	skip,
}, async () => {
	const lab = await startLab();
	try {
		await loadRuleset(
			lab,
			`table inet admin {
	set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 } }
	set mosh_ports { type inet_service; timeout 1d; gc-interval 5m; size 1000; comment "for mosh"; elements = { 22 comment "hand", 443 timeout 2d } }
	chain input {
		type filter hook input priority filter; policy drop;
		ip saddr @blocked drop
		udp dport { ${CONTROL_PORT} } accept
		udp dport @mosh_ports accept
	}
}
`,
		);
		const left = async () =>
			(await listNft(lab)).replace(/timeout 2d expires \w+/, "timeout 2d").replace(/22 expires \w+/, "22");
		const before = await left();
		const { commands } = lab.server;
		const scripts: string[] = [];
		const run = commands.run.bind(commands);
		commands.run = (tool, args, options) => {
			scripts.push(options?.input ?? "");
			return run(tool, args, options);
		};
		await new Nftables(commands, { set: "mosh_ports", persistent: true }).apply({
			open: [v4(60_001)],
			close: [],
		});
		const firewall = new Nftables(commands, { set: "mosh_ports" });
		assert.deepEqual(await firewall.repair(), [v4(60_001)]);
		await firewall.apply({ open: [v6(60_001), v4(60_002)], close: [] });
		assert.equal(await lab.isOpen(SERVER4, 60_002), true);
		await firewall.apply({ open: [], close: [v4(60_001), v6(60_001)] });
		assert.equal(await lab.isOpen(SERVER4, 60_001), false);
		await firewall.clear();
		assert.equal(await left(), before);
		const changes = scripts.filter((script) => / element /.test(script));
		assert.ok(changes.length >= 4, changes.join("\n"));
		for (const script of changes) {
			assert.match(script, /\nlist set inet admin mosh_ports\n$/);
		}
	} finally {
		await lab.stop();
	}
});

describe("which set is used", { skip }, () => {
	let lab: Lab;
	let pristine: string;
	before(async () => {
		lab = await startLab();
		await loadRuleset(
			lab,
			`table inet admin {
	set mosh_ports { type inet_service; flags timeout; }
	set others { type inet_service; }
	set merging { type inet_service; flags interval; auto-merge; }
	chain input {
		type filter hook input priority filter; policy drop;
		meta l4proto ipv6-icmp accept
		udp dport ${CONTROL_PORT} accept
		udp dport @mosh_ports accept
		udp dport @others accept
		udp dport @merging accept
	}
}
`,
		);
		pristine = await listNft(lab);
	});
	after(() => lab.stop());

	const elements = async (set: string) => {
		const listing = await lab.server.sh(`nft list set inet admin ${set}`);
		return [...listing.matchAll(/\b(60\d{3})\b/g)].map(([port]) => Number(port));
	};
	/** Opens a port as configured, without a guard that would end. */
	async function opened(options: NftablesOptions, port: number): Promise<Nftables> {
		const firewall = new Nftables(lab.server.commands, { persistent: true, ...options });
		await firewall.repair();
		await firewall.apply({ open: [v4(port)], close: [] });
		assert.equal(await lab.isOpen(SERVER4, port), true);
		return firewall;
	}

	test("none unless it is configured, whatever it is called", async () => {
		const firewall = await opened({}, 60001);
		assert.deepEqual(await elements("mosh_ports"), []);
		assert.deepEqual(await elements("mosh_portguard_4"), [60001]);
		await firewall.clear();
		assert.equal(await listNft(lab), pristine);
	});

	test("none in which nft merges adjacent ports into a range", async () => {
		const firewall = await opened({ set: "merging" }, 60001);
		await firewall.apply({ open: [v4(60002)], close: [] });
		await firewall.apply({ open: [], close: [v4(60001)] });
		assert.equal(await lab.isOpen(SERVER4, 60001), false);
		assert.deepEqual(await firewall.list(), [v4(60002)]);
		await firewall.clear();
		assert.equal(await listNft(lab), pristine);
	});

	for (const [name, first, second] of [
		["from our own sets to one of theirs", {}, { set: "others" }],
		["from one of theirs to our own", { set: "others" }, {}],
		["from one of theirs to another", { set: "mosh_ports" }, { set: "others" }],
	] as const) {
		test(`when the option changes ${name}, repair() closes what was opened before`, async () => {
			await opened(first, 60001);
			const firewall = await opened(second, 60002);
			assert.equal(await lab.isOpen(SERVER4, 60001), false);
			assert.deepEqual(await firewall.repair(), [v4(60002)]);
			await firewall.clear();
			assert.equal(await listNft(lab), pristine);
		});
	}

	test("a range that nft made of our ports is not removed with ports of others, and clear says so", async () => {
		await lab.server.sh(`nft -f - <<'END'
add element inet admin merging { 60001 comment "mosh-portguard 10.77.0.1" }
add element inet admin merging { 60002 }
END
`);
		await assert.rejects(new Nftables(lab.server.commands).clear(), {
			code: "tool-failed",
			message: /nft 'delete element inet admin merging \{ 60001-60002 \}' deletes it/,
		});
		await lab.server.sh("nft flush set inet admin merging");
		assert.equal(await listNft(lab), pristine);
	});
});
