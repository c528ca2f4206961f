import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Memberships } from "../../../src/firewall/path/memberships.js";
import { RecordedCommands } from "../../support/recorded-host.js";

const TABLE = {
	family: "inet",
	name: "filter",
	dormant: false,
	chains: [],
	hasSets: true,
	maps: new Set(["m"]),
};
const LISTED = '{"nftables": [{"set": {"name": "s", "elem": ["10.0.0.1"]}}]}';

function host(
	outputs: Record<string, { stdout: string; stderr?: string; exitCode?: number } | { failure: string }>,
) {
	const commands = new RecordedCommands({ missing: [], outputs, net: {} });
	const memberships = new Memberships(commands);
	return { memberships, commands, sets: memberships.lookupIn(TABLE) };
}

describe("a set", () => {
	test("is read once a walk has asked for it, and once only", async () => {
		const { memberships, commands, sets } = host({ "nft -j list set inet filter s": { stdout: LISTED } });
		assert.equal(await memberships.learn(), false);
		assert.equal(sets.elements("s"), undefined);
		assert.equal(await memberships.learn(), true);
		assert.deepEqual(sets.elements("s"), ["10.0.0.1"]);
		assert.equal(await memberships.learn(), false);
		assert.deepEqual(commands.lines, ["nft -j list set inet filter s"]);
	});

	test("that cannot be listed is asked for one element, by those who have patience", async () => {
		const outputs = {
			"nft -j list set inet filter s": { failure: "did not end in time" },
			"nft get element inet filter s { 10.0.0.1 . 53 }": { stdout: "" },
			"nft get element inet filter s { 10.0.0.2 . 53 }": {
				stdout: "",
				stderr: "Error: Could not process rule: No such file or directory",
				exitCode: 1,
			},
			"nft get element inet filter s { 10.0.0.3 . 53 }": {
				stdout: "",
				stderr: "Error: something else",
				exitCode: 1,
			},
		};
		const answers = async (patient: boolean) => {
			const { memberships, sets } = host(outputs);
			const ask = () =>
				["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(
					(address) => sets.elements("s") ?? sets.has("s", [address, "53"]),
				);
			ask();
			await memberships.learn({ patient });
			ask();
			await memberships.learn({ patient });
			return ask();
		};
		assert.deepEqual(await answers(true), [true, false, undefined]);
		assert.deepEqual(await answers(false), [undefined, undefined, undefined]);
	});
});

test("maps are listed as maps", async () => {
	const { memberships, commands } = host({});
	await memberships.read(TABLE, "m");
	assert.deepEqual(commands.lines, ["nft -j list map inet filter m"]);
});

test("a rule set that asks without end is answered so many times", async () => {
	const { memberships, sets, commands } = host({});
	for (let index = 0; index < 1000; index += 1) {
		sets.elements(`s${index}`);
	}
	await memberships.learn();
	for (let index = 1000; index < 2000; index += 1) {
		sets.elements(`s${index}`);
	}
	assert.equal(await memberships.learn(), false);
	assert.equal(commands.lines.length, 256);
});

test("ipsets: types from their headers, members by test", async () => {
	const { memberships } = host({
		"ipset list -terse": {
			stdout: "Name: bad\nType: hash:ip,port\nRevision: 5\n\nName: nets\nType: hash:net\n",
		},
		"ipset test bad 192.0.2.1,udp:60001": { stdout: "", stderr: "192.0.2.1,udp:60001 is in set bad." },
		"ipset test nets 192.0.2.1": { stdout: "", stderr: "192.0.2.1 is NOT in set nets.", exitCode: 1 },
	});
	await memberships.readTypes();
	const { ipsets } = memberships;
	assert.deepEqual(
		[ipsets.typeOf("bad"), ipsets.typeOf("nets"), ipsets.typeOf("none")],
		["ip,port", "net", undefined],
	);
	const ask = () => [ipsets.has("bad", "192.0.2.1,udp:60001"), ipsets.has("nets", "192.0.2.1")];
	assert.deepEqual(ask(), [undefined, undefined]);
	await memberships.learn();
	assert.deepEqual(ask(), [true, false]);
});
