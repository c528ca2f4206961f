/** ufw, and what other programs put beside it. */

import { type FieldCase, open, refuses, serves, shut, unverified } from "../field-case.js";
import type { Table } from "../tables.js";
import { nft } from "./common.js";

const ENABLE = "ufw --force enable >/dev/null";
const on = (more = "") => `${more}\n${ENABLE}\n`;

const NAMED = '[firewall]\nname = "ufw"\n';

const ROWS: readonly FieldCase[] = [
	{ name: "as shipped, with ssh", setUp: on(), expect: serves, by: /^ufw: / },
	{
		name: "default reject, full logs, a ban put first",
		setUp: `ufw default reject incoming >/dev/null
			ufw logging full >/dev/null
			${ENABLE}
			ufw insert 1 deny from 203.0.113.9 to any >/dev/null`,
		expect: serves,
	},
	{
		name: "a limit on the whole range",
		setUp: on("ufw limit 60000:61000/udp >/dev/null"),
		expect: open,
	},
	{
		name: "the range opened by the administrator",
		setUp: on("ufw allow 60000:61000/udp >/dev/null"),
		expect: open,
	},
	{
		name: "the port denied by the administrator",
		setUp: on("ufw deny 60001/udp >/dev/null"),
		expect: shut(/ filter: -A ufw6?-user-input -p udp -m udp --dport 60001 -j DROP/),
	},
	{
		name: "one interface denied by the administrator, another one",
		setUp: on("ufw deny in on wlan0 >/dev/null"),
		expect: serves,
	},
	{
		name: "outgoing denied by default",
		setUp: `ufw default deny outgoing >/dev/null\n${ENABLE}`,
		expect: serves,
	},
	{
		name: "only from one network by the administrator",
		setUp: on("ufw deny from 192.0.2.0/24 to any >/dev/null"),
		expect: serves,
	},
	{ name: "not enabled", setUp: "true", expect: open, by: /^none: / },
	{
		name: "a drop in mangle that is none of ufw's",
		setUp: `${on()}iptables-nft -t mangle -A PREROUTING -p udp --dport 60000:61000 -j DROP`,
		expect: {
			ipv4: shut(/iptables mangle: -A PREROUTING -p udp -m udp --dport 60000:61000 -j DROP/),
			ipv6: serves,
		},
	},
	{
		name: "a rule of the administrator's in before.rules",
		setUp: `sed -i 's/^# End required lines/&\\n-A ufw-before-input -p udp --dport 60000:61000 -j DROP/' /etc/ufw/before.rules\n${ENABLE}`,
		expect: { ipv4: shut(/-A ufw-before-input -p udp -m udp --dport 60000:61000 -j DROP/), ipv6: serves },
	},
	{
		name: "a rule of the administrator's in after.rules",
		setUp: `sed -i '/^COMMIT/i -A ufw-after-input -p udp --dport 5353 -j DROP' /etc/ufw/after.rules\n${ENABLE}`,
		expect: serves,
	},
	{
		name: "ufw-docker's rules for forwarding",
		setUp:
			on() +
			"iptables-nft -N DOCKER-USER; iptables-nft -A FORWARD -j DOCKER-USER; iptables-nft -A DOCKER-USER -j ufw-user-input; iptables-nft -P FORWARD DROP",
		expect: serves,
	},
	{
		name: "Tailscale's ts-input first",
		setUp: `${on()}iptables-nft -N ts-input
			iptables-nft -A ts-input -s 100.64.0.0/10 ! -i tailscale0 -j DROP
			iptables-nft -A ts-input -i tailscale0 -j ACCEPT
			iptables-nft -I INPUT 1 -j ts-input`,
		expect: serves,
	},
	{
		name: "IPv6 left alone",
		setUp: `sed -i 's/^IPV6=.*/IPV6=no/' /etc/default/ufw\n${ENABLE}`,
		expect: { ipv4: serves },
	},
	{
		name: "IPv6 switched off in the kernel",
		setUp: `sed -i 's/^IPV6=.*/IPV6=no/' /etc/default/ufw\n${ENABLE}\nnft delete table ip6 filter 2>/dev/null || true`,
		lacks: {
			failing: { line: "^ip6tables", words: "ip6tables: Failed to initialize nft: Protocol not supported" },
		},
		expect: { ipv4: serves },
	},
	{
		name: "nft without JSON",
		setUp: on(),
		lacks: { failing: { line: "^nft .*-[a-z]*j", words: "Error: JSON support not compiled-in" } },
		expect: serves,
		by: /^ufw: /,
	},
	{
		name: "nft without JSON, ufw named",
		setUp: on(),
		config: NAMED,
		lacks: { failing: { line: "^nft .*-[a-z]*j", words: "Error: JSON support not compiled-in" } },
		expect: serves,
	},
	{
		name: "a table of nft that is switched off",
		setUp:
			on() +
			nft(
				"table inet old { flags dormant; chain input { type filter hook input priority filter; policy drop; tcp dport 22 accept; } }",
			),
		expect: serves,
		by: /^ufw: /,
	},
	{
		name: "a table of nft that is switched off, ufw named",
		setUp:
			on() +
			nft(
				"table inet old { flags dormant; chain input { type filter hook input priority filter; policy drop; tcp dport 22 accept; } }",
			),
		config: NAMED,
		expect: serves,
	},
	{
		name: "a rule of nft that iptables cannot print, in ufw's table",
		setUp: `${on()}nft add set ip filter blocked '{ type ipv4_addr; flags interval; }'
			nft insert rule ip filter INPUT ip saddr @blocked counter drop
			nft insert rule ip filter INPUT meta mark set ct mark`,
		expect: { ipv4: refuses(/ip filter|iptables/) },
	},
	{
		name: "a rule of nft that iptables cannot print, in ufw's table, ufw named",
		setUp: `${on()}nft insert rule ip filter INPUT meta mark set ct mark`,
		config: NAMED,
		expect: { ipv4: refuses(/ip filter|iptables/) },
	},
	{
		name: "a base chain of nft drops beside it",
		setUp:
			on() +
			nft(
				"table inet extra { chain input { type filter hook input priority 10; policy drop; iif lo accept; tcp dport 22 accept; ct state established accept; meta l4proto ipv6-icmp accept; } }",
			),
		expect: serves,
	},
	{
		name: "a base chain of nft drops beside it, and ufw alone is named",
		setUp:
			on() +
			nft(
				"table inet extra { chain input { type filter hook input priority 10; policy drop; iif lo accept; tcp dport 22 accept; } }",
			),
		config: NAMED,
		expect: shut(/inet extra, chain input: policy drop/),
	},
	{
		name: "a rate that drops what goes beyond it, first",
		setUp:
			on() +
			"iptables-nft -I INPUT 1 -p udp -m limit --limit 1000/sec -j ACCEPT; iptables-nft -I INPUT 2 -p udp --dport 60000:61000 -m statistic --mode random --probability 0.0001 -j DROP",
		expect: { ipv4: unverified(/statistic|limit/) },
	},
];

export const UFW: Table = {
	name: "ufw",
	kind: {
		tools: ["nft", "ufw", "iptables-nft"],
		lists: [
			"nft list ruleset",
			"cat /etc/ufw/user.rules /etc/ufw/user6.rules /etc/ufw/ufw.conf /etc/default/ufw",
		],
		prepare: ({ server }) =>
			server.sh(`sed -i 's/^IPV6=.*/IPV6=yes/' /etc/default/ufw
				ufw allow 22/tcp
				mkdir /run/pristine; cp -a /etc/ufw /run/pristine/etc; cp /etc/default/ufw /run/pristine/default`),
		reset: `nft flush ruleset
			cp -a /run/pristine/etc/. /etc/ufw/; cp /run/pristine/default /etc/default/ufw`,
	},
	rows: ROWS,
};
