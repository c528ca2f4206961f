import assert from "node:assert/strict";
import { test } from "node:test";
import { verified } from "../../../src/firewall/path/stand-ins.js";
import { Stranger } from "../../../src/firewall/path/stranger.js";
import { addressIn, prefixOf } from "../../../src/firewall/path/values.js";

function stranger(prefixes: readonly string[] = []): Stranger {
	const one = new Stranger("ipv4");
	for (const prefix of prefixes) {
		addressIn(one, prefixOf(prefix) as never);
	}
	return one;
}

/** Known once it was learned. */
function set(has: (address: string) => boolean | undefined) {
	const asked = new Set<string>();
	const open = new Set<string>();
	return {
		asked,
		set: {
			has: (address: string) => {
				const isKnown = asked.has(address);
				open.add(address);
				return isKnown ? has(address) : undefined;
			},
			list: () => undefined,
		},
		learn: async () => {
			const more = [...open].some((address) => !asked.has(address));
			for (const address of open) {
				asked.add(address);
			}
			return more;
		},
	};
}

test("nothing is asked where nothing is doubtful", async () => {
	const learn = () => Promise.reject(new Error("asked"));
	assert.deepEqual(await verified(stranger(["10.0.0.0/8"]), learn), { kind: "right" });
	assert.deepEqual(await verified(stranger(["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/4"]), learn), {
		kind: "right",
	});
});

test("one address that no set has is enough", async () => {
	const { set: nets, learn, asked } = set(() => false);
	const one = stranger();
	one.isNotIn("a", nets);
	assert.deepEqual(await verified(one, learn), { kind: "right" });
	assert.equal(asked.size, 1);
});

test("with a set of most addresses, one is found that it has not", async () => {
	const { set: most, learn } = set((address) => Number(address.split(".")[0]) < 200);
	const one = stranger();
	one.isNotIn("a", most);
	assert.deepEqual(await verified(one, learn), { kind: "right" });
});

test("a set that has every address is told, and what cannot be known is taken for no", async () => {
	const { set: every, learn, asked } = set(() => true);
	const one = stranger();
	one.isNotIn("a", every);
	const found = await verified(one, learn);
	assert.equal(found.kind, "sets");
	assert.equal(asked.size, 16);
	const { set: unknown, learn: nothing } = set(() => undefined);
	const other = stranger();
	other.isNotIn("a", unknown);
	assert.deepEqual(await verified(other, nothing), { kind: "right" });
});

test("rules that name all leave nobody", async () => {
	const found = await verified(stranger(["0.0.0.0/1", "128.0.0.0/1"]), async () => false);
	assert.equal(found.kind, "none");
	assert.ok(found.kind === "none" && found.addresses.length > 2);
});
