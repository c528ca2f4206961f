import assert from "node:assert/strict";
import { test } from "node:test";
import { firewall } from "../../../src/cli/doctor/firewall.js";
import { finds } from "../../support/doctor.js";

test("only root can tell, and then whether it can be read and serves all that drop", async () => {
	const ufw = { name: "ufw", reason: "ufw is active", healthy: true };
	assert.equal((await finds(firewall, { privileged: false })).state, "hint");
	assert.deepEqual(await finds(firewall, { firewall: ufw }), { state: "good", says: "ufw: ufw is active" });
	const failing = await finds(firewall, { firewall: { ...ufw, healthy: false } });
	assert.deepEqual([failing.state, failing.remedy], ["bad", "mosh-portguard status says why"]);
	const problems = [{ code: "firewall-unserved", message: "Ports stay shut: nftables drops." }];
	const unserved = await finds(firewall, { firewall: ufw, problems });
	assert.deepEqual([unserved.state, unserved.says], ["bad", "ufw: Ports stay shut: nftables drops."]);
});
