/**
 * Adds and deletes rules of our chain by the kernel's own messages (linux/netfilter/nf_tables.h): an iptables-restore takes 2 ms to
 * load, and to delete a rule fetches all of the chain, 10 ms beside a thousand. How iptables writes a rule only it knows. So its first
 * rules are read back, each beside the line that iptables prints of it, and are made again with another port, byte for byte. All
 * that is not certain, and whatever the kernel refuses, is left to iptables.
 */

import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import {
	attribute,
	eachAttribute,
	FLAG,
	message,
	messagesIn,
	NETFILTER_HEADER,
	type NetlinkQuestions,
	nested,
	netfilterHeader,
	PROTOCOL,
	unlessRefused,
} from "../../system/netlink.js";
import {
	generationIn,
	generationQuestion,
	NF_TABLES,
	TABLE_FAMILY,
	transaction,
	zeroTerminated,
} from "../../system/nf-tables.js";
import type { Opening } from "../firewall.js";
import { generationNow } from "../generation.js";
import { openingKey } from "../opening.js";
import { CHAIN, readAcceptRule } from "./rule.js";
import { parseSave } from "./save.js";
import { Stencil, uncounted } from "./stencil.js";
import { NFT_FAMILY, tool } from "./variant.js";

const MESSAGE = { new: 6, get: 7, delete: 8 } as const;
const RULE = { table: 1, chain: 2, handle: 3, expressions: 4, compat: 5, userdata: 7 } as const;
const COMPAT = { protocol: 1, flags: 2 } as const;
const UDP = 17;
/** What the kernel answers to as many fits into what a socket receives (212 kB, each message taken as up to 4 kB). */
const MOST = 32;
/** Addresses of this host that servers were bound to. Those of before are forgotten. */
const MOST_ADDRESSES = 64;

interface KernelRule {
	/** The kernel's number for it within its table. */
	readonly handle: bigint;
	readonly expressions: Buffer;
}

interface ReadRules {
	/** They are as they were then, or later; undefined where that was not asked. */
	readonly generation: number | undefined;
	/** Undefined for a rule that iptables did not write. */
	readonly rules: readonly (KernelRule | undefined)[];
}

export interface KernelRulesOptions {
	readonly netlink: NetlinkQuestions;
	/** Have iptables list its rules. */
	readonly commands: Commands;
	/** Told when rules were changed. */
	readonly rulesChanged: (() => void) | undefined;
}

export class KernelRules {
	readonly #netlink: NetlinkQuestions;
	readonly #commands: Commands;
	readonly #rulesChanged: (() => void) | undefined;
	/** By family and address. */
	readonly #stencils = new Map<string, Stencil>();
	/** Of the rules for openings, by their keys. They may be gone by now, and be those of other rules. */
	readonly #handles = new Map<string, bigint>();

	constructor({ netlink, commands, rulesChanged }: KernelRulesOptions) {
		this.#netlink = netlink;
		this.#commands = commands;
		this.#rulesChanged = rulesChanged;
	}

