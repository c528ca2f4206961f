/** Chains that products keep in iptables beside, or instead of, an administrator's own, and matches that few rules use. */

import { type FieldCase, open, refuses, serves, shut, unverified } from "../field-case.js";
import { both, hardened, nft, restore } from "./common.js";

const V4 = "iptables-nft";
const has = (match: string) =>
	`${V4} -N try && ${V4} -A try ${match}; r=$?; ${V4} -F try; ${V4} -X try; exit $r`;

export const IPTABLES_PRODUCTS: readonly FieldCase[] = [
	{
		name: "Calico: marks say what policies have let in, a chain for the host's own end drops the rest",
		setUp: restore(
			`:INPUT ACCEPT
			:cali-INPUT -
			:cali-from-host-endpoint -
			:cali-fh-eth0 -
			:cali-failsafe-in -
			:cali-pi-allow-ssh -
			:cali-wl-to-host -
			-A INPUT -m comment --comment "cali:Cz_u1IQiXIMmKD4c" -j cali-INPUT
			-A cali-INPUT -p udp -m comment --comment "cali:drop vxlan" -m multiport --dports 4789 -m addrtype --dst-type LOCAL -j DROP
			-A cali-INPUT -i cali+ -m comment --comment "cali:FewJpBykm9iJ-YNH" -g cali-wl-to-host
			-A cali-INPUT -m comment --comment "cali:hder3ARWznqqv8Va" -m mark --mark 0x10000/0x10000 -j ACCEPT
			-A cali-INPUT -m comment --comment "cali:xgOu2uJft6H9oDGF" -j MARK --set-xmark 0x0/0xf0000
			-A cali-INPUT -m comment --comment "cali:_-d-qojMfHM6NwBo" -j cali-from-host-endpoint
			-A cali-INPUT -m comment --comment "cali:LqmE76MP94lZTGhA" -m mark --mark 0x10000/0x10000 -j ACCEPT
			-A cali-from-host-endpoint -i eth0 -g cali-fh-eth0
			-A cali-fh-eth0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
			-A cali-fh-eth0 -m conntrack --ctstate INVALID -j DROP
			-A cali-fh-eth0 -j MARK --set-xmark 0x0/0x10000
			-A cali-fh-eth0 -j cali-failsafe-in
			-A cali-fh-eth0 -j MARK --set-xmark 0x0/0x20000
			-A cali-fh-eth0 -m mark --mark 0x0/0x20000 -j cali-pi-allow-ssh
			-A cali-fh-eth0 -m mark --mark 0x10000/0x10000 -j RETURN
			-A cali-fh-eth0 -m mark --mark 0x0/0x20000 -j DROP
			-A cali-fh-eth0 -j DROP
			-A cali-failsafe-in -p udp -m multiport --dports 68 -j ACCEPT
			-A cali-failsafe-in -p tcp -m multiport --dports 179,2379 -j ACCEPT
			-A cali-pi-allow-ssh -p tcp -m multiport --dports 22 -j MARK --set-xmark 0x10000/0x10000
			-A cali-pi-allow-ssh -m mark --mark 0x10000/0x10000 -j RETURN
			-A cali-wl-to-host -j DROP`,
		),
		expect: serves,
	},
	{
		name: "Calico without a policy for the host, kube-proxy's mark and Docker's chains, before a default drop",
		setUp: `${hardened()}${both(`$t -N cali-INPUT; $t -N KUBE-FIREWALL
			$t -A cali-INPUT -i cali+ -j DROP
			$t -A cali-INPUT -m mark --mark 0x10000/0x10000 -j ACCEPT
			$t -A cali-INPUT -j MARK --set-xmark 0x0/0xf0000
			$t -A KUBE-FIREWALL -m comment --comment "kubernetes firewall for dropping marked packets" -m mark --mark 0x8000/0x8000 -j DROP
			$t -I INPUT 1 -j KUBE-FIREWALL
			$t -I INPUT 1 -j cali-INPUT`)}`,
		expect: serves,
	},
	{
		name: "policy routing by marks: saved with the connection, restored, and dropped where it is odd",
		setUp: `${hardened()}${both(`$t -t mangle -A PREROUTING -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff
			$t -t mangle -A PREROUTING -i eth0 -m mark --mark 0x0/0xff -j MARK --set-xmark 0x1/0xff
			$t -t mangle -A PREROUTING -m mark ! --mark 0x0/0xff -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff
			$t -I INPUT 1 -m mark --mark 0x2/0xff -j DROP
			$t -I INPUT 1 -m connmark --mark 0x2/0xff -j DROP`)}`,
		expect: serves,
	},
	{
		name: "a mark that mangle sets on the range, and the filter drops",
		setUp: `${hardened()}${both(`$t -t mangle -A PREROUTING -p udp -m udp --dport 60000:61000 -j MARK --set-xmark 0x40/0xffffffff
			$t -I INPUT 1 -m mark --mark 0x40/0x40 -j DROP`)}`,
		expect: shut(/-A INPUT -m mark --mark 0x40\/0x40 -j DROP/),
	},
	{
		name: "wg-quick's raw rule for its own address, and marks that it saves",
		setUp: `${hardened()}iptables-nft -t raw -A PREROUTING -d 10.9.0.2/32 ! -i wg0 -m addrtype ! --src-type LOCAL -m comment --comment "wg-quick(8) rule for wg0" -j DROP
			${both(`$t -t mangle -A PREROUTING -p udp -m comment --comment "wg-quick(8) rule for wg0" -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff
			$t -t mangle -A POSTROUTING -p udp -m mark --mark 0xca6c -m comment --comment "wg-quick(8) rule for wg0" -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff`)}`,
		expect: serves,
	},
	{
		name: "Shorewall with IPsec zones, and dynamic blacklists",
		setUp: restore(
			`:INPUT DROP
			:net-fw -
			:vpn-fw -
			:dynamic -
			:smurfs -
			:smurflog -
			:reject -
			:~log0 -
			-A INPUT -m conntrack --ctstate INVALID,NEW,UNTRACKED -j dynamic
			-A INPUT -i eth0 -m policy --dir in --pol ipsec -j vpn-fw
			-A INPUT -i eth0 -m policy --dir in --pol none -j net-fw
			-A INPUT -i lo -j ACCEPT
			-A INPUT -m addrtype --dst-type BROADCAST -j DROP
			-A INPUT -m limit --limit 1/sec --limit-burst 10 -j LOG --log-prefix "INPUT REJECT " --log-level 6
			-A INPUT -g reject
			-A net-fw -m conntrack --ctstate INVALID,NEW,UNTRACKED -j smurfs
			-A net-fw -p tcp -m conntrack --ctstate INVALID -j ~log0
			-A net-fw -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
			-A net-fw -p tcp -m tcp --dport 22 -j ACCEPT
			-A net-fw -p udp -m udp --dport 60901 -j DROP
			-A net-fw -j DROP
			-A vpn-fw -j ACCEPT
			-A smurfs -m addrtype --src-type BROADCAST -g smurflog
			-A smurflog -j DROP
			-A ~log0 -j DROP
			-A reject -m addrtype --src-type BROADCAST -j DROP
			-A reject -p tcp -j REJECT --reject-with tcp-reset
			-A reject -p udp -j REJECT
			-A reject -j DROP`,
			"nft",
			"filter",
			["iptables"],
		),
		expect: { ipv4: serves },
	},
	{
		name: "Vuurmuur's: accounting, anti-spoofing and a queue for nothing, then log and drop",
		setUp: restore(
			`:INPUT DROP
			:PRE-VRMR-CHECKS -
			:ANTISPOOF -
			:BLOCKLIST -
			:BLOCK -
			:SYNLIMIT -
			:UDPLIMIT -
			:NEWACCEPT -
			:ESTRELNFQUEUE -
			:ACC-eth0 -
			-A INPUT -j PRE-VRMR-CHECKS
			-A INPUT -i lo -j ACCEPT
			-A INPUT -i eth0 -j ACC-eth0
			-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
			-A INPUT -m conntrack --ctstate INVALID -m limit --limit 10/sec --limit-burst 20 -j LOG --log-prefix "vrmr: DROP INVALID "
			-A INPUT -m conntrack --ctstate INVALID -j DROP
			-A INPUT -j BLOCKLIST
			-A INPUT -j ANTISPOOF
			-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j NEWACCEPT
			-A INPUT -m limit --limit 20/sec --limit-burst 40 -j LOG --log-prefix "vrmr: DROP in policy "
			-A INPUT -j DROP
			-A PRE-VRMR-CHECKS -p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN -j DROP
			-A ANTISPOOF -s 127.0.0.0/8 -i eth0 -j DROP
			-A ANTISPOOF -s 192.168.66.0/24 ! -i eth7 -j DROP
			-A BLOCKLIST -s 203.0.113.66/32 -j BLOCK
			-A BLOCK -j DROP
			-A SYNLIMIT -m limit --limit 15/sec -j RETURN
			-A SYNLIMIT -j DROP
			-A UDPLIMIT -m limit --limit 15/sec --limit-burst 45 -j RETURN
			-A UDPLIMIT -j DROP
			-A NEWACCEPT -p tcp -j SYNLIMIT
			-A NEWACCEPT -p udp -j UDPLIMIT
			-A NEWACCEPT -j ACCEPT`,
			"nft",
			"filter",
			["iptables"],
		),
		expect: { ipv4: serves },
	},
	{
		name: "UniFi's and EdgeOS': named rule sets by interface, marks for failover, a drop by number",
		setUp: restore(
			`:INPUT ACCEPT
			:UBIOS_INPUT_JUMP -
			:UBIOS_INPUT_USER_HOOK -
			:UBIOS_WAN_LOCAL_USER -
			:VYATTA_FW_LOCAL_HOOK -
			-A INPUT -j VYATTA_FW_LOCAL_HOOK
			-A INPUT -j UBIOS_INPUT_JUMP
			-A UBIOS_INPUT_JUMP -j UBIOS_INPUT_USER_HOOK
			-A UBIOS_INPUT_USER_HOOK -i eth0 -m comment --comment "00000001095216660481" -j UBIOS_WAN_LOCAL_USER
			-A UBIOS_WAN_LOCAL_USER -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
			-A UBIOS_WAN_LOCAL_USER -m conntrack --ctstate INVALID -j DROP
			-A UBIOS_WAN_LOCAL_USER -p tcp -m tcp --dport 22 -j RETURN
			-A UBIOS_WAN_LOCAL_USER -p udp -m udp --dport 60901 -j DROP
			-A UBIOS_WAN_LOCAL_USER -m comment --comment "00000001097364144127" -j DROP`,
			"nft",
			"filter",
			["iptables"],
		),
		expect: { ipv4: serves },
	},
	{
		name: "port knocking by recent: who has not knocked is dropped",
		setUp: both(`$t -N KNOCK; $t -N GATE1; $t -N PASSED
			$t -A INPUT -i lo -j ACCEPT
			$t -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
			$t -A INPUT -p tcp --dport 22 -j ACCEPT
			$t -A INPUT -j KNOCK
			$t -A KNOCK -m recent --rcheck --seconds 30 --name AUTH2 --rsource -j PASSED
			$t -A KNOCK -j GATE1
			$t -A GATE1 -p tcp -m tcp --dport 1111 -m recent --set --name AUTH1 --rsource -j DROP
			$t -A GATE1 -j DROP
			$t -A PASSED -p tcp -m tcp --dport 23 -j ACCEPT`),
		expect: serves,
	},
	{
		name: "rates: new ones by hashlimit return, connlimit and a statistic, the rest drops",
		setUp: `${hardened()}${both(`$t -N FLOOD
			$t -A INPUT -p udp -m conntrack --ctstate NEW -j FLOOD
			$t -A FLOOD -m hashlimit --hashlimit-upto 50/sec --hashlimit-burst 100 --hashlimit-mode srcip --hashlimit-srcmask 24 --hashlimit-name flood -j RETURN
			$t -A FLOOD -j DROP`)}`,
		expect: unverified(/-A FLOOD -j DROP/),
	},
	{
		name: "matches of headers that no first datagram of a session has",
		setUp: `${hardened()}${both(`$t -I INPUT 1 -m helper --helper ftp -j DROP
			$t -I INPUT 1 -m connbytes --connbytes 1000000: --connbytes-dir both --connbytes-mode bytes -j DROP
			$t -I INPUT 1 -m conntrack --ctstatus ASSURED -j DROP
			$t -I INPUT 1 -m conntrack --ctstate NEW --ctdir REPLY -j DROP
			$t -I INPUT 1 -m physdev --physdev-is-bridged -j DROP
			$t -I INPUT 1 -p esp -m policy --dir in --pol ipsec -j ACCEPT`)}`,
		needs: has(
			"-m helper --helper ftp && iptables-nft -A try -m connbytes --connbytes 1: --connbytes-dir both --connbytes-mode bytes && iptables-nft -A try -m physdev --physdev-is-bridged",
		),
		expect: serves,
	},
	{
		name: "a class, a ToS and a u32 expression that drop",
		setUp: `${hardened()}iptables-nft -I INPUT 1 -m u32 --u32 "6&0xFF=0x11 && 4&0x1FFF=0 && 0>>22&0x3C@8=0x12345678" -j DROP
			iptables-nft -I INPUT 1 -m tos --tos 0x08/0x3f -p tcp -j DROP`,
		needs: has('-m u32 --u32 "6&0xFF=0x11"'),
		expect: { ipv4: unverified(/-m u32 .* -j DROP/) },
	},
	{
		name: "what is not of named ports returns to the policy",
		setUp: `${hardened()}${both("$t -A INPUT -p udp -m multiport ! --ports 1000:2000,5353 -j RETURN")}`,
		expect: serves,
	},
	{
		name: "what is not of named ports returns to the policy, before a deny of source ports",
		setUp: `${hardened()}${both(`$t -A INPUT -p udp -m multiport ! --ports 1000:2000,60901 -j RETURN
			$t -A INPUT -p udp -m multiport --sports 53,123 -m conntrack --ctstate NEW -j DROP`)}`,
		expect: refuses(/would overrule|No port is opened/),
	},
	{
		name: "owners at OUTPUT: only system accounts and answers leave",
		setUp: `${hardened()}${both(`$t -A OUTPUT -o lo -j ACCEPT
			$t -A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
			$t -A OUTPUT -m owner --uid-owner 0-999 -j ACCEPT
			$t -A OUTPUT -m owner ! --socket-exists -j ACCEPT
			$t -A OUTPUT -j REJECT`)}`,
		expect: serves,
	},
	{
		name: "answers leave only by a raw rule without tracking",
		setUp: `${hardened()}${both(`$t -t raw -A PREROUTING -p udp -m udp --dport 60000:61000 -j CT --notrack
			$t -t raw -A OUTPUT -p udp -m udp --sport 60000:61000 -j CT --notrack
			$t -A OUTPUT -p udp -m conntrack --ctstate UNTRACKED -m udp --sport 60000:60999 -j ACCEPT
			$t -A OUTPUT -p udp -m udp --sport 60000:60999 -j DROP`)}`,
		expect: serves,
	},
	{
		name: "answers are marked and sent another way, and dropped if they are not",
		setUp: `${hardened()}${both(`$t -t mangle -A OUTPUT -p udp -m udp --sport 60000:61000 -j MARK --set-xmark 0x5/0xff
			$t -A OUTPUT -p udp -m udp --sport 60000:61000 -m mark ! --mark 0x5/0xff -j DROP`)}`,
		expect: serves,
	},
	{
		name: "answers leave but for a mark that nothing sets: they are dropped",
		setUp: `${hardened()}${both("$t -A OUTPUT -p udp -m udp --sport 60000:61000 -m mark ! --mark 0x5/0xff -j DROP")}`,
		expect: shut(/drops the answer: .*-A OUTPUT .*! --mark 0x5\/0xff -j DROP/),
	},
	{
		name: "Docker's iptables=false ufw-docker and a filter of a cloud agent at POSTROUTING",
		setUp: `${hardened()}${both(`$t -t mangle -A POSTROUTING -m conntrack --ctstate INVALID -j DROP
			$t -t security -A OUTPUT -p udp -d 169.254.169.254 -j DROP 2>/dev/null || true
			$t -t nat -A POSTROUTING -o eth0 -m addrtype ! --src-type LOCAL -j MASQUERADE
			$t -t nat -A PREROUTING -m addrtype --dst-type LOCAL -p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 80`)}`,
		expect: serves,
	},
	{
		name: "Azure's and Google's agents: a security table for the metadata service, guest rules first",
		setUp: restore(
			`:INPUT ACCEPT
			:gcp-guest -
			-A INPUT -j gcp-guest
			-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
			-A INPUT -i lo -j ACCEPT
			-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
			-A INPUT -p udp -m udp --dport 1:1023 -j DROP
			-A INPUT -p udp -m udp --dport 1024:65535 -j REJECT
			-A INPUT -j DROP
			-A gcp-guest -s 35.191.0.0/16 -p tcp -j ACCEPT`,
			"nft",
			"filter",
			["iptables"],
		),
		expect: { ipv4: shut(/--dport 1024:65535 -j REJECT/) },
	},
	{
		name: "IPv6 by ICMP types and a hop limit, extension headers dropped, then the policy",
		setUp: `ip6tables-nft -A INPUT -m rt --rt-type 0 -j DROP
			ip6tables-nft -A INPUT -m frag --fraglast -j DROP
			ip6tables-nft -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 133 -m hl --hl-eq 255 -j ACCEPT
			ip6tables-nft -A INPUT -p ipv6-icmp -j ACCEPT
			ip6tables-nft -A INPUT -s fe80::/10 -p udp -m udp --dport 546 -j ACCEPT
			ip6tables-nft -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
			ip6tables-nft -A INPUT -j REJECT --reject-with icmp6-adm-prohibited`,
		expect: { ipv4: open, ipv6: serves },
	},
	{
		name: "an nft table that bans at ingress, a hypervisor's bridge table, and iptables' default drop",
		setUp: `${hardened()}${nft(`table bridge pve { chain forward { type filter hook forward priority 0; policy drop; } }
			table arp antispoof { chain input { type filter hook input priority 0; policy accept; } }
			table inet ban { set v4 { type ipv4_addr; flags dynamic, timeout; } ; chain i { type filter hook input priority -20; ip saddr @v4 drop; ct state new udp dport 161 add @v4 { ip saddr timeout 1m } drop; } }`)}`,
		expect: serves,
	},
	{
		name: "connections without a status, of which there are none, and a translation to where it goes anyway",
		setUp: `${hardened()}${both("$t -I INPUT -p udp -m conntrack --ctstatus NONE -j DROP")}
			${V4} -t nat -A PREROUTING -p udp -m udp --dport 60000:61000 -j DNAT --to-destination 10.77.0.1
			${V4} -t nat -A PREROUTING -d 10.77.0.0/24 -p udp -m udp --dport 9 -j NETMAP --to 10.77.0.0/24`,
		expect: serves,
	},
	{
		name: "a zone of tracking for what comes in, and not for answers, of which only known ones leave",
		setUp: `${hardened()}${both(`$t -t raw -A PREROUTING -i eth0 -p udp -j CT --zone 5
			$t -A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
			$t -A OUTPUT -p udp -j DROP`)}`,
		expect: unverified(/its answers may be dropped: .* -A OUTPUT -p udp -j DROP/),
	},
	{
		name: "an address of another interface, and a rule for those of this one",
		address: "192.0.2.1",
		setUp: `ip addr add 192.0.2.1/32 dev lo
			${V4} -A INPUT -p udp -m addrtype ! --dst-type LOCAL --limit-iface-in -j DROP`,
		undo: "ip addr del 192.0.2.1/32 dev lo",
		expect: { ipv4: unverified(/--dst-type LOCAL --limit-iface-in -j DROP/) },
	},
	{
		name: "a goto to a zone that returns to the policy",
		setUp: `${restore(
			`:INPUT DROP
			:zone -
			-A INPUT -i lo -j ACCEPT
			-A INPUT -p tcp --dport 22 -j ACCEPT
			-A INPUT -i eth0 -g zone
			-A zone -p udp --dport 60901 -j DROP
			-A zone -p udp --dport 53 -j ACCEPT
			-A zone -j RETURN`,
		)}`,
		denied: /-A zone -p udp -m udp --dport 60901 -j DROP/,
		expect: serves,
	},
];
