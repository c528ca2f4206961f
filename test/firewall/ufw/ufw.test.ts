import assert from "node:assert/strict";
import { test } from "node:test";
import { createUfw } from "../../../src/firewall/ufw/ufw.js";
import { labMissing, startLab } from "../../lab/hosts.js";
import { explainIn } from "../../lab/verify.js";
import { conformance, v4, v6 } from "../conformance.js";
import { enableUfw, ufwSubject } from "./subject.js";

await conformance(ufwSubject);

test("ufw with IPV6=no keeps IPv6 as it has it, and opens IPv4", {
	skip: (await labMissing(...ufwSubject.tools)) ?? false,
}, async () => {
	const lab = await startLab();
	try {
		await enableUfw(lab);
		await lab.server.sh("sed -i 's/^IPV6=.*/IPV6=no/' /etc/default/ufw; ufw reload");
		const rules = await lab.server.sh("ip6tables -S");
		const firewall = createUfw(lab.server.commands);
		await firewall.repair();
		const both = [v4(60001, "0.0.0.0"), v6(60001, "::")];
		await firewall.apply({ open: both, close: [] });
		assert.deepEqual(new Set(await firewall.list()), new Set(both));
		assert.equal(await lab.isOpen("10.77.0.1", 60001), true);
		assert.equal(await lab.server.sh("ip6tables -S"), rules);
		assert.deepEqual((await explainIn(lab, firewall, v6(60001, "::"))).verdict, "closed");

		await lab.server.sh("sed -i 's/^IPV6=.*/IPV6=yes/' /etc/default/ufw; ufw reload");
		await firewall.repair();
		assert.deepEqual(await firewall.list(), [v4(60001, "0.0.0.0")], "IPv6 is to be opened now");
		await firewall.apply({ open: [v6(60001, "::")], close: [] });
		assert.match(await lab.server.sh("ip6tables -S MOSH-PORTGUARD"), /--dport 60001/);

		await lab.server.sh("sed -i 's/^IPV6=.*/IPV6=no/' /etc/default/ufw; ufw reload");
		await firewall.repair();
		await firewall.apply({ open: [v6(60002, "::")], close: both });
		assert.deepEqual(await firewall.list(), [v6(60002, "::")]);
		await firewall.clear();
		assert.deepEqual(await firewall.list(), []);
		assert.equal(await lab.server.sh("ip6tables -S"), rules);
	} finally {
		await lab.stop();
	}
});
