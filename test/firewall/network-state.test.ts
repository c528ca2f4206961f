/** What of the network is compared at each look. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { namesOf, networkState } from "../../src/firewall/network-state.js";

const HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
const route = (name: string, to = "00000000") =>
	`${name}\t${to}\t0100007F\t0003\t0\t0\t0\t${to === "00000000" ? to : "00FFFFFF"}\t0\t0\t0\n`;
const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0     100       1    0    0    0     0       0          0
  eth0:     200       2    0    0    0     0          0         0     200       2    0    0    0     0       0          0
`;

let net: string;
before(async () => {
	net = await mkdtemp(join(tmpdir(), "portguard-net-"));
});
after(() => rm(net, { recursive: true, force: true }));

async function state(files: Readonly<Record<string, string>>): Promise<string> {
	for (const file of ["dev", "route", "ipv6_route"]) {
		await writeFile(join(net, file), files[file] ?? "");
	}
	return networkState(net);
}

test("names of interfaces and default routes count, traffic and other routes do not", async () => {
	const first = await state({ dev: DEV, route: HEAD + route("eth0") });
	assert.equal(await state({ dev: DEV.replaceAll("200", "300"), route: HEAD + route("eth0") }), first);
	assert.equal(await state({ dev: DEV, route: HEAD + route("eth0") + route("eth1", "00004D0A") }), first);
	assert.notEqual(await state({ dev: DEV.replace("eth0", "wan0"), route: HEAD + route("eth0") }), first);
	assert.notEqual(await state({ dev: DEV, route: HEAD + route("eth1") }), first);
	const ipv6 = `${"0".repeat(32)} 00 ${"0".repeat(32)} 00 ${"0".repeat(32)} 00000400 00000001 00000000 00000003 eth0\n`;
	assert.notEqual(await state({ dev: DEV, route: HEAD + route("eth0"), ipv6_route: ipv6 }), first);
	assert.deepEqual(namesOf(DEV), ["lo", "eth0"]);
});

test("of a table of very many routes, the beginning", async () => {
	const others = Array.from({ length: 5000 }, () => route("eth1", "00004D0A")).join("");
	const long = await state({ dev: DEV, route: HEAD + route("eth0") + others + route("eth2") });
	assert.equal(await state({ dev: DEV, route: HEAD + route("eth0") }), long);
});

test("without the files there is nothing to compare but addresses", () => {
	assert.equal(networkState("/nowhere"), networkState("/nowhere"));
});
