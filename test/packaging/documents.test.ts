/** The documents name what the program has: commands, options, exit codes, events, metrics and variables. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { EXIT, EXIT_MEANING, type ExitName } from "../../src/cli/output/exit-codes.js";
import { exposition } from "../../src/cli/output/prometheus.js";
import { createProgram } from "../../src/cli/program.js";
import { DEFAULTS } from "../../src/config/schema.js";
import { FIREWALL_ERRORS } from "../../src/firewall/errors.js";
import { EVENTS } from "../../src/guard/report/events.js";
import type { Status } from "../../src/guard/report/status.js";
import { needsTools } from "../support/requirements.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const plain = (roff: string) => roff.replaceAll("\\(dq", '"').replaceAll(/\s+/g, " ");

const IDLE: Status = {
	schema: 1,
	guard: { running: true },
	firewall: { name: "none", reason: "", healthy: true },
	range: { first: 60001, last: 60999 },
	ports: [],
	leftOver: [],
	problems: [],
};

describe("manual pages", () => {
	test("mosh-portguard(8) has every command with its options, and every exit code", () => {
		const page = read("man/mosh-portguard.8");
		for (const command of createProgram(() => undefined).commands) {
			const [line] = page.match(new RegExp(`^\\.It Cm ${command.name()}\\b.*$`, "m")) ?? [];
			assert.ok(line !== undefined, command.name());
			for (const { long } of command.options.filter(({ hidden }) => !hidden)) {
				assert.ok(line.includes(`Fl Fl ${long?.slice(2)}`), `${command.name()} ${long}`);
			}
		}
		const names = Object.keys(EXIT) as ExitName[];
		const listed = names.map((name) => `.It ${EXIT[name]} ${EXIT_MEANING[name].replaceAll("`", "")}`);
		for (const entry of listed) {
			assert.ok(plain(page).includes(entry), entry);
		}
	});

	test("mosh-portguard-config(5) has every key with its default", () => {
		const page = plain(read("man/mosh-portguard-config.5"));
		for (const [table, keys] of Object.entries(DEFAULTS)) {
			for (const [key, value] of Object.entries(keys)) {
				const text = JSON.stringify(value).replaceAll('","', '", "');
				assert.ok(page.includes(`.It Ic ${table}.${key} = ${text}`), `${table}.${key}`);
			}
		}
	});

	test("are well formed", { skip: needsTools("mandoc") }, () => {
		for (const name of readdirSync(join(ROOT, "man"))) {
			const { stdout } = spawnSync("mandoc", ["-Tlint", "-Wwarning", join(ROOT, "man", name)], {
				encoding: "utf8",
			});
			assert.equal(stdout, "");
		}
	});
});

test("docs/operating.md has every event with its level, and no other", () => {
	const rows = [...read("docs/operating.md").matchAll(/^\| `([a-z.]+)` +\| (\w+) +\|/gm)];
	assert.deepEqual(
		Object.fromEntries(rows.map(([, event, level]) => [event, level])),
		Object.fromEntries(Object.entries(EVENTS).map(([event, { level }]) => [event, level])),
	);
});

test("docs/operating.md has every code of a firewall's failure, and no other", () => {
	const section = sectionOf(read("docs/operating.md"), "What is wrong with the firewall");
	const rows = [...section.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|/gm)];
	assert.deepEqual(Object.fromEntries(rows.map(([, code, meaning]) => [code, meaning])), {
		...FIREWALL_ERRORS,
	});
});

test("docs/operating.md has every problem that the guard can report, and no other", () => {
	const section = sectionOf(read("docs/operating.md"), "What `status` lists as a problem");
	const documented = [...section.matchAll(/^\| `([a-z…-]+)` /gm)].map(([, code]) => code);
	const sources = [...sourcesIn("src/guard"), read("src/cli/queries/current-status.ts")];
	const codes = sources.flatMap((source) => [
		...[...source.matchAll(/problems\.set\(\s*["`]([^"`]+)["`]/g)].map(([, code]) => code),
		...[...source.matchAll(/\{\s*code: "([^"]+)",\s*message/g)].map(([, code]) => code),
	]);
	const distinct = new Set(codes.map((code) => code?.replace(/^no-.*-events$/, "no-…-events")));
	assert.deepEqual(documented.sort(), [...distinct].sort());
});

test("docs/operating.md has every metric with its labels, and no other", () => {
	const rows = [...read("docs/operating.md").matchAll(/^\| `([a-z_]+)` +\| ((?:`\w+`(?:, )?)*) +\|/gm)];
	const samples = [...exposition(IDLE).matchAll(/^mosh_portguard_(\w+)(?:\{(.*)\})? /gm)];
	const labelsOf = (text = "") => [...text.matchAll(/(\w+)=/g)].map(([, label]) => `\`${label}\``).join(", ");
	assert.deepEqual(
		Object.fromEntries(rows.map(([, name, labels]) => [name, labels])),
		Object.fromEntries(samples.map(([, name, labels]) => [name, labelsOf(labels)])),
	);
});

test("the server's manual page and the README have every variable that it reads", () => {
	const names = new Set(
		sourcesIn("src/server")
			.join("\n")
			.match(/\bMOSH_(SERVER|PORTGUARD)_[A-Z_]+\b/g),
	);
	assert.ok(names.size >= 3);
	for (const name of names) {
		assert.match(read("man/mosh-portguard-server.1"), new RegExp(`^\\.It Ev ${name}$`, "m"));
		assert.match(read("README.md"), new RegExp(`\`${name}=[N…]\``));
	}
});

test("links between the documents lead somewhere", () => {
	const documents = [
		"README.md",
		"SECURITY.md",
		"CONTRIBUTING.md",
		"ansible/README.md",
		...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`),
	];
	for (const document of documents.filter((name) => name.endsWith(".md"))) {
		for (const [, target = ""] of read(document).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
			assert.doesNotThrow(() => readdirOrRead(join(ROOT, document, "..", target)), `${document}: ${target}`);
		}
	}
});

/** From its heading to the next of the same rank. */
function sectionOf(document: string, heading: string): string {
	const section = document.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
	assert.ok(section !== undefined, heading);
	return section;
}

/** The text of every source file in a folder and in those below it. */
function sourcesIn(folder: string): string[] {
	const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
	return names.filter((name) => name.endsWith(".ts")).map((name) => read(join(folder, name)));
}

function readdirOrRead(path: string): void {
	try {
		readFileSync(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EISDIR") {
			throw error;
		}
	}
}
