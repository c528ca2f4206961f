import assert from "node:assert/strict";
import { test } from "node:test";
import { statusWithNames } from "../../../src/cli/queries/status-with-names.js";
import { PORT, runs, statusOf, tells } from "../../support/guarded-context.js";

test("each port has its user's name, and all else is as the guard says", async () => {
	const given = statusOf({ ports: [PORT, { ...PORT, uid: 7 }] });
	await runs(async (context) => {
		const { status, nameOf } = await statusWithNames(context);
		const [alice, other] = given.ports;
		assert.deepEqual(status, {
			...given,
			ports: [
				{ ...alice, user: "alice" },
				{ ...other, user: "7" },
			],
		});
		assert.equal(nameOf(1000), "alice");
		return 0;
	}, tells(given));
});
