import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Stencil, uncounted, type WrittenRule } from "../../../src/firewall/iptables/stencil.js";
import { attribute, NetlinkError, nested } from "../../../src/system/netlink.js";

const expression = (name: string, ...data: readonly Buffer[]) =>
	nested(1, attribute(1, Buffer.from(`${name}\0`)), nested(2, ...data));

const bytes = (value: number, order: "LE" | "BE") => {
	const made = Buffer.alloc(2);
	made[order === "BE" ? "writeUInt16BE" : "writeUInt16LE"](value);
	return made;
};

/** As nf_tables compares the port. */
function byComparison(port: number, more = 0): WrittenRule {
	const compared = expression("cmp", attribute(3, Buffer.concat([bytes(port, "BE"), Buffer.alloc(2, more)])));
	return {
		port,
		expressions: Buffer.concat([compared, expression("counter", attribute(1, Buffer.alloc(8)))]),
	};
}

/** As the match `udp` of x_tables has it: a range of source ports, and one of destination ports. */
function byMatch(port: number): WrittenRule {
	const range = (first: number, last: number) => [bytes(first, "LE"), bytes(last, "LE")];
	const info = Buffer.concat([...range(0, 0xffff), ...range(port, port), Buffer.alloc(2)]);
	return { port, expressions: expression("match", attribute(3, info)) };
}

function learned(...samples: readonly [WrittenRule, ...(readonly WrittenRule[])]): Stencil {
	const [first, ...others] = samples;
	const stencil = new Stencil(first);
	for (const other of others) {
		stencil.learn(other);
	}
	return stencil;
}

describe("a rule that iptables made for a port", () => {
	test("is made again for that port, and for no other as long as it is the only one", () => {
		const stencil = learned(byComparison(60001), byComparison(60001));
		assert.deepEqual(stencil.expressionsFor(60001), byComparison(60001).expressions);
		assert.equal(stencil.expressionsFor(60002), undefined);
		assert.equal(stencil.portOf(byComparison(60001).expressions), 60001);
		assert.equal(stencil.portOf(byComparison(60002).expressions), undefined);
	});

	for (const [how, written] of [
		["compares it", byComparison],
		["has it in a match of x_tables, twice", byMatch],
	] as const) {
		test(`is made for any port when two rules show where it ${how}`, () => {
			for (const [first, second] of [
				[60001, 60002],
				[60001, 61025],
				[1, 65535],
			] as const) {
				const stencil = learned(written(first), written(second));
				for (const port of [1, 255, 256, first, second, 60138, 65535]) {
					assert.deepEqual(stencil.expressionsFor(port), written(port).expressions);
					assert.equal(stencil.portOf(written(port).expressions), port);
				}
			}
		});
	}

	test("is not made for other ports where two rules differ in more than that, but by a third that fits", () => {
		const stencil = learned(byComparison(60001, 1), byComparison(60002));
		assert.equal(stencil.expressionsFor(60003), undefined);
		stencil.learn(byMatch(60004));
		assert.equal(stencil.expressionsFor(60003), undefined);
		stencil.learn(byMatch(60005));
		assert.deepEqual(stencil.expressionsFor(60003), byMatch(60003).expressions);
	});

	test("is not made where two ports may be written in either order", () => {
		// 0xeaea and 0xebeb; and the byte behind the port is the one before its last.
		assert.equal(learned(byComparison(0xeaea), byComparison(0xebeb)).expressionsFor(60001), undefined);
		assert.equal(
			learned(byComparison(0xea61, 0xea), byComparison(0xea62, 0xea)).expressionsFor(1),
			undefined,
		);
	});

	test("is given up when many pairs of rules have not shown where the port is", () => {
		const written = (port: number) => ({ port, expressions: Buffer.from(`port ${port}`) });
		const ports = Array.from({ length: 9 }, (_, index) => 60001 + index);
		const [first, ...others] = ports.map(written) as [WrittenRule, ...WrittenRule[]];
		assert.equal(learned(first, ...others.slice(0, 7)).isHopeless, false);
		const stencil = learned(first, ...others);
		assert.equal(stencil.isHopeless, true);
		assert.deepEqual(stencil.expressionsFor(60009), written(60009).expressions);
		assert.equal(stencil.expressionsFor(60001), undefined);
		assert.equal(learned(...(ports.map((port) => byComparison(port)) as [WrittenRule])).isHopeless, false);
	});

	test("is no other rule, of whichever length", () => {
		const stencil = learned(byComparison(60001), byComparison(60002));
		const { expressions } = byComparison(60003, 1);
		for (const other of [expressions, expressions.subarray(1), Buffer.alloc(0), byMatch(60001).expressions]) {
			assert.equal(stencil.portOf(other), undefined);
		}
	});
});

describe("what a rule has counted", () => {
	test("is left out, and all else is kept", () => {
		const seven = attribute(1, Buffer.alloc(8, 7));
		const zero = attribute(1, Buffer.alloc(8));
		const rule = Buffer.concat([expression("cmp", seven), expression("counter", seven, seven)]);
		const before = Buffer.from(rule);
		assert.deepEqual(
			uncounted(rule),
			Buffer.concat([expression("cmp", seven), expression("counter", zero, zero)]),
		);
		assert.deepEqual(rule, before);
	});

	test("is not sought in what are no expressions", () => {
		assert.throws(() => uncounted(Buffer.from([2, 0, 1, 0])), NetlinkError);
	});
});
