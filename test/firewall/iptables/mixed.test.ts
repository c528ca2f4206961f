/** Tables of iptables into which rules were put by nft: nothing is inserted that cannot be read back, and nothing of ours stays. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { detect } from "../../../src/firewall/detect.js";
import { createIptables } from "../../../src/firewall/iptables/iptables.js";
import { removalOf } from "../../../src/firewall/iptables/native.js";
import { parsePlain } from "../../../src/firewall/path/nft-plain.js";
import { type Lab, labMissing, SERVER4, SERVER6, startLab } from "../../lab/hosts.js";
import { v4, v6 } from "../conformance.js";
import { labInterfaces } from "../field.js";
import { listNft } from "../nftables/subject.js";
import { restoreAdminRules } from "./subject.js";

/** iptables prints it without its condition. */
const MISPRINTED =
	"nft add set ip filter blocked '{ type ipv4_addr; flags interval; elements = { 192.0.2.1 } }'; nft insert rule ip filter INPUT ip saddr @blocked counter drop";
/** iptables does not print the table with it. */
const UNPRINTABLE = "nft insert rule ip filter INPUT meta mark set ct mark";

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

	test("detection names the table instead of finding no firewall", async () => {
		await lab.server.sh(`${UNPRINTABLE}; ip6tables -P INPUT ACCEPT; ip6tables -F`);
		await assert.rejects(detect(lab.server.commands, { interfaces: labInterfaces }), {
			code: "owned-by-other",
			message: /ip filter/,
		});
	});
});

test("what is removed by nft is ours alone, by its handle", () => {
	const listing = [
		"table ip filter { # handle 1",
		"\tchain INPUT { # handle 2",
		"\t\ttype filter hook input priority filter; policy drop;",
		'\t\tudp dport 60001 drop comment "MOSH-PORTGUARD" # handle 5',
		'\t\tmeta l4proto udp  counter packets 0 bytes 0 jump MOSH-PORTGUARD comment "mosh-portguard" # handle 7',
		"\t}",
		"",
		"\tchain MOSH-PORTGUARD { # handle 6",
		"\t}",
		"}",
		"",
	].join("\n");
	assert.equal(
		removalOf(parsePlain(listing)),
		[
			"delete rule ip filter INPUT handle 7",
			"flush chain ip filter MOSH-PORTGUARD",
			"delete chain ip filter MOSH-PORTGUARD",
			"",
		].join("\n"),
	);
	assert.equal(removalOf(parsePlain(listing), "ipv6"), "");
});
