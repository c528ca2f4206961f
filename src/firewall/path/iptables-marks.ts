/** What targets of iptables make of marks, in iptables-save's words (iptables-extensions(8), MARK and CONNMARK). Pure. */

import { and, type Bits, bits, type Marks, UNKNOWN_BITS, UNKNOWN_MARKS, xor } from "./marks.js";
import { isTracked, type Packet } from "./packet.js";

/** @param words the target and what belongs to it; undefined where it changes none */
export function readMarking(words: readonly string[]): ((packet: Packet) => Marks) | undefined {
	const [, target, option = "", ...rest] = words;
	if (target === "MARK") {
		const set = setting(option, rest);
		return ({ marks = UNKNOWN_MARKS }) => ({ ...marks, packet: set(marks.packet) });
	}
	if (target !== "CONNMARK") {
		return undefined;
	}
	const ofConnection = connMarking(option, rest);
	return (packet) => {
		const { marks = UNKNOWN_MARKS, state } = packet;
		return isTracked(state) ? ofConnection(marks) : marks;
	};
}

function connMarking(option: string, words: readonly string[]): (marks: Marks) => Marks {
	const masks = { packet: maskOf("--nfmask", words), connection: maskOf("--ctmask", words) };
	switch (option) {
		case "--save-mark":
			return (marks) => ({
				...marks,
				connection: copied(marks.packet, masks.packet, marks.connection, masks.connection),
			});
		case "--restore-mark":
			return (marks) => ({
				...marks,
				packet: copied(marks.connection, masks.connection, marks.packet, masks.packet),
			});
		default: {
			const set = setting(option, words);
			return (marks) => ({ ...marks, connection: set(marks.connection) });
		}
	}
}

const ALL = 0xffff_ffff;

/** The bits of `--set-xmark VALUE/MASK` are cleared, then inverted where the value has one. */
function setting(option: string, [text = ""]: readonly string[]): (mark: Bits) => Bits {
	const [value = Number.NaN, mask = ALL] = text.split("/").map(Number);
	if (option !== "--set-xmark" || Number.isNaN(value) || Number.isNaN(mask)) {
		return () => UNKNOWN_BITS;
	}
	return (mark) => xor(and(mark, bits(~mask)), bits(value));
}

function maskOf(option: string, words: readonly string[]): number {
	const at = words.indexOf(option);
	return at < 0 ? ALL : Number(words[at + 1]);
}

function copied(from: Bits, fromMask: number, to: Bits, toMask: number): Bits {
	return xor(and(to, bits(~toMask)), and(from, bits(fromMask)));
}
