import assert from "node:assert/strict";
import { test } from "node:test";
import { locale } from "../../../src/cli/doctor/locale.js";
import { finds } from "../../support/doctor.js";

test("a host without a UTF-8 locale", async () => {
	assert.equal((await finds(locale, { prints: { locale: "C\nPOSIX\nen_US.iso88591\n" } })).state, "bad");
	const { state, says } = await finds(locale, { prints: { locale: "C\nC.utf8\nde_DE.UTF-8\n" } });
	assert.deepEqual([state, says], ["good", "C.utf8, de_DE.UTF-8"]);
});
