import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bits, isMark, NO_MARK } from "../../../src/firewall/path/marks.js";
import type { BaseChain, Chain, Effect, Rule } from "../../../src/firewall/path/rules.js";
import type { Truth } from "../../../src/firewall/path/truth.js";
import { walk } from "../../../src/firewall/path/walk.js";
import { packet } from "./samples.js";

function on(holds: Truth, effect: Effect, text = "rule"): Rule {
	return { text, ours: false, holds: () => holds, effect };
}

const accept: Effect = { kind: "verdict", verdict: "accept" };
const drop: Effect = { kind: "verdict", verdict: "drop" };
const reject: Effect = { kind: "verdict", verdict: "reject" };
const back: Effect = { kind: "return" };
const jump = (chain: string): Effect => ({ kind: "jump", chain });
const goTo = (chain: string): Effect => ({ kind: "goto", chain });

function base(
	rules: readonly Rule[],
	changes: Partial<BaseChain> = {},
	others: Record<string, readonly Rule[]> = {},
): BaseChain {
	const chains = new Map<string, Chain>(
		Object.entries({ base: rules, ...others }).map(([name, list]) => [name, { name, rules: list }]),
	);
	return {
		table: "inet t",
		families: ["ipv4", "ipv6"],
		hook: "input",
		devices: undefined,
		priority: 0,
		nat: false,
		policy: "accept",
		chain: chains.get("base") as Chain,
		chains,
		...changes,
	};
}

const verdictOf = (...chains: BaseChain[]) => walk(chains, packet()).verdict;

describe("in one chain", () => {
	test("the first rule that holds decides, then the policy", () => {
		assert.equal(verdictOf(base([on(false, drop), on(true, accept), on(true, drop)])), "accept");
		assert.equal(verdictOf(base([on(false, drop)])), "accept");
		assert.equal(verdictOf(base([], { policy: "drop" })), "drop");
		assert.equal(verdictOf(base([on(true, { kind: "none" }), on(true, back), on(true, drop)])), "accept");
		assert.equal(verdictOf(), "accept");
	});

	test("what may hold is followed both ways", () => {
		assert.equal(verdictOf(base([on("general", drop)])), "unknown");
		assert.equal(verdictOf(base([on("specific", drop)], { policy: "drop" })), "drop");
		assert.equal(verdictOf(base([on("general", reject), on(true, reject)])), "reject");
		assert.equal(verdictOf(base([on("general", back), on(true, drop)], { policy: "drop" })), "drop");
		assert.equal(verdictOf(base([on("general", back), on(true, drop)])), "unknown");
	});

	test("each end is told with its condition", () => {
		const { decisions } = walk(
			[base([on("general", reject), on("specific", drop), on(true, drop)])],
			packet(),
		);
		assert.deepEqual(
			decisions.map(({ verdict, condition, index }) => [verdict, condition, index]),
			[
				["reject", "general", 0],
				["drop", "specific", 1],
				["drop", "certain", 2],
			],
		);
	});

	test("what is not understood is never open", () => {
		assert.equal(verdictOf(base([on(true, { kind: "unknown" }), on(true, accept)])), "unknown");
		assert.equal(verdictOf(base([on(true, jump("missing"))])), "unknown");
	});
});

describe("chains that are jumped to", () => {
	test("come back after a jump, and to where the caller came from after a goto", () => {
		assert.equal(verdictOf(base([on(true, jump("a")), on(true, drop)], {}, { a: [] })), "drop");
		assert.equal(verdictOf(base([on(true, goTo("a")), on(true, drop)], {}, { a: [] })), "accept");
		const nested = { a: [on(true, goTo("b")), on(true, drop)], b: [on(true, back)] };
		assert.equal(verdictOf(base([on(true, jump("a")), on(true, reject)], {}, nested)), "reject");
	});

	test("tell the way that led there, and how certain it is", () => {
		const { decisions } = walk(
			[base([on("specific", jump("a"), "to a"), on(true, accept)], {}, { a: [on(true, drop)] })],
			packet(),
		);
		const [first] = decisions;
		assert.deepEqual(
			[first?.chain, first?.condition, first?.by.map(({ rule }) => rule.text)],
			["a", "specific", ["to a"]],
		);
	});

	test("that may return and may not are followed both ways", () => {
		const map: Effect = {
			kind: "map",
			branches: [
				{ holds: () => "specific", effect: back },
				{ holds: () => true, effect: drop },
			],
		};
		assert.equal(
			verdictOf(base([on(true, jump("a")), on(true, accept)], {}, { a: [on(true, map)] })),
			"unknown",
		);
		assert.equal(
			verdictOf(base([on(true, jump("a")), on(true, reject)], {}, { a: [on(true, map)] })),
			"drop",
		);
	});

	test("in a circle, or multiplying, end as unknown and in time", () => {
		assert.equal(verdictOf(base([on(true, jump("base"))])), "unknown");
		const twice = (to: string) => [on(true, jump(to)), on(true, jump(to)), on(true, jump(to))];
		const names = Array.from({ length: 15 }, (_, index) => `c${index}`);
		const chains = Object.fromEntries(
			names.map((name, index) => [name, index === 14 ? [on(true, back)] : twice(`c${index + 1}`)]),
		);
		assert.equal(verdictOf(base(twice("c0"), {}, chains)), "unknown");
	});
});

