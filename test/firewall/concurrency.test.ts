/** An admin's own commands at the same moment: neither side may lose a rule. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Lab, labMissing, startLab } from "../lab/hosts.js";
import { reconcile, type Subject, sorted, v4, v6 } from "./conformance.js";
import { iptablesSubject } from "./iptables/subject.js";
import { nftablesSubject } from "./nftables/subject.js";
import { ufwSubject } from "./ufw/subject.js";

/** Each adds one rule of the admin's, number `$n`, to a chain that ours stands in or is reached from. */
const EDITS: readonly [Subject, string][] = [
	[iptablesSubject("nft"), "iptables-nft -I INPUT 1 -p tcp -m tcp --dport $n -j DROP"],
	[iptablesSubject("legacy"), "iptables-legacy -w 5 -I INPUT 1 -p tcp -m tcp --dport $n -j DROP"],
	[ufwSubject, "iptables -I INPUT 1 -p tcp -m tcp --dport $n -j DROP"],
	[nftablesSubject, "nft insert rule inet admin input tcp dport $n drop"],
];

const RULES = 40;
const FIRST = 20_001;

for (const [subject, edit] of EDITS) {
	describe(`${subject.name} beside an admin at work`, {
		skip: (await labMissing(...subject.tools)) ?? false,
	}, () => {
		let lab: Lab;
		before(async () => {
			lab = await startLab();
			await subject.setUp(lab);
		});
		after(() => lab.stop());

		test("no rule of either is lost", async () => {
			const firewall = await subject.create(lab);
			await firewall.repair();
			const admin = lab.server.sh(`for n in $(seq ${FIRST} ${FIRST + RULES - 1}); do ${edit}; done`);
			const wanted = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? v4(60001 + n) : v6(60001 + n)));
			const passing = wanted.map(({ family, address, port }) => ({ family, address, port: port + 500 }));
			await Promise.all([
				...wanted.map((opening) => firewall.apply({ open: [opening], close: [] })),
				...passing.map(async (opening) => {
					await firewall.apply({ open: [opening], close: [] });
					await firewall.apply({ open: [], close: [opening] });
				}),
				firewall.repair(),
				firewall.repair(),
			]);
			await admin;
			await reconcile(firewall, wanted);
			assert.deepEqual(sorted(await firewall.list()), sorted(wanted));
			const listing = await subject.listing(lab);
			const lost = Array.from({ length: RULES }, (_, n) => FIRST + n).filter(
				(n) => !listing.includes(String(n)),
			);
			assert.deepEqual(lost, []);
			await subject.dispose?.(firewall);
		});
	});
}
