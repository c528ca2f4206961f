import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ExplainOptions, explain } from "../../../src/cli/commands/explain.js";
import { EXIT } from "../../../src/cli/output/exit-codes.js";
import { PORT, runs, statusOf, tells } from "../../support/guarded-context.js";
import { clientRule, nftHost, portRule } from "../../support/nft-host.js";

const explained = (
	commands: ReturnType<typeof nftHost>,
	ports: readonly (typeof PORT)[],
	options: ExplainOptions = {},
) => runs((context) => explain({ ...context, commands }, PORT.port, options), tells(statusOf({ ports })));

describe("a port is explained", () => {
	test("with who holds it, and the rule that decides", async () => {
		const { code, text } = await explained(nftHost(portRule(60001, "accept")), [PORT]);
		assert.equal(code, EXIT.ok);
		assert.match(text, /^192\.0\.2\.1:60001 +open +1000/m);
		assert.match(text, /^192\.0\.2\.1:60001 is open by the administrator's rule: .*udp dport 60001 accept$/m);
	});

	test("on every address where nobody holds it, and that it is closed is the exit code", async () => {
		const { code, text } = await explained(nftHost(), []);
		assert.equal(code, EXIT.notOpen);
		assert.match(text, /^no mosh-server holds port 60001$/m);
		assert.match(text, /^0\.0\.0\.0:60001 is closed by the default/m);
		assert.match(text, /^\[::\]:60001 is closed by the default/m);
	});

	test("for one client, also where that cannot send to it", async () => {
		const from = { family: "ipv4", address: "203.0.113.5" } as const;
		const { text } = await explained(nftHost(), [PORT], { from });
		assert.match(text, /^192\.0\.2\.1:60001 from 203\.0\.113\.5 is closed/m);
		const other = { family: "ipv6", address: "2001:db8::5" } as const;
		const { code, text: none } = await explained(nftHost(), [PORT], { from: other });
		assert.match(none, /^on no address that 2001:db8::5 can send to$/m);
		assert.equal(code, EXIT.notOpen);
	});

	test("as JSON, with what its clients meet apart", async () => {
		const client = { address: "203.0.113.5", port: 40_000 };
		const { text } = await explained(nftHost(), [{ ...PORT, client }], { json: true });
		const { schema, port, sessions, rules, fromClients } = JSON.parse(text);
		assert.deepEqual([schema, port, sessions.length, rules.length], [1, 60001, 1, 1]);
		assert.deepEqual([fromClients[0].from, fromClients[0].verdict], ["203.0.113.5", "closed"]);
	});

	test("as closed where only the client that a session has gets in", async () => {
		const client = { address: "203.0.113.5", port: 40_000 };
		const host = nftHost(clientRule(client.address, 60001, "accept"));
		const { code, text } = await explained(host, [{ ...PORT, client }]);
		assert.match(text, /^192\.0\.2\.1:60001 from 203\.0\.113\.5 is open/m);
		assert.equal(code, EXIT.notOpen);
	});
});

test("it takes root", async () => {
	await assert.rejects(
		runs((context) => explain(context, 60001, {}), undefined, { privileged: false }),
		{ exit: "notPermitted" },
	);
});
