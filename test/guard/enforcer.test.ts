import assert from "node:assert/strict";
import { test } from "node:test";
import type { FirewallChange, Opening } from "../../src/firewall/firewall.js";
import { Enforcer } from "../../src/guard/enforcer.js";
import { MemoryFirewall } from "../support/memory-firewall.js";

const OPENING: Opening = { family: "ipv4", address: "192.0.2.1", port: 60001 };

test("what another hand took away is repaired, also when it is doubted again meanwhile", async () => {
	class Doubted extends MemoryFirewall {
		onApply = () => {};
		override async apply(change: FirewallChange): Promise<void> {
			this.onApply();
			return super.apply(change);
		}
	}
	const firewall = new Doubted();
	const enforcer = new Enforcer(firewall);
	assert.deepEqual((await enforcer.enforce([OPENING])).repaired, []);
	firewall.rules.clear();
	firewall.onApply = () => enforcer.doubt();
	enforcer.doubt();
	const { open, repaired } = await enforcer.enforce([OPENING]);
	assert.deepEqual([open, repaired], [[OPENING], [OPENING]]);
});

test("what the guard closed is not repaired but opened when it is wanted again", async () => {
	const enforcer = new Enforcer(new MemoryFirewall());
	await enforcer.enforce([OPENING]);
	enforcer.doubt();
	await enforcer.enforce([]);
	enforcer.doubt();
	const { open, repaired } = await enforcer.enforce([OPENING]);
	assert.deepEqual([open, repaired], [[OPENING], []]);
});
