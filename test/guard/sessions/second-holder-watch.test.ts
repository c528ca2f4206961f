/** When second holders are searched for, and when a result counts. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SecondHolderWatch } from "../../../src/guard/sessions/second-holder-watch.js";
import type { SecondHolders } from "../../../src/guard/sessions/second-holders.js";
import type { TrackedSession } from "../../../src/guard/sessions/tracker.js";
import { monotonicClock } from "../../../src/system/clock.js";
import { FakeHost } from "../../support/fake-host.js";

const nobody: SecondHolders = { shared: new Set(), unsearchable: new Set() };

describe("the watch for second holders", () => {
	const host = new FakeHost();
	const { pid, socket } = host.serve(60001);
	const holder = { pid, kind: "executable", path: "/x", uid: 1000, groups: [] } as const;
	const session: TrackedSession = { socket, firstSeen: 0, holder, admitted: true, closedByAdmin: false };
	const held: SecondHolders = { shared: new Set([socket.inode]), unsearchable: new Set() };

	function watching(...results: (SecondHolders | Error)[]) {
		const log: string[] = [];
		const watch = new SecondHolderWatch({
			find: async (sockets) => {
				log.push(`find ${sockets.map((found) => found.pid)}`);
				const next = results.shift() ?? nobody;
				if (next instanceof Error) {
					throw next;
				}
				return next;
			},
			sessions: () => [session],
			recheckHolders: async () => {
				log.push("recheck");
			},
			changed: () => log.push("changed"),
			failed: () => log.push("failed"),
			timers: { after: (delay: number) => log.push(`after ${Math.round(delay / 1000)}`) },
			clock: monotonicClock,
		});
		return { watch, log };
	}

	test("counts what it finds twice, with all holders rechecked in between", async () => {
		const { watch, log } = watching(held, held);
		const began = performance.now();
		await watch.search();
		assert.ok(performance.now() - began > 250);
		assert.equal(watch.refusalOf(socket)?.code, "many-holders");
		assert.deepEqual(log, [`find ${pid}`, "recheck", `find ${pid}`, "changed"]);
	});

	test("does not count a child that is about to exec", async () => {
		const { watch, log } = watching(held, nobody);
		await watch.search();
		assert.equal(watch.refusalOf(socket), undefined);
		assert.ok(!log.includes("changed"));
	});

	test("drops the result when the second holder is gone, keeps it when a search fails", async () => {
		const { watch, log } = watching(held, held, new Error("EMFILE"), nobody);
		await watch.search();
		await watch.search();
		assert.ok(log.includes("failed"));
		assert.equal(watch.refusalOf(socket)?.code, "many-holders");
		await watch.search();
		assert.equal(watch.refusalOf(socket), undefined);
	});

	test("refuses a user who cannot be searched, and no other", async () => {
		const { watch } = watching({ shared: new Set(), unsearchable: new Set([1000]) });
		await watch.search();
		assert.equal(watch.refusalOf(socket)?.code, "many-holders");
		assert.equal(watch.refusalOf({ ...socket, uid: 1001 }), undefined);
	});

	test("searches once for a burst of openings", async () => {
		const { watch, log } = watching();
		watch.soon();
		watch.soon();
		await watch.search();
		assert.deepEqual(log.slice(0, 2), ["after 1", `find ${pid}`]);
	});
});
