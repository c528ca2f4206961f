/** iptables in memory, both variants and both families: transactions as iptables-restore applies them, and a log of commands. */

import type { Commands, Follower, Output, RunOptions } from "../../src/system/commands.js";
import { CommandError } from "../../src/system/errors.js";

type Chains = Map<string, { policy: string; rules: string[] }>;

export class FakeIptables implements Commands {
	/** Names of the commands that were run, in order. */
	readonly ran: string[] = [];
	/** Arguments of the last run of each command. */
	readonly args = new Map<string, readonly string[]>();
	readonly installed: Set<string>;
	/** Called after each transaction, as another program that changes the rules. */
	afterRestore: (kind: string) => void = () => undefined;
	readonly #tables = new Map<string, Chains>();

	/** `installed`: the variants that this host has. */
	constructor(installed: readonly ("nft" | "legacy")[] = ["nft", "legacy"]) {
		this.installed = new Set(installed);
	}

	/** Replaces the filter table of one kind, such as `iptables-nft`. Lines as iptables-save prints them. */
	load(kind: string, ...lines: string[]): void {
		this.#tables.set(kind, new Map());
		this.#apply(kind, lines);
	}

	/** The rules of one chain; undefined when it does not exist. */
	rules(kind: string, chain: string): readonly string[] | undefined {
		return this.#tables.get(kind)?.get(chain)?.rules;
	}

	/** Changes the rules as another program would. */
	edit(kind: string, ...lines: string[]): void {
		this.#apply(kind, lines);
	}

	async find(tool: string): Promise<string | undefined> {
		const variant = /^ip6?tables-(nft|legacy)-/.exec(tool)?.[1] ?? "";
		return this.installed.has(variant) ? `/usr/sbin/${tool}` : undefined;
	}

	async run(tool: string, args: readonly string[], { input = "" }: RunOptions = {}): Promise<Output> {
		this.ran.push(tool);
		this.args.set(tool, args);
		const [, kind = "", action] = /^(.*)-(save|restore)$/.exec(tool) ?? [];
		if (action === "save") {
			return { stdout: this.#save(kind), stderr: "", exitCode: 0 };
		}
		this.#apply(kind, input.split("\n"));
		this.afterRestore(kind);
		return { stdout: "", stderr: "", exitCode: 0 };
	}

	async follow(): Promise<Follower> {
		throw new Error("iptables has no command that goes on.");
	}

	started(): boolean {
		return false;
	}

	#save(kind: string): string {
		const chains = [...(this.#tables.get(kind) ?? [])];
		if (chains.length === 0) {
			return "";
		}
		return [
			"*filter",
			...chains.map(([name, { policy }]) => `:${name} ${policy} [0:0]`),
			...chains.flatMap(([name, { rules }]) => rules.map((rule) => `-A ${name} ${rule}`)),
			"COMMIT",
			"",
		].join("\n");
	}

	/** All of the lines, or none when one fails. */
	#apply(kind: string, lines: readonly string[]): void {
		const chains = structuredClone(this.#tables.get(kind) ?? new Map()) as Chains;
		for (const line of lines) {
			const declared = /^:(\S+) (\S+)/.exec(line);
			if (declared !== null) {
				chains.set(declared[1] ?? "", { policy: declared[2] ?? "-", rules: [] });
			}
			const command = /^-([ADIFX]) (\S+)(?: (.*))?$/.exec(line);
			if (command === null) {
				continue;
			}
			const [, letter, name = "", rest = ""] = command;
			const chain = chains.get(name);
			if (chain === undefined) {
				throw failed(line);
			}
			if (letter === "A") {
				chain.rules.push(rest);
			}
			if (letter === "F") {
				chain.rules.length = 0;
			}
			if (letter === "X") {
				chains.delete(name);
			}
			if (letter === "I") {
				const [, number = "1", rule = ""] = /^(\d+) (.*)$/.exec(rest) ?? [];
				chain.rules.splice(Number(number) - 1, 0, rule);
			}
			if (letter === "D") {
				const at = chain.rules.indexOf(rest);
				if (at < 0) {
					throw failed(line);
				}
				chain.rules.splice(at, 1);
			}
		}
		this.#tables.set(kind, chains);
	}
}

function failed(line: string): CommandError {
	return new CommandError("tool-failed", `iptables-restore: line failed: ${line}`);
}
