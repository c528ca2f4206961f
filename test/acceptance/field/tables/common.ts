/** What set-ups of several tables have in common. */

import { existsSync, readFileSync } from "node:fs";

/** A ruleset for nft, which wants a new line between two closing braces. */
export function nft(ruleset: string): string {
	return `nft -f - <<'END'\n${ruleset.replace(/\}(?=\s*\})/g, "}\n")}\nEND\n`;
}

/** A table of both families whose chain at input drops by default. */
export function input(
	rules: string,
	{ policy = "drop", name = "filter", priority = "filter", more = "" } = {},
): string {
	return nft(`table inet ${name} {
		${more}
		chain input {
			type filter hook input priority ${priority}; policy ${policy};
			iif lo accept
			ct state established,related accept
			meta l4proto ipv6-icmp accept
			tcp dport 22 accept
			${rules}
		}
	}`);
}

type Variant = "nft" | "legacy";

/** One table of both families, in the lines of iptables-save. */
export function restore(
	rules: string,
	variant: Variant = "nft",
	table = "filter",
	tools: readonly string[] = ["iptables", "ip6tables"],
): string {
	const lines = rules
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "");
	const all = [
		...lines.filter((line) => line.startsWith(":")),
		...lines.filter((line) => !line.startsWith(":")),
	];
	return tools
		.map((tool) => {
			const text = all.map((line) => (line.startsWith(":") && !line.includes("[") ? `${line} [0:0]` : line));
			return `${tool}-${variant}-restore <<'END'\n*${table}\n${text.join("\n")}\nCOMMIT\nEND\n`;
		})
		.join("");
}

/** Commands of iptables for each family; \`$t\` is the tool. */
export function both(commands: string, variant: Variant = "nft"): string {
	return `for t in iptables-${variant} ip6tables-${variant}; do\n${commands}\ndone\n`;
}

/** Drops by default, lets in ssh and answers. */
export function hardened(variant: Variant = "nft"): string {
	return restore(
		`:INPUT DROP
		-A INPUT -i lo -j ACCEPT
		-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
		-A INPUT -p tcp --dport 22 -j ACCEPT`,
		variant,
	);
}

/** What a tool made of its settings, recorded: test/acceptance/field/rules/README.md. */
export function recorded(tool: string, variant: Variant = "nft"): string {
	return [
		["iptables", "v4"],
		["ip6tables", "v6"],
	]
		.flatMap(([restorer, ending]) => {
			const file = new URL(`../rules/${tool}.${ending}`, import.meta.url);
			return existsSync(file)
				? `${restorer}-${variant}-restore <<'END'\n${readFileSync(file, "utf8")}\nEND\n`
				: [];
		})
		.join("");
}
