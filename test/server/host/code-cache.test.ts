/** A bundle that was compiled ahead: used for what it was made of, by the Node that made it, and else not. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { compileAhead, loadCompiled } from "../../../src/server/host/code-cache.js";
import { bundled } from "../../support/bundled.js";
import { scratchFolder } from "../../support/scratch.js";

const source = (word: string) => `exports.word = () => require("./other.cjs") + "${word}"; // comment`;

function bundle(): { readonly file: string; readonly cache: string } {
	const folder = scratchFolder();
	writeFileSync(join(folder, "other.cjs"), 'module.exports = "an";');
	const file = join(folder, "a.cjs");
	writeFileSync(file, source("other"));
	return { file, cache: join(folder, "a.cache") };
}

const MODULE = bundled(new URL("../../../src/server/host/code-cache.ts", import.meta.url));

/** In a process of its own: V8 remembers what it has compiled. */
function load(file: string, ...options: string[]): { readonly word: string; readonly isCompiled: boolean } {
	const script = `import(${JSON.stringify(MODULE)}).then(({ loadCompiled }) => {
		const { run, isCompiled } = loadCompiled(${JSON.stringify(file)});
		console.log(JSON.stringify({ word: run().word(), isCompiled }));
	});`;
	return JSON.parse(execFileSync(process.execPath, [...options, "-e", script], { encoding: "utf8" }));
}

test("does as the source does", () => {
	const { file } = bundle();
	assert.deepEqual(load(file), { word: "another", isCompiled: false });
	compileAhead(file);
	assert.deepEqual(load(file), { word: "another", isCompiled: true });
	assert.equal((loadCompiled(file).run() as { word(): string }).word(), "another");
});

test("has only what a rehearsal has called, if there is one", () => {
	const [whole, rehearsed] = [bundle(), bundle()];
	const unused = `let n = 0;${"n += n % 3;".repeat(1_000)}`;
	for (const { file } of [whole, rehearsed]) {
		writeFileSync(file, `${source("other")}\nexports.unused = () => {${unused}};`);
	}
	compileAhead(whole.file);
	const words: string[] = [];
	compileAhead(rehearsed.file, (exported) => words.push((exported as { word(): string }).word()));
	assert.deepEqual(words, ["another"]);
	const size = statSync(rehearsed.cache).size;
	assert.ok(size < statSync(whole.cache).size / 3, `${size} bytes`);
	assert.deepEqual(load(rehearsed.file), { word: "another", isCompiled: true });
});

test("gives a bundle the parts that are loaded already", () => {
	const { file } = bundle();
	const exports = loadCompiled(file).run({ "/other.cjs": "a given " });
	assert.equal((exports as { word(): string }).word(), "a given other");
});

test("is not used for a source that has been replaced, even by one of the same length", () => {
	const { file } = bundle();
	compileAhead(file);
	writeFileSync(file, source("alien"));
	utimesSync(file, 1, 1);
	assert.deepEqual(load(file), { word: "analien", isCompiled: false });
});

test("is not used if it is cut short or of another version", () => {
	const { file, cache } = bundle();
	compileAhead(file);
	const whole = readFileSync(cache);
	for (const bytes of [
		whole.subarray(0, 0),
		whole.subarray(0, 70),
		whole.subarray(0, whole.length - 100),
		Buffer.concat([whole.subarray(0, 64), Buffer.alloc(whole.length - 64)]),
	]) {
		writeFileSync(cache, bytes);
		assert.deepEqual(load(file), { word: "another", isCompiled: false }, `${bytes.length} bytes`);
	}
});

test("is not used by a Node with other options", () => {
	const { file } = bundle();
	compileAhead(file);
	assert.deepEqual(load(file, "--no-opt"), { word: "another", isCompiled: false });
});

test("the server's bundles were compiled for the options that they are loaded with", () => {
	const dist = fileURLToPath(new URL("../../../dist/", import.meta.url));
	const tuning = bundled(new URL("../../../src/server/host/tuning.ts", import.meta.url));
	const script = `
		const { loadCompiled } = await import("${MODULE}");
		const { tune } = await import("${tuning}");
		const ssp = loadCompiled("${dist}ssp.cjs").isCompiled;
		tune();
		console.log(ssp, loadCompiled("${dist}session.cjs").isCompiled);`;
	const words = ["--input-type=module", "-e", script];
	assert.equal(execFileSync(process.execPath, words, { encoding: "utf8" }), "true true\n");
});
