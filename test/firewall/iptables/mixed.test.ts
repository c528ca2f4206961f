/** Tables of iptables into which rules were put by nft: nothing is inserted that cannot be read back, and nothing of ours stays. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { detect } from "../../../src/firewall/detect.js";
import { createIptables } from "../../../src/firewall/iptables/iptables.js";
import type { Commands, Follower, Output } from "../../../src/system/commands.js";
import { type Lab, labMissing, SERVER4, SERVER6, startLab } from "../../lab/hosts.js";
import { inFull } from "../../support/extent.js";
import { v4, v6 } from "../conformance.js";
import { labInterfaces } from "../field.js";
import { listNft } from "../nftables/subject.js";
import { restoreAdminRules } from "./subject.js";

/** iptables prints it without its condition. */
const MISPRINTED =
	"nft add set ip filter blocked '{ type ipv4_addr; flags interval; elements = { 192.0.2.1 } }'; nft insert rule ip filter INPUT ip saddr @blocked counter drop";
/** iptables does not print the table with it. */
const UNPRINTABLE = "nft insert rule ip filter INPUT meta mark set ct mark";

const ONLY_IPV4 = "iptables-nft -P INPUT DROP; iptables-nft -A INPUT -i lo -j ACCEPT";

describe("a native rule in the table of iptables", {
	skip: (await labMissing("nft", "iptables-nft")) ?? false,
}, () => {
	let lab: Lab;
	beforeEach(async () => {
		lab = await startLab();
		await restoreAdminRules(lab, "nft");
	});
	afterEach(() => lab.stop());

	const ours = async () => (await listNft(lab)).match(/MOSH-PORTGUARD/g)?.length ?? 0;

	for (const [kind, command] of Object.entries({ misprinted: MISPRINTED, unprintable: UNPRINTABLE })) {
		test(`${kind}: nothing is inserted, the reason is said, and the other family is served`, async () => {
			await lab.server.sh(command);
			const pristine = await listNft(lab);
			const firewall = createIptables(lab.server.commands, { variant: "nft" });
			for (let round = 0; round < 3; round += 1) {
				await assert.rejects(firewall.repair(), { code: "owned-by-other", message: /iptables/ });
				assert.equal(await firewall.renew?.(), false);
			}
			await assert.rejects(firewall.apply({ open: [v4(60001), v6(60001)], close: [] }), {
				code: "owned-by-other",
			});
			assert.equal(await lab.isOpen(SERVER4, 60001), false);
			assert.equal(await lab.isOpen(SERVER6, 60001), true);
			await firewall.clear();
			assert.equal(await listNft(lab), pristine);
		});

		test(`${kind}, while ports are open: no further jump, no deny overruled, and clear leaves nothing`, async () => {
			const firewall = createIptables(lab.server.commands);
			await firewall.repair();
			await firewall.apply({ open: [v4(60001), v6(60001)], close: [] });
			const before = await ours();
			await lab.server.sh(command);
			for (let round = 0; round < 3; round += 1) {
				await assert.rejects(firewall.repair());
			}
			assert.equal(await ours(), before);
			await assert.rejects(firewall.apply({ open: [v4(60002)], close: [] }));
			await firewall.apply({ open: [], close: [v4(60001)] });
			assert.equal(await lab.isOpen(SERVER4, 60001), false);
			await firewall.clear();
			assert.equal(await ours(), 0);
		});
	}

	test("that appears at any moment, between a look and a change too, never multiplies what is ours", async () => {
		// The first commands only look, and the last come after the last change.
		for (const [kind, first, last] of [
			[UNPRINTABLE, inFull(1, 5), inFull(26, 9)],
			[MISPRINTED, inFull(1, 6), inFull(26, 7)],
		] as const) {
			for (let moment = first; moment <= last; moment += 1) {
				await lab.server.sh(`nft flush ruleset; ${ONLY_IPV4}`);
				const commands = new DisturbedCommands(lab.server.commands, moment, () => lab.server.sh(kind));
				const firewall = createIptables(commands, { variant: "nft" });
				const attempt = (work: Promise<unknown>) => work.catch(() => undefined);
				for (const port of [60001, 60002]) {
					await attempt(firewall.repair());
					await attempt(firewall.apply({ open: [v4(port)], close: [] }));
				}
				await commands.done();
				const listing = await listNft(lab);
				const count = (pattern: RegExp) => listing.match(pattern)?.length ?? 0;
				assert.ok(count(/jump MOSH-PORTGUARD/g) <= 1, `${kind} at ${moment}:\n${listing}`);
				assert.ok(count(/dport 6000\d.*accept/g) <= 2, `${kind} at ${moment}:\n${listing}`);
				await firewall.clear();
				assert.equal(await ours(), 0);
			}
		}
	});

	test("a family without a table gets none for the guard's sake", async () => {
		await lab.server.sh("nft delete table ip6 filter");
		const tables = () => lab.server.sh("nft list tables");
		const before = await tables();
		const firewall = createIptables(lab.server.commands);
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v6(60001)], close: [] });
		assert.equal((await firewall.list()).length, 2);
		assert.equal(await tables(), before);
		await firewall.apply({ open: [], close: [v6(60001)] });
		assert.deepEqual(await firewall.repair(), [v4(60001)]);
		await lab.server.sh("ip6tables-nft -P INPUT DROP");
		await firewall.repair();
		await firewall.apply({ open: [v6(60001)], close: [] });
		assert.equal((await firewall.list()).length, 2);
		assert.match(await lab.server.sh("ip6tables-nft-save"), /MOSH-PORTGUARD -d .* --dport 60001/);
		await firewall.clear();
	});

	test("detection names the table in which nothing can be opened", async () => {
		await lab.server.sh(`${UNPRINTABLE}; ip6tables -P INPUT ACCEPT; ip6tables -F`);
		const { name, unserved } = await detect(lab.server.commands, { interfaces: labInterfaces });
		assert.equal(name, "none");
		assert.match(unserved.join(), /^table ip filter drops .*iptables does not print/);
	});
});

/** Something happens before the command of that number. */
class DisturbedCommands implements Commands {
	readonly #commands: Commands;
	readonly #disturb: () => Promise<unknown>;
	#left: number;
	#disturbance: Promise<unknown> | undefined;

	constructor(commands: Commands, moment: number, disturb: () => Promise<unknown>) {
		this.#commands = commands;
		this.#left = moment;
		this.#disturb = disturb;
	}

	find(tool: string): Promise<string | undefined> {
		return this.#commands.find(tool);
	}

	async run(...line: Parameters<Commands["run"]>): Promise<Output> {
		this.#left -= 1;
		if (this.#left < 0) {
			await this.done();
		}
		return this.#commands.run(...line);
	}

	async done(): Promise<void> {
		this.#disturbance ??= this.#disturb();
		await this.#disturbance;
	}

	follow(...line: Parameters<Commands["follow"]>): Promise<Follower> {
		return this.#commands.follow(...line);
	}

	started(pid: number, name: string): boolean {
		return this.#commands.started(pid, name);
	}
}
