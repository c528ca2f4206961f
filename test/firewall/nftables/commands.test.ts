/** How many commands each step takes, on a listing recorded from a real host. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Opening } from "../../../src/firewall/firewall.js";
import { Nftables } from "../../../src/firewall/nftables/nftables.js";
import type { Commands, Output, RunOptions } from "../../../src/system/commands.js";
import { recorded } from "../../support/recorded.js";
import { v4 } from "../conformance.js";

const LISTED: readonly Opening[] = [v4(60001), { family: "ipv6", address: "::", port: 60002 }];
/** An element of ours in a set that is not configured. */
const STRAY = /\{"elem": \{"val": 60006.*?fd77::1"\}\}/;

/** Answers every listing with the same text. */
class RecordedNft implements Commands {
	readonly ran: string[] = [];

	private readonly listing: string;

	constructor(listing: string) {
		this.listing = listing;
	}

	async find(tool: string): Promise<string> {
		return `/usr/sbin/${tool}`;
	}

	async run(tool: string, args: readonly string[], { input }: RunOptions = {}): Promise<Output> {
		this.ran.push(input?.trimEnd() ?? [tool, ...args].join(" "));
		return { stdout: this.listing, stderr: "", exitCode: 0 };
	}

	async follow(): Promise<never> {
		throw new Error("not asked for here");
	}

	started(): boolean {
		return false;
	}
}

async function host(change: (listing: string) => string): Promise<{ nft: RecordedNft; firewall: Nftables }> {
	const nft = new RecordedNft(change(await recorded("nft-ruleset.json")));
	return { nft, firewall: new Nftables(nft) };
}

describe("a ruleset in which nothing needs repair", () => {
	const intact = (listing: string) => {
		assert.match(listing, STRAY);
		return listing.replace(STRAY, "60006");
	};

	test("is read twice by repair(), without its elements and then with them, and lists what it found", async () => {
		const { nft, firewall } = await host(intact);
		assert.deepEqual(await firewall.repair(), LISTED);
		assert.deepEqual(nft.ran, ["nft -t -j list ruleset", "nft -j list table inet filter"]);
	});

	test("a login takes one command, and closing what was listed takes one", async () => {
		const { nft, firewall } = await host(intact);
		await firewall.repair();
		nft.ran.length = 0;
		await firewall.apply({ open: [v4(60005)], close: [] });
		await firewall.apply({ open: [], close: [v4(60001)] });
		assert.deepEqual(nft.ran, [
			'add element inet filter mosh_portguard_4 { 10.77.0.1 . 60005 timeout 210s comment "mosh-portguard" }',
			"delete element inet filter mosh_portguard_4 { 10.77.0.1 . 60001 }",
		]);
	});
});

test("an element of ours in a set that is not configured goes in the same repair", async () => {
	const { nft, firewall } = await host((listing) => listing);
	assert.deepEqual(await firewall.repair(), LISTED);
	assert.deepEqual(nft.ran.slice(2), ["delete element inet filter mosh_ports { 60006 }"]);
});
