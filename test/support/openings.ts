/** Openings at random, as the guard would ask for them. */

import fc from "fast-check";
import type { Opening } from "../../src/firewall/firewall.js";
import { canonicalAddress } from "../../src/system/addresses.js";

const port = fc.integer({ min: 1, max: 65535 });

/** Plain objects, so that they compare equal to those the product makes. */
const plain = { noNullPrototype: true } as const;

const ipv4 = fc.oneof(fc.constant("0.0.0.0"), fc.ipV4());

const ipv6 = fc.oneof(fc.constant("::"), fc.ipV6()).map((text) => canonicalAddress("ipv6", text) ?? "::");

export const anyOpening: fc.Arbitrary<Opening> = fc.oneof(
	fc.record({ family: fc.constant("ipv4" as const), address: ipv4, port }, plain),
	fc.record({ family: fc.constant("ipv6" as const), address: ipv6, port }, plain),
);
