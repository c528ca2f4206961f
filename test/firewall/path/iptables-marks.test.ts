import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readMarking } from "../../../src/firewall/path/iptables-marks.js";
import { bits, type Marks, NO_MARK, UNKNOWN_BITS } from "../../../src/firewall/path/marks.js";
import type { State } from "../../../src/firewall/path/packet.js";
import { packet } from "./samples.js";

const MARKS: Marks = { packet: bits(0xf0), connection: bits(0x0f) };

/** The marks after a target, as iptables-save prints it. */
function marked(target: string, marks: Marks = MARKS, state: State = "new") {
	return readMarking(["-j", ...target.split(" ")])?.(packet({ marks, state }));
}

describe("a target", () => {
	for (const [target, expected] of [
		["MARK --set-xmark 0x1/0xffffffff", { packet: bits(1) }],
		["MARK --set-xmark 0x1/0x1", { packet: bits(0xf1) }],
		["MARK --set-xmark 0x0/0x10", { packet: bits(0xe0) }],
		["CONNMARK --set-xmark 0x7/0xffffffff", { connection: bits(7) }],
		["CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff", { connection: bits(0xf0) }],
		["CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff", { packet: bits(0x0f) }],
		["CONNMARK --restore-mark --nfmask 0x10 --ctmask 0x3", { packet: bits(0xe3) }],
		["MARK --or-mark 0x1", { packet: UNKNOWN_BITS }],
		["MARK --set-xmark much", { packet: UNKNOWN_BITS }],
	] as const) {
		test(`${target} leaves ${JSON.stringify(expected)}`, () => {
			assert.deepEqual(marked(target), { ...MARKS, ...expected });
		});
	}

	test("that changes no mark is none of these", () => {
		assert.equal(readMarking(["-j", "ACCEPT"]), undefined);
	});

	test("leaves a connection alone that nobody tracks", () => {
		const untracked = { ...MARKS, connection: NO_MARK };
		assert.deepEqual(marked("CONNMARK --set-xmark 0x7/0xffffffff", untracked, "untracked"), untracked);
		assert.deepEqual(marked("MARK --set-xmark 0x7/0xffffffff", untracked, "untracked")?.packet, bits(7));
	});
});
