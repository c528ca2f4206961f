/** Rulesets that administrators write for nft: by hand, as distributions ship them, and as roles and modules generate them. */

import { open, refuses, serves, shut, unverified } from "../field-case.js";
import type { Table } from "../tables.js";
import { input, nft } from "./common.js";
import { NFTABLES_PRODUCTS } from "./nftables-products.js";

const BASE = "type filter hook input priority filter; policy drop;";
const USUAL = `ct state vmap { established : accept, related : accept, invalid : drop }
	iifname "lo" accept
	meta l4proto { icmp, ipv6-icmp } accept
	tcp dport 22 accept`;

/** A table of one family each, in which the administrator's set opens ports. */
const SETS_OF_EACH_FAMILY = ["ip", "ip6"]
	.map((family) =>
		nft(`table ${family} filter {
			set mosh_ports { type inet_service; flags timeout; }
			chain input { ${BASE} ${USUAL.replace("icmp, ", "").replaceAll("\n", ";")}; udp dport @mosh_ports accept; }
		}`),
	)
	.join("");

export const NFTABLES: Table = {
	name: "nftables",
	kind: { tools: ["nft"], lists: ["nft list ruleset"], reset: "nft flush ruleset" },
	rows: [
		{ name: "nothing filters", setUp: "true", expect: open, by: /^none: / },
		{
			name: "policy accept and no rule",
			setUp: input("", { policy: "accept" }),
			expect: open,
			by: /^none: /,
		},
		{ name: "a default drop", setUp: input(""), expect: serves, by: /^nftables: / },
		{
			name: "the administrator opens the whole range",
			setUp: input("udp dport 60000-61000 accept"),
			expect: open,
		},
		{
			name: "a deny of the port, and one of the range, before the default drop",
			setUp: input("udp dport 60001 counter drop"),
			expect: shut(/inet filter, chain input: udp dport 60001 counter .*drop/),
		},
		{
			name: "all ports but some drop",
			setUp: input("udp dport != { 53, 123, 5353 } drop\ntcp dport != 22 drop", { policy: "accept" }),
			expect: shut(/inet filter, chain input: udp dport != \{ 53, 123, 5353 \} drop/),
			by: /^none: /,
		},
		{
			name: "a chain for each interface that ends in a drop",
			setUp: nft(`table inet filter {
				chain wan {
					tcp dport 22 accept
					meta l4proto ipv6-icmp accept
					udp dport 60901 drop
					limit rate 5/minute log prefix "wan drop: "
					counter drop
				}
				chain input {
					${BASE}
					${USUAL}
					iifname "eth0" jump wan
				}
			}`),
			denied: /chain wan: udp dport 60901 drop/,
			expect: serves,
		},
		{
			name: "a verdict map of protocols, UDP ends in a reject",
			setUp: nft(`table inet filter {
				chain tcp_in { tcp dport 22 accept; reject with tcp reset; }
				chain udp_in { udp dport { 53, 123 } accept; reject with icmpx port-unreachable; }
				chain input {
					${BASE}
					ct state vmap { established : accept, related : accept, invalid : drop }
					iifname "lo" accept
					meta l4proto vmap { icmp : accept, ipv6-icmp : accept, tcp : jump tcp_in, udp : jump udp_in }
				}
			}`),
			expect: serves,
		},
		{
			name: "a verdict map of interfaces, with a goto",
			setUp: nft(`table inet filter {
				chain world { udp dport 60901 reject; drop; }
				chain input {
					${BASE}
					${USUAL}
					iifname vmap { "eth0" : goto world, "eth1" : accept }
				}
			}`),
			denied: /chain world: udp dport 60901 reject/,
			expect: serves,
		},
		{
			name: "a verdict map of interfaces and protocols together",
			setUp: nft(`table inet filter {
				chain wan_udp { udp dport 53 accept; log prefix "wan udp "; drop; }
				chain input {
					${BASE}
					${USUAL}
					iifname . meta l4proto vmap { "eth0" . udp : jump wan_udp, "eth1" . tcp : accept }
				}
			}`),
			expect: serves,
		},
		{
			name: "a verdict map of ports drops this one by name",
			setUp: input("udp dport vmap { 53 : accept, 60001 : drop, 60002 : drop }"),
			expect: shut(/chain input: udp dport vmap \{ .*60001 : drop/),
		},
		{
			name: "a verdict map of ports lets others in",
			setUp: input("udp dport vmap { 53 : accept, 123 : accept, 51820 : accept }"),
			expect: serves,
		},
		{
			name: "a verdict map by name",
			setUp: input("udp dport vmap @services", {
				more: "map services { type inet_service : verdict; elements = { 53 : accept, 60001 : drop }; }",
			}),
			expect: shut(/chain input: udp dport vmap @services/),
		},
		{
			name: "Arch: a limited reject of what is for this host",
			setUp: nft(`table inet filter {
				chain input {
					type filter hook input priority filter; policy drop;
					ct state invalid drop comment "early drop of invalid connections"
					ct state {established, related} accept comment "allow tracked connections"
					iif lo accept comment "allow from loopback"
					ip protocol icmp accept comment "allow icmp"
					meta l4proto ipv6-icmp accept comment "allow icmp v6"
					tcp dport ssh accept comment "allow sshd"
					meta pkttype host limit rate 5/second counter reject with icmpx type admin-prohibited
					counter
				}
				chain forward { type filter hook forward priority filter; policy drop; }
			}`),
			expect: serves,
		},
		{
			name: "Debian: the workstation example, logs and rejects",
			setUp: nft(`table inet filter {
				chain input {
					type filter hook input priority 0;
					iif lo accept
					ct state established,related accept
					icmpv6 type { nd-neighbor-solicit, nd-router-advert, nd-neighbor-advert } accept
					tcp dport 22 accept
					counter drop
				}
			}`),
			expect: serves,
		},
		{
			name: "Gentoo: new connections by a chain for each protocol, ends in a jump to a log chain",
			setUp: nft(`table inet filter {
				chain tcp_chain { tcp dport 22 accept; }
				chain udp_chain { udp dport 68 accept; }
				chain logdrop { limit rate 10/minute burst 5 packets log prefix "[nft drop] "; counter drop; }
				chain input {
					${BASE}
					ct state { established, related } accept
					ct state invalid drop
					iifname "lo" accept
					ip protocol icmp icmp type echo-request accept
					meta l4proto ipv6-icmp accept
					meta l4proto udp ct state new jump udp_chain
					tcp flags & (fin | syn | rst | ack) == syn ct state new jump tcp_chain
					jump logdrop
				}
			}`),
			expect: serves,
		},
		{
			name: "NixOS: new ones to a chain of their own, and a reverse path filter that drops by default",
			setUp: nft(`table inet nixos-fw {
				chain rpfilter {
					type filter hook prerouting priority mangle + 10; policy drop;
					meta nfproto ipv4 udp sport . udp dport { 67 . 68, 68 . 67 } accept
					fib saddr . mark . iif oif exists accept
					jump rpfilter-allow
				}
				chain rpfilter-allow { }
				chain input {
					${BASE}
					iifname { "lo" } accept comment "trusted interfaces"
					ct state vmap { invalid : drop, established : accept, related : accept, new : jump input-allow, untracked : jump input-allow }
					tcp flags & (fin | syn | rst | ack) == syn log level info prefix "refused connection: "
				}
				chain input-allow {
					tcp dport 22 accept
					icmp type echo-request accept comment "allow ping"
					icmpv6 type != { nd-redirect, 139 } accept
				}
			}`),
			expect: serves,
		},
		{
			name: "OpenWrt's fw4: zones that reject",
			setUp: nft(`table inet fw4 {
				chain input {
					type filter hook input priority filter; policy accept;
					iifname "lo" accept comment "!fw4: Accept traffic from loopback"
					ct state established,related accept comment "!fw4: Allow inbound established and related flows"
					tcp flags & (fin | syn | rst | ack) == syn jump syn_flood comment "!fw4: Rate limit TCP syn packets"
					iifname "br-lan" jump input_lan comment "!fw4: Handle lan IPv4/IPv6 input traffic"
					iifname "eth0" jump input_wan comment "!fw4: Handle wan IPv4/IPv6 input traffic"
				}
				chain syn_flood {
					limit rate 25/second burst 50 packets return comment "!fw4: Accept SYN packets below rate-limit"
					drop comment "!fw4: Drop excess packets"
				}
				chain input_lan { jump accept_from_lan; }
				chain accept_from_lan { iifname "br-lan" counter accept; }
				chain input_wan {
					meta nfproto ipv4 udp dport 68 counter accept comment "!fw4: Allow-DHCP-Renew"
					icmp type echo-request counter accept comment "!fw4: Allow-Ping"
					meta l4proto ipv6-icmp limit rate 1000/second counter accept comment "!fw4: Allow-ICMPv6-Input"
					tcp dport 22 counter accept
					jump reject_from_wan
				}
				chain reject_from_wan { iifname "eth0" counter jump handle_reject; }
				chain handle_reject {
					meta l4proto tcp reject with tcp reset comment "!fw4: Reject TCP traffic"
					reject comment "!fw4: Reject any other traffic"
				}
				chain prerouting { type filter hook prerouting priority filter; policy accept; iifname "br-lan" jump helper_lan; }
				chain helper_lan { }
				chain raw_prerouting { type filter hook prerouting priority raw; policy accept; }
				chain mangle_input { type filter hook input priority mangle; policy accept; }
			}`),
			expect: serves,
		},
		{
			name: "Alpine's: includes, a drop of what is odd, and policy drop in all directions but out",
			setUp: nft(`table inet filter {
				chain input {
					type filter hook input priority 0; policy drop;
					iifname lo accept
					ct state { established, related } accept
					ct state invalid drop
					tcp flags & (fin|syn|rst|psh|ack|urg) == 0x0 drop
					icmp type echo-request limit rate 10/second accept
					ip6 nexthdr icmpv6 accept
					tcp dport 22 accept
				}
				chain output { type filter hook output priority 0; policy accept; }
			}`),
			expect: serves,
		},
		{
			name: "foomuuri's: zones by a map of marks and interfaces, a chain for each pair",
			setUp: nft(`table inet foomuuri {
				chain input {
					type filter hook input priority filter + 5; policy accept;
					ct state established,related accept
					iifname vmap { "lo" : accept, "eth0" : jump public-localhost }
					jump input_else
				}
				chain public-localhost {
					jump localhost_filter
					tcp dport 22 accept
					jump drop_public
				}
				chain localhost_filter { icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; }
				chain drop_public { limit rate 1/second burst 3 packets log prefix "public-localhost DROP "; counter drop; }
				chain input_else { log prefix "input_else "; drop; }
			}`),
			expect: serves,
		},
		{
			name: "an ansible role's: global chains, and includes that end in a counted drop",
			setUp: nft(`table inet filter {
				set blackhole4 { type ipv4_addr; flags interval; }
				set in_tcp_accept { type inet_service; flags interval; elements = { 22 }; }
				set in_udp_accept { type inet_service; flags interval; elements = { 53, 5000-5010 }; }
				chain global {
					ct state established,related accept
					ct state invalid drop
				}
				chain input {
					${BASE}
					jump global
					iif lo accept
					ip saddr @blackhole4 counter drop
					icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
					tcp dport @in_tcp_accept ct state new accept
					udp dport @in_udp_accept accept
					counter drop comment "ansible: default drop"
				}
			}`),
			expect: serves,
		},
		{
			name: "puppet-nftables': a chain for each service, then a reject and a drop",
			setUp: nft(`table inet filter {
				chain INPUT {
					${BASE}
					iif lo accept
					jump global
					jump default_in
					limit rate 3/minute burst 5 packets log prefix "[nftables] INPUT Rejected: " flags all counter
					reject with icmpx type port-unreachable
				}
				chain global { ct state established,related accept; ct state invalid drop; meta l4proto ipv6-icmp accept; }
				chain default_in { tcp dport 22 accept; }
			}`),
			expect: serves,
		},
		{
			name: "a cloud image: ssh by a rate, ICMP by a rate, and the rest is dropped",
			setUp: nft(`table inet firewall {
				chain inbound_ipv4 { icmp type echo-request limit rate 5/second accept; }
				chain inbound_ipv6 { icmpv6 type { nd-neighbor-solicit, nd-router-advert, nd-neighbor-advert } accept; }
				chain inbound {
					${BASE}
					ct state vmap { established : accept, related : accept, invalid : drop }
					iifname lo accept
					meta protocol vmap { ip : jump inbound_ipv4, ip6 : jump inbound_ipv6 }
					tcp dport { 22, 80, 443 } accept
					log prefix "[nftables] Inbound Denied: " counter drop
				}
			}`),
			expect: serves,
		},
		{
			name: "fail2ban's and crowdsec's tables before a default drop",
			setUp: `${input("")}${nft(`table inet f2b-table {
				set addr-set-sshd { type ipv4_addr; elements = { 203.0.113.5 }; }
				chain f2b-chain {
					type filter hook input priority filter - 1; policy accept;
					tcp dport 22 ip saddr @addr-set-sshd reject with icmp port-unreachable
				}
			}
			table ip crowdsec {
				set crowdsec-blacklists { type ipv4_addr; flags timeout; elements = { 198.51.100.7 timeout 1h }; }
				chain crowdsec-chain {
					type filter hook input priority filter - 10; policy accept;
					ip saddr @crowdsec-blacklists drop
				}
			}`)}`,
			expect: serves,
		},
		{
			name: "sshguard's: a set of attackers before everything",
			setUp: `${input("")}${nft(`table ip sshguard {
				set attackers { type ipv4_addr; flags interval; elements = { 203.0.113.0/24 }; }
				chain blacklist { type filter hook input priority filter - 10; policy accept; ip saddr @attackers drop; }
			}`)}`,
			expect: serves,
		},
		{
			name: "a block list of networks before everything",
			setUp: input("ip saddr @blocked drop\nip6 saddr @blocked6 drop", {
				more: `set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 198.51.100.0/24 }; }
				set blocked6 { type ipv6_addr; flags interval; elements = { 2001:db8::/32 }; }`,
			}),
			expect: serves,
		},
		{
			name: "an allow list of sources: others are dropped by name",
			setUp: input("ip saddr != @friends drop\nip6 saddr != fd00:1::/32 drop", {
				policy: "accept",
				more: "set friends { type ipv4_addr; flags interval; elements = { 198.51.100.0/24 }; }",
			}),
			expect: {
				ipv4: shut(/^closed by the default: inet filter, chain input: ip saddr != @friends drop/),
				ipv6: shut(/chain input: ip6 saddr != fd00:1::\/32 drop/),
			},
		},
		{
			name: "a country list by a map, and the rest drops",
			setUp: input("ct state new ip saddr vmap @countries", {
				more: "map countries { type ipv4_addr : verdict; flags interval; elements = { 192.0.2.0/24 : accept, 203.0.113.0/24 : drop }; }",
			}),
			expect: serves,
		},
		{
			name: "a last rule for all but loopback, with policy accept",
			setUp: input('iifname != "lo" counter reject', { policy: "accept" }),
			expect: serves,
		},
		{
			name: "a flood guard, a deny of another interface, then the default drop",
			setUp: input('meta l4proto udp limit rate over 1000/second drop\niifname "docker0" drop'),
			expect: unverified(/meta l4proto udp limit rate over 1000\/second drop/),
		},
		{
			name: "who begins too much is banned for a while, by a rate of each source",
			setUp: input(
				`ip saddr @banned drop
				ct state new udp dport != 53 update @rates { ip saddr limit rate over 100/second } add @banned { ip saddr timeout 10m } drop`,
				{
					more: `set banned { type ipv4_addr; size 1024; flags dynamic,timeout; timeout 10m; }
						set rates { type ipv4_addr; size 1024; flags dynamic,timeout; timeout 1m; }`,
				},
			),
			expect: { ipv4: unverified(/add @banned/) },
		},
		{
			name: "who begins anything that is not for him is banned, before the guard's rule",
			setUp: input(
				`ip saddr @banned drop
				tcp dport != 22 ct state new add @banned { ip saddr timeout 10m } drop
				udp dport { 19, 161, 1900 } add @banned { ip saddr timeout 10m } drop`,
				{ more: "set banned { type ipv4_addr; size 1024; flags dynamic,timeout; timeout 10m; }" },
			),
			expect: { ipv4: serves },
		},
		{
			name: "a dynamic set as a meter: who sends too much is dropped",
			setUp: input("udp dport 1024-65535 update @meter4 { ip saddr limit rate over 100/second } drop", {
				more: "set meter4 { type ipv4_addr; size 1024; flags dynamic,timeout; timeout 1m; }",
			}),
			expect: { ipv4: unverified(/@meter4/), ipv6: serves },
		},
		{
			name: "port knocking: a set that nobody is in",
			setUp: input(
				"tcp dport 1234 add @knocked { ip saddr }\nip saddr @knocked udp dport 60000-61000 accept",
				{
					more: "set knocked { type ipv4_addr; flags timeout; timeout 10s; }",
				},
			),
			expect: serves,
		},
		{
			name: "tables of one family each, chains in small letters",
			setUp: nft(`table ip filter {
				chain input {
					type filter hook input priority 0; policy drop;
					iif lo accept
					ct state established,related accept
					icmp type echo-request accept
					tcp dport 22 accept
				}
			}
			table ip6 filter {
				chain input {
					type filter hook input priority 0; policy drop;
					iif lo accept
					ct state established,related accept
					meta l4proto ipv6-icmp accept
					tcp dport 22 accept
				}
			}`),
			expect: serves,
			by: /^nftables: /,
		},
		{
			name: "tables of one family each with the administrator's set",
			setUp: SETS_OF_EACH_FAMILY,
			config: '[nftables]\nset = "mosh_ports"\n',
			expect: serves,
		},
		{
			name: "tables of one family each with the administrator's set, nftables named",
			setUp: SETS_OF_EACH_FAMILY,
			config: '[firewall]\nname = "nftables"\n[nftables]\nset = "mosh_ports"\n',
			expect: serves,
		},
		{
			name: "tables of one family each, named as iptables names its own",
			setUp: nft(`table ip filter {
				set blocked { type ipv4_addr; flags interval; elements = { 192.0.2.0/24 }; }
				chain INPUT { ${BASE} iifname "lo" accept; ip saddr @blocked counter drop; udp dport 60901 drop; tcp dport 22 accept; }
			}
			table ip6 filter {
				set blocked { type ipv6_addr; flags interval; elements = { 2001:db8::/32 }; }
				chain INPUT { ${BASE} meta l4proto ipv6-icmp accept; ip6 saddr @blocked counter drop; udp dport 60901 drop; tcp dport 22 accept; }
			}`),
			denied: /ip6? filter: -A INPUT .*--dport 60901 -j DROP/,
			expect: serves,
		},
		{
			name: "no connection tracking at all, tables of any name",
			setUp: nft(`table ip filter4 {
				chain input { ${BASE} iif lo accept; tcp dport 22 accept; udp sport 53 accept; }
			}
			table ip6 filter6 {
				chain input { ${BASE} iif lo accept; tcp dport 22 accept; icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept; }
			}`),
			lacks: { missing: "^conntrack$" },
			expect: serves,
		},
		{
			name: "two rules that drop every address together",
			setUp: input(
				"ip saddr 0.0.0.0/1 drop\nip saddr 128.0.0.0/1 drop\nip6 saddr ::/1 drop\nip6 saddr 8000::/1 drop",
			),
			expect: { ipv4: shut(/ip saddr 0\.0\.0\.0\/1 drop/), ipv6: shut(/ip6 saddr ::\/1 drop/) },
		},
		{
			name: "of two halves, one is let in and the other drops",
			setUp: input("ip saddr 0.0.0.0/1 accept\nip saddr 128.0.0.0/1 drop"),
			expect: { ipv4: unverified(/ip saddr 128\.0\.0\.0\/1 drop/), ipv6: serves },
		},
		{
			name: "sets that have every address drop",
			setUp: input("ip saddr @ours4 drop\nip6 saddr @ours6 drop", {
				more: `set ours4 { type ipv4_addr; flags interval; elements = { 0.0.0.0/1, 128.0.0.0/1 }; }
				set ours6 { type ipv6_addr; flags interval; elements = { ::/0 }; }`,
			}),
			expect: { ipv4: shut(/ip saddr @ours4 drop/), ipv6: shut(/ip6 saddr @ours6 drop/) },
		},
		{
			name: "a set that has every address, of those who are let in",
			setUp: input("ip saddr != @friends drop\nip6 saddr @friends6 accept", {
				policy: "accept",
				more: `set friends { type ipv4_addr; flags interval; elements = { 0.0.0.0/0 }; }
				set friends6 { type ipv6_addr; flags interval; elements = { ::/0 }; }`,
			}),
			expect: open,
		},
		{
			name: "a map of every address, and one of every address and this port",
			setUp: input(
				"ip saddr vmap { 0.0.0.0/1 : drop, 128.0.0.0/1 : drop }\nip6 saddr . udp dport @pairs drop",
				{
					more: "set pairs { type ipv6_addr . inet_service; flags interval; elements = { ::/1 . 60001, 8000::/1 . 60000-60100 }; }",
				},
			),
			expect: { ipv4: shut(/ip saddr vmap \{/), ipv6: shut(/@pairs drop/) },
		},
		{
			name: "answers to every address drop, by a set",
			setUp: `${input("")}${nft(`table inet out {
				set ours { type ipv4_addr; flags interval; elements = { 0.0.0.0/1, 128.0.0.0/1 }; }
				chain o { type filter hook output priority filter; policy accept; udp sport 60001 ip daddr @ours drop; }
			}`)}`,
			expect: { ipv4: shut(/drops the answer: inet out, chain o: .*@ours drop/), ipv6: serves },
		},
		{
			name: "who sends is put into a set, and what the set has drops",
			setUp: input("udp dport 60001 add @seen { ip saddr timeout 1m }\nip saddr @seen drop", {
				more: "set seen { type ipv4_addr; flags dynamic,timeout; size 1024; }",
			}),
			expect: { ipv4: shut(/ip saddr @seen drop/), ipv6: serves },
		},
		{
			name: "what the set has drops, and who sends is put into it",
			setUp: input("ip saddr @seen drop\nudp dport 60001 add @seen { ip saddr timeout 1m }", {
				more: "set seen { type ipv4_addr; flags dynamic,timeout; size 1024; }",
			}),
			expect: { ipv4: unverified(/ip saddr @seen drop/), ipv6: serves },
		},
		{
			name: "an element of a set counts beyond a rate of its own",
			setUp: input("udp dport @often drop", {
				more: "set often { type inet_service; limit rate over 1000/second; elements = { 60001 limit rate over 1000/second }; }",
			}),
			expect: unverified(/udp dport @often drop/),
		},
		{
			name: "the sender is rewritten for this host",
			setUp: `${input("")}${nft("table ip mynat { chain i { type nat hook input priority 100; udp dport 60001 snat to 10.99.0.2; } }")}`,
			expect: { ipv4: unverified(/mynat, chain i: .*snat to 10\.99\.0\.2/), ipv6: serves },
		},
		{
			name: "the answer to what is not tracked is sent as another's",
			setUp: `${input("")}${nft(`table ip raw { chain pre { type filter hook prerouting priority raw; udp dport 60001 notrack; } }
			table ip mynat { chain post { type nat hook postrouting priority srcnat; udp sport 60001 snat to 10.77.0.55; } }`)}`,
			expect: {
				ipv4: unverified(/its answers may be dropped: ip mynat, chain post: .*snat to/),
				ipv6: serves,
			},
		},
		{
			name: "a port is rewritten on its way out",
			setUp: `${input("")}${nft("table inet odd { chain post { type filter hook postrouting priority 300; policy accept; udp sport 60001 udp sport set 60002; } }")}`,
			expect: unverified(/its answers may be dropped: inet odd, chain post: .*udp sport set 60002/),
		},
		{
			name: "IPv4 alone is filtered",
			setUp: nft(
				`table ip filter { chain input { ${BASE} iif lo accept; ct state established,related accept; tcp dport 22 accept; } }`,
			),
			expect: { ipv4: serves, ipv6: open },
		},
		{
			name: "IPv6 alone is filtered",
			setUp: nft(
				`table ip6 filter { chain input { ${BASE} iif lo accept; meta l4proto ipv6-icmp accept; tcp dport 22 accept; } }`,
			),
			expect: { ipv4: open, ipv6: serves },
		},
		{
			name: "two tables that both drop",
			setUp: input("") + input("udp dport 60901 drop", { name: "custom", priority: "filter + 5" }),
			denied: /inet custom, chain input: udp dport 60901 drop/,
			expect: serves,
		},
		{
			name: "two tables that both drop, and a socket for every address",
			setUp: input("") + input("", { name: "custom", priority: "filter + 5" }),
			everywhere: true,
			expect: { ipv4: serves },
		},
		{
			name: "two tables that both drop, nftables named",
			setUp: input("") + input("", { name: "custom", priority: "filter + 5" }),
			config: '[firewall]\nname = "nftables"\n',
			expect: serves,
		},
		{
			name: "two chains of one table that both drop",
			setUp: nft(`table inet filter {
				chain early { type filter hook input priority filter - 5; policy drop; ${USUAL.replaceAll("\n", ";")}; }
				chain input { ${BASE} ${USUAL.replaceAll("\n", ";")}; counter drop; }
			}`),
			expect: serves,
		},
		{
			name: "a table of both families and one of IPv4, beside one that is switched off",
			setUp: `${input("")}${nft(`table ip more { chain input { type filter hook input priority filter + 5; policy drop; tcp dport 22 accept; ct state established accept; } }
			table inet old { flags dormant; chain input { ${BASE} } }`)}`,
			expect: serves,
		},
		{
			name: "nothing but a table that is switched off",
			setUp: nft(`table inet old { flags dormant; chain input { ${BASE} tcp dport 22 accept; } }`),
			expect: open,
			by: /^none: /,
		},
		{
			name: "netdev ingress drops what is not named",
			setUp: `${input("")}${nft(`table netdev early {
				chain ingress { type filter hook ingress device "eth0" priority -500; policy accept; udp dport 1024-65535 drop; }
			}`)}`,
			expect: shut(/netdev early, chain ingress: udp dport 1024-65535 drop/),
		},
		{
			name: "netdev ingress drops a list of sources only",
			setUp: `${input("")}${nft(`table netdev early {
				set bogons { type ipv4_addr; flags interval; elements = { 192.0.2.0/24, 198.51.100.0/24 }; }
				chain ingress { type filter hook ingress device "eth0" priority -500; policy accept; ip saddr @bogons drop; ip frag-off & 0x1fff != 0 drop; }
			}`)}`,
			expect: serves,
		},
		{
			name: "ingress of family inet drops",
			needs: `nft -c 'table inet early { chain ingress { type filter hook ingress device "eth0" priority -500; }; }'`,
			setUp: `${input("")}${nft(`table inet early {
				chain ingress { type filter hook ingress device "eth0" priority -500; policy accept; udp dport 60000-61000 drop; }
			}`)}`,
			expect: shut(/inet early, chain ingress: udp dport 60000-61000 drop/),
		},
		{
			name: "hook prerouting drops, and nothing by default",
			setUp: nft(
				"table inet early { chain pre { type filter hook prerouting priority -150; udp dport 60000-61000 drop; } }",
			),
			expect: shut(/inet early, chain pre: udp dport 60000-61000 drop/),
		},
		{
			name: "raw and mangle priorities at hook input drop before the filter",
			setUp: `${input("")}${nft("table inet early { chain i { type filter hook input priority mangle; policy accept; meta l4proto udp udp dport >= 60000 drop; } }")}`,
			expect: shut(/inet early, chain i: .*udp dport >= 60000 drop/),
		},
		{
			name: "another table drops the port with a later priority, which the administrator means",
			setUp: `${input("")}${nft("table inet late { chain i { type filter hook input priority 100; policy accept; udp dport 60001 drop; } }")}`,
			expect: shut(/inet late, chain i: udp dport 60001 drop/),
		},
		{
			name: "an accept in an early chain does not end the walk",
			setUp: `${nft("table inet early { chain i { type filter hook input priority -50; policy accept; udp dport 60000-61000 accept; } }")}${input("")}`,
			expect: serves,
		},
		{
			name: "the range goes to another port",
			setUp: `${input("")}${nft("table ip mynat { chain pre { type nat hook prerouting priority dstnat; udp dport 60000-61000 redirect to :5000; } }")}`,
			expect: {
				ipv4: shut(
					/which sends datagrams elsewhere: ip mynat, chain pre: udp dport 60000-61000 redirect to :5000/,
				),
				ipv6: serves,
			},
		},
		{
			name: "the range goes to another host",
			setUp: `${input("")}${nft('table ip mynat { chain pre { type nat hook prerouting priority dstnat; iifname "eth0" udp dport 60001-60999 dnat to 172.31.0.2; } }')}`,
			expect: {
				ipv4: shut(/which sends datagrams elsewhere: ip mynat, chain pre: .*dnat to 172\.31\.0\.2/),
				ipv6: serves,
			},
		},
		{
			name: "a map of ports to hosts that has this one not",
			setUp: `${input("")}${nft("table ip mynat { chain pre { type nat hook prerouting priority dstnat; dnat to udp dport map { 53 : 172.31.0.2, 51820 : 172.31.0.3 }; } }")}`,
			expect: serves,
		},
		{
			name: "masquerading for guests beside a default drop",
			setUp: `${input("")}${nft('table inet nat { chain post { type nat hook postrouting priority srcnat; ip saddr 192.168.122.0/24 oifname "eth0" masquerade; } }')}`,
			expect: serves,
		},
		{
			name: "OUTPUT drops by default and lets named ports out",
			setUp: `${input("")}${nft("table inet out { chain o { type filter hook output priority filter; policy drop; oif lo accept; tcp sport 22 accept; udp dport 53 accept; meta l4proto ipv6-icmp accept; } }")}`,
			expect: shut(/^closed by the default, which drops the answer: inet out, chain o: policy drop$/),
		},
		{
			name: "OUTPUT drops by default and lets answers out",
			setUp: `${input("")}${nft("table inet out { chain o { type filter hook output priority filter; policy drop; oif lo accept; ct state established,related accept; meta l4proto ipv6-icmp accept; } }")}`,
			expect: serves,
		},
		{
			name: "OUTPUT lets out what root sends",
			setUp: `${input("")}${nft("table inet out { chain o { type filter hook output priority filter; policy drop; oif lo accept; tcp sport 22 accept; meta skuid 0 accept; meta l4proto ipv6-icmp accept; } }")}`,
			expect: unverified(/meta skuid|policy drop/),
		},
		{
			name: "postrouting drops UDP from high ports",
			setUp: `${input("")}${nft("table inet out { chain p { type filter hook postrouting priority filter; policy accept; udp sport 60000-61000 drop; } }")}`,
			expect: shut(
				/^closed by the (administrator's rule|default), which drops the answer: inet out, chain p: udp sport 60000-61000 drop/,
			),
		},
		{
			name: "UDP is not tracked, and the default drop stands",
			setUp: `${input("")}${nft("table inet raw { chain pre { type filter hook prerouting priority raw; meta l4proto udp notrack; }\nchain out { type filter hook output priority raw; meta l4proto udp notrack; } }")}`,
			expect: serves,
		},
		{
			name: "UDP is not tracked, and OUTPUT lets out only what is",
			setUp: `${input("")}${nft(`table inet raw { chain pre { type filter hook prerouting priority raw; udp dport 60000-61000 notrack; } }
			table inet out { chain o { type filter hook output priority filter; policy drop; oif lo accept; ct state established accept; tcp sport 22 accept; } }`)}`,
			expect: shut(/^closed by the default, which drops the answer: inet out, chain o: policy drop$/),
		},
		{
			name: "a mark that another program sets is let in, all else drops",
			setUp: input("meta mark 0x42 accept\nct mark 0x17 accept"),
			expect: serves,
		},
		{
			name: "drops what carries a mark that nothing sets",
			setUp: input("meta mark 0x42 drop"),
			expect: serves,
		},
		{
			name: "lets in by the hour",
			setUp: input(
				'meta hour "08:00"-"08:01" udp dport 5000 accept\nmeta hour "03:00"-"03:01" udp dport 60000-61000 drop',
			),
			expect: unverified(/meta hour .*drop/),
		},
		{
			name: "broadcast and multicast drop quietly before the default",
			setUp: input(
				"meta pkttype { broadcast, multicast } drop\nfib daddr type { broadcast, anycast, multicast } drop",
			),
			expect: serves,
		},
		{
			name: "a connection limit for each source",
			setUp: input("udp dport 60000-61000 ct count over 100 drop"),
			expect: unverified(/ct count over 100 drop/),
		},
		{
			name: "a quota, a length and a hop limit",
			setUp: input("udp length > 1500 drop\nip ttl < 1 drop\nip6 hoplimit < 1 drop"),
			expect: unverified(/(length|ttl|hoplimit) .*drop/),
		},
		{
			name: "a log to a program, then the drop",
			setUp: input('log group 2 prefix "in: "\ncounter name dropped drop', { more: "counter dropped { }" }),
			expect: serves,
		},
		{
			name: "an administrator's set of ports, declared for the guard",
			setUp: input("udp dport @mosh_ports accept", {
				more: "set mosh_ports { type inet_service; flags timeout; }",
			}),
			config: '[nftables]\nset = "mosh_ports"\n',
			expect: serves,
		},
		{
			name: "an administrator's set that no rule accepts",
			setUp: input("", { more: "set mosh_ports { type inet_service; flags timeout; }" }),
			config: '[nftables]\nset = "mosh_ports"\n',
			expect: serves,
		},
		{
			name: "a drop chain that single ports and the rest lead to",
			setUp: nft(`table inet filter {
				chain off { counter drop; }
				chain input { ${BASE} ${USUAL.replaceAll("\n", ";")}; udp dport 60901 jump off; jump off; }
			}`),
			denied: /chain off: counter .*drop|chain input: udp dport 60901 jump off/,
			expect: serves,
		},
		{
			name: "a drop chain that forwarded datagrams pass too, with a deny in it",
			setUp: nft(`table inet filter {
				chain off { udp dport 60901 drop; drop; }
				chain input { type filter hook input priority filter; policy accept; ${USUAL.replaceAll("\n", ";")}; iifname "eth0" jump off; }
				chain forward { type filter hook forward priority filter; udp dport 9 jump off; }
			}`),
			expect: refuses(/chain off/),
		},
		{
			name: "Tailscale's and Docker's tables beside a default drop",
			setUp: `${input("")}${nft(`table ip docker-bridges {
				chain filter-FORWARD { type filter hook forward priority filter; policy drop; }
				chain nat-PREROUTING { type nat hook prerouting priority dstnat; policy accept; fib daddr type local counter jump nat-OUT-PRE; }
				chain nat-OUT-PRE { tcp dport 8080 dnat to 172.17.0.2:80; }
			}
			table ip ts { chain ts-input { type filter hook input priority filter - 1; policy accept; ip saddr 100.64.0.0/10 iifname != "tailscale0" drop; } }`)}`,
			expect: serves,
		},
		{
			name: "kube-proxy's nftables mode beside a default drop",
			setUp: `${input("")}${nft(`table ip kube-proxy {
				set cluster-ips { type ipv4_addr; elements = { 10.96.0.1 }; }
				map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict; elements = { 10.96.0.9 . tcp . 80 : goto reject-chain }; }
				map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; elements = { 10.96.0.1 . tcp . 443 : goto service-kubernetes }; }
				map service-nodeports { type inet_proto . inet_service : verdict; elements = { tcp . 30080 : goto service-kubernetes }; }
				chain reject-chain { reject; }
				chain service-kubernetes { meta l4proto tcp dnat to 10.0.0.1:6443; }
				chain filter-input { type filter hook input priority -110; policy accept; ct state new jump service-endpoints-check; }
				chain service-endpoints-check { ip daddr . meta l4proto . th dport vmap @no-endpoint-services; }
				chain nat-prerouting { type nat hook prerouting priority dstnat; policy accept; jump services; }
				chain services { ip daddr . meta l4proto . th dport vmap @service-ips; fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto . th dport vmap @service-nodeports; }
			}`)}`,
			expect: serves,
		},
		{
			name: "fifty thousand addresses in a set of the same table",
			setUp: `{
				echo 'table inet filter { set bl { type ipv4_addr; flags interval; elements = {'
				awk 'BEGIN { for (i = 0; i < 50000; i += 1) print 45 + int(i / 4194304) "." int(i / 16384) % 256 "." int(i / 64) % 256 "." i % 64 * 3 + 1 "," }'
				echo '}; }; chain input { ${BASE} iif lo accept; ct state established,related accept; ip saddr @bl drop; tcp dport 22 accept; }; }'
			} | nft -f -`,
			expect: serves,
		},
		{
			name: "another address than the interface's",
			address: "192.0.2.1",
			setUp: `ip addr add 192.0.2.1/32 dev lo\n${input("")}`,
			undo: "ip addr del 192.0.2.1/32 dev lo",
			expect: { ipv4: serves },
		},
		{
			name: "an interface in a VRF",
			needs: "ip link add try type vrf table 99 && ip link del try",
			setUp: `ip link add mgmt type vrf table 10; ip link set mgmt up; ip link set eth0 master mgmt
				sysctl -qw net.ipv4.udp_l3mdev_accept=1\n${input("")}`,
			undo: "ip link set eth0 nomaster; ip link del mgmt",
			expect: { ipv4: serves },
		},
		{
			name: "a flowtable beside a default drop",
			needs:
				"nft 'table inet try { flowtable f { hook ingress priority 0; devices = { lo }; }; }'; nft delete table inet try",
			setUp: input("", { more: "flowtable f { hook ingress priority 0; devices = { eth0 }; }" }),
			expect: serves,
		},
		{
			name: "no iptables of either kind",
			setUp: input(""),
			lacks: { missing: "^ip6?tables" },
			expect: serves,
			by: /^nftables: /,
		},
		{
			name: "nft without JSON, and nothing else",
			setUp: input(""),
			lacks: { failing: { line: "^nft .*-[a-z]*j", words: "Error: JSON support not compiled-in" } },
			expect: unverified(/JSON/),
			by: /^none: .*JSON support not compiled-in/,
		},
		{
			name: "no right to read any rule",
			setUp: input(""),
			lacks: {
				failing: { line: "^(nft|ip6?tables)", words: "Operation not permitted (you must be root)" },
			},
			expect: unverified(/you must be root/),
			by: /^none: .*you must be root/,
		},
		{
			name: "all is flushed and loaded anew while a session is open",
			setUp: input(""),
			later: `nft flush ruleset\n${input("udp dport 5000 accept")}`,
			expect: serves,
		},
		{
			name: "all is flushed and loaded anew while a session is open, the administrator's set with it",
			setUp: input("udp dport @mosh_ports accept", {
				more: "set mosh_ports { type inet_service; flags timeout; }",
			}),
			config: '[nftables]\nset = "mosh_ports"\n',
			later: `nft flush ruleset\n${input("udp dport @mosh_ports accept", { more: "set mosh_ports { type inet_service; flags timeout; }" })}`,
			expect: serves,
		},
		{
			name: "a second base chain that drops comes while a session is open",
			setUp: input(""),
			later: input("", { name: "custom", priority: "filter + 5" }),
			expect: serves,
		},
		{
			name: "a deny of the port comes while a session is open",
			setUp: input(""),
			later: "nft insert rule inet filter input udp dport 60001 drop",
			expect: shut(/chain input: udp dport 60001 drop/),
		},
		...NFTABLES_PRODUCTS,
	],
};
