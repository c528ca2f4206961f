/**
 * What may drop a datagram where no table of rules sees it: programs at an interface (XDP), filters of traffic control, and a queue
 * that lets nothing out. What they do is not followed; that they are there is told. Programs attached by other means (TCX, links of BPF
 * to netfilter, those of control groups) no tool lists that a host has by default.
 */

import { type Commands, printed } from "../../system/commands.js";

export interface Doubt {
	readonly interface: string;
	readonly direction: "in" | "out";
	/** As a sentence goes on from "its datagrams may be dropped". */
	readonly what: string;
}

/** @param links what `ip -oneline link show` prints */
export function doubtsOfLinks(links: string): Doubt[] {
	return [...links.matchAll(/^\d+: ([^:@\s]+)(?:@\S+)?: <\S*> mtu \d+(.*)/gm)].flatMap(
		([, name = "", rest = ""]) => {
			const xdp = /^ (?:xdp\S*|prog\/xdp)/.test(rest);
			const program = / prog\/xdp id (\d+)/.exec(rest)?.[1];
			const isBlackhole = / qdisc blackhole /.test(rest);
			return [
				...(xdp
					? [doubt(name, "in", `an XDP program at ${name}${program === undefined ? "" : ` (id ${program})`}`)]
					: []),
				...(isBlackhole ? [doubt(name, "out", `qdisc blackhole at ${name}`)] : []),
			];
		},
	);
}

function doubt(name: string, direction: Doubt["direction"], what: string): Doubt {
	return { interface: name, direction, what };
}

/** More interfaces with filters than these are not looked at one by one. */
const MAX_INTERFACES = 16;

/** Never rejects: without the command there is nobody who would have set up a filter. */
export async function doubtsOfFilters(commands: Commands): Promise<Doubt[]> {
	const hooks = hooksIn(await printed(commands, "tc", "qdisc", "show"));
	const found = await Promise.all(
		hooks.slice(0, MAX_INTERFACES).map(async ({ name, hook }) => {
			const filters = await printed(commands, "tc", "filter", "show", "dev", name, hook);
			return filtersIn(filters).map((what) =>
				doubt(name, hook === "ingress" ? "in" : "out", `tc filter at ${hook} of ${name}: ${what}`),
			);
		}),
	);
	return found.flat();
}

interface FilterHook {
	readonly name: string;
	readonly hook: "ingress" | "egress";
}

/** Of `tc qdisc show`: where there may be filters that drop. Pure. */
export function hooksIn(qdiscs: string): FilterHook[] {
	return [...qdiscs.matchAll(/^qdisc (ingress|clsact) \S+ dev (\S+)/gm)].flatMap(([, kind, name = ""]) => {
		const ingress = { name, hook: "ingress" } as const;
		return kind === "clsact" ? [ingress, { name, hook: "egress" } as const] : [ingress];
	});
}

/** Of `tc filter show`: those that may drop, each by its kind and what it does. Pure. */
export function filtersIn(filters: string): string[] {
	const blocks = filters.split(/^(?=filter )/m).filter((block) => block.startsWith("filter "));
	const dropping = blocks.flatMap((block) => {
		const [, kind = "", rest = ""] =
			/^filter (?:parent \S+ )?protocol \S+ pref \d+ (\S+) (?:chain \d+ )?([\s\S]*)/.exec(block) ?? [];
		const program = kind === "bpf" ? (/(?:handle \S+ )(\S+)/.exec(rest)?.[1] ?? "") : "";
		const action = /\baction order \d+: +([^\n]*?) *$/m.exec(rest)?.[1];
		if (kind === "bpf" && / handle /.test(` ${rest}`)) {
			return [`bpf ${program}`.trim()];
		}
		const police = /\bpolice \S+ rate[^\n]*/.exec(rest)?.[0];
		const what = action ?? police;
		return what === undefined || isHarmless(what) ? [] : [`${kind} ${what}`];
	});
	return [...new Set(dropping)];
}

/** It goes on, as from the interface that it came by: shaping sends what comes in by a queue of such a device. */
function isHarmless(action: string): boolean {
	return /^mirred \(Egress (Redirect to device ifb\w*|Mirror to device \S+)\)|^(skbedit|connmark|ctinfo)\b|^gact action pass\b/.test(
		action,
	);
}
