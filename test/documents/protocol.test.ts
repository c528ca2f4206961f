/** Citations in comments lead to what they cite, and docs/protocol.md says what the code does. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { ECHO_DELAY_MS } from "../../src/server/session/echo-ack.js";
import { decompress } from "../../src/ssp/compression.js";
import { parseKey } from "../../src/ssp/crypto/key.js";
import { DatagramCipher } from "../../src/ssp/datagram.js";
import { decodeFragment } from "../../src/ssp/fragment.js";
import { decodeInstruction } from "../../src/ssp/instruction.js";
import * as timing from "../../src/ssp/timing.js";
import { decodeUserEvents } from "../../src/ssp/user-input.js";
import { documentsNamedIn, faultsOf, numbersIn, sectionsOf } from "./citations.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const SELF = "test/documents/protocol.test.ts";
const FOLDERS = ["src", "test", "bench", "scripts", "packaging"];
const TEXT = /\.(ts|js|mjs|sh|py|proto|md)$/;
const SOURCE = /`((?:[a-z-]+\/)+[a-z-]+\.ts)`/g;
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const protocol = read("docs/protocol.md");

/** Everything written by hand; this file quotes wrong citations. */
const sources = FOLDERS.flatMap((folder) =>
	readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
		.filter((name) => TEXT.test(name) && !name.includes("generated/"))
		.map((name) => `${folder}/${name}`),
).filter((path) => path !== SELF && path !== "test/documents/citations.ts");

describe("citations", () => {
	test("every section of the protocol that is cited has its heading in docs/protocol.md", () => {
		const sections = sectionsOf(protocol);
		const citing = sources.filter((path) => numbersIn(read(path)).length > 0);
		assert.ok(citing.length > 50, `${citing.length} files cite a section`);
		const faults = citing.flatMap((path) =>
			faultsOf(read(path), sections).map((fault) => `${path}: ${fault}`),
		);
		assert.deepEqual(faults, []);
	});

	test("docs/protocol.md refers to sections that it has", () => {
		const sections = sectionsOf(protocol);
		const missing = numbersIn(protocol).filter((number) => !sections.has(number));
		assert.deepEqual(missing, []);
	});

	test("every document that a comment names is in the repository", () => {
		const named = sources.flatMap((path) =>
			documentsNamedIn(read(path)).map((document) => ({ path, document })),
		);
		assert.ok(named.length > 10);
		const missing = named.filter(
			({ path, document }) =>
				![ROOT, join(ROOT, dirname(path))].some((from) => existsSync(join(from, document))),
		);
		assert.deepEqual(missing, []);
	});

	test("every source file that a document names is there", () => {
		const documents = readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`);
		const named = [...documents, "ARCHITECTURE.md", "SECURITY.md", "README.md"]
			.filter((path) => path.endsWith(".md"))
			.flatMap((path) =>
				[...read(path).matchAll(SOURCE)].map(([, file]) => ({ path, file: file as string })),
			);
		assert.ok(named.length > 50, `${named.length} files are named`);
		const missing = named.filter(
			({ file }) => ![ROOT, join(ROOT, "src")].some((from) => existsSync(join(from, file))),
		);
		assert.deepEqual(missing, []);
	});

	test("a wrong or vague one is found", () => {
		const sections = sectionsOf("# Title\n\n## 1 One\n\n### 1.2 Two\n\n#### 1.2.3 Three\n\n1.4 no heading\n");
		assert.deepEqual([...sections], ["1", "1.2", "1.2.3"]);
		for (const right of [
			"protocol §1",
			"Protocol §1.2 to §1.2.3",
			"protocol §1,\n\t * §1.2",
			"protocol §1.2, step 4",
		]) {
			assert.deepEqual(faultsOf(`(${right})`, sections), []);
		}
		assert.deepEqual(faultsOf("protocol §1.3", sections), ["no section 1.3"]);
		assert.deepEqual(faultsOf("protocol §1 and §7", sections), ["no section 7"]);
		assert.deepEqual(faultsOf("as it was (§1.2)", sections), ["§1.2 does not say of what"]);
		assert.deepEqual(faultsOf("protocol §1.2-1.3", sections), ["§1.2-1.3 lacks a §"]);
	});
});

describe("docs/protocol.md and the code", () => {
	test("the constants of synchronisation are those of the code", () => {
		const [, table = ""] = protocol.split("### 3.1 Constants\n");
		const rows = [...(table.split("\n### ")[0] ?? "").matchAll(/^\| ([a-z ]+?) +\| (.*?) +\|/gm)];
		const numbers = rows
			.map(([, name, value = ""]) => [name, [...value.matchAll(/\*\*(\d+)\*\*/g)].map(([, n]) => Number(n))])
			.filter(([name]) => name !== "name");
		assert.deepEqual(Object.fromEntries(numbers), {
			interval: [timing.INTERVAL_MIN, timing.INTERVAL_MAX],
			"minimum delay": [timing.MIN_DELAY_SERVER, timing.MIN_DELAY_CLIENT],
			"ack delay": [timing.ACK_DELAY],
			"ack interval": [timing.ACK_INTERVAL],
			"active retry": [timing.ACTIVE_RETRY],
			"shutdown tries": [timing.SHUTDOWN_TRIES],
			"shutdown time": [timing.SHUTDOWN_TIMEOUT],
			"sent states": [timing.SENT_STATES_MAX],
			"received states": [timing.RECEIVED_STATES_MAX],
			quench: [timing.QUENCH_INTERVAL],
			"echo delay": [ECHO_DELAY_MS],
			detach: [timing.DETACH_AFTER],
		});
	});

	test("the datagram shown is what the code reads in it", () => {
		const [, example = ""] = protocol.split("### 10.1 One datagram\n");
		const shown = (name: string): string => {
			const [, text] = new RegExp(`^${name} +(.+)$`, "m").exec(example) ?? [];
			assert.ok(text !== undefined, name);
			return text.replaceAll(" ", "");
		};
		const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
		const datagram = new DatagramCipher(parseKey(shown("key"))).open(Buffer.from(shown("datagram"), "hex"));
		assert.ok(datagram !== undefined);
		const { toClient, sequence, timestamp, timestampReply, payload } = datagram;
		assert.deepEqual(
			{ toClient, sequence, timestamp, timestampReply },
			{
				toClient: false,
				sequence: 2n,
				timestamp: 1640,
				timestampReply: 65535,
			},
		);
		assert.equal(`0668ffff${hex(payload)}`, shown("plaintext"));
		const { contents, ...fragment } = decodeFragment(payload);
		assert.deepEqual(fragment, { id: 3n, number: 0, final: true });
		const inflated = decompress(contents);
		assert.equal(hex(inflated), shown("instruction"));
		const { diff, ...numbers } = decodeInstruction(inflated);
		assert.deepEqual(numbers, { oldNumber: 1n, newNumber: 3n, ack: 2n, throwaway: 1n });
		assert.deepEqual(decodeUserEvents(diff), [{ type: "bytes", bytes: new Uint8Array(Buffer.from("e")) }]);
	});
});
