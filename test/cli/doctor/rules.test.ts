import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rules } from "../../../src/cli/doctor/rules.js";
import { examined, OPEN } from "../../support/doctor.js";
import { cpuRule, nftHost, portRule } from "../../support/nft-host.js";

async function finds(
	commands: ReturnType<typeof nftHost>,
	ports: readonly (typeof OPEN)[] = [],
	privileged = true,
) {
	const given = examined({ ports, privileged });
	return rules.examine({ ...given, context: { ...given.context, commands } });
}

describe("without a session, of the next one's port", () => {
	test("that it is dropped by default is as it should be", async () => {
		const found = await finds(nftHost());
		assert.equal(found?.state, "good");
		assert.match(found?.says ?? "", /^by default UDP 60001 is dropped: .*policy drop/);
	});

	test("that the administrator denies or allows it is worth a word", async () => {
		const denied = await finds(nftHost(portRule(60001, "drop")));
		assert.deepEqual(
			[denied?.state, /closed by the administrator's rule: .*udp dport 60001 drop/.test(denied?.says ?? "")],
			["bad", true],
		);
		const allowed = await finds(nftHost(portRule(60001, "accept")));
		assert.equal(allowed?.state, "hint");
		assert.match(allowed?.says ?? "", /is open although no session holds it/);
	});
});

describe("of ports that sessions hold", () => {
	test("that no rule closes them", async () => {
		const found = await finds(nftHost(portRule(60001, "accept")), [OPEN]);
		assert.deepEqual(found, { state: "good", says: "ports held by sessions, no rule closes them: 1" });
	});

	test("which rule closes one, and whose it is", async () => {
		const denied = await finds(nftHost(portRule(60001, "drop")), [OPEN]);
		assert.equal(denied?.state, "bad");
		assert.match(denied?.remedy ?? "", /^remove or narrow that rule/);
		const dropped = await finds(nftHost(), [OPEN]);
		assert.match(dropped?.says ?? "", /^192\.0\.2\.1:60001 is closed by the default/);
		assert.match(dropped?.remedy ?? "", /status says why/);
	});

	test("that one is closed before that another cannot be told", async () => {
		const other = { ...OPEN, port: 60002 };
		const host = nftHost(portRule(60001, "drop"), cpuRule(60002, "drop"), portRule(60002, "accept"));
		assert.equal((await finds(host, [OPEN, other]))?.state, "bad");
		const unknown = await finds(host, [other]);
		assert.equal(unknown?.state, "hint");
		assert.match(unknown?.says ?? "", /^192\.0\.2\.1:60002 is unverified: .*meta cpu/);
	});

	test("nothing of those that were refused", async () => {
		const refused = { ...OPEN, state: "refused" } as const;
		assert.match((await finds(nftHost(), [refused]))?.says ?? "", /^by default/);
	});
});

test("without root there is nothing to say", async () => {
	assert.equal(await finds(nftHost(), [], false), undefined);
});
