import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ipsets, readConditions } from "../../../src/firewall/path/iptables-match.js";
import { UNKNOWN_MARKS } from "../../../src/firewall/path/marks.js";
import { ANY_ADDRESS, type Packet } from "../../../src/firewall/path/packet.js";
import { Stranger } from "../../../src/firewall/path/stranger.js";
import { splitWords } from "../../../src/firewall/path/words.js";
import { NO_IPSETS, packet, packet6, RANGE } from "./samples.js";

function truth(words: string, of: Packet = packet(), ipsets: Ipsets = NO_IPSETS) {
	return readConditions(splitWords(words), ipsets).holds(of);
}

describe("what iptables-save prints as conditions", () => {
	const hold = [
		"",
		"-p udp -m udp --dport 60001",
		"-p udp -m udp --dport 60000:61000",
		"-p udp -m udp --dport 1024:",
		"-p udp -m udp ! --dport 53",
		"-p udp -m multiport --dports 53,60000:60400",
		"-p udp -m multiport --ports 60001",
		"-p 17",
		"! -p tcp",
		"-d 10.77.0.1/32",
		"! -s 10.0.0.0/8",
		"-i eth0",
		"-i eth+",
		"! -i lo",
		"! -o eth0",
		"-m conntrack --ctstate NEW,RELATED",
		"-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT",
		"-m state --state NEW",
		"-m conntrack --ctdir ORIGINAL",
		"-m addrtype --dst-type LOCAL",
		"-m addrtype ! --src-type LOCAL",
		"-m pkttype --pkt-type unicast",
		'-m comment --comment "as -j \\"quoted\\""',
		"-m rpfilter --loose",
		"-m mark --mark 0x0/0xff",
		"-m mark ! --mark 0x8000/0x8000",
		"-m connmark --mark 0x0",
		"-m policy --dir in --pol none",
		"-m conntrack ! --ctstatus NONE",
		"-m conntrack --ctorigdst 10.77.0.1",
		"-m conntrack --ctorigdstport 60000:61000",
		"-m conntrack ! --ctorigsrc 192.0.2.0/24",
		"-m addrtype --dst-type LOCAL --limit-iface-in",
	];
	const fail = [
		"-p udp -m udp --dport 53",
		"-p tcp -m tcp --dport 22",
		"-p tcp -m tcp ! --dport 22",
		"-p icmp -m icmp --icmp-type 8",
		"-s 10.77.0.0/16",
		"-m iprange --src-range 10.0.0.1-10.0.0.9",
		"-i lo",
		"-f",
		"-m conntrack --ctstate RELATED,ESTABLISHED",
		"-m rpfilter --invert",
		"-m mark --mark 0x1/0xff",
		"-m mark --mark 0x2/0x1",
		"-m policy --dir in --pol ipsec",
		"-m helper --helper ftp",
		"-m connbytes --connbytes 1000000: --connbytes-dir both --connbytes-mode bytes",
		"-m physdev --physdev-is-bridged",
		"-m addrtype --dst-type BROADCAST",
		"-m conntrack --ctstatus NONE",
		"-m conntrack --ctorigdstport 53",
		"-m conntrack --ctorigsrcport 53",
		"-p udp -m length --length 0:28",
		"-p udp -m length --length 1501:65535",
		"-m conntrack --ctstatus CONFIRMED,ASSURED",
		"-m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource",
	];
	const depend = [
		"-m limit --limit 3/min --limit-burst 10",
		"-m hashlimit --hashlimit-upto 4/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name x",
		"-m statistic --mode random --probability 0.5",
		"-m from-the-future --some thing",
		"-p udp -m recent …",
		"-p udp -m length --length 0:100",
		"-p udp -m string --string abc --algo bm",
	];
	for (const words of hold) {
		test(`holds: ${words}`, () => assert.equal(truth(words), true));
	}
	for (const words of fail) {
		test(`does not hold: ${words}`, () => assert.equal(truth(words), false));
	}
	for (const words of depend) {
		test(`depends: ${words}`, () => assert.equal(truth(words), "general"));
	}
	test("what is not understood does not hide what follows", () => {
		assert.equal(truth("-m from-the-future --some thing -p tcp"), false);
	});
	test("depends on which port: 60001 of a range", () => {
		assert.equal(truth("-p udp -m udp --dport 60001", packet({ localPorts: RANGE })), "specific");
	});
	test("the sender's hardware address is the sender's", () => {
		assert.equal(truth("-m mac --mac-source 00:11:22:33:44:55"), "specific");
	});
});

test("of a connection that is not there, its options may hold", () => {
	const untracked = packet({ state: "untracked" });
	for (const words of ["--ctproto 17", "--ctdir ORIGINAL", "! --ctstatus ASSURED"]) {
		assert.equal(truth(`-m conntrack ${words}`, untracked), "general", words);
	}
	assert.equal(truth("-m conntrack --ctstate UNTRACKED", untracked), true);
});

