/** When another firewall in force counts. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FirewallSwitch } from "../../src/daemon/firewall-switch.js";

describe("another firewall in force", () => {
	const exchange = (answers: (string | Error)[]) => {
		const failures: string[] = [];
		const find = async () => {
			const answer = answers.shift() ?? "ufw";
			if (answer instanceof Error) {
				throw answer;
			}
			return answer;
		};
		const watch = new FirewallSwitch("ufw", find, (cause) => failures.push(cause));
		let came: string | undefined;
		void watch.came.then((name) => {
			came = name;
		});
		const check = async () => {
			await watch.check(0);
			await Promise.resolve();
			return came;
		};
		return { failures, check };
	};

	test("counts when two checks agree", async () => {
		assert.equal(await exchange(["firewalld", "firewalld"]).check(), "firewalld");
		assert.equal(await exchange(["none", "firewalld"]).check(), undefined);
		assert.equal(await exchange(["none", "ufw"]).check(), undefined);
		assert.equal(await exchange(["ufw"]).check(), undefined);
	});

	test("changes nothing while it cannot be told", async () => {
		const { check, failures } = exchange([new Error("several drop"), "firewalld", "firewalld"]);
		assert.equal(await check(), undefined);
		assert.deepEqual(failures, ["several drop"]);
		assert.equal(await check(), "firewalld");
	});
});
