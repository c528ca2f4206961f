import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";

/** How many of some long functions that are called often are compiled, before and after. (V8 compiles several at a time.) */
const PROGRAM = `
const { compileBaseline } = await import(process.argv[1]);
const isBaseline = Function("f", "return %ActiveTierIsSparkplug(f)");
const body = "let sum = 0;" + Array.from({ length: 60 }, (_, index) => "sum += x % " + (index + 2) + ";").join("") + "return sum;";
const compiled = () => {
	const functions = Array.from({ length: 40 }, () => Function("x", body));
	for (let times = 0; times < 3_000; times++) {
		for (const each of functions) {
			each(times);
		}
	}
	return functions.filter(isBaseline).length;
};
const before = compiled();
compileBaseline();
console.log(before, compiled());
`;

describe("V8 in a session", () => {
	it("compiles what is called often from when it is told on", () => {
		const compiler = new URL("../../../src/server/host/compiler.ts", import.meta.url).pathname;
		const options = ["--no-sparkplug", "--no-opt", "--allow-natives-syntax", "--import", "tsx"];
		const words = [...options, "--input-type=module", "-e", PROGRAM, compiler];
		assert.equal(execFileSync(process.execPath, words, { encoding: "utf8" }), "0 40\n");
	});
});
