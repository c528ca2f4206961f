/** Rules of iptables as administrators, distributions and tools write them; rows that depend on no variant are tried in both. */

import { type FieldCase, open, refuses, serves, shut, unverified } from "../field-case.js";
import type { Table } from "../tables.js";
import { both, hardened, nft, recorded, restore } from "./common.js";
import { IPTABLES_PRODUCTS } from "./iptables-products.js";

const V4 = "iptables-nft";

/** By the variant's own tools, in either of which they mean the same. */
const ROWS: readonly ((variant: "nft" | "legacy") => FieldCase)[] = [
	(variant) => ({ name: "a default drop", setUp: hardened(variant), expect: serves, by: /^iptables: / }),
	(variant) => ({
		name: "CSF: every rule for all but loopback, the last to a chain that logs and drops",
		setUp: restore(
			`:INPUT DROP
			:FORWARD DROP
			:OUTPUT ACCEPT
			:LOCALINPUT -
			:LOGDROPIN -
			:INVALID -
			-A INPUT ! -i lo -j LOCALINPUT
			-A INPUT -i lo -j ACCEPT
			-A INPUT ! -i lo -p tcp -j INVALID
			-A INPUT ! -i lo -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
			-A INPUT ! -i lo -p tcp -m conntrack --ctstate NEW -m tcp --dport 22 -j ACCEPT
			-A INPUT ! -i lo -p udp -m conntrack --ctstate NEW -m udp --dport 53 -j ACCEPT
			-A INPUT ! -i lo -j LOGDROPIN
			-A LOGDROPIN -p tcp -m tcp --dport 23 -j DROP
			-A LOGDROPIN -p udp -m udp --dport 67 -j DROP
			-A LOGDROPIN -p udp -m udp --dport 60901 -j DROP
			-A LOGDROPIN -p udp -m limit --limit 30/min -j LOG --log-prefix "Firewall: *UDP_IN Blocked* "
			-A LOGDROPIN -j DROP`,
			variant,
		),
		denied: /-A LOGDROPIN -p udp -m udp --dport 60901 -j DROP/,
		expect: serves,
	}),
	(variant) => ({
		name: "a last rule for all but loopback, with policy accept",
		setUp: both(
			`$t -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
			$t -A INPUT -p tcp --dport 22 -j ACCEPT
			$t -A INPUT -p udp --dport 60901 -j DROP
			$t -A INPUT ! -i lo -j REJECT`,
			variant,
		),
		denied: /-A INPUT -p udp -m udp --dport 60901 -j DROP/,
		expect: serves,
	}),
	(variant) => ({
		name: "Red Hat's: policy accept, ends in a reject",
		setUp: restore(
			`:INPUT ACCEPT
			-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
			-A INPUT -p icmp -j ACCEPT
			-A INPUT -i lo -j ACCEPT
			-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT
			-A INPUT -j REJECT`,
			variant,
		),
		expect: serves,
	}),
	(variant) => ({
		name: "a deny of the port before the default drop",
		setUp: hardened(variant) + both("$t -I INPUT 1 -p udp --dport 60001 -j DROP", variant),
		expect: shut(/ filter: -A INPUT -p udp -m udp --dport 60001 -j DROP/),
	}),
	(variant) => ({
		name: "all ports but one drop by a negated match before the default drop",
		setUp: hardened(variant) + both("$t -A INPUT -p udp -m udp ! --dport 51820 -j DROP", variant),
		expect: shut(/-A INPUT -p udp -m udp ! --dport 51820 -j DROP/),
	}),
	(variant) => ({
		name: "all ports but one are rejected, and nothing by default",
		setUp: both("$t -A INPUT -p udp ! --dport 51820 -j REJECT", variant),
		expect: shut(/-A INPUT -p udp -m udp ! --dport 51820 -j REJECT/),
		by: /^none: /,
	}),
	(variant) => ({
		name: "raw PREROUTING drops the range",
		setUp:
			hardened(variant) +
			both("$t -t raw -A PREROUTING -i eth0 -p udp -m multiport --dports 1024:65535 -j DROP", variant),
		expect: shut(/ raw: -A PREROUTING -i eth0 -p udp -m multiport --dports 1024:65535 -j DROP/),
	}),
	(variant) => ({
		name: "mangle PREROUTING drops the range",
		setUp: hardened(variant) + both("$t -t mangle -A PREROUTING -p udp --dport 60000:61000 -j DROP", variant),
		expect: shut(/mangle: -A PREROUTING -p udp -m udp --dport 60000:61000 -j DROP/),
	}),
	(variant) => ({
		name: "mangle INPUT drops by length, which depends",
		setUp:
			hardened(variant) +
			both("$t -t mangle -A INPUT -p udp --dport 60000:61000 -m length --length 0:65535 -j DROP", variant),
		expect: unverified(/mangle: -A INPUT .*--length 0:65535 -j DROP/),
	}),
	(variant) => ({
		name: "the range goes to a container",
		setUp:
			hardened(variant) +
			`iptables-${variant} -t nat -A PREROUTING -i eth0 -p udp --dport 60001:60999 -j DNAT --to-destination 172.31.0.2`,
		expect: {
			ipv4: shut(
				/^closed by the administrator's rule, which sends datagrams elsewhere: \S+ nat: -A PREROUTING -i eth0 .* -j DNAT --to-destination 172\.31\.0\.2/,
			),
			ipv6: serves,
		},
	}),
	(variant) => ({
		name: "the range goes to another port",
		setUp:
			hardened(variant) +
			both("$t -t nat -A PREROUTING -p udp --dport 60000:61000 -j REDIRECT --to-ports 5000", variant),
		expect: shut(
			/^closed by the administrator's rule, which sends datagrams elsewhere: \S+ nat: -A PREROUTING -p udp .* -j REDIRECT --to-ports 5000/,
		),
	}),
	(variant) => ({
		name: "OUTPUT drops by default",
		setUp:
			hardened(variant) +
			both(
				"$t -A OUTPUT -o lo -j ACCEPT\n$t -A OUTPUT -p tcp --sport 22 -j ACCEPT\n$t -A OUTPUT -p udp --dport 53 -j ACCEPT\n$t -P OUTPUT DROP",
				variant,
			),
		expect: shut(/^closed by the default, which drops the answer: .* filter, chain OUTPUT: policy drop$/),
	}),
	(variant) => ({
		name: "OUTPUT drops by a last rule",
		setUp: hardened(variant) + both("$t -A OUTPUT -p udp ! --dport 53 -j DROP", variant),
		expect: shut(
			/^closed by the default, which drops the answer: .* filter: -A OUTPUT -p udp -m udp ! --dport 53 -j DROP$/,
		),
	}),
	(variant) => ({
		name: "OUTPUT drops by default and lets answers out",
		setUp:
			hardened(variant) +
			both("$t -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n$t -P OUTPUT DROP", variant),
		expect: serves,
	}),
	(variant) => ({
		name: "OUTPUT lets out what is tracked, and UDP is not",
		setUp:
			hardened(variant) +
			both(
				"$t -t raw -A PREROUTING -p udp --dport 60000:61000 -j NOTRACK\n$t -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n$t -P OUTPUT DROP",
				variant,
			),
		expect: shut(/^closed by the default, which drops the answer: .* filter, chain OUTPUT: policy drop$/),
	}),
	(variant) => ({
		name: "UDP is not tracked",
		setUp:
			hardened(variant) +
			both(
				"$t -t raw -A PREROUTING -p udp -j CT --notrack\n$t -t raw -A OUTPUT -p udp -j CT --notrack",
				variant,
			),
		expect: serves,
	}),
	(variant) => ({
		name: "OUTPUT drops what users other than root send",
		setUp: hardened(variant) + both("$t -A OUTPUT -m owner ! --uid-owner 0 -j DROP", variant),
		expect: unverified(/-A OUTPUT -m owner ! --uid-owner 0 -j DROP/),
	}),
	(variant) => ({
		name: "two halves of the internet drop",
		setUp: `${hardened(variant)}for net in 0.0.0.0/1 128.0.0.0/1; do iptables-${variant} -A INPUT -s $net -j DROP; done
			for net in ::/1 8000::/1; do ip6tables-${variant} -A INPUT -s $net -j DROP; done`,
		expect: { ipv4: shut(/-A INPUT -s 0\.0\.0\.0\/1 -j DROP/), ipv6: shut(/-A INPUT -s ::\/1 -j DROP/) },
	}),
	(variant) => ({
		name: "who sends is remembered, and who is remembered drops",
		setUp:
			hardened(variant) +
			both(
				`$t -A INPUT -p udp -m recent --name field-${variant} --set
				$t -A INPUT -p udp -m recent --name field-${variant} --update --seconds 60 -j DROP`,
				variant,
			),
		expect: shut(/-m recent --update --seconds 60 .* -j DROP/),
	}),
	(variant) => ({
		name: "who has sent three datagrams of a session drops",
		setUp: both(
			`$t -A INPUT -p udp --dport 60001 -m recent --name often-${variant} --set
			$t -A INPUT -p udp --dport 60001 -m recent --name often-${variant} --update --seconds 60 --hitcount 20 -j DROP`,
			variant,
		),
		expect: unverified(/-m recent --update --seconds 60 --hitcount 20 .* -j DROP/),
	}),
	(variant) => ({
		name: "where no place suits, nothing is inserted",
		setUp: restore(
			`:INPUT ACCEPT
			:FORWARD ACCEPT
			:off -
			-A FORWARD -p udp -m udp --dport 9 -j off
			-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
			-A INPUT -i eth0 -j off
			-A off -p udp -m udp --dport 60901 -j DROP
			-A off -j DROP`,
			variant,
		),
		expect: refuses(/chain off/),
	}),
	(variant) => ({
		name: "a flood guard by a limited return, before the policy",
		setUp: restore(
			`:INPUT DROP
			:flood -
			-A INPUT -p udp -j flood
			-A INPUT -p tcp --dport 22 -j ACCEPT
			-A flood -m limit --limit 1000/sec --limit-burst 1000 -j RETURN
			-A flood -j DROP`,
			variant,
		),
		expect: unverified(/-A flood -j DROP/),
	}),
	(variant) => ({
		name: "a chain for what is for this host, behind a deny of another interface",
		setUp: restore(
			`:INPUT DROP
			:mine -
			-A INPUT -i docker0 -j DROP
			-A INPUT -m pkttype --pkt-type unicast -g mine
			-A mine -p tcp --dport 22 -j ACCEPT`,
			variant,
		),
		expect: serves,
	}),
	(variant) => ({
		name: "a deny of the port comes first while a session is open",
		setUp: hardened(variant),
		later: both("$t -I INPUT 1 -p udp --dport 60001 -j DROP", variant),
		expect: shut(/-A INPUT -p udp -m udp --dport 60001 -j DROP/),
	}),
	(variant) => ({
		name: "flushed and restored while a session is open",
		setUp: hardened(variant),
		later: both("$t -P INPUT ACCEPT; $t -F; $t -X", variant) + hardened(variant),
		expect: serves,
	}),
];

