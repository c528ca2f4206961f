/** The chain beside iptables in memory: what it writes, what it repairs, and how many commands each step takes. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FirewallCommands } from "../../../src/firewall/commands.js";
import type { FirewallError } from "../../../src/firewall/errors.js";
import { ChainFirewall } from "../../../src/firewall/iptables/chain-firewall.js";
import {
	beforeDefaultDrop,
	type FindInsertionPoint,
} from "../../../src/firewall/iptables/insertion-point.js";
import { acceptRule, JUMP_RULE } from "../../../src/firewall/iptables/rule.js";
import type { Variant } from "../../../src/firewall/iptables/variant.js";
import type { Commands } from "../../../src/system/commands.js";
import { FakeIptables } from "../../support/fake-iptables.js";
import { LackingCommands } from "../../support/lacking-commands.js";
import { sorted, v4, v6 } from "../conformance.js";

const ADMIN = [":INPUT DROP [0:0]", "-A INPUT -i lo -j ACCEPT", "-A INPUT -j LOG", "-A INPUT -j DROP"];
const JUMP = JUMP_RULE.join(" ");
const accept = (port: number) => acceptRule(v4(port)).join(" ");
const SAVES = ["iptables-nft-save", "ip6tables-nft-save"];

function host(installed?: readonly Variant[]): FakeIptables {
	const commands = new FakeIptables(installed);
	for (const kind of ["iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy"]) {
		commands.load(kind, ...ADMIN);
	}
	return commands;
}

interface Setting {
	readonly ipv6?: FindInsertionPoint;
	readonly variant?: () => Variant;
}

function chainOn(commands: Commands, { ipv6 = beforeDefaultDrop, variant }: Setting = {}): ChainFirewall {
	return new ChainFirewall({
		name: "iptables",
		commands,
		insertionPoint: { ipv4: beforeDefaultDrop, ipv6 },
		inForce: () => variant === undefined,
		choose: variant ?? (() => "nft"),
	});
}

/** The commands that a step takes. */
async function commandsOf(commands: FakeIptables, step: () => Promise<unknown>): Promise<string[]> {
	commands.ran.length = 0;
	await step();
	return [...commands.ran];
}

describe("what a step costs", () => {
	test("a login takes one command, and closing one takes one", async () => {
		const commands = host();
		const firewall = chainOn(commands);
		await firewall.repair();
		const open = () => firewall.apply({ open: [v4(60001)], close: [] });
		assert.deepEqual(await commandsOf(commands, open), ["iptables-nft-restore"]);
		const close = () => firewall.apply({ open: [], close: [v4(60001)] });
		assert.deepEqual(await commandsOf(commands, close), ["iptables-nft-restore"]);
	});

	test("where nothing needs repair, repair() reads each table once and lists by that", async () => {
		const commands = host();
		const firewall = chainOn(commands);
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v6(60002)], close: [] });
		let listed: unknown;
		const repair = async () => {
			listed = await firewall.repair();
		};
		assert.deepEqual(await commandsOf(commands, repair), SAVES);
		assert.deepEqual(listed, [v4(60001), v6(60002)]);
		assert.deepEqual(listed, await firewall.list());
	});

	test("a repair costs a transaction and a listing of that family alone", async () => {
		const commands = host();
		const firewall = chainOn(commands);
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v6(60002)], close: [] });
		commands.edit("iptables-nft", `-D INPUT ${JUMP}`);
		let listed: unknown;
		const repair = async () => {
			listed = await firewall.repair();
		};
		assert.deepEqual(await commandsOf(commands, repair), [
			...SAVES,
			"iptables-nft-restore",
			"iptables-nft-save",
		]);
		assert.deepEqual(listed, [v4(60001), v6(60002)]);
	});
});

test("a table that cannot be read leaves the other family served, and is no table without rules", async () => {
	const commands = host();
	const failing = { line: /^iptables-nft-save/, words: "Resource temporarily unavailable" };
	const firewall = chainOn(new FirewallCommands(new LackingCommands(commands, { failing })));
	for (let round = 0; round < 2; round += 1) {
		await assert.rejects(firewall.repair(), (error: FirewallError) => {
			assert.match(error.message, /temporarily unavailable/);
			assert.deepEqual(error.served, round === 0 ? [] : [v6(60002)]);
			return true;
		});
		await firewall.apply({ open: [v6(60002)], close: [] });
	}
	await assert.rejects(firewall.clear(), /temporarily unavailable/);
	assert.equal(commands.rules("ip6tables-nft", "MOSH-PORTGUARD"), undefined);
});

