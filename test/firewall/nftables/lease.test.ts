import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Nftables } from "../../../src/firewall/nftables/nftables.js";
import { LEASE_S, RENEW_BELOW_S } from "../../../src/firewall/nftables/store.js";
import type { Commands } from "../../../src/system/commands.js";
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

	const listed = () => lab.server.sh("nft -j list set inet admin mosh_portguard_4");

	test("repair() renews what is about to expire", async () => {
		const firewall = new Nftables(lab.server.commands);
		await firewall.apply({ open: [v4(60001)], close: [] });
		await shorten("30s");
		await firewall.repair();
		const [, expires] = /"expires": (\d+)/.exec(await listed()) ?? [];
		assert.ok(Number(expires) >= RENEW_BELOW_S, `${expires} s left`);
	});

	test("renew() does so too, and takes no command as long as none can be about to expire", async (t) => {
		const ran: string[] = [];
		const { commands } = lab.server;
		const run: Commands["run"] = (tool, args, options) => {
			ran.push(options?.input ?? args.join(" "));
			return commands.run(tool, args, options);
		};
		const counting: Commands = {
			find: (tool) => commands.find(tool),
			run,
			follow: (...call) => commands.follow(...call),
			started: (pid, name) => commands.started(pid, name),
		};
		const now = t.mock.method(performance, "now", () => 1_000_000).mock;
		const firewall = new Nftables(counting);
		await firewall.repair();
		await firewall.apply({ open: [], close: await firewall.list() });
		await firewall.repair();
		await firewall.apply({ open: [v4(60001)], close: [] });
		ran.length = 0;
		await firewall.renew();
		now.mockImplementation(() => 1_000_000 + (LEASE_S - RENEW_BELOW_S) * 1000);
		await firewall.renew();
		assert.deepEqual(ran, []);
		await shorten("30s");
		now.mockImplementation(() => 1_000_001 + (LEASE_S - RENEW_BELOW_S) * 1000);
		await firewall.renew();
		assert.equal(ran.length, 2, ran.join("\n"));
		const [, expires] = /"expires": (\d+)/.exec(await listed()) ?? [];
		assert.ok(Number(expires) >= RENEW_BELOW_S, `${expires} s left`);
		ran.length = 0;
		await firewall.renew();
		assert.deepEqual(ran, []);
		// Of what another guard has left, nobody knows how old it is.
		const next = new Nftables(counting);
		await next.repair();
		ran.length = 0;
		await next.renew();
		assert.equal(ran.length, 1, ran.join("\n"));
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
