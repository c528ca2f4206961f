/**
 * The guard on firewalls as they are in the field, one table of set-ups: what a datagram from another host meets, what status
 * says of the port and what the session was answered never contradict each other, and the administrator's rules stay as they are.
 * FIELD_TABLE=ufw tries one of the tables, FIELD_TABLE=all or TEST_EXTENT=full the whole, which is four minutes of processor
 * time; otherwise it is one row in twelve.
 */

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import type { Opening } from "../../../src/firewall/firewall.js";
import { openingKey } from "../../../src/firewall/opening.js";
import type { PortState } from "../../../src/guard/report/status.js";
import { labMissing, SERVER4, SERVER6 } from "../../lab/hosts.js";
import { inFull } from "../../support/extent.js";
import { needsRootsNode } from "../../support/requirements.js";
import { holds } from "../../support/wait.js";
import { DENIED, type FieldCase, type Outcome, outcomes, PORT, shut } from "./field-case.js";
import { type Answered, GuardHost, type Said, type Started, withoutOurs } from "./guard-host.js";
import { TABLES } from "./tables.js";

const WANTED = process.env.FIELD_TABLE ?? inFull("all", undefined);
const ONE_ROW_IN = 12;

/** A few at a time: each waits where a datagram stays without an answer. */
describe("firewalls as they are in the field", { concurrency: 3 }, () => {
	for (const table of TABLES.filter(({ name }) => [undefined, "all", name].includes(WANTED))) {
		describe(table.name, { concurrency: 1 }, async () => {
			const skip = (await labMissing("ss", "conntrack", "nft", ...table.kind.tools)) ?? needsRootsNode();
			let host: GuardHost;
			before(async () => {
				if (!skip) {
					host = await GuardHost.create(table.kind);
				}
			});
			after(() => host?.remove());
			for (const [at, row] of table.rows.entries()) {
				test(row.name, { skip: skip || whyNot(row, at) }, (t) => tryOut(host, row, t));
			}
		});
	}
});

/** Why a row is left out, or false. */
function whyNot({ awaits }: FieldCase, at: number): string | false {
	if (awaits !== undefined) {
		return `awaits: ${awaits}`;
	}
	return (
		WANTED === undefined && at % ONE_ROW_IN !== 0 && `one row in ${ONE_ROW_IN} unless FIELD_TABLE is set`
	);
}

async function tryOut(host: GuardHost, row: FieldCase, t: TestContext): Promise<void> {
	const { server } = host.lab;
	if (row.needs !== undefined && !(await works(host, row.needs))) {
		return t.skip(`this kernel has no: ${row.needs}`);
	}
	const trials = trialsOf(row);
	const openings = trials.map(({ opening }) => opening);
	await host.setUp(row.setUp);
	const pristine = await host.listing();
	await host.ask({ do: "bind", openings });
	try {
		const before = await reached(host, openings, row);
		const started = await host.ask<Started>({
			do: "start",
			config: row.config ?? "",
			lacks: row.lacks ?? {},
		});
		const guards = !("failed" in started);
		assert.match(guards ? `${started.name}: ${started.reason}` : started.failed, row.by ?? /^/);
		const answers = guards ? await host.ask<Answered[]>({ do: "report", openings }) : [];
		if (row.later !== undefined) {
			await server.sh(row.later);
		}
		const look = async () => {
			const said = guards ? await host.ask<Said>({ do: "say" }) : NOTHING_SAID;
			const seen = await reached(host, openings, row);
			for (const [at, { opening, outcome }] of trials.entries()) {
				agree({
					opening: openingKey(opening),
					outcome,
					before: before[at] === true,
					reached: seen[at] === true,
					answer: row.later === undefined ? answers[at] : undefined,
					word: said.ports.find((port) => openingKey(port) === openingKey(opening)),
					problems: "failed" in started ? [started.failed] : said.problems,
					says: row.says,
				});
			}
		};
		await (row.later === undefined ? look() : holds(look, { limitMs: SETTLED_MS, pollMs: 100 }));
		const opened = await host.listing();
		const own = withoutOurs(row.later === undefined ? pristine : opened);
		assert.equal(withoutOurs(opened), own, "the administrator's rules while the port is open");
		await host.ask({ do: "release", openings });
		assert.equal(withoutOurs(await host.listing()), own, "the administrator's rules once it is closed");
		assert.match(await host.ask({ do: "stop" }), row.leaves ?? /^$/, "the guard stops");
		if (row.leaves !== undefined) {
			assert.match(await host.ask({ do: "clear" }), row.leaves, "what is left is said");
			await server.sh(row.undo ?? "true");
			assert.equal(await host.ask({ do: "clear" }), "", "what was left is closed");
		}
		const left = await host.listing();
		assert.equal(withoutOurs(left), left.replace(/\n\n+/g, "\n"), "nothing of ours is left");
		if (row.later !== undefined) {
			return;
		}
		assert.equal(left, pristine, "the administrator's rules after the guard's end");
		await host.ask({ do: "bind", openings });
		assert.deepEqual(await reached(host, openings, row), before, "after the guard's end");
	} finally {
		await host.ask({ do: "release", openings });
		await host.ask({ do: "stop" });
		await server.sh(row.undo ?? "true");
	}
}

