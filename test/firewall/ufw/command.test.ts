import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { allowArguments, parseAdded, parseStatus, UfwCommand } from "../../../src/firewall/ufw/command.js";
import { type Lab, labMissing, SERVER4, SERVER6, startLab } from "../../lab/hosts.js";
import { explainIn } from "../../lab/verify.js";
import { recorded } from "../../support/recorded.js";
import { sorted, v4, v6 } from "../conformance.js";
import { enableUfw, listUfw } from "./subject.js";

const IN_STATUS = [v4(60001), v4(60002, "0.0.0.0"), v6(60001), v6(60003, "::")];

test("reads our openings, and only ours, from what ufw prints", async () => {
	assert.deepEqual(parseStatus(await recorded("ufw-status.txt")), IN_STATUS);
	const added = parseAdded(await recorded("ufw-show-added.txt"));
	assert.deepEqual(
		IN_STATUS.filter((opening) => !sorted(added).includes(sorted([opening])[0] ?? "")),
		[],
	);
});

test("no rule is of a form that an admin's could be replaced by", () => {
	assert.equal(
		allowArguments(v4(60001)).join(" "),
		"allow proto udp from any port 1:65535 to 10.77.0.1 port 60001 comment mosh-portguard",
	);
});

describe("ufw by its command", { skip: (await labMissing("ufw")) ?? false }, () => {
	let lab: Lab;
	let firewall: UfwCommand;
	before(async () => {
		lab = await startLab();
		await enableUfw(lab);
		firewall = new UfwCommand(lab.server.commands);
	});
	after(() => lab.stop());

	test("opens, lists and closes beside the admin's own rule for the port", async () => {
		await lab.server.sh("ufw allow 60001/udp comment 'of the admin'");
		const pristine = await listUfw(lab);
		const openings = [v4(60001), v6(60002), v4(60003, "0.0.0.0")];
		await firewall.apply({ open: openings, close: [] });
		assert.deepEqual(sorted(await firewall.list()), sorted(openings));
		assert.equal(await lab.isOpen(SERVER6, 60002), true);
		assert.equal(await lab.isOpen(SERVER4, 60003), true);
		assert.equal(await lab.isOpen(SERVER6, 60003), false);
		assert.equal((await explainIn(lab, firewall, v6(60002))).by, "guard");
		await firewall.apply({ open: [], close: openings });
		assert.equal(await lab.isOpen(SERVER6, 60002), false);
		assert.equal(await lab.isOpen(SERVER4, 60001), true);
		assert.equal(await listUfw(lab), pristine);
	});

	test("while ufw is off, lists nothing but still clears its rules from the files", async () => {
		await firewall.apply({ open: [v4(60004), v6(60005, "::")], close: [] });
		await lab.server.sh("ufw disable");
		await assert.rejects(firewall.list(), { code: "not-in-force" });
		await firewall.clear();
		assert.doesNotMatch(await lab.server.sh("cat /etc/ufw/user*.rules"), /portguard|6d6f73682d/);
	});
});
