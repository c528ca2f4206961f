/** Hosts whose addresses, routes and interfaces are not one of each: which interface a datagram comes in by decides on the rules. */

import { open, serves, shut, unverified } from "../field-case.js";
import type { Table } from "../tables.js";
import { input, nft } from "./common.js";

/** A rule for what comes in by the interface to the client alone; by others, all is let in. */
const byEth0 = (rule = "drop") => input(`iifname "eth0" udp dport 60001 ${rule}`, { policy: "accept" });
const SHUT = shut(/iifname "eth0" udp dport 60001 drop/);

const ELSEWHERE = "192.0.2.1";
/** The client is reached, and known, without an address of the interface's own. */
const UNNUMBERED = `ip -4 addr flush dev eth0; ip addr add ${ELSEWHERE}/32 dev lo; ip route add default dev eth0 src ${ELSEWHERE}`;
const NUMBERED = `ip route del default dev eth0; ip addr del ${ELSEWHERE}/32 dev lo; ip addr add 10.77.0.1/24 dev eth0`;

/** A second uplink; what is at its other end answers nothing. */
const UPLINK = `ip link add eth1 type veth peer name far1; ip addr add 10.79.0.1/24 dev eth1
	ip link set eth1 up; ip link set far1 up; ip route add default via 10.79.0.2 dev eth1`;
const NO_UPLINK = "ip link del eth1";

const BRIDGE = `ip link add br0 type bridge; ip link set br0 up
	mac=$(ip -br link show dev eth0 | awk '{ print $3 }')
	ip neigh flush dev eth0; ip -4 addr flush dev eth0; ip link set br0 address $mac; ip link set eth0 master br0
	ip addr add 10.77.0.1/24 dev br0`;
const NO_BRIDGE = "ip link del br0; ip addr add 10.77.0.1/24 dev eth0";
const HAS_MACVLANS = "ip link add link eth0 name try type macvlan && ip link del try";
const INGRESS_FILTER = "tc qdisc add dev eth0 clsact";
const TC = `${INGRESS_FILTER} && tc filter add dev eth0 ingress bpf da bytecode '1,6 0 0 0,'; tc qdisc del dev eth0 clsact`;
const HAS_BRIDGES = "ip link add try type bridge && ip link del try";

const INGRESS = nft(`table netdev edge {
	chain in { type filter hook ingress device "eth0" priority 0; policy accept; udp dport 60001 drop; }
}`);
const FRAMES = nft(`table bridge frames {
	chain in { type filter hook input priority 0; policy drop; ether type { arp, ip6 } accept; tcp dport 22 accept; }
}`);

