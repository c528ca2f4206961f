/** The marked blocks of the documents against what a lab host prints. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { labMissing } from "../lab/hosts.js";
import { block, blocksIn, shape } from "./blocks.js";
import { TRANSCRIPTS } from "./transcripts.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

test("every marked block of a document is one that a host makes", () => {
	const documents = ["README.md", ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`)];
	const marked = documents.flatMap((document) =>
		blocksIn(read(document)).map((name) => `${document} ${name}`),
	);
	assert.deepEqual(marked.sort(), TRANSCRIPTS.map(({ document, name }) => `${document} ${name}`).sort());
});

test("what may differ is ignored, and nothing else", () => {
	assert.equal(
		shape("guard running, pid 41, up 1m2s\n10.0.0.1:60001  open   alice  106  0s   -"),
		shape("guard running, pid 7310, up 3s\n10.0.0.1:60001  open   alice  99106  1d2h   -"),
	);
	assert.equal(shape("60001 timeout 3m30s expires 3m29s992ms"), shape("60001 timeout 3m30s expires 59s40ms"));
	for (const [one, other] of [
		["60001 timeout 3m30s expires 2m29s992ms", "60001 timeout 2m30s expires 2m29s992ms"],
		["udp dport 60001 accept", "udp dport 60002 accept"],
		["10.77.0.1:60001 open alice", "10.77.0.1:60001 pending alice"],
		["-A INPUT -j DROP", "-A INPUT -j ACCEPT"],
	] as const) {
		assert.notEqual(shape(one), shape(other));
	}
});

describe("the documents show what a host prints (npm run documents writes it anew)", () => {
	for (const { document, name, tools, make } of TRANSCRIPTS) {
		test(`${name} in ${document}`, async (t) => {
			const missing = await labMissing(...tools);
			if (missing !== undefined) {
				return t.skip(missing);
			}
			assert.equal(shape(block(read(document), name)), shape(await make()));
		});
	}
});
