import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { changedTo, recordOf, without, withValue } from "../../../src/server/host/environment.js";

const ENTRIES = ["A=1", "B=x=y", "odd", "A=2", "C="];

describe("the environment", () => {
	test("as a record has the first of several entries, and those with a name", () => {
		assert.deepEqual(recordOf(ENTRIES), { A: "1", B: "x=y", C: "" });
	});

	test("loses every entry of a name", () => {
		assert.deepEqual(without(ENTRIES, "A"), ["B=x=y", "odd", "C="]);
		assert.deepEqual(without(ENTRIES, "odd"), ENTRIES);
	});

	test("gets a value where the name was, or at the end", () => {
		assert.deepEqual(withValue(ENTRIES, "A", "9"), ["A=9", "B=x=y", "odd", "A=2", "C="]);
		assert.deepEqual(withValue(["A=1"], "D", ""), ["A=1", "D="]);
	});

	test("is changed no more than it must be", () => {
		const wanted = { A: "1", C: "new", D: "4", E: undefined };
		assert.deepEqual(changedTo(ENTRIES, ["B"], wanted), ["A=1", "odd", "A=2", "C=new", "D=4"]);
	});
});
