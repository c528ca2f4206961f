/** firewalld: zones, policies, rich and direct rules, panic, and what it leaves when it is killed. */

import { LabFirewalld } from "../../../lab/firewalld.js";
import { type FieldCase, PORT, serves, shut } from "../field-case.js";
import type { Table } from "../tables.js";
import { nft } from "./common.js";

const NAMED = '[firewall]\nname = "firewalld"\n';
const RELOAD = "firewall-cmd -q --reload";

/** Its own files: each firewall-cmd starts a Python. */
function file(path: string, text: string): string {
	return `cat > /etc/firewalld/${path} <<'END'\n<?xml version="1.0" encoding="utf-8"?>\n${text}\nEND\n`;
}

/** The zone of the link to the other host. */
function zone(more: string, name = "public", attributes = ""): string {
	const others = name === "public" ? "" : file("zones/public.xml", "<zone><short>Public</short></zone>");
	const own = `<zone${attributes}><short>${name}</short><interface name="eth0"/><service name="ssh"/>${more}</zone>`;
	return `${others}${file(`zones/${name}.xml`, own)}${RELOAD}`;
}

function ipset(name: string, ...entries: readonly string[]): string {
	const list = entries.map((entry) => `<entry>${entry}</entry>`).join("");
	return file(`ipsets/${name}.xml`, `<ipset type="hash:net"><short>${name}</short>${list}</ipset>`);
}

/** For all that comes in to this host. */
function policy(name: string, attributes: string, more = ""): string {
	const own = `<policy ${attributes}><ingress-zone name="ANY"/><egress-zone name="HOST"/><service name="ssh"/>${more}</policy>`;
	return `mkdir -p /etc/firewalld/policies\n${file(`policies/${name}.xml`, own)}${RELOAD}`;
}

const EXTRA = nft(
	"table inet extra { chain input { type filter hook input priority filter; policy drop; iif lo accept; ct state established,related accept; tcp dport 22 accept; meta l4proto ipv6-icmp accept; } }",
);

const KILL = "kill -9 $(cat /run/firewalld.pid)";
const END = "kill $(cat /run/firewalld.pid); while [ -e /run/firewalld.pid ]; do sleep 0.1; done";
const START = `
	rm -f /run/firewalld.pid
	setsid firewalld --nofork >/dev/null 2>&1 &
	until firewall-cmd -q --state 2>/dev/null; do sleep 0.2; done
`;

const IS_THERE =
	"dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:org.fedoraproject.FirewallD1 | grep -q true";

