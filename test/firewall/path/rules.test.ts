import assert from "node:assert/strict";
import { test } from "node:test";
import { isShut, type Verdict } from "../../../src/firewall/path/rules.js";

test("a way is shut where datagrams are dropped or rejected, not where that is unknown", () => {
	const shut = (["accept", "drop", "reject", "unknown"] as Verdict[]).filter((verdict) =>
		isShut({ verdict }),
	);
	assert.deepEqual(shut, ["drop", "reject"]);
});
