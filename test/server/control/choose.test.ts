import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Asked } from "../../../src/server/control/ask.js";
import { choose } from "../../../src/server/control/choose.js";
import { server } from "../../support/session-facts.js";

describe("the session that an attach means", () => {
	const servers = [
		server(1, { silentMs: 15_000 }),
		server(2, { silentMs: 3_000 }),
		server(3, { silentMs: 12_000 }),
		server(4, { silentMs: 11_000, state: "ending" }),
		server(5, { state: "starting" }),
		{ pid: 6, path: "", facts: undefined, silent: false },
	];
	const chosen = (target: number | "last" | undefined, among: readonly Asked[] = servers) =>
		choose(among, target)?.pid;

	it("is the one heard last of those without a client, or of all, or the one named", () => {
		assert.equal(chosen(undefined), 3);
		assert.equal(chosen("last"), 2);
		assert.equal(chosen(1), 1);
		assert.equal(chosen(6), 6, "it may answer that it is of another version");
		assert.equal(chosen(7), undefined);
		assert.equal(chosen(undefined, [server(2, { silentMs: 9_999 })]), undefined);
		assert.equal(chosen("last", []), undefined);
	});
});