test("a command that is gone since its table was listed is a failure, not a host without rules", async () => {
	const commands = host();
	const lacking = { missing: /^never$/ };
	const firewall = chainOn(new LackingCommands(commands, lacking));
	await firewall.repair();
	await firewall.apply({ open: [v4(60001)], close: [] });
	lacking.missing = /^ip6?tables-nft-/;
	await assert.rejects(firewall.repair(), { code: "tool-missing" });
	await assert.rejects(firewall.apply({ open: [v4(60002)], close: [] }), { code: "tool-missing" });
	lacking.missing = /^never$/;
	assert.deepEqual(await firewall.repair(), [v4(60001)]);
});

describe("renewing", () => {
	test("takes no command over nf_tables, whose changes the kernel counts, and is not enough over x_tables", async () => {
		const commands = host();
		for (const [variant, isEnough] of [
			["nft", true],
			["legacy", false],
		] as const) {
			const firewall = chainOn(commands, { variant: () => variant });
			await firewall.repair();
			await firewall.apply({ open: [v4(60001)], close: [] });
			let found: unknown;
			const renew = async () => {
				found = await firewall.renew();
			};
			assert.deepEqual(await commandsOf(commands, renew), [], variant);
			assert.equal(found, isEnough, variant);
		}
	});
});

describe("repairing", () => {
	test("puts one jump before the log rule of the default drop, and no rule of the administrator's is touched", async () => {
		const commands = host();
		commands.edit("iptables-nft", `-I INPUT 1 ${JUMP}`.replace("MOSH-PORTGUARD", "ACCEPT"));
		assert.deepEqual(await chainOn(commands).repair(), []);
		assert.deepEqual(commands.rules("iptables-nft", "INPUT"), ["-i lo -j ACCEPT", JUMP, "-j LOG", "-j DROP"]);
		assert.deepEqual(commands.rules("iptables-nft", "MOSH-PORTGUARD"), []);
	});

	test("drops what another program put into our chain and keeps the openings", async () => {
		const commands = host();
		const firewall = chainOn(commands);
		await firewall.repair();
		await firewall.apply({ open: [v4(60001)], close: [] });
		commands.edit("iptables-nft", `-A MOSH-PORTGUARD ${accept(60001)}`, "-A MOSH-PORTGUARD -p udp -j ACCEPT");
		assert.deepEqual(await firewall.repair(), [v4(60001)]);
		assert.deepEqual(commands.rules("iptables-nft", "MOSH-PORTGUARD"), [accept(60001)]);
	});

	test("gives up on rules that keep changing, but repairs the other family", async () => {
		const commands = host();
		commands.afterRestore = (kind) => {
			if (kind === "iptables-nft") {
				commands.edit(kind, `-D INPUT ${JUMP}`, `-I INPUT 1 ${JUMP}`);
			}
		};
		await assert.rejects(chainOn(commands).repair(), { code: "tool-failed", message: /keep changing/ });
		assert.equal(commands.ran.filter((name) => name === "iptables-nft-restore").length, 3);
		assert.ok(commands.rules("ip6tables-nft", "INPUT")?.includes(JUMP));
	});

	test("does not insert again what is not shown, the jump alone or all of it", async () => {
		for (const hidden of [[`-D INPUT ${JUMP}`], [`-D INPUT ${JUMP}`, "-X MOSH-PORTGUARD"]]) {
			const commands = host();
			commands.afterRestore = (kind) => {
				if (kind === "iptables-nft") {
					commands.edit(kind, ...hidden);
				}
			};
			await assert.rejects(chainOn(commands).repair(), { code: "tool-failed", message: /taken back/ });
			assert.equal(commands.ran.filter((name) => name === "iptables-nft-restore").length, 1);
		}
	});

	test("reads the other variant when the one in use is no longer in force", async () => {
		const commands = host();
		let variant: Variant = "nft";
		const firewall = chainOn(commands, { variant: () => variant });
		await firewall.repair();
		variant = "legacy";
		await firewall.repair();
		await firewall.apply({ open: [v4(60001)], close: [] });
		assert.deepEqual(commands.rules("iptables-legacy", "MOSH-PORTGUARD"), [accept(60001)]);
	});
});

