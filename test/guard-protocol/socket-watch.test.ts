import assert from "node:assert/strict";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { watchSocket } from "../../src/guard-protocol/socket-watch.js";
import { scratchFolder } from "../support/scratch.js";
import { sleep, until } from "../support/wait.js";

/** Longer than the kernel takes to tell. */
const QUIET_MS = 50;

describe("the folder of a socket", () => {
	const ends: (() => void)[] = [];
	afterEach(() => {
		for (const end of ends.splice(0)) {
			end();
		}
	});

	function watching(path: string) {
		let calls = 0;
		const end = watchSocket(path, () => {
			calls++;
		});
		assert.ok(end !== undefined);
		ends.push(end);
		return { end, calls: () => calls };
	}

	it("is told of once when something happens in it", async () => {
		const folder = scratchFolder();
		const { calls } = watching(join(folder, "guard.sock"));
		writeFileSync(join(folder, "guard.sock"), "");
		await until("it is noticed", () => calls() === 1);
		writeFileSync(join(folder, "another"), "");
		await sleep(QUIET_MS);
		assert.equal(calls(), 1);
	});

	it("is told of when it is made, and not for what happens beside it", async () => {
		const above = scratchFolder();
		const { calls } = watching(join(above, "run", "mosh-portguard", "guard.sock"));
		mkdirSync(join(above, "user"));
		await sleep(QUIET_MS);
		assert.equal(calls(), 0);
		mkdirSync(join(above, "run"));
		await until("it is noticed", () => calls() === 1);
	});

	it("is told of when it goes", async () => {
		const folder = join(scratchFolder(), "run");
		mkdirSync(folder);
		const { calls } = watching(join(folder, "missing", "guard.sock"));
		rmSync(folder, { recursive: true });
		await until("it is noticed", () => calls() === 1);
	});

	it("is not told of after the end", async () => {
		const folder = scratchFolder();
		const { end, calls } = watching(join(folder, "guard.sock"));
		end();
		writeFileSync(join(folder, "guard.sock"), "");
		await sleep(QUIET_MS);
		assert.equal(calls(), 0);
	});

	it("cannot be watched by a user who may not read it", {
		skip: process.geteuid?.() === 0 && "root may",
	}, () => {
		const folder = scratchFolder();
		chmodSync(folder, 0o300);
		assert.equal(
			watchSocket(join(folder, "guard.sock"), () => {}),
			undefined,
		);
	});
});
