/** Whether what nftables compares holds for a datagram (libnftables-json(5), MATCH and EXPRESSIONS). Pure. */

import { isMark } from "./marks.js";
import { type Field, fieldOf } from "./nft-fields.js";
import { entryOf } from "./noted.js";
import { ANY_ADDRESS, type Packet, type Ports, type Remote } from "./packet.js";
import { all, any, not, type Truth } from "./truth.js";
import { addressBetween, addressIn, nameMatches, portsBetween, prefixOf } from "./values.js";

type Json = Readonly<Record<string, unknown>>;

/** What is known of the named sets and maps of a table. */
export interface Lookup {
	/** As nft lists them; undefined where they have not been read. */
	elements(set: string): readonly unknown[] | undefined;
	/** As `has`, where that is to be had without the other elements; `asked`: the next walk will know. */
	get?(set: string, key: readonly string[]): boolean | "asked" | undefined;
	/** The same of a set whose elements cannot be read. */
	has(set: string, key: readonly string[]): boolean | undefined;
	/** As `elements`, without having them read. */
	known?(set: string): readonly unknown[] | undefined;
	/** Tells a set apart from those of other tables; undefined where that does not matter. */
	nameOf?(set: string): string | undefined;
	/** Whether its elements count only within a rate or the like of their own. */
	depends?(set: string): boolean;
	/** Whether it may have an element for each address that there is. */
	hasRanges?(set: string): boolean;
}

export interface Match {
	readonly op?: unknown;
	readonly left?: unknown;
	readonly right?: unknown;
}

export function holds({ op, left, right }: Match, packet: Packet, lookup: Lookup): Truth {
	const fields = partsOf(left).map((part) => fieldOf(part, packet));
	if (fields.some(({ kind }) => kind === "absent")) {
		return false;
	}
	if (op === "==" || op === "in") {
		return equals(fields, right, packet, lookup);
	}
	if (op === "!=" || op === "!") {
		return not(equals(fields, right, packet, lookup));
	}
	const [field] = fields;
	if (field?.kind !== "ports" || typeof right !== "number") {
		return conditionOf(fields);
	}
	return compare(field.ports, String(op), right);
}

/** Whether the key of a verdict map is this element. */
export function isElement(key: unknown, element: unknown, packet: Packet, lookup: Lookup): Truth {
	return holds({ op: "==", left: key, right: element }, packet, lookup);
}

/** The key of a look-up in a named map, as far as it is known. */
export function partsOf(left: unknown): unknown[] {
	const concat = (left as { concat?: unknown } | null)?.concat;
	return Array.isArray(concat) ? concat : [left];
}

function compare(ports: Ports, op: string, limit: number): Truth {
	switch (op) {
		case "<":
			return portsBetween(ports, 0, limit - 1);
		case "<=":
			return portsBetween(ports, 0, limit);
		case ">":
			return portsBetween(ports, limit + 1, 65_535);
		case ">=":
			return portsBetween(ports, limit, 65_535);
		default:
			return "general";
	}
}

function equals(fields: readonly Field[], right: unknown, packet: Packet, lookup: Lookup): Truth {
	// Every other value, in a set.
	if (right === "*") {
		return true;
	}
	if (typeof right === "string" && right.startsWith("@")) {
		return inNamedSet(fields, right.slice(1), packet, lookup);
	}
	if (Array.isArray(right)) {
		return any(right.map((part) => equals(fields, part, packet, lookup)));
	}
	const { set, elem, concat } = (right ?? {}) as Json;
	if (Array.isArray(set)) {
		return any(set.map((part) => equals(fields, part, packet, lookup)));
	}
	if (elem !== undefined) {
		const { val, limit, quota } = elem as Json;
		const depends = limit !== undefined || quota !== undefined || (elem as Json)["ct count"] !== undefined;
		return all([equals(fields, val, packet, lookup), ...(depends ? ["general" as const] : [])]);
	}
	if (Array.isArray(concat)) {
		if (concat.length !== fields.length) {
			return conditionOf(fields);
		}
		// Ports are compared quickly, and most elements of a large set differ in them.
		const differs = fields.some(
			(field, index) => field.kind === "ports" && isValue(field, concat[index]) === false,
		);
		if (differs) {
			return false;
		}
		return all(concat.map((part, index) => isValue(fields[index] as Field, part)));
	}
	const [field] = fields;
	return field === undefined || fields.length > 1 ? conditionOf(fields) : isValue(field, right);
}

function isValue(field: Field, right: unknown): Truth {
	const { range, prefix, set } = (typeof right === "object" && right !== null ? right : {}) as Json;
	if (Array.isArray(set)) {
		return any(set.map((part) => isValue(field, part)));
	}
	switch (field.kind) {
		case "absent":
			return false;
		case "unknown":
			return field.condition;
		case "word":
			return isWord(field.word, right);
		case "interface":
			// Whether there is one at all.
			return typeof right === "boolean"
				? right === (field.name !== "")
				: nameMatches(String(right), field.name);
		case "bits":
			return typeof right === "number" ? isMark(field.bits, right) : "general";
		case "ports":
			if (typeof right === "number") {
				return portsBetween(field.ports, right, right);
			}
			if (Array.isArray(range)) {
				return portsBetween(field.ports, Number(range[0]), Number(range[1]));
			}
			return "specific";
		case "address": {
			if (Array.isArray(range)) {
				return addressBetween(field.address, String(range[0]), String(range[1]));
			}
			const { addr, len } = (prefix ?? {}) as Json;
			const wanted = prefixOf(prefix === undefined ? String(right) : `${addr}/${len}`);
			return wanted === undefined ? "specific" : addressIn(field.address, wanted);
		}
	}
}