describe("through all chains", () => {
	test("each has to let it pass; the first that does not is the one that decided", () => {
		const first = base([on(true, drop)], { priority: -10, table: "first" });
		const second = base([on(true, reject)], { priority: 5, table: "second" });
		const walked = walk([second, first], packet());
		assert.deepEqual(
			[walked.verdict, walked.decisions[0]?.base.table, walked.passages.length],
			["drop", "first", 1],
		);
		assert.equal(verdictOf(base([on(true, accept)], { priority: -10 }), second), "reject");
	});

	test("what is certainly shut later is shut, whatever is uncertain before", () => {
		assert.equal(
			verdictOf(base([on("general", drop)], { priority: -10 }), base([], { policy: "drop" })),
			"drop",
		);
	});

	test("only those on its way count: by hook, family and device", () => {
		const shut = { policy: "drop" } as const;
		assert.equal(verdictOf(base([], { ...shut, hook: "output" })), "accept");
		assert.equal(verdictOf(base([], { ...shut, families: ["ipv6"] })), "accept");
		assert.equal(verdictOf(base([], { ...shut, hook: "ingress", devices: ["eth1"] })), "accept");
		assert.equal(verdictOf(base([], { ...shut, hook: "ingress", devices: ["eth*"] })), "drop");
		assert.equal(
			walk([base([], { ...shut, hook: "output" })], packet({ direction: "out", state: "established" }))
				.verdict,
			"drop",
		);
	});

	test("of equal priority, the last listed is passed first", () => {
		assert.equal(verdictOf(base([on(true, drop)]), base([on(true, reject)])), "reject");
	});

	test("translation is passed over by what is no first datagram, and may be where nothing makes the kernel track", () => {
		const diverts = on(true, { kind: "diverts" });
		const nat = { nat: true, hook: "prerouting", priority: -100 } as const;
		assert.equal(verdictOf(base([diverts], nat)), "drop");
		assert.equal(walk([base([diverts], nat)], packet({ state: "established" })).verdict, "accept");
		assert.equal(verdictOf(base([], { ...nat, policy: "drop" })), "unknown");
		assert.equal(verdictOf(base([diverts], nat), base([], { ...nat, families: ["ipv4"] })), "unknown");
	});

	test("tracking is told off only before it looks", () => {
		const untracks = on(true, { kind: "untracks" });
		const states = (priority: number) =>
			walk([base([untracks], { hook: "prerouting", priority })], packet()).states;
		assert.deepEqual(states(-300), ["untracked"]);
		assert.deepEqual(states(-150), ["new"]);
	});
});

describe("marks", () => {
	const set = (value: number, holds: Truth = true, effect: Effect = { kind: "none" }): Rule => ({
		...on(holds, effect),
		marks: (packet) => ({ connection: NO_MARK, ...packet.marks, packet: bits(value) }),
	});
	const isMarked = (value: number, effect: Effect): Rule => ({
		...on(true, effect),
		holds: ({ marks }) => (marks === undefined ? "general" : isMark(marks.packet, value)),
	});
	const early = (rules: readonly Rule[], others: Record<string, readonly Rule[]> = {}) =>
		base(rules, { hook: "prerouting" }, others);
	const filter = base([isMarked(0x40, drop)]);

	test("set by one chain are seen by the next, and by no rule before", () => {
		assert.equal(walk([early([set(0x40)]), filter], packet()).verdict, "drop");
		assert.equal(walk([early([isMarked(0x40, drop), set(7)]), filter], packet()).verdict, "accept");
	});

	test("set together with a verdict", () => {
		assert.equal(walk([early([set(0x40, true, accept)]), filter], packet()).verdict, "drop");
	});

	test("that may or may not have been set are unknown, in the bits in which they differ", () => {
		assert.equal(walk([early([set(0x40, "general")]), filter], packet()).verdict, "unknown");
		const other = base([isMarked(0x80, drop)]);
		assert.equal(walk([early([set(0x40, "general")]), other], packet()).verdict, "accept");
	});

	test("of a chain that is left in the middle are those of both ways out", () => {
		const others = { called: [on("general", back), set(0x40)] };
		assert.equal(walk([early([on(true, jump("called"))], others), filter], packet()).verdict, "unknown");
		const same = { called: [set(0x40), on("general", back), on(true, back)] };
		assert.equal(walk([early([on(true, jump("called"))], same), filter], packet()).verdict, "drop");
	});

	test("of who ends in a chain that others skip count for those alone", () => {
		const others = { called: [set(0x40), on(true, accept)] };
		const rules = [on("general", jump("called")), isMarked(0x40, reject)];
		assert.equal(walk([base(rules, {}, others)], packet()).verdict, "accept");
	});

	test("are unknown behind what is not understood", () => {
		const found = walk([early([on("general", { kind: "unknown" })]), filter], packet());
		assert.ok(found.decisions.some(({ base: { hook } }) => hook === "input"));
	});
});
