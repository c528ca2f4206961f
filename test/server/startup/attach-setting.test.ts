import assert from "node:assert/strict";
import { test } from "node:test";
import { readAttachSetting } from "../../../src/server/startup/attach-setting.js";

function read(environment: Record<string, string>) {
	const warnings: string[] = [];
	return { setting: readAttachSetting(environment, (sentence) => warnings.push(sentence)), warnings };
}

test("the setting is what the environment says, ours before the one that ssh sends, else to ask", () => {
	assert.deepEqual(read({}), { setting: "ask", warnings: [] });
	assert.equal(read({ LC_MOSH_ATTACH: "auto" }).setting, "auto");
	assert.equal(read({ LC_MOSH_ATTACH: "auto", MOSH_PORTGUARD_ATTACH: "never" }).setting, "never");
	assert.equal(read({ LC_MOSH_ATTACH: "auto", MOSH_PORTGUARD_ATTACH: "" }).setting, "auto");
});

test("what it is not is ignored with a sentence", () => {
	const { setting, warnings } = read({ MOSH_PORTGUARD_ATTACH: "yes" });
	assert.equal(setting, "ask");
	assert.deepEqual(warnings, ["MOSH_PORTGUARD_ATTACH must be ask, auto or never; ignored."]);
});
