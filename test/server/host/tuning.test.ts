import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { it } from "node:test";
import { bundled } from "../../support/bundled.js";

const MODULE = bundled(new URL("../../../src/server/host/tuning.ts", import.meta.url));

it("keeps the space for new objects as small as it is, although many of them are in use", () => {
	const script = (call: string): string => `
		const { tune } = await import("${MODULE}");
		const { getHeapSpaceStatistics } = await import("node:v8");
		${call};
		const held = Array.from({ length: 300_000 }, (_, index) => ({ index }));
		console.log(held.length > 0 && getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size);`;
	const size = (call: string): number =>
		Number(execFileSync(process.execPath, ["--input-type=module", "-e", script(call)], { encoding: "utf8" }));
	const without = size("");
	const tuned = size("tune()");
	assert.ok(tuned <= 2 << 20, `${tuned} bytes`);
	assert.ok(without > 2 * tuned, `${tuned} bytes, without ${without}`);
});
