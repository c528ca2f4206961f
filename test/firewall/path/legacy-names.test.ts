import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { hasLegacyTables, readLegacyNames } from "../../../src/firewall/path/legacy-names.js";
import { withNet } from "../../support/recorded-host.js";

const NONE = { missing: [], outputs: {}, net: {} };

describe("the kernel's list of legacy tables", () => {
	test("has a name in each line, for each family", async () => {
		await withNet(
			{ ...NONE, net: { ip_tables_names: "filter\nnat\n", ip6_tables_names: "" } },
			async (net) => {
				assert.deepEqual(await readLegacyNames("ipv4", net), { names: ["filter", "nat"] });
				assert.deepEqual(await readLegacyNames("ipv6", net), { names: [] });
				assert.equal(await hasLegacyTables(net), true);
			},
		);
	});

	test("names none on a host that has none", () =>
		withNet({ ...NONE, net: { ip_tables_names: "" } }, async (net) => {
			assert.equal(await hasLegacyTables(net), false);
		}));

	for (const [modules, expected] of [
		["x_tables 65536 1 ip_tables, Live 0x0\nip_tables 32768 0 - Live 0x0\n", { names: [] }],
		["iptable_nat 16384 0 - Live 0x0\nip_tables 32768 1 iptable_nat, Live 0x0\n", { unreadable: true }],
		["nf_tables 400000 0 - Live 0x0\n", { unreadable: true }],
	] as const) {
		test(`is not missed where no module has made a table: ${modules.split("\n")[0]}`, async () => {
			await withNet(NONE, async (net) => {
				await mkdir(join(net, "ip_tables_names"));
				await writeFile(join(net, "modules"), modules);
				assert.deepEqual(await readLegacyNames("ipv4", net, join(net, "modules")), expected);
				assert.deepEqual(await readLegacyNames("ipv6", net, join(net, "modules")), { names: [] });
				assert.equal(await hasLegacyTables(net, join(net, "modules")), "unreadable" in expected);
			});
		});
	}
});
