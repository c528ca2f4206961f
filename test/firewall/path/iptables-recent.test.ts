import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readConditions } from "../../../src/firewall/path/iptables-match.js";
import { readRecent } from "../../../src/firewall/path/iptables-recent.js";
import { entryOf } from "../../../src/firewall/path/noted.js";
import { ANY_ADDRESS, type Packet } from "../../../src/firewall/path/packet.js";
import { splitWords } from "../../../src/firewall/path/words.js";
import { NO_IPSETS, packet } from "./samples.js";

const read = (words: string) => readRecent(splitWords(words));

/** After `-m recent --set`. */
function seen(options = "", changes: Partial<Packet> = {}): Packet {
	const before = packet(changes);
	return { ...before, marks: read(`--set --name x ${options} --rsource`).notes(before, true) };
}

describe("a list", () => {
	test("does not have a stranger, until a rule has put it there", () => {
		for (const check of ["--rcheck", "--update", "--remove"]) {
			assert.equal(read(`${check} --name x --rsource`).holds(packet()), false);
			assert.equal(read(`! ${check} --name x --rsource`).holds(packet()), true);
			assert.equal(read(`${check} --name x --rsource`).holds(seen()), true);
			assert.equal(read(`${check} --seconds 60 --hitcount 1 --name x --rsource`).holds(seen()), true);
			assert.equal(read(`${check} --name y --rsource`).holds(seen()), false);
		}
	});

	test("may have a known address, and that of this host", () => {
		assert.equal(read("--rcheck --name x --rsource").holds(packet({ remote: "192.0.2.1" })), "specific");
		assert.equal(read("--rcheck --name x --rdest").holds(packet()), "general");
	});

	test("has what was put there perhaps, perhaps, and what was taken out not", () => {
		const before = packet();
		const perhaps = { ...before, marks: read("--set --name x --rsource").notes(before, "general") };
		assert.equal(read("--rcheck --name x --rsource").holds(perhaps), "general");
		const gone = { ...before, marks: read("--remove --name x --rsource").notes(seen(), true) };
		assert.equal(read("--rcheck --name x --rsource").holds(gone), false);
	});

	test("is named by a rule, whoever is in it", () => {
		assert.equal(read("--rcheck --name x --rsource").holds(seen("", { remote: ANY_ADDRESS })), "specific");
	});

	test("counts all datagrams of a session, where not only new flows come to it", () => {
		const often = read("--update --seconds 60 --hitcount 6 --name x --rsource");
		assert.equal(often.holds(seen()), false);
		assert.equal(often.holds(seen("", { later: true, state: "established" })), "general");
		assert.equal(often.holds(seen("", { later: true, state: "new" })), false);
	});

	test("is filled by what comes to the match, whether or not the rest of the rule holds", () => {
		const { holds, notes } = readConditions(
			splitWords("-p udp -m recent --set --name x --rsource -m udp --dport 53 -j DROP"),
			NO_IPSETS,
		);
		assert.equal(holds(packet()), false);
		assert.equal(entryOf(notes?.(packet()).noted, "recent x", "remote"), "certain");
		const tcp = readConditions(splitWords("-p tcp -m recent --set --name x --rsource -j DROP"), NO_IPSETS);
		assert.equal(tcp.notes?.(packet()).noted, undefined);
	});
});