describe("opening and closing", () => {
	test("what is known to be open is read first and not appended twice", async () => {
		const commands = host();
		const firewall = chainOn(commands);
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v4(60001)], close: [] });
		await firewall.apply({ open: [v4(60001), v4(60002)], close: [] });
		assert.deepEqual(commands.rules("iptables-nft", "MOSH-PORTGUARD"), [accept(60001), accept(60002)]);
	});

	test("into a table that another program flushed: the chain is made again", async () => {
		const commands = host();
		const firewall = chainOn(commands);
		await firewall.repair();
		commands.load("iptables-nft", ...ADMIN);
		await firewall.apply({ open: [v4(60001)], close: [] });
		assert.deepEqual(await firewall.list(), [v4(60001)]);
	});

	test("one rule that is gone already does not keep the others open", async () => {
		const commands = host();
		const firewall = chainOn(commands);
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v4(60002)], close: [] });
		commands.edit("iptables-nft", `-D MOSH-PORTGUARD ${accept(60001)}`);
		await firewall.apply({ open: [], close: [v4(60001), v4(60002)] });
		assert.deepEqual(commands.rules("iptables-nft", "MOSH-PORTGUARD"), []);
	});

	test("an opening that is none reaches no command", async () => {
		const commands = host();
		await assert.rejects(chainOn(commands).apply({ open: [v4(0)], close: [] }), { code: "invalid-opening" });
		assert.deepEqual(commands.ran, []);
	});

	test("a failure in one family does not stop the other", async () => {
		const commands = host();
		const firewall = chainOn(commands);
		await firewall.repair();
		commands.afterRestore = (kind) => {
			if (kind === "iptables-nft") {
				throw new Error("no space");
			}
		};
		await assert.rejects(firewall.apply({ open: [v4(60001), v6(60002)], close: [] }), /no space/);
		assert.equal(commands.rules("ip6tables-nft", "MOSH-PORTGUARD")?.length, 1);
	});
});

test("a chain that is not reached, or reached at the wrong place, opens nothing", async () => {
	const commands = host();
	const firewall = chainOn(commands);
	await firewall.repair();
	await firewall.apply({ open: [v4(60001)], close: [] });
	commands.edit("iptables-nft", `-D INPUT ${JUMP}`, `-I INPUT 1 ${JUMP}`);
	assert.deepEqual(await firewall.list(), []);
});

describe("a family without an insertion point", () => {
	test("is listed as asked and left alone, until it has one", async () => {
		const commands = host();
		let filtered = false;
		const ipv6: FindInsertionPoint = (table) => (filtered ? beforeDefaultDrop(table) : undefined);
		const firewall = chainOn(commands, { ipv6 });
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v6(60002)], close: [] });
		assert.equal(commands.rules("ip6tables-nft", "MOSH-PORTGUARD"), undefined);
		assert.deepEqual(sorted(await firewall.repair()), sorted([v4(60001), v6(60002)]));
		filtered = true;
		assert.deepEqual(await firewall.repair(), [v4(60001)], "to be opened there now");
		filtered = false;
		assert.deepEqual(await firewall.repair(), [v4(60001)]);
		assert.equal(commands.rules("ip6tables-nft", "MOSH-PORTGUARD"), undefined, "our chain is gone again");
		assert.deepEqual(commands.rules("ip6tables-nft", "INPUT"), ["-i lo -j ACCEPT", "-j LOG", "-j DROP"]);
	});
});

describe("clear", () => {
	test("removes ours from both variants, whichever is in use", async () => {
		const commands = host();
		for (const variant of ["nft", "legacy"] as const) {
			const firewall = chainOn(commands, { variant: () => variant });
			await firewall.repair();
			await firewall.apply({ open: [v4(60001), v6(60002)], close: [] });
		}
		await chainOn(commands).clear();
		for (const kind of ["iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy"]) {
			assert.deepEqual(commands.rules(kind, "INPUT"), ["-i lo -j ACCEPT", "-j LOG", "-j DROP"], kind);
			assert.equal(commands.rules(kind, "MOSH-PORTGUARD"), undefined, kind);
		}
	});

	test("writes nothing where there is nothing of ours", async () => {
		const commands = host(["nft"]);
		await chainOn(commands).clear();
		assert.deepEqual(commands.ran, SAVES);
	});
});
