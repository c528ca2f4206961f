import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { systemContext } from "../../../src/cli/context.js";
import { askGuard } from "../../../src/cli/queries/ask-guard.js";
import { PretendedGuard, type Said } from "../../support/pretended-guard.js";
import { scratchFolder } from "../../support/scratch.js";

/** Asks a guard that says `answers` in turn, and ends instead of what is "ends". */
async function ask(...answers: (Said | "ends")[]) {
	const context = { ...systemContext({ runtimeFolder: scratchFolder() }), privileged: false };
	const guard = await PretendedGuard.start(() => {
		const next = answers.shift();
		if (next !== "ends") {
			return next;
		}
		void guard.stop();
		return undefined;
	}, context.paths.publicSocket);
	try {
		const answer = await askGuard(context, { type: "sync", dryRun: false }, "synced");
		return { answer, heard: guard.heard.map(({ type }) => type) };
	} finally {
		await guard.stop();
	}
}

const SYNCED = { type: "synced", dryRun: false, opened: [], closed: [] } as const;

describe("a question to the guard", () => {
	test("that closes the connection instead of an answer is asked once more", async () => {
		const { answer, heard } = await ask("closes", SYNCED);
		assert.equal(answer?.type, "synced");
		assert.deepEqual(heard, ["sync", "sync"]);
	});

	test("that ends meanwhile is as one to no guard", async () => {
		assert.deepEqual(await ask("ends"), { answer: undefined, heard: ["sync"] });
	});

	test("that closes each time is an error", async () => {
		await assert.rejects(ask("closes", "closes", SYNCED), { code: "closed" });
	});
});
