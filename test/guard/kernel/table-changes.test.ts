import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { changesBetween, madeFrom } from "../../../src/guard/kernel/table-changes.js";

interface Row {
	readonly name: number;
}

const names = (rows: readonly Row[]) => rows.map(({ name }) => name).sort((a, b) => a - b);

describe("what has changed between two tables", () => {
	test("is what differs, whichever was made from which, and in how many steps", () => {
		// Each step: from which of the tables so far, the places of rows to leave out, how many to add.
		const step = fc.tuple(fc.nat(20), fc.array(fc.nat(9), { maxLength: 3 }), fc.nat(3), fc.boolean());
		fc.assert(
			fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
				let last = 0;
				const row = (): Row => {
					last += 1;
					return { name: last };
				};
				const tables: (readonly Row[])[] = [[row(), row(), row()]];
				for (const [origin, left, more, isTold] of steps) {
					const from = tables[origin % tables.length] as readonly Row[];
					const removed = from.filter((_, index) => left.includes(index));
					const added = Array.from({ length: more }, row);
					const table = [...from.filter((one) => !removed.includes(one)), ...added];
					if (isTold) {
						// Some are said to have gone and come.
						const same = from.filter((one) => !removed.includes(one)).slice(0, 1);
						madeFrom(from, table, { added: [...added, ...same], removed: [...removed, ...same] });
					}
					tables.push(table);
				}
				for (const before of tables) {
					for (const after of tables) {
						const { added, removed } = changesBetween(before, after);
						assert.deepEqual(names(added), names(after.filter((one) => !before.includes(one))));
						assert.deepEqual(names(removed), names(before.filter((one) => !after.includes(one))));
					}
				}
			}),
		);
	});

	test("is found without a look at the rest where it was told", () => {
		const rows = Array.from({ length: 1000 }, (_, name) => ({ name }));
		let looks = 0;
		const watched = (table: Row[]) =>
			new Proxy(table, {
				get: (target, property) => {
					looks += 1;
					return Reflect.get(target, property);
				},
			});
		const before = watched(rows);
		const added = { name: 1000 };
		const after = watched([...rows.slice(1), added]);
		madeFrom(before, after, { added: [added], removed: rows.slice(0, 1) });
		assert.deepEqual(changesBetween(before, after), { added: [added], removed: rows.slice(0, 1) });
		assert.equal(looks, 0);
	});
});