/** What is changed while a session is open has its effect by then, also where no event tells of it. */
const SETTLED_MS = 60_000;

const NOTHING_SAID: Said = { ports: [], problems: [] };

interface Trial {
	readonly opening: Opening;
	readonly outcome: Outcome;
}

function trialsOf(row: FieldCase): Trial[] {
	const { ipv4, ipv6 } = outcomes(row);
	const [address4, address6] = row.everywhere ? ["0.0.0.0", "::"] : [row.address ?? SERVER4, SERVER6];
	const socket4 = { family: "ipv4", address: address4 } as const;
	const socket6 = { family: "ipv6", address: address6 } as const;
	return [
		...(ipv4 === undefined ? [] : [{ opening: { ...socket4, port: PORT }, outcome: ipv4 }]),
		...(ipv6 === undefined ? [] : [{ opening: { ...socket6, port: PORT }, outcome: ipv6 }]),
		...(row.denied === undefined
			? []
			: [socket4, socket6].map((socket) => ({
					opening: { ...socket, port: DENIED },
					outcome: shut(row.denied as RegExp),
				}))),
	];
}

interface Evidence {
	/** Its key. */
	readonly opening: string;
	readonly outcome: Outcome;
	/** Whether a datagram was answered before there was a guard, and now. */
	readonly before: boolean;
	readonly reached: boolean;
	/** Undefined: nobody was asked, or something has changed since. */
	readonly answer: Answered | undefined;
	readonly word: { readonly state: PortState; readonly reason: string } | undefined;
	readonly problems: readonly string[];
	readonly says: RegExp | undefined;
}

/** The outcome is as the table says, and no two of the three words contradict each other. */
function agree(evidence: Evidence): void {
	const { outcome, before, reached, answer, word, problems } = evidence;
	const all = JSON.stringify(evidence);
	if (answer !== undefined) {
		assert.equal(wordOf(answer), word?.state, `the answer to the report; ${all}`);
		const shutOut = word?.state === "blocked" || word?.state === "pending";
		assert.ok(reached ? !shutOut : word?.state !== "open", `a contradiction; ${all}`);
	}
	switch (outcome.kind) {
		case "serves":
		case "open":
			assert.deepEqual([before, reached, word?.state], [outcome.kind === "open", true, "open"], all);
			assert.match(word?.reason ?? "", evidence.says ?? /^/, all);
			return;
		case "shut":
			assert.deepEqual([reached, word?.state], [false, "blocked"], all);
			assert.match(word?.reason ?? "", outcome.rule, all);
			return;
		case "unverified":
			assert.equal(word?.state, "unverified", all);
			assert.match(word?.reason ?? "", outcome.rule, all);
			return;
		case "refuses":
			assert.equal(reached, false, all);
			assert.ok(word === undefined || word.state === "pending", all);
			assert.match(problems.join("\n"), outcome.reason, all);
	}
}

function wordOf({ code }: Answered): string {
	return code === "firewall-failed" ? "pending" : (code ?? "open");
}

async function reached(
	host: GuardHost,
	openings: readonly Opening[],
	{ sentTo = {} }: FieldCase,
): Promise<boolean[]> {
	return Promise.all(
		openings.map(async ({ address, ...opening }) => {
			const known = sentTo[opening.family] ?? { "0.0.0.0": SERVER4, "::": SERVER6 }[address] ?? address;
			return (await host.reach({ ...opening, address: known })).answered;
		}),
	);
}

function works({ lab }: GuardHost, script: string): Promise<boolean> {
	return lab.server.sh(script).then(
		() => true,
		() => false,
	);
}
