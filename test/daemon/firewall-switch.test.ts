/** When another firewall in force is believed. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FirewallSwitch } from "../../src/daemon/firewall-switch.js";

describe("another firewall in force", () => {
	const exchange = (answers: (string | Error)[]) => {
		const failures: string[] = [];
		const find = async () => {
			const answer = answers.shift() ?? "ufw";
			if (answer instanceof Error) throw answer;
			return answer;
		};
		const watch = new FirewallSwitch("ufw", find, (cause) => failures.push(cause));
		let came: string | undefined;
		void watch.came.then((name) => {
			came = name;
		});
		const look = async () => {
			await watch.look(0);
			await Promise.resolve();
			return came;
		};
		return { failures, look };
	};

	test("is believed when two looks agree", async () => {
		assert.equal(await exchange(["firewalld", "firewalld"]).look(), "firewalld");
		assert.equal(await exchange(["none", "firewalld"]).look(), undefined);
		assert.equal(await exchange(["none", "ufw"]).look(), undefined);
		assert.equal(await exchange(["ufw"]).look(), undefined);
	});

	test("changes nothing while it cannot be told", async () => {
		const { look, failures } = exchange([new Error("several drop"), "firewalld", "firewalld"]);
		assert.equal(await look(), undefined);
		assert.deepEqual(failures, ["several drop"]);
		assert.equal(await look(), "firewalld");
	});
});
