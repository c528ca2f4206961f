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

describe("the kernel", () => {
	const table = {
		...TABLE,
		shapes: new Map([
			["s", { types: ["ipv4_addr"], hasRanges: true, depends: false }],
			["odd", { types: ["mark"], hasRanges: false, depends: true }],
		]),
	};
	/** An answer to every question: an error number, 0 for none. */
	function kernel(errno: number) {
		const asked: number[] = [];
		const ask = async (protocol: number) => {
			asked.push(protocol);
			const element = Buffer.from([20, 0, 0, 0, 12, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]);
			const end = Buffer.alloc(20);
			end.writeUInt32LE(20, 0);
			end.writeUInt16LE(2, 4);
			end.writeInt32LE(-errno, 16);
			return errno === 0 ? Buffer.concat([element, end]) : end;
		};
		const commands = new RecordedCommands({ missing: [], outputs: {}, net: {} });
		const memberships = new Memberships(commands, { ask });
		return { asked, memberships, commands, sets: memberships.lookupIn(table) };
	}

	test("is asked for one element, once, and no command is run", async () => {
		for (const [errno, has] of [
			[0, true],
			[2, false],
		] as const) {
			const { asked, memberships, commands, sets } = kernel(errno);
			assert.equal(sets.get?.("s", ["10.0.0.1"]), "asked");
			assert.equal(await memberships.learn(), true);
			assert.equal(sets.get?.("s", ["10.0.0.1"]), has);
			assert.equal(await memberships.learn(), false);
			assert.deepEqual([asked, commands.lines], [[12], []]);
		}
	});

	test("is not asked again where it cannot answer", async () => {
		const { asked, memberships, sets } = kernel(1);
		for (const [set, key] of [
			["s", "10.0.0.1"],
			["odd", "7"],
		] as const) {
			assert.equal(sets.get?.(set, [key]), "asked");
			await memberships.learn();
			assert.equal(sets.get?.(set, [key]), undefined);
			assert.equal(await memberships.learn(), false);
		}
		assert.deepEqual(asked, [12]);
	});

	test("without it there is no such answer", () => {
		assert.equal(host({}).sets.get?.("s", ["10.0.0.1"]), undefined);
	});

	test("tells nothing of what sets are like, which their listing does", () => {
		const { sets } = kernel(0);
		assert.deepEqual(
			[sets.hasRanges?.("s"), sets.hasRanges?.("odd"), sets.depends?.("odd"), sets.depends?.("none")],
			[true, false, true, false],
		);
		assert.equal(sets.nameOf?.("s"), "inet filter s");
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
			stdout:
				"Name: bad\nType: hash:ip,port\nRevision: 5\n\nName: nets\nType: hash:net\n\nName: all\nType: list:set\n",
		},
		"ipset list all": {
			stdout: "Name: all\nType: list:set\nRevision: 3\nMembers:\nnets\nbad timeout 5\n",
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
	assert.deepEqual([ipsets.membersOf?.("all"), ipsets.membersOf?.("nets")], [["nets", "bad"], undefined]);
	const ask = () => [ipsets.has("bad", "192.0.2.1,udp:60001"), ipsets.has("nets", "192.0.2.1")];
	assert.deepEqual(ask(), [undefined, undefined]);
	await memberships.learn();
	assert.deepEqual(ask(), [true, false]);
});