/** What only one of both variants can be, or what is long enough tried in one. */
const NFT_ROWS: readonly FieldCase[] = [
	{
		name: "NixOS: a chain that ends in a log and refuse, policy accept",
		setUp: restore(`:INPUT ACCEPT
			:nixos-fw -
			:nixos-fw-accept -
			:nixos-fw-log-refuse -
			:nixos-fw-refuse -
			-A INPUT -j nixos-fw
			-A nixos-fw -i lo -j nixos-fw-accept
			-A nixos-fw -m conntrack --ctstate RELATED,ESTABLISHED -j nixos-fw-accept
			-A nixos-fw -p tcp -m tcp --dport 22 -j nixos-fw-accept
			-A nixos-fw -j nixos-fw-log-refuse
			-A nixos-fw-accept -j ACCEPT
			-A nixos-fw-log-refuse -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j LOG --log-prefix "refused connection: " --log-level 6
			-A nixos-fw-log-refuse -m pkttype ! --pkt-type unicast -j nixos-fw-refuse
			-A nixos-fw-log-refuse -j nixos-fw-refuse
			-A nixos-fw-refuse -j DROP`),
		expect: serves,
	},
	{
		name: "NixOS' reverse path filter in mangle",
		setUp: `${hardened()}${restore(
			`:PREROUTING ACCEPT
			:nixos-fw-rpfilter -
			-A PREROUTING -j nixos-fw-rpfilter
			-A nixos-fw-rpfilter -m rpfilter --validmark -j RETURN
			-A nixos-fw-rpfilter -p udp -m udp --sport 67 --dport 68 -j RETURN
			-A nixos-fw-rpfilter -j DROP`,
			"nft",
			"mangle",
		)}`,
		expect: serves,
	},
	{
		name: "Arch's wiki: chains TCP and UDP, then rejects for each protocol",
		setUp: both(`$t -N TCP; $t -N UDP
			$t -P INPUT DROP
			$t -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
			$t -A INPUT -i lo -j ACCEPT
			$t -A INPUT -m conntrack --ctstate INVALID -j DROP
			$t -A INPUT -p udp -m conntrack --ctstate NEW -j UDP
			$t -A INPUT -p tcp --syn -m conntrack --ctstate NEW -j TCP
			$t -A INPUT -p udp -j REJECT
			$t -A INPUT -p tcp -j REJECT --reject-with tcp-reset
			$t -A INPUT -j REJECT
			$t -A TCP -p tcp --dport 22 -j ACCEPT`),
		expect: serves,
	},
	{
		name: "Proxmox VE: PVEFW-INPUT to PVEFW-HOST-IN, which returns, drops by name and drops",
		setUp: restore(
			`:INPUT ACCEPT
			:FORWARD ACCEPT
			:OUTPUT ACCEPT
			:PVEFW-INPUT -
			:PVEFW-HOST-IN -
			:PVEFW-Drop -
			:PVEFW-DropBroadcast -
			-A INPUT -j PVEFW-INPUT
			-A PVEFW-INPUT -j PVEFW-HOST-IN
			-A PVEFW-INPUT -m comment --comment "PVESIG:+5iMmLaxKXynOB/+5xibfx7WhFk"
			-A PVEFW-HOST-IN -i lo -j ACCEPT
			-A PVEFW-HOST-IN -m conntrack --ctstate INVALID -j DROP
			-A PVEFW-HOST-IN -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
			-A PVEFW-HOST-IN -p igmp -j RETURN
			-A PVEFW-HOST-IN -p tcp -m tcp --dport 22 -j RETURN
			-A PVEFW-HOST-IN -j PVEFW-Drop
			-A PVEFW-HOST-IN -j DROP
			-A PVEFW-HOST-IN -m comment --comment "PVESIG:z2yqYbO1dGZ5HgFuIEKTrC3jmqg"
			-A PVEFW-Drop -j PVEFW-DropBroadcast
			-A PVEFW-Drop -p udp -m multiport --dports 135,445 -j DROP
			-A PVEFW-Drop -p udp -m udp --sport 137 --dport 1024:65535 -j DROP
			-A PVEFW-Drop -m comment --comment "PVESIG:83WlR/a4wLbmURFqMQT3uJSgIG8"
			-A PVEFW-DropBroadcast -m addrtype --dst-type BROADCAST -j DROP
			-A PVEFW-DropBroadcast -m comment --comment "PVESIG:NyjHNAtFbkH7WGLamPpdVnxHy4w"`,
			"nft",
			"filter",
			["iptables"],
		),
		expect: { ipv4: serves },
	},
	{
		name: "k3s and kube-router: KUBE chains before a default drop",
		setUp: `${hardened()}${both(`$t -N KUBE-FIREWALL; $t -N KUBE-ROUTER-INPUT; $t -N KUBE-NODEPORTS; $t -N KUBE-EXTERNAL-SERVICES
			$t -A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP 2>/dev/null || true
			$t -A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP
			$t -A KUBE-NODEPORTS -p tcp -m comment --comment "health check" -m tcp --dport 32000 -j ACCEPT
			$t -I INPUT 1 -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
			$t -I INPUT 1 -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
			$t -I INPUT 1 -m comment --comment "kube-router netpol" -j KUBE-ROUTER-INPUT
			$t -I INPUT 1 -j KUBE-FIREWALL`)}`,
		expect: serves,
	},
	{
		name: "Docker: DOCKER-USER and nat chains beside a default drop",
		setUp: `${hardened()}${restore(
			`:INPUT DROP
			:FORWARD DROP
			:DOCKER -
			:DOCKER-USER -
			:DOCKER-ISOLATION-STAGE-1 -
			-A INPUT -i lo -j ACCEPT
			-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
			-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
			-A FORWARD -j DOCKER-USER
			-A FORWARD -j DOCKER-ISOLATION-STAGE-1
			-A FORWARD -o docker0 -j DOCKER
			-A DOCKER ! -i docker0 -o docker0 -j DROP
			-A DOCKER-USER -j RETURN`,
		)}iptables-nft -t nat -N DOCKER
			iptables-nft -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
			iptables-nft -t nat -A DOCKER -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
			iptables-nft -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE`,
		expect: serves,
	},
	{
		name: "libvirt's chains for guests before a default drop",
		setUp: `${hardened()}${both(`$t -N LIBVIRT_INP
			$t -I INPUT 1 -j LIBVIRT_INP
			$t -A LIBVIRT_INP -i virbr0 -p udp -m udp --dport 53 -j ACCEPT
			$t -A LIBVIRT_INP -i virbr0 -p udp -m udp --dport 67 -j ACCEPT`)}`,
		expect: serves,
	},
	{
		name: "fail2ban's jails before a default drop",
		setUp: `${hardened()}${both(`$t -N f2b-sshd
			$t -I INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
			$t -A f2b-sshd -j RETURN`)}
			iptables-nft -I f2b-sshd 1 -s 203.0.113.5/32 -j REJECT --reject-with icmp-port-unreachable`,
		expect: serves,
	},
	{
		name: "fail2ban bans all ports of whom it catches",
		setUp: `${hardened()}iptables-nft -N f2b-recidive; iptables-nft -I INPUT -j f2b-recidive
			iptables-nft -A f2b-recidive -s 203.0.113.5/32 -j DROP; iptables-nft -A f2b-recidive -j RETURN`,
		expect: serves,
	},
	{
		name: "Oracle's cloud image: ends in a reject, and a chain for instance services",
		setUp: restore(`:INPUT ACCEPT
			:FORWARD ACCEPT
			:OUTPUT ACCEPT
			:InstanceServices -
			-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
			-A INPUT -p icmp -j ACCEPT
			-A INPUT -i lo -j ACCEPT
			-A INPUT -p udp --sport 123 -j ACCEPT
			-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT
			-A INPUT -j REJECT
			-A OUTPUT -d fe80::/10 -j InstanceServices
			-A InstanceServices -p tcp --dport 80 -j ACCEPT`).replace("-d fe80::/10", "-d 169.254.0.0/16"),
		expect: { ipv4: serves },
	},
	{
		name: "Alpine's awall: zones by adp chains, logdrop",
		setUp: restore(`:INPUT DROP
			:FORWARD DROP
			:OUTPUT DROP
			:logdrop-0 -
			:icmp-routing -
			-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
			-A INPUT -i lo -j ACCEPT
			-A INPUT -i eth0 -p tcp -m tcp --dport 22 -j ACCEPT
			-A INPUT -i eth0 -j logdrop-0
			-A INPUT -j logdrop-0
			-A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
			-A OUTPUT -o lo -j ACCEPT
			-A OUTPUT -j ACCEPT
			-A logdrop-0 -m limit --limit 1/second -j LOG
			-A logdrop-0 -j DROP`),
		expect: serves,
	},
	{
		name: "an ansible role's: one chain of services, log by a rate, drop",
		setUp: both(`$t -A INPUT -i lo -j ACCEPT
			$t -A INPUT -p icmp -j ACCEPT
			$t -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
			$t -A INPUT -p udp --sport 123 -j ACCEPT
			$t -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT
			$t -A INPUT -m limit --limit 15/minute -j LOG --log-level 7 --log-prefix "Dropped by firewall: "
			$t -A INPUT -j DROP`),
		expect: serves,
	},
	{
		name: "Tailscale's ts-input first in INPUT",
		setUp: `${hardened()}iptables-nft -N ts-input
			iptables-nft -A ts-input -s 100.100.1.1/32 -i lo -j ACCEPT
			iptables-nft -A ts-input -s 100.115.92.0/23 ! -i tailscale0 -j RETURN
			iptables-nft -A ts-input -s 100.64.0.0/10 ! -i tailscale0 -j DROP
			iptables-nft -A ts-input -i tailscale0 -j ACCEPT
			iptables-nft -A ts-input -p udp -m udp --dport 41641 -j ACCEPT
			iptables-nft -I INPUT 1 -j ts-input`,
		expect: serves,
	},
	{
		name: "wg-quick's kill switch: what leaves by no tunnel and has no mark is rejected",
		setUp: `${hardened()}${both("$t -A OUTPUT ! -o wg0 -m mark ! --mark 0xca6c -m addrtype ! --dst-type LOCAL -j REJECT")}`,
		expect: shut(/drops the answer: .*-A OUTPUT ! -o wg0 -m mark ! --mark 0xca6c .* -j REJECT/),
	},
	{
		name: "ssh by recent, and what is seen too often is dropped",
		setUp: `${hardened()}${both("$t -I INPUT 1 -p tcp --dport 22 -m recent --set --name ssh\n$t -I INPUT 1 -p tcp --dport 22 -m recent --update --seconds 60 --hitcount 400 --name ssh -j DROP")}`,
		expect: serves,
	},
	{
		name: "a blacklist by recent drops all that its members send",
		setUp: `${hardened()}${both("$t -I INPUT 1 -m recent --rcheck --seconds 3600 --name bad -j DROP")}`,
		expect: serves,
	},
	{
		name: "a hashlimit on new UDP flows",
		setUp: `${hardened()}${both("$t -I INPUT 1 -p udp -m hashlimit --hashlimit-above 200/sec --hashlimit-mode srcip --hashlimit-name udp -j DROP")}`,
		expect: unverified(/hashlimit-above 200\/sec .* -j DROP/),
	},
	{
		name: "a string that is searched for in each datagram",
		needs: `${V4} -N try; ${V4} -A try -p udp -m string --algo bm --string X-Bad; ${V4} -F try; ${V4} -X try`,
		setUp: `${hardened()}${both('$t -I INPUT 1 -p udp -m string --algo bm --string "X-Bad" -j DROP')}`,
		expect: unverified(/-m string .* -j DROP/),
	},
	{
		name: "by the time of day",
		needs: `${V4} -N try; ${V4} -A try -m time --timestart 00:00; ${V4} -F try; ${V4} -X try`,
		setUp: `${hardened()}${both("$t -I INPUT 1 -p udp --dport 60000:61000 -m time --timestart 03:00 --timestop 03:01 -j DROP")}`,
		expect: unverified(/-m time .* -j DROP/),
	},
	{
		name: "a DSCP and a TTL that drop",
		setUp: `${hardened()}iptables-nft -I INPUT 1 -m dscp --dscp 0x3f -j DROP; iptables-nft -I INPUT 1 -m ttl --ttl-lt 1 -j DROP`,
		expect: { ipv4: unverified(/-m (ttl|dscp) .* -j DROP/), ipv6: serves },
	},
	{
		name: "broadcast, multicast and invalid drop quietly before the default",
		setUp: `${hardened()}${both("$t -I INPUT 1 -m addrtype --dst-type MULTICAST -j DROP\n$t -I INPUT 1 -m pkttype --pkt-type broadcast -j DROP\n$t -I INPUT 1 -m conntrack --ctstate INVALID -j DROP")}`,
		expect: serves,
	},
	{
		name: "a source range and a source outside of one's own network drop",
		setUp: `${hardened()}iptables-nft -I INPUT 1 -m iprange --src-range 198.51.100.1-198.51.100.99 -j DROP`,
		expect: serves,
	},
	{
		name: "a range of all addresses drops",
		setUp: `${hardened()}iptables-nft -I INPUT 1 -m iprange --src-range 1.0.0.0-223.255.255.255 -j DROP`,
		expect: { ipv4: shut(/--src-range 1\.0\.0\.0-223\.255\.255\.255 -j DROP/), ipv6: serves },
	},
	{
		name: "only the own network comes in",
		setUp: "iptables-nft -A INPUT ! -i lo ! -s 192.0.2.0/24 -j DROP",
		expect: { ipv4: shut(/-A INPUT ! -s 192\.0\.2\.0\/24 ! -i lo -j DROP/), ipv6: open },
	},
	{
		name: "rejects by each kind of ICMP",
		setUp: `iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-nft -A INPUT -j REJECT --reject-with icmp-host-prohibited
			ip6tables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; ip6tables-nft -A INPUT -j REJECT --reject-with icmp6-adm-prohibited`,
		expect: serves,
	},
	{
		name: "goto a zone, whose end is the policy",
		setUp: restore(`:INPUT DROP
			:zone -
			-A INPUT -i lo -j ACCEPT
			-A INPUT -i eth0 -g zone
			-A zone -p tcp --dport 22 -j ACCEPT
			-A zone -m conntrack --ctstate ESTABLISHED -j ACCEPT`),
		expect: serves,
	},
	{
		name: "a drop chain that denies of single ports lead to as well",
		setUp: restore(`:INPUT ACCEPT
			:off -
			-A INPUT -p tcp --dport 22 -j ACCEPT
			-A INPUT -p udp -m udp --dport 60901 -j off
			-A INPUT -i eth+ -j off
			-A off -p tcp -j REJECT
			-A off -p udp -j DROP`),
		denied: /-A (INPUT|off) -p udp/,
		expect: serves,
	},
	{
		name: "FireHOL: a chain by interface, then a drop of what is left",
		setUp: restore(`:INPUT DROP
			:in_world -
			:in_world_ssh_s1 -
			-A INPUT -i lo -j ACCEPT
			-A INPUT -i eth0 -j in_world
			-A INPUT -m conntrack --ctstate RELATED -j ACCEPT
			-A INPUT -m limit --limit 1/sec -j LOG --log-prefix "IN-unknown:"
			-A INPUT -j DROP
			-A in_world -j in_world_ssh_s1
			-A in_world -m conntrack --ctstate RELATED -j ACCEPT
			-A in_world -j DROP
			-A in_world_ssh_s1 -p tcp -m tcp --sport 1024:65535 --dport 22 -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT`),
		expect: serves,
	},
	{
		name: "IPv4 alone drops by default",
		setUp: "iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-nft -P INPUT DROP",
		expect: { ipv4: serves, ipv6: open },
	},
	{
		name: "the port opened by the administrator for everybody",
		setUp: `${hardened()}${both("$t -A INPUT -p udp -m multiport --dports 60000:61000 -j ACCEPT")}`,
		expect: open,
	},
	{
		name: "TEE, TRACE and NFLOG on the way change nothing",
		needs: `${V4} -N try; ${V4} -A try -j NFLOG; ${V4} -F try; ${V4} -X try`,
		setUp: `${hardened()}${both("$t -A INPUT -j NFLOG --nflog-group 5\n$t -t mangle -A PREROUTING -p udp -j MARK --set-mark 0x1")}`,
		expect: serves,
	},
	{
		name: "an unknown verdict of a program: NFQUEUE",
		needs: `${V4} -N try; ${V4} -A try -j NFQUEUE --queue-num 1; ${V4} -F try; ${V4} -X try`,
		setUp: `${hardened()}${both("$t -I INPUT 1 -p udp -j NFQUEUE --queue-num 1 --queue-bypass")}`,
		expect: unverified(/NFQUEUE/),
	},
	{
		name: "a dormant table of nft beside it",
		setUp: `${hardened()}${nft("table inet extra { flags dormant; chain input { type filter hook input priority 10; policy drop; } }")}`,
		expect: serves,
		by: /^iptables: /,
	},
	{
		name: "a base chain of nft drops beside it",
		setUp: `${hardened()}${nft("table inet extra { chain input { type filter hook input priority 10; policy drop; iif lo accept; tcp dport 22 accept; ct state established accept; meta l4proto ipv6-icmp accept; } }")}`,
		expect: serves,
	},
	{
		name: "a base chain of nft drops beside it, and iptables alone is named",
		setUp: `${hardened()}${nft("table inet extra { chain input { type filter hook input priority 10; policy drop; iif lo accept; tcp dport 22 accept; } }")}`,
		config: '[firewall]\nname = "iptables"\n',
		expect: shut(/inet extra, chain input: policy drop/),
	},
	{
		name: "firewalld's leftovers without firewalld: iptables chains INPUT_ZONES",
		setUp: restore(`:INPUT ACCEPT
			:INPUT_ZONES -
			:IN_public -
			-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
			-A INPUT -i lo -j ACCEPT
			-A INPUT -j INPUT_ZONES
			-A INPUT -j REJECT
			-A INPUT_ZONES -g IN_public
			-A IN_public -p tcp --dport 22 -j ACCEPT`),
		expect: shut(/-A INPUT -j REJECT/),
	},
	{
		name: "20,000 addresses dropped one by one before the default drop",
		setUp: `{
			echo '*filter'
			echo ':INPUT DROP [0:0]'
			awk 'BEGIN { for (i = 0; i < 20000; i += 1) print "-A INPUT -s 45." int(i / 65536) "." int(i / 256) % 256 "." i % 256 "/32 -j DROP" }'
			echo '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'
			echo COMMIT
		} | iptables-nft-restore; ip6tables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; ip6tables-nft -P INPUT DROP`,
		expect: serves,
	},
	{
		name: "a rule of nft that iptables prints wrongly, in its own table",
		setUp: `${hardened()}nft add set ip filter blocked '{ type ipv4_addr; flags interval; elements = { 192.0.2.0/24 }; }'
			nft insert rule ip filter INPUT ip saddr @blocked counter drop`,
		expect: { ipv4: refuses(/ip filter|iptables/), ipv6: serves },
	},
	{
		name: "a rule of nft that iptables cannot print at all, in its own table",
		setUp: `${hardened()}nft insert rule ip filter INPUT meta mark set ct mark`,
		expect: { ipv4: refuses(/ip filter|iptables/), ipv6: serves },
	},
	{
		name: "a rule of nft that iptables prints wrongly comes while a session is open",
		setUp: hardened(),
		later: `nft add set ip filter blocked '{ type ipv4_addr; flags interval; elements = { 192.0.2.0/24 }; }'
			nft insert rule ip filter INPUT ip saddr @blocked counter drop`,
		expect: serves,
	},
	{
		name: "a set with the client in it, and a deny of the port, come while a session is open",
		setUp: hardened() + both("$t -I INPUT 1 -p udp --dport 60001 -j DROP"),
		later: `nft add set ip filter blocked '{ type ipv4_addr; flags interval; elements = { 10.77.0.2 }; }'
			nft insert rule ip filter INPUT ip saddr @blocked counter drop`,
		expect: shut(/udp dport 60001|--dport 60001/),
	},
	{
		name: "a rule of nft that iptables cannot print comes while a session is open",
		setUp: hardened(),
		later: "nft insert rule ip filter INPUT meta mark set ct mark",
		expect: serves,
	},
	{
		name: "a daemon puts its chain back while a session is open",
		setUp: restore(`:INPUT ACCEPT
			:PVEFW-INPUT -
			-A INPUT -j PVEFW-INPUT
			-A PVEFW-INPUT -i lo -j ACCEPT
			-A PVEFW-INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
			-A PVEFW-INPUT -p tcp -m tcp --dport 22 -j ACCEPT
			-A PVEFW-INPUT -j DROP`),
		later: ["iptables", "ip6tables"]
			.map(
				(tool) => `${tool}-nft-restore -n <<'END'
*filter
-F PVEFW-INPUT
-A PVEFW-INPUT -i lo -j ACCEPT
-A PVEFW-INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A PVEFW-INPUT -j DROP
COMMIT
END
`,
			)
			.join(""),
		expect: serves,
	},
	{
		name: "no nft at all",
		setUp: hardened(),
		lacks: { missing: "^nft$" },
		expect: serves,
		by: /^iptables: /,
	},
	{
		name: "no ip6tables",
		setUp: "iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-nft -P INPUT DROP",
		lacks: { missing: "^ip6tables" },
		expect: { ipv4: serves },
		by: /^iptables: /,
	},
	{
		name: "no ip6tables, iptables named",
		setUp: "iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-nft -P INPUT DROP",
		lacks: { missing: "^ip6tables" },
		config: '[firewall]\nname = "iptables"\n',
		expect: { ipv4: serves },
	},
	{
		name: "IPv6 switched off in the kernel",
		setUp: "iptables-nft -A INPUT -p tcp --dport 22 -j ACCEPT; iptables-nft -P INPUT DROP",
		lacks: {
			failing: { line: "^ip6tables", words: "ip6tables: Failed to initialize nft: Protocol not supported" },
		},
		expect: { ipv4: serves },
	},
	{
		name: "a set of nft's in its own table that no rule asks, comments, and a match that nft does not show",
		setUp: `${hardened()}${both(`$t -A INPUT -p tcp --dport 80 -m comment --comment "the web" -j ACCEPT
			$t -A INPUT -p tcp --dport 22 -m recent --name ssh --set
			$t -A INPUT -p udp --dport 60901 -j DROP`)}
			nft add set ip filter banned '{ type ipv4_addr; flags interval; elements = { 198.51.100.0/24 }; }'
			nft add set ip6 filter banned '{ type ipv6_addr; }'`,
		denied: /filter: -A INPUT -p udp -m udp --dport 60901 -j DROP/,
		expect: serves,
	},
	{
		name: "a set of nft's comes into its own table while a session is open",
		setUp: hardened(),
		later: "nft add set ip filter banned '{ type ipv4_addr; }'",
		expect: serves,
	},
	{
		name: "an ipset of allowed sources",
		needs: "ipset create try hash:ip && ipset destroy try",
		setUp: `ipset create friends hash:net; iptables-nft -A INPUT -m set ! --match-set friends src -j DROP`,
		undo: "nft flush ruleset; ipset destroy friends",
		expect: { ipv4: shut(/--match-set friends src -j DROP/) },
	},
];

