/** Names of the configuration as ids. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULTS } from "../../src/config/schema.js";
import { settingsFrom } from "../../src/guard/settings.js";
import type { Accounts } from "../../src/system/accounts.js";

const accounts: Accounts = {
	uid: async (name) => ({ ann: 1000, eve: 1001 })[name],
	gid: async (name) => ({ staff: 50 })[name],
	userName: async () => undefined,
	loginUids: async () => [],
};

test("names become ids; everybody is allowed where nobody is named", async () => {
	const { policy, unknownNames } = await settingsFrom(DEFAULTS, accounts);
	assert.deepEqual([policy.allowUids, policy.allowGids], [undefined, undefined]);
	assert.deepEqual(policy.ports, DEFAULTS.ports);
	assert.deepEqual(unknownNames, []);
});

test("a name that does not exist allows and denies nobody, and is listed", async () => {
	const { policy, unknownNames } = await settingsFrom(
		{
			...DEFAULTS,
			users: { allow: ["ann", "bob"], deny: ["eve"] },
			groups: { allow: [], deny: ["staff", "wheel"] },
		},
		accounts,
	);
	assert.deepEqual([policy.allowUids, policy.allowGids], [[1000], []]);
	assert.deepEqual([policy.denyUids, policy.denyGids], [[1001], [50]]);
	assert.deepEqual([...unknownNames].sort(), ["group wheel", "user bob"]);
});

test("an allow list of which no name exists allows nobody", async () => {
	const { policy } = await settingsFrom({ ...DEFAULTS, users: { allow: ["bob"], deny: [] } }, accounts);
	assert.deepEqual([policy.allowUids, policy.allowGids], [[], []]);
});
