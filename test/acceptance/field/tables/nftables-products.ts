/** Rulesets that products write for nft beside, or instead of, an administrator's own, and conditions that few rulesets use. */

import { type FieldCase, open, serves, shut, unverified } from "../field-case.js";
import { input, nft } from "./common.js";

const BASE = "type filter hook input priority filter; policy drop;";
const USUAL = `iifname "lo" accept
	ct state established,related accept
	meta l4proto ipv6-icmp accept
	tcp dport 22 accept`;

export const NFTABLES_PRODUCTS: readonly FieldCase[] = [
	{
		name: "VyOS: a chain for what comes in by an interface, a drop by default, and tracking only for whom asks for it",
		setUp: nft(`table ip vyos_conntrack {
			chain VYOS_CT_IGNORE { return; }
			chain PREROUTING {
				type filter hook prerouting priority raw; policy accept;
				counter jump VYOS_CT_IGNORE
				counter jump FW_CONNTRACK
				counter jump NAT_CONNTRACK
				notrack
			}
			chain FW_CONNTRACK { accept; }
			chain NAT_CONNTRACK { return; }
		}
		table ip vyos_filter {
			chain VYOS_INPUT_filter {
				type filter hook input priority filter; policy accept;
				jump VYOS_STATE_POLICY
				iifname "eth0" counter jump NAME_WAN-LOCAL
				counter drop comment "INP-filter default-action drop"
			}
			chain VYOS_STATE_POLICY {
				ct state established counter accept
				ct state related counter accept
				ct state invalid counter drop
				return
			}
			chain NAME_WAN-LOCAL {
				meta l4proto tcp tcp dport 22 counter accept comment "ipv4-NAM-WAN-LOCAL-20"
				udp dport 60901 counter drop comment "ipv4-NAM-WAN-LOCAL-30"
				counter drop comment "NAM-WAN-LOCAL default-action drop"
			}
		}`),
		expect: { ipv4: serves },
	},
	{
		name: "a transparent proxy's: everything is taken by tproxy but what is for this host",
		setUp: nft(
			`table inet singbox {
			set local4 { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 127.0.0.0/8, 192.168.0.0/16 }; }
			chain prerouting {
				type filter hook prerouting priority mangle; policy accept;
				meta l4proto { tcp, udp } th dport 53 tproxy to :7893 accept
				fib daddr type { unspec, local, anycast, multicast } accept
				ip daddr @local4 accept
				meta l4proto tcp socket transparent 1 meta mark set 0x1 accept
				meta l4proto { tcp, udp } tproxy to :7893 meta mark set 0x1
			}
		}
		table inet filter { chain input { ${BASE} ${USUAL}; } }`,
		),
		expect: serves,
	},
	{
		name: "a transparent proxy that takes what is for this host as well",
		setUp: `${input("")}${nft(`table inet proxy {
			chain prerouting {
				type filter hook prerouting priority mangle; policy accept;
				iifname "eth0" meta l4proto udp udp dport 1024-65535 tproxy to :7893 meta mark set 0x1 accept
			}
		}`)}`,
		expect: unverified(/chain prerouting: .*tproxy to :7893/),
	},
	{
		name: "Podman's netavark: ports of containers by a map, beside a default drop",
		setUp: `${input("")}${nft(`table inet netavark {
			chain INPUT {
				type filter hook input priority filter; policy accept;
				ip saddr 10.88.0.0/16 meta l4proto { tcp, udp } th dport 53 accept
			}
			chain FORWARD {
				type filter hook forward priority filter; policy accept;
				ct state invalid drop
				jump NETAVARK-ISOLATION-1
				ip daddr 10.88.0.0/16 ct state { established, related } accept
				ip saddr 10.88.0.0/16 accept
			}
			chain NETAVARK-ISOLATION-1 { }
			chain POSTROUTING {
				type nat hook postrouting priority srcnat; policy accept;
				meta mark & 0x00002000 == 0x00002000 masquerade
				ip saddr 10.88.0.0/16 ip daddr != 224.0.0.0/4 masquerade
			}
			chain PREROUTING {
				type nat hook prerouting priority dstnat; policy accept;
				fib daddr type local jump NETAVARK-HOSTPORT-DNAT
			}
			chain OUTPUT {
				type nat hook output priority -100; policy accept;
				fib daddr type local jump NETAVARK-HOSTPORT-DNAT
			}
			chain NETAVARK-HOSTPORT-DNAT {
				tcp dport 8080 jump nv_web
				udp dport 5353 jump nv_web
			}
			chain NETAVARK-HOSTPORT-SETMARK { meta mark set meta mark | 0x00002000; }
			chain nv_web {
				ip saddr 10.88.0.0/16 tcp dport 8080 jump NETAVARK-HOSTPORT-SETMARK
				ip daddr 10.77.0.1 tcp dport 8080 dnat ip to 10.88.0.2:80
				udp dport 5353 dnat ip to 10.88.0.2:5353
			}
		}`)}`,
		expect: serves,
	},
	{
		name: "Incus' and libvirt's own tables for guests, beside a default drop",
		setUp: `${input("")}${nft(`table inet incus {
			chain in.incusbr0 {
				type filter hook input priority filter; policy accept;
				iifname "incusbr0" tcp dport 53 accept
				iifname "incusbr0" udp dport 53 accept
				iifname "incusbr0" icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld2-listener-report } accept
				iifname "incusbr0" udp dport 67 accept
			}
			chain out.incusbr0 {
				type filter hook output priority filter; policy accept;
				oifname "incusbr0" udp sport 67 accept
			}
			chain pstrt.incusbr0 {
				type nat hook postrouting priority srcnat; policy accept;
				ip saddr 10.9.8.0/24 ip daddr != 10.9.8.0/24 masquerade
			}
		}
		table ip libvirt_network {
			chain forward { type filter hook forward priority filter; policy accept; counter jump guest_input; }
			chain guest_input { oif "lo" counter reject; }
			chain postroute_mangle { type filter hook postrouting priority mangle; policy accept; oifname "virbr0" udp dport 68 counter @th,48,16 set 0; }
		}`)}`,
		expect: serves,
	},
	{
		name: "pairs of protocol and port by a map, the rest is rejected",
		setUp: nft(`table inet filter {
			chain refuse { limit rate 4/second burst 4 packets log prefix "refused: "; reject with icmpx admin-prohibited; }
			chain input {
				${BASE}
				ct state vmap { established : accept, related : accept, invalid : drop }
				iifname "lo" accept
				meta l4proto ipv6-icmp accept
				meta l4proto . th dport vmap { tcp . 22 : accept, udp . 53 : accept, udp . 60901 : drop, udp . 5000-5010 : accept }
				jump refuse
			}
		}`),
		denied: /chain input: meta l4proto \. th dport vmap/,
		expect: serves,
	},
	{
		name: "networks with ranges of ports by a map of verdicts",
		setUp: nft(`table inet filter {
			map who {
				type ipv4_addr . inet_service : verdict
				flags interval
				elements = { 192.0.2.0/24 . 1-65535 : accept, 198.51.100.0/24 . 60000-61000 : drop }
			}
			chain input {
				${BASE}
				${USUAL}
				meta l4proto udp ip saddr . udp dport vmap @who
			}
		}`),
		expect: serves,
	},
	{
		name: "this host's own address with a range of ports by a map of verdicts",
		setUp: nft(`table inet filter {
			map services {
				type ipv4_addr . inet_proto . inet_service : verdict
				flags interval
				elements = { 10.77.0.0/24 . udp . 60000-60999 : drop, 10.77.0.0/24 . tcp . 0-1023 : accept }
			}
			chain input {
				${BASE}
				${USUAL}
				ip daddr . meta l4proto . th dport vmap @services
			}
		}`),
		expect: { ipv4: shut(/vmap @services/), ipv6: serves },
	},
	{
		name: "chance sends half of all to each of two chains, which both drop",
		setUp: nft(`table inet filter {
			chain one { drop; }
			chain two { counter; drop; }
			chain input {
				${BASE}
				${USUAL}
				numgen random mod 2 vmap { 0 : jump one, 1 : jump two }
			}
		}`),
		expect: unverified(/numgen random mod 2 vmap|chain (one|two): /),
	},
	{
		name: "what no socket waits for is dropped, what is not for this host as well",
		setUp: input(
			`meta l4proto udp fib daddr . iif type != { local, broadcast, multicast } drop
			fib saddr . iif oif missing drop
			socket wildcard 1 meta mark set 0x9
			ct mark 0x77 drop`,
		),
		expect: serves,
	},
	{
		name: "bans by a set that rules fill, of who sends to a closed port",
		setUp: nft(`table inet filter {
			set banned { type ipv4_addr; flags dynamic, timeout; timeout 10m; size 65535; }
			set banned6 { type ipv6_addr; flags dynamic, timeout; timeout 10m; size 65535; }
			chain input {
				${BASE}
				${USUAL}
				ip saddr @banned counter drop
				ip6 saddr @banned6 counter drop
				tcp dport 23 add @banned { ip saddr } drop
				udp dport { 161, 1900 } add @banned { ip saddr timeout 1h } drop
				ct state new limit rate over 5000/second burst 9000 packets drop
			}
		}`),
		expect: unverified(/limit rate over 5000\/second .*drop/),
	},
	{
		name: "early bans at hook ingress by a set of networks, and the rest by zones of marks",
		setUp: nft(`table netdev guard {
			set bad { type ipv4_addr; flags interval; elements = { 198.51.100.0/24 }; }
			chain ingress {
				type filter hook ingress device "eth0" priority -500; policy accept;
				ip saddr @bad drop
				ip frag-off & 0x1fff != 0 drop
				tcp flags & (fin|syn) == (fin|syn) drop
			}
		}
		table inet zones {
			chain pre {
				type filter hook prerouting priority mangle; policy accept;
				iifname "eth0" meta mark set 0x10
				iifname "eth9" meta mark set 0x20
			}
			chain input {
				${BASE}
				${USUAL}
				meta mark vmap { 0x10 : jump world, 0x20 : accept }
			}
			chain world { udp dport 60901 drop; reject; }
		}`),
		expect: shut(/chain world: reject/),
	},
	{
		name: "Kubernetes' mark for what is to be dropped, which nothing sets here",
		setUp: nft(`table inet filter {
			chain mark-drop { meta mark set meta mark | 0x8000; }
			chain input {
				${BASE}
				meta mark & 0x8000 == 0x8000 counter drop
				${USUAL}
				udp dport 4000 jump mark-drop
			}
		}`),
		expect: serves,
	},
	{
		name: "a mark that one chain sets and another drops",
		setUp: nft(`table inet filter {
			chain pre { type filter hook prerouting priority -150; policy accept; udp dport 60000-61000 meta mark set mark or 0x40; }
			chain input {
				${BASE}
				${USUAL}
				meta mark & 0x40 != 0 drop
			}
		}`),
		expect: shut(/meta mark .*drop/),
	},
	{
		name: "a mark of the connection that one chain sets and another one lets in",
		setUp: nft(`table inet filter {
			chain pre { type filter hook prerouting priority -150; policy accept; ct state new udp dport 60000-61000 ct mark set 0x17; meta mark set ct mark; }
			chain input {
				${BASE}
				${USUAL}
				meta mark 0x17 accept
			}
		}`),
		expect: open,
	},
	{
		name: "a VPN's lock-down: nothing leaves but what it has marked",
		setUp: nft(`table inet mullvad {
			chain prerouting { type filter hook prerouting priority -199; policy accept; iif != "eth0" ct mark 0x00000f41 meta mark set 0x6d6f6c65; }
			chain input {
				${BASE}
				iif "lo" accept
				ct mark 0x00000f41 accept
				udp sport 67 ip daddr 255.255.255.255 udp dport 68 accept
				ct state established accept
				tcp dport 22 accept
			}
			chain output {
				type filter hook output priority filter; policy drop;
				oif "lo" accept
				ct mark 0x00000f41 accept
				udp dport 67 accept
				tcp sport 22 accept
				meta l4proto ipv6-icmp accept
				reject
			}
		}`),
		expect: { ipv4: shut(/chain output: reject/) },
	},
	{
		name: "a block list of countries, and of sources with their ports",
		setUp: input(
			`ip saddr @countries counter drop
			ip saddr . udp dport @pairs drop
			ip saddr . ip daddr . meta l4proto { 192.0.2.1 . 10.77.0.1 . udp } drop
			ip6 saddr & ffff:ffff:: == 2001:db8:: drop`,
			{
				more: `set countries { type ipv4_addr; flags interval; auto-merge; elements = { 1.0.1.0/24, 1.0.2.0-1.0.3.255 }; }
					set pairs { type ipv4_addr . inet_service; flags interval; elements = { 192.0.2.0/24 . 1-65535 }; }`,
			},
		),
		expect: serves,
	},
	{
		name: "an allow list of interfaces by a set, all others drop",
		setUp: nft(`table inet filter {
			set trusted { type ifname; elements = { "lo", "wg0" }; }
			chain input {
				type filter hook input priority filter; policy accept;
				ct state established,related accept
				meta l4proto ipv6-icmp accept
				iifname != @trusted meta l4proto { tcp, udp } jump outside
			}
			chain outside { tcp dport 22 accept; udp dport 60901 drop; drop; }
		}`),
		denied: /udp dport 60901 drop/,
		expect: serves,
	},
	{
		name: "zones of interfaces by a map by name, each with a drop of its own",
		setUp: nft(`table inet zones {
			map of_interface { type ifname : verdict; elements = { "lo" : accept, "eth0" : jump world, "eth7" : jump lan }; }
			chain world {
				tcp dport 22 accept
				udp dport 60901 drop
				meta l4proto ipv6-icmp accept
				counter drop
			}
			chain lan { accept; }
			chain input {
				${BASE}
				ct state established,related accept
				iifname vmap @of_interface
			}
		}`),
		denied: /chain world: udp dport 60901 drop/,
		expect: serves,
	},
	{
		name: "Secureblue's and others' inet firewall: prerouting drops what is no way back, input by protocol and state together",
		setUp: nft(`table inet firewall {
			chain PREROUTING_RAW {
				type filter hook prerouting priority raw; policy accept;
				tcp flags syn tcp option maxseg size 1-500 drop
				ip saddr { 0.0.0.0/8, 224.0.0.0/4 } drop
				ip6 saddr { ::1, ff00::/8 } iifname != "lo" drop
			}
			chain INPUT {
				${BASE}
				iifname "lo" accept
				ct state . meta l4proto vmap { established . tcp : accept, established . udp : accept, new . udp : jump UDP, new . tcp : jump TCP }
				meta l4proto ipv6-icmp accept
			}
			chain UDP { udp dport 53 accept; reject with icmpx port-unreachable; }
			chain TCP { tcp dport 22 accept; reject with tcp reset; }
		}`),
		expect: serves,
	},
	{
		name: "a counter, a quota and a limit by name",
		setUp: nft(`table inet filter {
			counter seen { }
			quota monthly { over 900 mbytes }
			limit calm { rate 400/minute; }
			chain input {
				${BASE}
				${USUAL}
				counter name "seen"
				udp dport 5000 limit name "calm" accept
				quota name "monthly" drop
			}
		}`),
		expect: unverified(/quota name "monthly" drop/),
	},
	{
		name: "a helper, a zone and an expectation for calls",
		setUp: nft(`table inet filter {
			ct helper sip { type "sip" protocol udp; l3proto inet; }
			chain pre {
				type filter hook prerouting priority raw; policy accept;
				iifname "eth9" ct zone set 1
				udp dport 5060 ct helper set "sip"
			}
			chain input {
				${BASE}
				${USUAL}
				ct helper "sip" accept
				udp dport { 5060, 5061 } accept
			}
		}`),
		needs: `nft -f - <<'END'
table inet try { ct helper sip { type "sip" protocol udp; l3proto inet; }; }
delete table inet try
END`,
		expect: serves,
	},
	{
		name: "only addresses of the interface that it comes in by, and this one stands on another",
		address: "192.0.2.1",
		setUp: `ip addr add 192.0.2.1/32 dev lo\n${nft(`table inet t {
			chain p { type filter hook prerouting priority mangle; fib daddr . iif type != { local, broadcast, multicast } drop; }
		}`)}`,
		undo: "ip addr del 192.0.2.1/32 dev lo",
		expect: { ipv4: unverified(/fib daddr \. iif type != .* drop/) },
	},
	{
		name: "options, kinds of frames and owners, of which no datagram has one that is dropped",
		setUp: nft(`table netdev early {
			chain in { type filter hook ingress device "eth0" priority -500; policy drop; ether type { arp, ip, ip6 } accept; }
		}
		table inet filter {
			chain input {
				type filter hook input priority filter; policy accept;
				ip option lsrr exists drop
				ip option rr exists drop
				tcp option maxseg size 1-500 drop
				meta skuid 33 drop
			}
		}
		table ip nat {
			chain pre { type nat hook prerouting priority dstnat; udp dport 60000-61000 dnat to 10.77.0.1; }
		}`),
		expect: open,
	},
	{
		name: "a chain without a name",
		setUp: nft(`table inet filter {
			chain input {
				${BASE}
				${USUAL}
				iifname "eth0" jump { udp dport 60001 drop; udp dport 53 accept; }
			}
		}`),
		expect: unverified(/iifname "eth0" jump \{ … \}/),
	},
	{
		name: "Proxmox' nft firewall: management by sets, kinds of rejects, a chain for the cluster that drops",
		setUp: nft(`table inet proxmox-firewall {
			set v4-dc/management { type ipv4_addr; flags interval; auto-merge; elements = { 192.0.2.0/24 }; }
			chain do-reject {
				meta pkttype broadcast drop
				ip saddr 224.0.0.0/4 drop
				meta l4proto tcp reject with tcp reset
				meta l4proto { icmp, ipv6-icmp } reject
				reject with icmpx admin-prohibited
				drop
			}
			chain allow-icmp {
				icmp type { destination-unreachable, time-exceeded } accept
				icmpv6 type { packet-too-big, nd-neighbor-solicit, nd-neighbor-advert } accept
			}
			chain accept-management { ip saddr @v4-dc/management accept; }
			chain default-in {
				iifname "lo" accept
				jump allow-icmp
				ct state vmap { established : accept, related : accept, invalid : drop }
				tcp dport { 8006, 5900-5999, 3128 } jump accept-management
				udp dport 5405-5412 accept
				udp dport { 135, 137-139, 445 } goto do-reject
				udp sport 137 udp dport 1024-65535 goto do-reject
				udp sport 53 drop
			}
			chain host-in { }
			chain cluster-in { tcp dport 22 accept; log prefix ":0:7:cluster-in: DROP: " group 0; drop; }
			chain input {
				type filter hook input priority filter; policy accept;
				jump default-in
				jump host-in
				jump cluster-in
			}
		}`),
		expect: serves,
	},
	{
		name: "each family is rejected by a message of its own, which nft lists without the family",
		setUp: nft(`table inet filter {
			chain input {
				type filter hook input priority filter; policy accept;
				iif lo accept
				tcp dport 22 accept
				meta l4proto udp reject with icmp type host-unreachable
			}
		}`),
		expect: { ipv4: serves, ipv6: open },
	},
	{
		name: "answers leave by the port at which their connection began, and one such port is denied",
		setUp: nft(`table inet filter {
			chain input { ${BASE} ${USUAL.replaceAll("\n", ";")}; meta l4proto udp ct original proto-dst 60901 drop; }
			chain output {
				type filter hook output priority filter; policy drop;
				oif lo accept
				tcp sport 22 accept
				meta l4proto ipv6-icmp accept
				meta l4proto udp ct original proto-dst 60000-60999 accept
			}
		}`),
		denied: /ct original proto-dst 60901 drop/,
		expect: serves,
	},
];