export const INTERFACES: Table = {
	name: "interfaces",
	kind: { tools: ["nft"], lists: ["nft list ruleset"], reset: "nft flush ruleset" },
	rows: [
		{
			name: "IPv6 with link-local addresses alone, a deny",
			everywhere: true,
			sentTo: { ipv6: "fe80::77%eth0" },
			setUp: `ip -6 addr del fd77::1/64 dev eth0; ip addr add fe80::77/64 dev eth0 nodad\n${byEth0().replace("udp", "meta nfproto ipv6 udp")}`,
			undo: "ip addr del fe80::77/64 dev eth0; ip -6 addr add fd77::1/64 dev eth0 nodad",
			expect: { ipv6: shut(/iifname "eth0" meta nfproto ipv6 udp dport 60001 drop/) },
		},
		{
			name: "IPv6 with link-local addresses alone, a default drop",
			everywhere: true,
			sentTo: { ipv6: "fe80::77%eth0" },
			setUp: `ip -6 addr del fd77::1/64 dev eth0; ip addr add fe80::77/64 dev eth0 nodad\n${input("")}`,
			undo: "ip addr del fe80::77/64 dev eth0; ip -6 addr add fd77::1/64 dev eth0 nodad",
			expect: { ipv6: serves },
		},
		{
			name: "an uplink without an address, the session's address on the loopback interface",
			address: ELSEWHERE,
			setUp: `${UNNUMBERED}\n${byEth0()}`,
			undo: NUMBERED,
			expect: { ipv4: SHUT },
		},
		{
			name: "an uplink without an address, a session on every address",
			everywhere: true,
			sentTo: { ipv4: ELSEWHERE },
			setUp: `${UNNUMBERED}\n${byEth0()}`,
			undo: NUMBERED,
			expect: { ipv4: SHUT },
		},
		{
			name: "an address on an interface that nothing comes in by",
			needs: "ip link add try type ifb && ip link del try",
			address: ELSEWHERE,
			setUp: `ip link add anycast type ifb; ip addr add ${ELSEWHERE}/32 dev anycast; ip link set anycast up
				ip route add default via 10.77.0.2 dev eth0\n${byEth0()}`,
			undo: "ip link del anycast; ip route del default",
			expect: { ipv4: SHUT },
		},
		{
			name: "the uplink's default route in a table of its own",
			everywhere: true,
			setUp: `${UPLINK}; ip route add default via 10.77.0.2 dev eth0 table 77; ip rule add from 10.77.0.1 lookup 77\n${byEth0()}`,
			undo: `ip rule del from 10.77.0.1 lookup 77; ip route flush table 77; ${NO_UPLINK}`,
			expect: {
				ipv4: unverified(/iifname "eth0" udp dport 60001 drop.* come in by eth0, and not for others/),
			},
		},
		{
			name: "two uplinks, of which the other drops",
			everywhere: true,
			setUp: `${UPLINK}; ip route add default via 10.77.0.2 dev eth0 metric 9\n${byEth0().replace('"eth0"', '"eth1"')}`,
			undo: `ip route del default via 10.77.0.2; ${NO_UPLINK}`,
			expect: { ipv4: unverified(/come in by eth1, and not for others/) },
		},
		{
			name: "two uplinks, a default drop",
			everywhere: true,
			setUp: `${UPLINK}; ip route add default via 10.77.0.2 dev eth0 metric 9\n${input("")}`,
			undo: `ip route del default via 10.77.0.2; ${NO_UPLINK}`,
			expect: { ipv4: serves },
		},
		{
			name: "a rule for an interface by its number, which is no more",
			setUp: `${UPLINK}\n${input('iif "eth1" drop', { policy: "accept" })}\n${NO_UPLINK}`,
			expect: open,
		},
		{
			name: "an address that goes while its session lives",
			address: ELSEWHERE,
			setUp: `ip addr add ${ELSEWHERE}/32 dev lo\n${input("")}`,
			later: `ip addr del ${ELSEWHERE}/32 dev lo`,
			expect: { ipv4: unverified(/no interface of this host has the address 192\.0\.2\.1/) },
		},
		{
			name: "an address that no interface has, by a local route",
			address: "192.0.2.9",
			setUp: `ip route add local 192.0.2.0/24 dev lo\n${byEth0()}`,
			undo: "ip route del local 192.0.2.0/24 dev lo",
			expect: { ipv4: SHUT },
		},
		{
			name: "an address that no interface has, by a local route, and nothing filters",
			address: "192.0.2.9",
			setUp: "ip route add local 192.0.2.0/24 dev lo",
			undo: "ip route del local 192.0.2.0/24 dev lo",
			expect: { ipv4: unverified(/no interface of this host has the address 192\.0\.2\.9/) },
		},
		{
			name: "a rule of routing that refuses the answer",
			setUp: `ip rule add pref 100 from 10.77.0.1 ipproto udp sport 60000-61000 prohibit\n${input("")}`,
			undo: "ip rule del pref 100",
			expect: { ipv4: unverified(/its answers may be dropped: ip rule: from 10\.77\.0\.1 .* prohibit/) },
		},
		{
			name: "a strict reverse path filter, where everybody's way back is another",
			setUp: `${UPLINK}; echo 1 > /proc/sys/net/ipv4/conf/eth0/rp_filter\n${input("")}`,
			undo: `echo 0 > /proc/sys/net/ipv4/conf/eth0/rp_filter; ${NO_UPLINK}`,
			expect: { ipv4: serves },
			says: /^by eth0 only from networks that this host has routes to by it \(net\.ipv4\.conf\.eth0\.rp_filter is 1\)$/,
		},
		{
			name: "a rule asks for the way back, where everybody's is another",
			setUp: `${UPLINK}\n${input("")}${nft("table ip back { chain pre { type filter hook prerouting priority -150; policy accept; fib saddr . iif oif missing drop; } }")}`,
			undo: NO_UPLINK,
			expect: { ipv4: serves },
			says: /^by eth0 only from networks that this host has routes to by it \(a rule asks for the way back\)$/,
		},
		{
			name: "a reverse path filter on the only way out",
			setUp: `ip route add default via 10.77.0.2 dev eth0; echo 1 > /proc/sys/net/ipv4/conf/eth0/rp_filter\n${input("")}`,
			undo: "echo 0 > /proc/sys/net/ipv4/conf/eth0/rp_filter; ip route del default",
			expect: { ipv4: serves },
			says: /^$/,
		},
		{
			name: "a rule of routing leads the answers to a table that has no route for them",
			setUp: `ip route add default via 10.77.0.2 dev eth0; ip route add blackhole default table 77
				ip rule add pref 100 ipproto udp sport 60001 lookup 77\n${input("")}`,
			undo: "ip rule del pref 100; ip route flush table 77; ip route del default",
			expect: { ipv4: unverified(/its answers may be dropped: ip rule: .* sport 60001 lookup 77/) },
		},
		{
			name: "a rule of routing before the host's own addresses, by a mark that rules set",
			setUp: `ip rule add pref 20 lookup local; ip rule del pref 0; ip rule add pref 5 fwmark 9 lookup 77; ip route add blackhole default table 77
				${nft("table ip early { chain pre { type filter hook prerouting priority -150; policy accept; udp dport 60001 meta mark set 9; } }")}`,
			undo: "ip rule add pref 0 lookup local; ip rule del pref 20; ip rule del pref 5; ip route flush table 77",
			expect: { ipv4: unverified(/ip rule: from all fwmark 0x9 lookup 77/) },
		},
		{
			name: "a filter of traffic control that drops what comes in",
			needs: TC,
			setUp: `${INGRESS_FILTER}; tc filter add dev eth0 ingress bpf da bytecode '1,6 0 0 2,'`,
			undo: "tc qdisc del dev eth0 clsact",
			expect: unverified(/tc filter at ingress of eth0: bpf/),
		},
		{
			name: "a filter of traffic control that drops answers",
			needs: TC,
			setUp: `${INGRESS_FILTER}; tc filter add dev eth0 egress bpf da bytecode '1,6 0 0 2,'\n${input("")}`,
			undo: "tc qdisc del dev eth0 clsact",
			expect: unverified(/its answers may be dropped: tc filter at egress of eth0: bpf/),
		},
		{
			name: "a filter of traffic control that only sorts",
			needs: TC,
			setUp: `${INGRESS_FILTER}; tc filter add dev eth0 ingress protocol ip u32 match u32 0 0 flowid 1:1\n${input("")}`,
			undo: "tc qdisc del dev eth0 clsact",
			expect: serves,
		},
		{
			name: "a network that two interfaces lead to, a rule for the one without the session's address",
			needs: HAS_MACVLANS,
			address: "10.77.0.5",
			setUp: `ip link add link eth0 name mv0 type macvlan mode bridge; ip link set mv0 up; ip addr add 10.77.0.5/24 dev mv0\n${byEth0()}`,
			undo: "ip link del mv0",
			expect: {
				ipv4: unverified(/iifname "eth0" udp dport 60001 drop.* come in by eth0, and not for others/),
			},
		},
		{
			name: "a session on every address, of which a rule names the second",
			everywhere: true,
			sentTo: { ipv4: "10.77.0.6" },
			setUp: `ip addr add 10.77.0.6/24 dev eth0\n${input("ip daddr 10.77.0.6 udp dport 60001 drop", { policy: "accept" })}`,
			undo: "ip addr del 10.77.0.6/24 dev eth0",
			expect: {
				ipv4: unverified(/ip daddr 10\.77\.0\.6 udp dport 60001 drop shuts it for datagrams to 10\.77\.0\.6/),
			},
		},
		{
			name: "a bridge, a rule for it",
			needs: HAS_BRIDGES,
			setUp: `${BRIDGE}\n${byEth0().replace('"eth0"', '"br0"')}`,
			undo: NO_BRIDGE,
			expect: { ipv4: shut(/iifname "br0" udp dport 60001 drop/) },
		},
		{
			name: "a bridge, a rule for its port",
			needs: HAS_BRIDGES,
			setUp: `${BRIDGE}\n${byEth0()}`,
			undo: NO_BRIDGE,
			expect: { ipv4: open },
		},
		{
			name: "a bridge, a drop where frames come in at its port",
			needs: HAS_BRIDGES,
			setUp: `${BRIDGE}\n${INGRESS}`,
			undo: NO_BRIDGE,
			expect: { ipv4: unverified(/netdev edge, chain in: udp dport 60001 drop/) },
		},
		{
			name: "a bridge, a chain of its family that drops by default",
			needs: HAS_BRIDGES,
			setUp: `${BRIDGE}\n${FRAMES}`,
			undo: NO_BRIDGE,
			expect: { ipv4: unverified(/bridge frames, chain in: policy drop/) },
		},
		{
			name: "chains of bridges and of another interface, where the session's is neither",
			needs: HAS_BRIDGES,
			setUp: `${FRAMES}\n${INGRESS.replace('"eth0"', '"lo"')}`,
			expect: open,
		},
	],
};
