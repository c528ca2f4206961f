/**
 * The rule that iptables made for a port, as the kernel holds it, to be made again for another port. How iptables writes rules is not
 * known here, and differs between its versions: where two rules for two ports differ in the ports and in nothing else, there the port
 * is. Pure.
 */

import { eachAttribute } from "../../system/netlink.js";

/** NFTA_EXPR_NAME, NFTA_EXPR_DATA */
const EXPRESSION = { name: 1, data: 2 } as const;
const COUNTER = Buffer.from("counter\0");
const PORT_BYTES = 2;
/** Of some pairs of ports it cannot be told, by chance: that it cannot of so many in a row is how this iptables writes. */
const MOST_PAIRS = 8;

export interface WrittenRule {
	readonly port: number;
	/** `NFTA_RULE_EXPRESSIONS`, with counters at zero (`uncounted`). */
	readonly expressions: Buffer;
}

export class Stencil {
	#sample: WrittenRule;
	#places: Places | undefined;
	#pairs = 0;

	/** For this port alone, as long as no other rule is known. */
	constructor(sample: WrittenRule) {
		this.#sample = sample;
	}

	/** For all ports, if the two rules show where the port is. */
	learn(other: WrittenRule): void {
		if (this.#places === undefined && other.port !== this.#sample.port) {
			this.#places = placesIn(this.#sample, other);
			this.#sample = other;
			this.#pairs += 1;
		}
	}

	/** More rules will show no more. */
	get isHopeless(): boolean {
		return this.#places === undefined && this.#pairs >= MOST_PAIRS;
	}

	/** Undefined where it is not certain what iptables would write. */
	expressionsFor(port: number): Buffer | undefined {
		if (port === this.#sample.port) {
			return this.#sample.expressions;
		}
		if (this.#places === undefined) {
			return undefined;
		}
		const made = Buffer.from(this.#sample.expressions);
		for (const at of this.#places.at) {
			this.#places.order.write(made, port, at);
		}
		return made;
	}

	/** Undefined for another rule than one of these. */
	portOf(expressions: Buffer): number | undefined {
		const [at = 0] = this.#places?.at ?? [];
		const isLong = expressions.length === this.#sample.expressions.length;
		const port = this.#places && isLong ? this.#places.order.read(expressions, at) : this.#sample.port;
		return this.expressionsFor(port)?.equals(expressions) ? port : undefined;
	}
}

interface Order {
	readonly read: (bytes: Buffer, at: number) => number;
	readonly write: (bytes: Buffer, port: number, at: number) => void;
}

/** Of the network, in which nf_tables compares, and of the processor, in which the matches of x_tables do. */
const ORDERS: readonly Order[] = [
	{
		read: (bytes, at) => bytes.readUInt16BE(at),
		write: (bytes, port, at) => bytes.writeUInt16BE(port, at),
	},
	{
		read: (bytes, at) => bytes.readUInt16LE(at),
		write: (bytes, port, at) => bytes.writeUInt16LE(port, at),
	},
];

interface Places {
	readonly order: Order;
	readonly at: readonly number[];
}

/** Undefined where no order explains all differences, or both do. */
function placesIn(one: WrittenRule, other: WrittenRule): Places | undefined {
	const found = ORDERS.flatMap((order) => placesByOrder(one, other, order) ?? []);
	return found.length === 1 ? found[0] : undefined;
}

function placesByOrder(one: WrittenRule, other: WrittenRule, order: Order): Places | undefined {
	const { length } = one.expressions;
	if (other.expressions.length !== length) {
		return undefined;
	}
	const at: number[] = [];
	for (let place = 0; place + PORT_BYTES <= length; place += 1) {
		if (
			order.read(one.expressions, place) === one.port &&
			order.read(other.expressions, place) === other.port
		) {
			at.push(place);
		}
	}
	const filled = Buffer.from(one.expressions);
	for (const place of at) {
		order.write(filled, other.port, place);
	}
	return filled.equals(other.expressions) ? { order, at } : undefined;
}

/** A copy in which counters are at zero, as in a rule that is new. @throws NetlinkError for what are no expressions */
export function uncounted(expressions: Buffer): Buffer {
	const copy = Buffer.from(expressions);
	eachAttribute(copy, 0, copy.length, (_, start, end) => {
		let isCounter = false;
		eachAttribute(copy, start, end, (type, from, to) => {
			if (type === EXPRESSION.name) {
				isCounter = to - from === COUNTER.length && copy.compare(COUNTER, 0, COUNTER.length, from, to) === 0;
			} else if (type === EXPRESSION.data && isCounter) {
				eachAttribute(copy, from, to, (__, first, last) => copy.fill(0, first, last));
			}
		});
	});
	return copy;
}
