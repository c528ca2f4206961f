import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";

/** How many of some long functions are compiled, one way or the other, that are called so often. (V8 compiles several at a time.) */
const PROGRAM = `
const { Compiler } = await import(process.argv[1]);
const { tune } = await import(process.argv[2]);
const compiler = new Compiler();
const isBaseline = Function("f", "return %ActiveTierIsSparkplug(f)");
const isOptimized = Function("f", "return %ActiveTierIsTurbofan(f)");
const body = "let sum = 0;" + Array.from({ length: 60 }, (_, index) => "sum += x % " + (index + 2) + ";").join("") + "return sum;//";
let made = 0;
const compiled = (is) => {
	// Of the same text they would count as one.
	const functions = Array.from({ length: 40 }, () => Function("x", body + made++));
	for (let times = 0; times < 3_000; times++) {
		for (const each of functions) {
			each(times);
		}
	}
	return functions.filter(is).length;
};
`;
const MODULES = ["compiler", "tuning"].map(
	(name) => new URL(`../../../src/server/host/${name}.ts`, import.meta.url).pathname,
);

function run(program: string, ...options: readonly string[]): string {
	const words = [...options, "--allow-natives-syntax", "--import", "tsx", "--input-type=module", "-e"];
	return execFileSync(process.execPath, [...words, PROGRAM + program, ...MODULES], { encoding: "utf8" });
}

describe("V8 in a session", () => {
	it("compiles what is called often from when it is told on", () => {
		const program =
			"const before = compiled(isBaseline); compiler.baseline(); console.log(before, compiled(isBaseline));";
		assert.equal(run(`tune(); ${program}`, "--no-opt"), "0 40\n");
	});

	it("optimises it so soon only when the program has written more than a listing", () => {
		const program = `
			const counts = [compiled(isOptimized)];
			for (const bytes of [(256 << 10) - 1, 1, 1 << 20]) {
				compiler.output(bytes);
				counts.push(compiled(isOptimized));
			}
			console.log(...counts);`;
		assert.equal(run(program, "--no-concurrent-recompilation"), "0 0 40 40\n");
	});
});