const ROWS: readonly FieldCase[] = [
	{ name: "as shipped, zone public", setUp: RELOAD, expect: serves, by: /^firewalld: / },
	{ name: "zone drop", setUp: zone("", "drop", ' target="DROP"'), expect: serves },
	{ name: "zone block", setUp: zone("", "block", ' target="%%REJECT%%"'), expect: serves },
	{
		name: "a policy for all that comes in drops",
		setUp: policy("lockhost", 'priority="-1" target="DROP"'),
		expect: shut(/inet firewalld, chain filter_IN_policy_lockhost: .*drop/),
	},
	{
		name: "a policy behind the zones rejects",
		setUp: policy("lasthost", 'priority="10" target="REJECT"'),
		expect: serves,
	},
	{
		name: "a policy's rich rule drops a protocol",
		setUp: policy(
			"noudp",
			'priority="-1" target="CONTINUE"',
			'<rule priority="-5"><protocol value="udp"/><drop/></rule>',
		),
		expect: shut(/inet firewalld, chain filter_IN_policy_noudp_pre: .*drop/),
	},
	{
		name: "the zone's rich rule drops a protocol",
		setUp: zone('<rule priority="-5"><protocol value="udp"/><drop/></rule>'),
		expect: shut(/inet firewalld, chain filter_IN_public_pre: .*drop/),
	},
	{
		name: "the zone's rich rule drops the port",
		setUp: zone(`<rule><port port="${PORT}" protocol="udp"/><drop/></rule>`),
		expect: shut(/zone public: rule port port="60001" protocol="udp" drop|filter_IN_public_deny/),
	},
	{
		name: "a catch-all with the lowest precedence, behind ours",
		setUp: zone('<rule priority="32767"><port port="60000-61000" protocol="udp"/><drop/></rule>'),
		expect: serves,
	},
	{
		name: "a rich rule that drops one source",
		setUp: zone('<rule family="ipv4"><source address="192.0.2.0/24"/><drop/></rule>'),
		expect: serves,
	},
	{
		name: "a rich rule that drops an ipset of sources, and a zone of its own for another",
		setUp: `mkdir -p /etc/firewalld/ipsets
			${ipset("bad", "192.0.2.0/24", "198.51.100.0/24")}${ipset("worse", "203.0.113.0/24")}${file(
				"zones/banned.xml",
				'<zone target="DROP"><short>banned</short><source ipset="worse"/></zone>',
			)}${zone('<rule priority="-10" family="ipv4"><source ipset="bad"/><drop/></rule>')}`,
		expect: serves,
	},
	{
		name: "a zone of trusted sources, all others come to one that rejects",
		setUp: `${file(
			"zones/office.xml",
			'<zone target="ACCEPT"><short>office</short><source address="192.0.2.0/24"/></zone>',
		)}${zone("", "block", ' target="%%REJECT%%"')}`,
		expect: serves,
	},
	{
		name: "the client's network is a zone of its own, which drops",
		setUp: `${file(
			"zones/guests.xml",
			'<zone target="DROP"><short>guests</short><source address="10.77.0.0/24"/><service name="ssh"/></zone>',
		)}${zone("")}`,
		expect: { ipv6: serves },
	},
	{
		name: "rich rules that log and limit what is let in, masquerading, and ICMP blocked",
		setUp: zone(
			'<masquerade/><icmp-block name="echo-request"/><rule><port port="5000" protocol="udp"/><log prefix="five"/><accept><limit value="3/m"/></accept></rule>',
		),
		expect: serves,
	},
	{
		name: "a direct rule drops the range",
		setUp: `${file(
			"direct.xml",
			'<direct><rule ipv="ipv4" table="filter" chain="INPUT" priority="0">-p udp -m udp --dport 60000:61000 -j DROP</rule></direct>',
		)}${RELOAD}`,
		expect: {
			ipv4: shut(/iptables filter: -A INPUT -p udp -m udp --dport 60000:61000 -j DROP/),
			ipv6: serves,
		},
	},
	{
		name: "the port is forwarded",
		setUp: zone(`<forward-port port="${PORT}" protocol="udp" to-port="5000"/>`),
		expect: {
			ipv4: shut(
				/which sends datagrams elsewhere: inet firewalld, chain nat_PRE_public_allow: .*redirect to :5000/,
			),
			ipv6: serves,
		},
	},
	{
		name: "panic",
		setUp: RELOAD,
		later: "firewall-cmd -q --panic-on",
		expect: shut(/firewalld\S*, chain \S+: policy drop/),
		leaves: /panic mode, in which it takes no rule back: .*10\.77\.0\.1:60001/,
		undo: "firewall-cmd -q --panic-off",
	},
	{ name: "another table drops beside it", setUp: `${RELOAD}\n${EXTRA}`, expect: serves },
	{
		name: "another table drops beside it, and firewalld alone is named",
		setUp: `${RELOAD}\n${EXTRA}`,
		config: NAMED,
		expect: shut(/inet extra, chain input: policy drop/),
	},
	{
		name: "the interface moves to another zone while a session is open",
		setUp: RELOAD,
		later: "firewall-cmd -q --zone=work --change-interface=eth0",
		expect: serves,
	},
	{ name: "reloaded while a session is open", setUp: RELOAD, later: RELOAD, expect: serves },
	{
		name: "made permanent while a session is open",
		setUp: RELOAD,
		later: "firewall-cmd -q --runtime-to-permanent",
		expect: serves,
	},
	{
		name: "locked down for others",
		setUp: `sed -i 's/^Lockdown=.*/Lockdown=yes/' /etc/firewalld/firewalld.conf; ${RELOAD}`,
		expect: serves,
	},
	{
		name: "killed while a session is open: its table stays in force, and the port is closed in it all the same",
		setUp: RELOAD,
		later: KILL,
		expect: serves,
	},
	{
		name: "killed before the guard starts",
		setUp: `${RELOAD}\n${KILL}`,
		expect: shut(/inet firewalld, chain /),
		by: /^none: .*firewalld is not running/,
	},
	{
		name: "its backend is iptables",
		setUp: `${END}
			sed -i 's/^FirewallBackend=.*/FirewallBackend=iptables/' /etc/firewalld/firewalld.conf
			${START}`,
		undo: END,
		expect: serves,
	},
	{
		name: "a policy for all that leaves drops, denials are logged, the port is forwarded to itself",
		setUp: `sed -i 's/^LogDenied=.*/LogDenied=all/' /etc/firewalld/firewalld.conf
			mkdir -p /etc/firewalld/policies
			${file("policies/out.xml", '<policy priority="-5" target="DROP"><ingress-zone name="HOST"/><egress-zone name="ANY"/></policy>')}
			${zone('<forward-port port="60001" protocol="udp" to-port="60001" to-addr="10.77.0.1"/>')}`,
		expect: serves,
	},
];

export const FIREWALLD: Table = {
	name: "firewalld",
	kind: {
		tools: ["nft", "firewalld", "firewall-cmd", "dbus-daemon"],
		lists: ["nft list ruleset"],
		prepare: async ({ server }) => {
			const firewalld = new LabFirewalld(server);
			await firewalld.start();
			await firewalld.cmd("-q --permanent --zone=public --add-interface=eth0");
			await server.sh("mkdir /run/pristine; cp -a /etc/firewalld /run/pristine/etc");
		},
		/** Each row reloads by itself. Started anew where a row has killed it. */
		reset: `
			rm -rf /etc/firewalld; cp -a /run/pristine/etc /etc/firewalld
			nft list tables | grep -v firewalld | while read -r table; do nft delete $table; done
			if ! ${IS_THERE}; then
				nft flush ruleset
				${START}
			fi
		`,
	},
	rows: ROWS,
};