/** As the tool itself wrote the rules. */
function ofTool(tool: string, expect: FieldCase["expect"], variant: "nft" | "legacy" = "nft"): FieldCase {
	return { name: `${tool}'s own`, setUp: recorded(tool, variant), expect, by: /^iptables: / };
}

/** The same rules, written by the older kind. */
function inLegacy(row: FieldCase): FieldCase {
	return { ...row, setUp: row.setUp.replace(/\b(ip6?tables)-nft\b/g, "$1-legacy") };
}

const RESET = "nft flush ruleset";

/** The kernel keeps tables of iptables-legacy, once used; emptied, they let everything pass. */
const RESET_LEGACY = `nft flush ruleset
	for t in ip ip6; do
		[ -z "$(cat /proc/net/$t"_tables_names")" ] ||
			$t"tables-legacy-save" | sed -n '/^[*]/p; s/^\\(:[A-Z]*\\) [A-Z].*/\\1 ACCEPT/p; /^COMMIT/p' | $t"tables-legacy-restore"
	done`;

export const IPTABLES_NFT: Table = {
	name: "iptables-nft",
	kind: {
		tools: ["nft", "iptables-nft", "ip6tables-nft"],
		lists: ["nft list ruleset"],
		reset: RESET,
	},
	rows: [
		...ROWS.map((row) => row("nft")),
		...NFT_ROWS,
		...IPTABLES_PRODUCTS,
		...["ferm", "ferm-webserver", "arno"].map((tool) => ofTool(tool, serves)),
		ofTool("shorewall", { ipv4: serves }),
		// It drops the ports of old exchanges as source ports too, which a client may happen to have.
		ofTool("apf", { ipv4: unverified(/-A P2P -p udp -m udp --sport/) }),
	],
};

