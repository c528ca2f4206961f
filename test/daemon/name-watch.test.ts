import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { ASK_AGAIN_MS, NameWatch } from "../../src/daemon/name-watch.js";
import type { AccountName, NameAnswer } from "../../src/guard/account-names.js";

const ALICE: AccountName = { kind: "user", name: "alice" };
const BOB: AccountName = { kind: "user", name: "bob" };

/** Names of which those in `known` are known once they have been asked for. */
function watched(t: TestContext, wanted: readonly AccountName[]) {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const known = new Map<string, number>();
	const told = new Map<string, NameAnswer>();
	const asked: string[][] = [];
	let changes = 0;
	const watch = new NameWatch({
		names: {
			ask: async (names) => {
				asked.push(names.map(({ name }) => name));
				for (const { name } of names) {
					const id = known.get(name);
					told.set(name, id === undefined ? { state: "absent" } : { state: "known", id });
				}
			},
			answerOf: ({ name }) => told.get(name) ?? { state: "unanswered" },
		} as ConstructorParameters<typeof NameWatch>[0]["names"],
		wanted: () => wanted,
		changed: async () => {
			changes++;
		},
	});
	const round = async () => {
		t.mock.timers.tick(ASK_AGAIN_MS);
		for (let i = 0; i < 10; i++) {
			await new Promise((resolve) => setImmediate(resolve));
		}
	};
	return { watch, known, told, asked, round, changes: () => changes };
}

describe("names that the host does not know", () => {
	test("are asked for again, those alone, until they are known, and a change is told", async (t) => {
		const { watch, known, told, asked, round, changes } = watched(t, [ALICE, BOB]);
		told.set("alice", { state: "known", id: 1000 } as NameAnswer);
		told.set("bob", { state: "absent" } as NameAnswer);
		watch.start();
		await round();
		assert.deepEqual([asked, changes()], [[["bob"]], 0]);
		known.set("bob", 1001);
		await round();
		assert.equal(changes(), 1);
		await round();
		assert.deepEqual(asked, [["bob"], ["bob"]], "all are known");
		watch.stop();
	});

	test("are asked for no more once stopped", async (t) => {
		const { watch, asked, round } = watched(t, [BOB]);
		watch.start();
		watch.stop();
		await round();
		assert.deepEqual(asked, []);
	});
});
