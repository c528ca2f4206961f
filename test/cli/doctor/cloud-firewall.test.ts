import assert from "node:assert/strict";
import { test } from "node:test";
import { cloudFirewall, cloudOf } from "../../../src/cli/doctor/cloud-firewall.js";
import { finds } from "../../support/doctor.js";

test("the cloud, whose firewall this host cannot see", async () => {
	const { state, says, remedy } = await finds(cloudFirewall, {
		facts: { manufacturer: "Hetzner", model: "vServer" },
	});
	assert.equal(state, "hint");
	assert.match(says, /Hetzner/);
	assert.match(remedy ?? "", /UDP 60001–60999/);
	assert.equal(cloudOf({ assetTag: "OracleCloud.com" }, "")?.id, "oracle");
	assert.equal(cloudOf({ manufacturer: "Xen", firmware: "Xen 4.11.amazon" }, "")?.id, "aws");
	assert.equal(cloudOf({ manufacturer: "QEMU" }, "openstack")?.where, "security groups");
	assert.equal(cloudOf({ manufacturer: "LENOVO", model: "ThinkPad" }, "nocloud"), undefined);
	assert.equal((await finds(cloudFirewall, { facts: { manufacturer: "LENOVO" } })).state, "good");
});