export const IPTABLES_LEGACY: Table = {
	name: "iptables-legacy",
	kind: {
		tools: ["nft", "iptables-legacy", "ip6tables-legacy"],
		lists: ["nft list ruleset", "iptables-legacy-save", "ip6tables-legacy-save"],
		reset: RESET_LEGACY,
	},
	rows: [
		...ROWS.filter((_, index) => index % 2 === 0).map((row) => row("legacy")),
		ofTool("firehol", serves, "legacy"),
		...IPTABLES_PRODUCTS.filter((_, index) => index % 2 === 0).map(inLegacy),
		{
			name: "rules in legacy, and iptables-nft drops too",
			setUp: hardened("legacy") + hardened("nft"),
			expect: serves,
		},
		{
			name: "a kernel without nf_tables",
			setUp: hardened("legacy"),
			lacks: {
				failing: { line: "^(nft|ip6?tables-nft)", words: "Failed to initialize nft: Protocol not supported" },
			},
			expect: serves,
			by: /^iptables: /,
		},
		{
			name: "a kernel without nf_tables, legacy named",
			setUp: hardened("legacy"),
			config: '[iptables]\nvariant = "legacy"\n',
			lacks: {
				failing: { line: "^(nft|ip6?tables-nft)", words: "Failed to initialize nft: Protocol not supported" },
			},
			expect: serves,
		},
		{
			name: "another program holds the lock for a while",
			setUp: `${hardened("legacy")}(exec flock /run/xtables.lock sleep 1) >/dev/null 2>&1 &`,
			expect: serves,
		},
		{
			name: "rules in legacy, Docker's in iptables-nft",
			setUp: `${hardened("legacy")}iptables-nft -P FORWARD DROP; iptables-nft -N DOCKER-USER; iptables-nft -A FORWARD -j DOCKER-USER`,
			expect: serves,
		},
		{
			name: "rules in legacy, an nft table that only bans",
			setUp: `${hardened("legacy")}${nft("table ip f2b { set bad { type ipv4_addr; } ; chain i { type filter hook input priority -1; ip saddr @bad drop; } }")}`,
			expect: serves,
		},
	],
};
