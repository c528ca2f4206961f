/** A host that has nft and nothing else, on which one table of the administrator's decides. */

import type { Commands } from "../../src/system/commands.js";
import { CommandError } from "../../src/system/errors.js";

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

/** A rule about a UDP port. */
export function portRule(port: number, verdict: "accept" | "drop") {
	const match = { match: { op: "==", left: DPORT, right: port } };
	return { text: `udp dport ${port} ${verdict}`, expr: [match, { [verdict]: null }] };
}