test("an address of another interface may be of another type here", () => {
	const elsewhere = packet({ elsewhere: true });
	assert.equal(truth("-m addrtype --dst-type LOCAL --limit-iface-in", elsewhere), "general");
	assert.equal(truth("-m addrtype --dst-type LOCAL", elsewhere), true);
});

test("of IPv6, types of addresses have to be all", () => {
	assert.equal(truth("-m addrtype --dst-type LOCAL", packet6()), true);
	assert.equal(truth("-m addrtype --dst-type LOCAL,MULTICAST", packet6()), false);
	assert.equal(truth("-m addrtype --dst-type UNICAST", packet6()), true);
	assert.equal(truth("-m addrtype --dst-type LOCAL,MULTICAST", packet()), true);
});

test("the target is what is left, with its options", () => {
	const { target } = readConditions(
		splitWords("-p udp -m comment --comment -j -j REJECT --reject-with x"),
		NO_IPSETS,
	);
	assert.deepEqual(target, ["-j", "REJECT", "--reject-with", "x"]);
});

/** Nobody is in any ipset. */
const NO_SETS: Ipsets = { typeOf: () => "ip", has: () => false };

describe("ipsets", () => {
	const asked: string[] = [];
	const of = (type: string | undefined, has?: boolean): Ipsets => ({
		typeOf: () => type,
		has: (_, member) => {
			asked.push(member);
			return has;
		},
	});
	const known = packet({ remote: "192.0.2.1" });

	test("are asked for the member that their type is made of", () => {
		assert.equal(truth("-m set --match-set s src", known, of("ip", true)), true);
		assert.equal(truth("-m set ! --match-set s src", known, of("net", true)), false);
		assert.equal(truth("-m set --match-set s src,dst", known, of("ip,port", false)), false);
		assert.equal(truth("-m set --match-set s dst", known, of("port", true)), true);
		assert.equal(truth("-m set --match-set s src,src", known, of("net,iface", true)), true);
		assert.equal(truth("-m set --match-set s src,dst", known, of("net,iface", true)), "specific");
		assert.deepEqual(asked, ["192.0.2.1", "192.0.2.1", "192.0.2.1,udp:60001", "60001", "192.0.2.1,eth0"]);
	});

	test("hold nobody in particular, and what is not known of them depends", () => {
		assert.equal(truth("-m set --match-set s src", packet(), of("ip", true)), false);
		assert.equal(truth("-m set --match-set s src", packet(), of("set")), false);
		assert.equal(truth("-m set --match-set s src", known, of("set")), "specific");
		assert.equal(truth("-m set --match-set s dst", packet(), of("set")), "specific");
		assert.equal(truth("-m set --match-set s src", known, of(undefined)), "specific");
		assert.equal(truth("-m set --match-set s src", known, of("ip")), "specific");
		assert.equal(truth("-m set --match-set s src,src", known, of("ip,mark", true)), "specific");
		assert.equal(truth("-m set --match-set s src --return-nomatch", packet(), of("net", false)), "specific");
	});

	test("of networks may hold everybody: a stranger keeps account of them", () => {
		const stranger = new Stranger("ipv4");
		assert.equal(truth("-m set --match-set s src", packet({ remote: stranger }), of("net", true)), false);
		assert.deepEqual(
			stranger.sets.map(({ has }) => has("203.0.113.5")),
			[true],
		);
		const other = new Stranger("ipv4");
		assert.equal(truth("-m set --match-set s src", packet({ remote: other }), of("ip", true)), false);
		assert.deepEqual(other.sets, []);
	});

	test("of sets have whom one of these has", () => {
		const list = (has: boolean): Ipsets => ({
			typeOf: (set) => (set === "list" ? "set" : "net"),
			membersOf: () => ["a", "b"],
			has: (set) => has && set === "b",
		});
		assert.equal(truth("-m set --match-set list src", known, list(true)), true);
		assert.equal(truth("-m set --match-set list src", known, list(false)), false);
		const remote = new Stranger("ipv4");
		assert.equal(truth("-m set --match-set list src", packet({ remote }), list(true)), false);
		assert.equal(remote.sets.length, 2);
	});

	test("have whom a rule has put there, and not whom one has taken out", () => {
		const after = (words: string, before = packet()) => {
			const { notes } = readConditions(splitWords(words), NO_IPSETS);
			return { ...before, marks: notes?.(before) ?? UNKNOWN_MARKS };
		};
		const listed = after("-p udp -j SET --add-set s src --exist");
		const isIn = (of: Packet, set = "s", directions = "src") =>
			truth(`-m set --match-set ${set} ${directions}`, of, NO_SETS);
		assert.equal(isIn(listed), true);
		assert.equal(isIn({ ...listed, direction: "out" }, "s", "dst"), true);
		assert.equal(isIn(listed, "t"), false);
		assert.equal(isIn(after("-p tcp -j SET --add-set s src")), false);
		assert.equal(isIn(after("-m limit --limit 1/hour -j SET --add-set s src")), "specific");
		assert.equal(isIn(after("-j SET --del-set s src", listed)), false);
		assert.equal(isIn(after("-j SET --add-set s src", packet({ remote: ANY_ADDRESS }))), "specific");
	});
});
