import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { attemptAll, FirewallError } from "../../src/firewall/errors.js";
import { type Lab, labMissing, startLab } from "../lab/hosts.js";
import { v4 } from "./conformance.js";
import { iptablesSubject } from "./iptables/subject.js";

test("teardown goes on after an error and reports every one", async () => {
	const done: number[] = [];
	const step = (n: number, code?: "tool-failed") => async () => {
		done.push(n);
		if (code !== undefined) {
			throw new FirewallError(code, `Step ${n} failed.`);
		}
	};
	await attemptAll([step(1), step(2)]);
	await assert.rejects(attemptAll([step(3, "tool-failed"), step(4)]), { code: "tool-failed" });
	await assert.rejects(attemptAll([step(5, "tool-failed"), step(6), step(7, "tool-failed")]), {
		code: "several",
		message: "Step 5 failed. Step 7 failed.",
	});
	assert.deepEqual(done, [1, 2, 3, 4, 5, 6, 7]);
});

const subject = iptablesSubject("legacy");
describe("a full disk", { skip: (await labMissing(...subject.tools)) ?? false }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
		await subject.setUp(lab);
	});
	after(() => lab.stop());

	test("is named as the cause, and nothing that was open closes", async () => {
		const firewall = await subject.create(lab);
		await firewall.repair();
		await firewall.apply({ open: [v4(60001)], close: [] });
		// iptables-legacy keeps its lock as a file: a file system without a free inode cannot make it.
		await lab.server.sh(
			"rm -f /run/xtables.lock; mount -o remount,nr_inodes=1 /run || mount -t tmpfs -o nr_inodes=1 tmpfs /run",
		);
		await assert.rejects(
			firewall.apply({ open: [v4(60002)], close: [v4(60001)] }),
			(error: FirewallError) => {
				assert.match(error.message, /disk is full/);
				return true;
			},
		);
		assert.equal(await lab.isOpen("10.77.0.1", 60001), true);
	});
});
