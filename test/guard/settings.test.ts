/** Names of the configuration as ids. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Config, DEFAULTS } from "../../src/config/schema.js";
import { AccountNames } from "../../src/guard/account-names.js";
import { namesIn, type Settings, settingsFrom } from "../../src/guard/settings.js";

/** The settings once every name has been looked up. */
async function settingsOf(config: Config): Promise<Settings> {
	const names = new AccountNames({
		uid: async (name) => ({ ann: 1000, eve: 1001 })[name],
		gid: async (name) => ({ staff: 50 })[name],
	});
	await names.ask(namesIn(config), 1000);
	return settingsFrom(config, names);
}

test("names become ids; everybody is allowed where nobody is named", async () => {
	const { policy, unknownNames } = await settingsOf(DEFAULTS);
	assert.deepEqual([policy.allowUids, policy.allowGids], [undefined, undefined]);
	assert.deepEqual(policy.ports, DEFAULTS.ports);
	assert.deepEqual(unknownNames, []);
});

test("a name that does not exist allows nobody, and is listed; a denied group leaves open who is in it", async () => {
	const { policy, unknownNames } = await settingsOf({
		...DEFAULTS,
		users: { allow: ["ann", "bob"], deny: ["eve"] },
		groups: { allow: [], deny: ["staff", "wheel"] },
	});
	assert.deepEqual([policy.allowUids, policy.allowGids], [[1000], []]);
	assert.deepEqual([policy.denyUids, policy.denyGids], [[1001], [50]]);
	assert.deepEqual(policy.unknownDenials, ["group wheel"]);
	assert.deepEqual([...unknownNames].sort(), ["group wheel", "user bob"]);
});

test("an allow list of which no name exists allows nobody", async () => {
	const { policy } = await settingsOf({ ...DEFAULTS, users: { allow: ["bob"], deny: [] } });
	assert.deepEqual([policy.allowUids, policy.allowGids], [[], []]);
});
