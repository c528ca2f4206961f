import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Nftables } from "../../../src/firewall/nftables/nftables.js";
import { RENEW_BELOW_S } from "../../../src/firewall/nftables/store.js";
import { type Lab, labMissing, SERVER4, startLab } from "../../lab/hosts.js";
import { until } from "../../support/wait.js";
import { sorted, v4 } from "../conformance.js";
import { nftablesSetSubject, nftablesSubject } from "./subject.js";

describe("leases in the kernel", { skip: (await labMissing("nft")) ?? false }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
		await nftablesSubject.setUp(lab);
	});
	after(() => lab.stop());

	/** As the guard left it some time ago. */
	const shorten = (left: string) =>
		lab.server.sh(`nft -f - <<'END'
delete element inet admin mosh_portguard_4 { ${SERVER4} . 60001 }
add element inet admin mosh_portguard_4 { ${SERVER4} . 60001 timeout ${left} comment "mosh-portguard" }
END
`);

	test("repair() renews what is about to expire", async () => {
		const firewall = new Nftables(lab.server.commands);
		await firewall.apply({ open: [v4(60001)], close: [] });
		await shorten("30s");
		await firewall.repair();
		const listing = await lab.server.sh("nft -j list set inet admin mosh_portguard_4");
		const [, expires] = /"expires": (\d+)/.exec(listing) ?? [];
		assert.ok(Number(expires) >= RENEW_BELOW_S, `${expires} s left`);
	});

	test("without a guard the port closes by itself", async () => {
		assert.equal(await lab.isOpen(SERVER4, 60001), true);
		await shorten("1s");
		await until("closed", async () => !(await lab.isOpen(SERVER4, 60001)));
	});
});

describe("what must last without its opener", { skip: (await labMissing("nft")) ?? false }, () => {
	for (const { name, setUp, set } of [
		{ ...nftablesSubject, set: undefined },
		{ ...nftablesSetSubject, set: "mosh_ports" },
	]) {
		test(`has no time limit in the kernel, whoever opened it, until a guard renews it: ${name}`, async () => {
			const lab = await startLab();
			try {
				await setUp(lab);
				const limits = async () =>
					((await lab.server.sh("nft -j list ruleset")).match(/"expires": \d+/g) ?? []).length;
				const guard = new Nftables(lab.server.commands, { set });
				const once = new Nftables(lab.server.commands, { set, persistent: true });
				await guard.repair();
				await guard.apply({ open: [v4(60001)], close: [] });
				assert.equal(await limits(), 1);
				await once.repair();
				await once.apply({ open: [v4(60002)], close: [] });
				assert.equal(await limits(), 0);
				assert.deepEqual(sorted(await once.list()), sorted([v4(60001), v4(60002)]));
				await guard.repair();
				assert.equal(await limits(), 2);
				assert.deepEqual(sorted(await guard.list()), sorted([v4(60001), v4(60002)]));
			} finally {
				await lab.stop();
			}
		});
	}
});