/** Protocols and families that nft prints as numbers where it knows no name. */
const NUMBERS: Readonly<Record<string, string>> = { 17: "udp", 2: "ipv4", 10: "ipv6" };

function isWord(word: string | number | boolean, right: unknown): Truth {
	if (typeof right === "number" && typeof word === "string") {
		return NUMBERS[right] === word;
	}
	return typeof right === "object" && right !== null ? "general" : right === word;
}

function inNamedSet(fields: readonly Field[], set: string, packet: Packet, lookup: Lookup): Truth {
	const found = isMember(fields, set, packet, lookup);
	return lookup.depends?.(set) === true ? all([found, "general"]) : found;
}

function isMember(fields: readonly Field[], set: string, packet: Packet, lookup: Lookup): Truth {
	const name = lookup.nameOf?.(set);
	const noted = name === undefined ? undefined : entryOf(packet.marks?.noted, name, keyText(fields));
	switch (noted) {
		case "certain":
			// Whoever is in it, a set is named.
			return packet.remote === ANY_ADDRESS ? "specific" : true;
		case "gone":
			return false;
		case "perhaps":
			return any(["specific", asListed(fields, set, packet, lookup)]);
		case undefined:
			return asListed(fields, set, packet, lookup);
	}
}

function asListed(fields: readonly Field[], set: string, packet: Packet, lookup: Lookup): Truth {
	const remote = fields.find((field) => field.kind === "address" && typeof field.address !== "string");
	if (remote?.kind === "address") {
		return ofStranger(fields, remote.address, set, packet, lookup);
	}
	const key = keyOfFields(fields);
	const found = key && lookup.get?.(set, key);
	if (found !== undefined) {
		return found === "asked" ? "specific" : found;
	}
	const elements = lookup.elements(set);
	if (elements !== undefined) {
		return any(elements.map((element) => equals(fields, keyOf(element), packet, lookup)));
	}
	return (key && lookup.has(set, key)) ?? "specific";
}

/** Nobody has put an address that no rule names into a set, unless it has all of them. */
function ofStranger(
	fields: readonly Field[],
	remote: Remote,
	set: string,
	packet: Packet,
	lookup: Lookup,
): Truth {
	if (typeof remote !== "object" || lookup.hasRanges?.(set) !== true) {
		return false;
	}
	// Of many ports, each would have to be asked for.
	const { localPorts } = packet;
	if (
		localPorts.first !== localPorts.last &&
		fields.some((field) => field.kind === "ports" && field.ports === localPorts)
	) {
		return "specific";
	}
	const elements = lookup.known?.(set);
	if (elements !== undefined) {
		return any(elements.map((element) => equals(fields, keyOf(element), packet, lookup)));
	}
	remote.isNotIn(lookup.nameOf?.(set) ?? set, {
		has: (address) => {
			const known = fields.map(
				(field): Field =>
					field.kind === "address" && field.address === remote ? { ...field, address } : field,
			);
			const found = asListed(known, set, packet, lookup);
			return typeof found === "boolean" ? found : undefined;
		},
		list: () => lookup.elements(set),
	});
	return false;
}

/** Undefined where a field has more than one value, or none that is known. */
function keyOfFields(fields: readonly Field[]): string[] | undefined {
	const key = fields.map(textOf);
	return key.every((part) => part !== undefined) ? key : undefined;
}

/** Tells the keys of one datagram's way apart; undefined where that cannot be done. */
export function keyText(fields: readonly Field[]): string | undefined {
	const parts = fields.map((field) => {
		if (field.kind === "address" && typeof field.address !== "string") {
			return "remote";
		}
		return field.kind === "ports" ? `${field.ports.first}-${field.ports.last}` : textOf(field);
	});
	return parts.every((part) => part !== undefined) ? parts.join(" ") : undefined;
}

/** Of an element of a map, which is listed with what it maps to; one of a set is its own key. */
export function keyOf(element: unknown): unknown {
	return Array.isArray(element) ? element[0] : element;
}

/** As an element of a set is written; undefined where the field has more than one value, or none that is known. */
function textOf(field: Field): string | undefined {
	switch (field.kind) {
		case "word":
			return String(field.word);
		case "interface":
			return field.name;
		case "address":
			return typeof field.address === "string" ? field.address : undefined;
		case "ports":
			return field.ports.first === field.ports.last ? String(field.ports.first) : undefined;
		default:
			return undefined;
	}
}

/** What cannot be compared depends on what it is of. */
function conditionOf(fields: readonly Field[]): Truth {
	const specific = fields.some(
		(field) =>
			field.kind === "address" ||
			field.kind === "ports" ||
			field.kind === "interface" ||
			(field.kind === "unknown" && field.condition === "specific"),
	);
	return specific ? "specific" : "general";
}