	/** @returns whether they are open now; otherwise nothing has been changed */
	async open(family: Family, openings: readonly Opening[]): Promise<boolean> {
		const wanted = openings.flatMap((opening) => this.#expressionsFor(opening) ?? []);
		return (
			wanted.length === openings.length &&
			wanted.length <= MOST &&
			unlessRefused(this.#add(family, openings, wanted), false)
		);
	}

	/**
	 * Each rule is read once more before it is deleted, in the same generation of nf_tables: a handle may have become another rule's.
	 * @returns whether they are closed now; otherwise nothing has been changed
	 * @throws FirewallError where iptables cannot list them
	 */
	async close(family: Family, openings: readonly Opening[]): Promise<boolean> {
		if (openings.length > MOST || openings.some((opening) => this.#isHopeless(opening))) {
			return false;
		}
		const handles = openings.flatMap((opening) => this.#handles.get(openingKey(opening)) ?? []);
		const isKnown = handles.length === openings.length;
		return (
			(isKnown && (await unlessRefused(this.#deleteKnown(family, openings, handles), false))) ||
			unlessRefused(this.#deleteFound(family, openings), false)
		);
	}

	async #add(family: Family, openings: readonly Opening[], expressions: readonly Buffer[]): Promise<boolean> {
		const flags = FLAG.request | FLAG.ack | FLAG.create | FLAG.append | FLAG.echo;
		const added = expressions.map((each) =>
			ruleMessage(MESSAGE.new, flags, family, nested(RULE.expressions, each), COMPATIBLE),
		);
		const { rules } = await this.#change(transaction(added), added.length);
		for (const [index, opening] of openings.entries()) {
			const rule = rules[index];
			if (rule !== undefined && expressions[index]?.equals(rule.expressions)) {
				this.#handles.set(openingKey(opening), rule.handle);
			}
		}
		return true;
	}

	async #deleteKnown(
		family: Family,
		openings: readonly Opening[],
		handles: readonly bigint[],
	): Promise<boolean> {
		const questions = handles.map((handle) =>
			ruleMessage(MESSAGE.get, FLAG.request | FLAG.ack, family, handleAttribute(handle)),
		);
		const request = Buffer.concat([generationQuestion(), ...questions]);
		const answer = await this.#netlink.ask(PROTOCOL.netfilter, request);
		return this.#delete(family, openings, readRules(answer, questions.length));
	}

	async #deleteFound(family: Family, openings: readonly Opening[]): Promise<boolean> {
		const question = ruleMessage(MESSAGE.get, FLAG.request | FLAG.dump, family);
		const request = Buffer.concat([generationQuestion(), question]);
		const read = readRules(await this.#netlink.ask(PROTOCOL.netfilter, request), 1);
		if (openings.some((opening) => this.#expressionsFor(opening) === undefined)) {
			await this.#learn(family, read);
		}
		this.#remember(family, read);
		return this.#delete(family, openings, read);
	}

	/** @param read where the rules of all are looked for */
	async #delete(
		family: Family,
		openings: readonly Opening[],
		{ generation, rules }: ReadRules,
	): Promise<boolean> {
		const deleted = openings.flatMap((opening) => {
			const expressions = this.#expressionsFor(opening);
			const rule = rules.find((one) => one && expressions?.equals(one.expressions));
			return rule === undefined
				? []
				: [ruleMessage(MESSAGE.delete, FLAG.request | FLAG.ack, family, handleAttribute(rule.handle))];
		});
		if (deleted.length !== openings.length || generation === undefined) {
			return false;
		}
		await this.#change(transaction(deleted, generation), deleted.length);
		for (const opening of openings) {
			this.#handles.delete(openingKey(opening));
		}
		return true;
	}

	async #change(changes: Buffer, count: number): Promise<ReadRules> {
		const told = readRules(await this.#netlink.ask(PROTOCOL.netfilter, changes), count);
		this.#rulesChanged?.();
		return told;
	}

	/** From the rules as iptables prints them, if they are the same ones. */
	async #learn(family: Family, { generation, rules }: ReadRules): Promise<void> {
		const save = tool(family, "nft", "save");
		const { stdout } = await this.#commands.run(save, ["-t", "filter"], { fresh: true });
		const printed = parseSave(stdout).get(CHAIN)?.rules ?? [];
		if ((await generationNow(this.#netlink)) !== generation || printed.length !== rules.length) {
			return;
		}
		for (const [index, line] of printed.entries()) {
			const opening = readAcceptRule(line, family);
			const rule = rules[index];
			if (opening === undefined || rule === undefined) {
				continue;
			}
			const { port } = opening;
			const { expressions } = rule;
			const stencil = this.#stencils.get(placeOf(opening));
			if (stencil === undefined) {
				this.#stencils.set(placeOf(opening), new Stencil({ port, expressions }));
			} else {
				stencil.learn({ port, expressions });
			}
		}
		for (const place of [...this.#stencils.keys()].slice(0, -MOST_ADDRESSES)) {
			this.#stencils.delete(place);
		}
	}

	#remember(family: Family, { rules }: ReadRules): void {
		const stencils = [...this.#stencils].filter(([place]) => place.startsWith(`${family} `));
		for (const rule of rules) {
			for (const [place, stencil] of stencils) {
				const port = rule && stencil.portOf(rule.expressions);
				if (rule !== undefined && port !== undefined) {
					this.#handles.set(`${place} ${port}`, rule.handle);
				}
			}
		}
	}

	#isHopeless(opening: Opening): boolean {
		const isUnknown = this.#expressionsFor(opening) === undefined;
		return isUnknown && (this.#stencils.get(placeOf(opening))?.isHopeless ?? false);
	}

	#expressionsFor(opening: Opening): Buffer | undefined {
		return this.#stencils.get(placeOf(opening))?.expressionsFor(opening.port);
	}
}

/** Followed by a port, the key of an opening. */
function placeOf({ family, address }: Opening): string {
	return `${family} ${address}`;
}

/** As iptables says it with each rule for a protocol: without, matches of x_tables for UDP are refused. */
const COMPATIBLE = nested(
	RULE.compat,
	attribute(COMPAT.protocol, Buffer.from([0, 0, 0, UDP])),
	attribute(COMPAT.flags, Buffer.alloc(4)),
);

/** About rules of our chain. */
function ruleMessage(type: number, flags: number, family: Family, ...attributes: readonly Buffer[]): Buffer {
	return message(
		(NF_TABLES << 8) | type,
		flags,
		netfilterHeader(TABLE_FAMILY[NFT_FAMILY[family]] ?? 0),
		attribute(RULE.table, zeroTerminated("filter")),
		attribute(RULE.chain, zeroTerminated(CHAIN)),
		...attributes,
	);
}

/**
 * @param complete as in `messagesIn`
 * @throws NetlinkError
 */
function readRules(answer: Buffer, complete: number): ReadRules {
	let generation: number | undefined;
	const rules: (KernelRule | undefined)[] = [];
	for (const told of messagesIn(answer, complete)) {
		generation ??= generationIn(answer, told);
		if (told.type === ((NF_TABLES << 8) | MESSAGE.new)) {
			rules.push(readRule(answer, told.start + NETFILTER_HEADER, told.end));
		}
	}
	return { generation, rules };
}

/** What nft writes has its comment beside the expressions. */
function readRule(answer: Buffer, start: number, end: number): KernelRule | undefined {
	const found: { handle?: bigint; expressions?: Buffer; isOfNft?: true } = {};
	eachAttribute(answer, start, end, (type, from, to) => {
		if (type === RULE.handle) {
			found.handle = answer.readBigUInt64BE(from);
		} else if (type === RULE.expressions) {
			found.expressions = answer.subarray(from, to);
		} else if (type === RULE.userdata) {
			found.isOfNft = true;
		}
	});
	const { handle, expressions, isOfNft } = found;
	return handle === undefined || expressions === undefined || isOfNft
		? undefined
		: { handle, expressions: uncounted(expressions) };
}

function handleAttribute(handle: bigint): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(handle);
	return attribute(RULE.handle, bytes);
}
