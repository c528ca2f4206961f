import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readExtensions } from "../../../src/server/session/extensions.js";
import { EXTENSIONS } from "../../../src/terminal/screen/extensions.js";

describe("the extensions that a login asks for", () => {
	const cases: readonly (readonly [title: string, environment: Record<string, string>, names: string[]])[] = [
		["none by default", { LANG: "C.UTF-8" }, []],
		["all", { MOSH_PORTGUARD_EXTENSIONS: "all" }, EXTENSIONS.filter((name) => name !== "faint-grey")],
		["a list, from the client's host", { LC_MOSH_EXTENSIONS: "links, cursor" }, ["links", "cursor"]],
		["all, and grey for faint", { LC_MOSH_EXTENSIONS: "all faint-grey" }, [...EXTENSIONS]],
		[
			"the host's before the client's",
			{ MOSH_PORTGUARD_EXTENSIONS: "strike", LC_MOSH_EXTENSIONS: "all" },
			["strike"],
		],
		["none, although the client asks", { MOSH_PORTGUARD_EXTENSIONS: "", LC_MOSH_EXTENSIONS: "all" }, []],
	];
	for (const [title, environment, names] of cases) {
		it(title, () => {
			const found = readExtensions(environment, (sentence) => assert.fail(sentence));
			assert.deepEqual([...found].sort(), [...names].sort());
		});
	}

	it("names a word that is none", () => {
		const warnings: string[] = [];
		const found = readExtensions({ LC_MOSH_EXTENSIONS: "links,blink" }, (sentence) =>
			warnings.push(sentence),
		);
		assert.deepEqual([...found], ["links"]);
		assert.deepEqual(warnings, ['LC_MOSH_EXTENSIONS: there is no extension "blink"; ignored.']);
	});
});
