import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConditionList, type Noting } from "../../../src/firewall/path/condition-list.js";
import { NO_MARK, UNKNOWN_MARKS } from "../../../src/firewall/path/marks.js";
import { entryOf, noting } from "../../../src/firewall/path/noted.js";
import { firstDatagram } from "../../../src/firewall/path/packet.js";

const PACKET = firstDatagram("ipv4", "10.0.0.1", { first: 60_001, last: 60_001 }, "eth0");

/** Puts the key into a set. */
const into =
	(set: string): Noting =>
	({ marks = UNKNOWN_MARKS }, when) => ({ ...marks, noted: noting(marks.noted, set, "key", when) });

describe("the conditions of a rule", () => {
	test("are asked after what stands in front of them has been put into sets, and before what stands behind", () => {
		const list = new ConditionList();
		const seen: unknown[] = [];
		const look = ({ marks = UNKNOWN_MARKS }: typeof PACKET) => {
			seen.push(["one", "two"].map((set) => entryOf(marks.noted, set, "key")));
			return true;
		};
		list.add(look);
		list.note(into("one"));
		list.add(look);
		list.note(into("two"));
		list.add(look);
		for (const condition of list.conditions) {
			condition(PACKET);
		}
		assert.deepEqual(seen.slice(-1), [["certain", "certain"]]);
		assert.deepEqual(seen[0], [undefined, undefined]);
		assert.ok(seen.some((sets) => String(sets) === "certain,"));
	});

	test("decide whether it is put there", () => {
		for (const [truth, entry] of [
			[true, "certain"],
			["general", "perhaps"],
			[false, undefined],
		] as const) {
			const list = new ConditionList();
			list.add(() => truth);
			list.note(into("set"));
			assert.equal(entryOf(list.notes?.(PACKET).noted, "set", "key"), entry);
		}
	});

	test("leave the marks as they are where nothing is put anywhere", () => {
		const list = new ConditionList();
		list.add(({ marks }) => marks?.packet === NO_MARK);
		assert.equal(list.notes, undefined);
		assert.equal(list.conditions[0]?.(PACKET), true);
	});
});
