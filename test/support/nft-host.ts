/** A host that has an address of each family, nft and nothing else, on which one table of the administrator's decides. */

import type { Commands } from "../../src/system/commands.js";
import { CommandError } from "../../src/system/errors.js";

const ADDRESSES = `2: eth0    inet 192.0.2.1/24 scope global eth0
2: eth0    inet6 2001:db8::1/64 scope global
`;

const OF = { family: "inet", table: "mine" };

/** Its chain drops what no rule lets in. @param rules of the chain: what nft prints, and the same as its JSON */
export function nftHost(...rules: { readonly text: string; readonly expr: readonly object[] }[]): Commands {
	const chain = { ...OF, name: "input", handle: 1, type: "filter", hook: "input", prio: 0, policy: "drop" };
	const json = [
		{ table: { family: "inet", name: "mine", handle: 1 } },
		{ chain },
		...rules.map(({ expr }, at) => ({ rule: { ...OF, chain: "input", handle: at + 2, expr } })),
	];
	const plain = [
		"table inet mine { # handle 1",
		"\tchain input { # handle 1",
		"\t\ttype filter hook input priority filter; policy drop;",
		...rules.map(({ text }, at) => `\t\t${text} # handle ${at + 2}`),
		"\t}",
		"}",
		"",
	];
	const run: Commands["run"] = async (tool, args) => {
		if (tool === "ip" && args.includes("address")) {
			return { stdout: ADDRESSES, stderr: "", exitCode: 0 };
		}
		if (tool !== "nft" || !args.includes("list")) {
			throw new CommandError("tool-failed", `${tool} ${args.join(" ")} failed`);
		}
		const stdout = args.includes("-j") ? JSON.stringify({ nftables: json }) : plain.join("\n");
		return { stdout, stderr: "", exitCode: 0 };
	};
	return {
		find: async (tool) => (tool === "nft" ? "/usr/sbin/nft" : undefined),
		run,
		follow: () => Promise.reject(new Error("nothing to follow")),
		started: () => false,
	};
}

const DPORT = { payload: { protocol: "udp", field: "dport" } };

const SADDR = { payload: { protocol: "ip", field: "saddr" } };
const CPU = { meta: { key: "cpu" } };
const is = (left: object, right: string | number) => ({ match: { op: "==", left, right } });

type Verdict = "accept" | "drop";

/** A rule about a UDP port. */
export function portRule(port: number, verdict: Verdict) {
	return { text: `udp dport ${port} ${verdict}`, expr: [is(DPORT, port), { [verdict]: null }] };
}

/** The same for one client. */
export function clientRule(address: string, port: number, verdict: Verdict) {
	const { text, expr } = portRule(port, verdict);
	return { text: `ip saddr ${address} ${text}`, expr: [is(SADDR, address), ...expr] };
}

/** The same for datagrams that one processor takes in, which nobody can foresee. */
export function cpuRule(port: number, verdict: Verdict) {
	const { text, expr } = portRule(port, verdict);
	return { text: `meta cpu 1 ${text}`, expr: [is(CPU, 1), ...expr] };
}
