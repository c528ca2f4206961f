/** Announcements of logins by the hook, in a folder of the test. */

import assert from "node:assert/strict";
import { existsSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LoginNotices } from "../../src/daemon/login-notices.js";
import { scratchFolder } from "../support/scratch.js";
import { until } from "../support/wait.js";

const running: LoginNotices[] = [];
afterEach(() => {
	for (const notices of running.splice(0)) {
		notices.stop();
	}
});

function setUp(hook = true) {
	const folder = scratchFolder();
	const paths = { nudge: join(folder, "nudge"), noticed: join(folder, "armed") };
	if (hook) {
		writeFileSync(paths.nudge, "");
	}
	const failures: unknown[] = [];
	let logins = 0;
	const notices = new LoginNotices(
		paths,
		() => logins++,
		(cause) => failures.push(cause),
	);
	running.push(notices);
	const touch = () => utimesSync(paths.nudge, new Date(), new Date());
	return { notices, paths, failures, touch, logins: () => logins };
}

describe("an announced login", () => {
	test("is noticed and confirmed; so is the one that the guard was started for", async () => {
		const { notices, paths, touch, logins } = setUp();
		notices.start();
		assert.equal(logins(), 1);
		const confirmed = statSync(paths.noticed).mtimeMs;
		await sleep(50);
		touch();
		await until("it is noticed", () => logins() === 2);
		await until("it is confirmed", () => statSync(paths.noticed).mtimeMs > confirmed);
	});

	test("is handled at a limited rate, however many there are, and the last one is not lost", async () => {
		const { notices, touch, logins } = setUp();
		notices.start();
		const began = performance.now();
		for (let i = 0; i < 200; i++) {
			touch();
			await sleep(1);
		}
		await sleep(100);
		const most = (performance.now() - began) / 25 + 2;
		assert.ok(logins() >= 2 && logins() <= most, `${logins()} of at most ${most}`);
		const before = logins();
		touch();
		await until("the last one is noticed", () => logins() > before);
	});

	test("is not confirmed any more once the guard stops", async () => {
		const { notices, touch, logins } = setUp();
		notices.start();
		await sleep(50);
		notices.stop();
		touch();
		await sleep(50);
		assert.equal(logins(), 1);
	});

	test("cannot be noticed on a host without the hook, which is told", () => {
		const { notices, paths, failures, logins } = setUp(false);
		notices.start();
		assert.equal(failures.length, 1);
		assert.equal(logins(), 1);
		assert.ok(existsSync(paths.noticed));
	});
});
