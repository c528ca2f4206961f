/** What is cleared, and that one firewall that fails keeps no other from it. On real firewalls: test/cli/commands/clear.test.ts. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clearFirewalls } from "../../src/daemon/clear-firewalls.js";
import type { Output, RunOptions } from "../../src/system/commands.js";
import { CommandError } from "../../src/system/errors.js";
import { FakeIptables } from "../support/fake-iptables.js";

const NO_BUS = "unix:path=/nonexistent/bus";
const OURS = [":INPUT DROP [0:0]", ":MOSH-PORTGUARD - [0:0]", "-A INPUT -p udp -j MOSH-PORTGUARD"];

const ORPHAN = `table inet firewalld { # handle 1
	chain filter_IN_public_post { # handle 20
		ip daddr 10.77.0.1 udp dport 60001 accept # handle 31
	}
}
`;

/** iptables in memory, and nft that lists these where it is installed. */
class Host extends FakeIptables {
	readonly failing = new Set<string>();
	nft: string | undefined;

	override async find(tool: string): Promise<string | undefined> {
		return tool === "nft" && this.nft !== undefined ? "/usr/sbin/nft" : super.find(tool);
	}

	override async run(tool: string, args: readonly string[], options?: RunOptions): Promise<Output> {
		if (this.failing.has(tool)) {
			throw new CommandError("tool-failed", `${tool} failed`);
		}
		if (tool !== "nft") {
			return super.run(tool, args, options);
		}
		const listed = args.includes("-j") ? '{"nftables": []}' : (this.nft ?? "");
		return { stdout: listed, stderr: "", exitCode: 0 };
	}
}

function host(): Host {
	const made = new Host();
	for (const kind of ["iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy"]) {
		made.load(kind, ...OURS);
	}
	return made;
}

const chains = (of: Host) =>
	["iptables-nft", "ip6tables-legacy"].map((kind) => of.rules(kind, "MOSH-PORTGUARD") !== undefined);

describe("clearing", () => {
	test("removes our chain and its jump from both variants", async () => {
		const cleared = host();
		await clearFirewalls(cleared, NO_BUS);
		assert.deepEqual(chains(cleared), [false, false]);
		assert.deepEqual(cleared.rules("iptables-nft", "INPUT"), []);
	});

	test("goes on where a firewall fails, and fails in the end", async () => {
		const failing = host();
		failing.nft = "";
		failing.failing.add("iptables-nft-save");
		await assert.rejects(clearFirewalls(failing, NO_BUS), /iptables-nft-save failed/);
		assert.deepEqual(chains(failing), [true, false]);
	});

	test("tells of rules like ours that a killed firewalld left, which it must not touch", async () => {
		const left = host();
		left.nft = ORPHAN;
		await assert.rejects(clearFirewalls(left, NO_BUS), (error: Error & { code?: string }) => {
			assert.equal(error.code, "owned-by-other");
			assert.match(error.message, /10\.77\.0\.1:60001/);
			assert.match(error.message, /nft delete rule inet firewalld filter_IN_public_post handle 31/);
			return true;
		});
		assert.deepEqual(chains(left), [false, false]);
	});
});
