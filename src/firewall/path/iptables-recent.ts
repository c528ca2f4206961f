/** The match recent of iptables, which keeps lists of addresses by itself (iptables-extensions(8)). Pure. */

import { type Marks, UNKNOWN_MARKS } from "./marks.js";
import { entryOf, noting } from "./noted.js";
import { ANY_ADDRESS, type Packet } from "./packet.js";
import { not, type Truth } from "./truth.js";
import { endsOf } from "./values.js";

export interface Recent {
	readonly holds: (packet: Packet) => Truth;
	/** With what it has put into its list; @param when whether the match is reached */
	readonly notes: (packet: Packet, when: Truth) => Marks;
}

/** @param words behind `-m recent`, up to the next match or the target */
export function readRecent(words: readonly string[]): Recent {
	const wordAfter = (option: string) => {
		const at = words.indexOf(option);
		return at < 0 ? undefined : words[at + 1];
	};
	const action = ACTIONS.find((one) => words.includes(one));
	const list = `recent ${wordAfter("--name") ?? "DEFAULT"}`;
	const hits = Number(wordAfter("--hitcount") ?? 1);
	const negated = words[words.indexOf(action ?? "") - 1] === "!";
	const ofDestination = words.includes("--rdest");
	const addressOf = (packet: Packet) => {
		const { source, destination } = endsOf(packet);
		return ofDestination ? destination : source;
	};
	const keyOf = (packet: Packet) => {
		const address = addressOf(packet);
		return typeof address === "string" ? address : "remote";
	};
	const isListed = (packet: Packet): Truth => {
		const isStranger = typeof addressOf(packet) !== "string";
		const entry = entryOf(packet.marks?.noted, list, keyOf(packet));
		if (entry === "gone" || (entry === undefined && isStranger)) {
			// An address that no rule names has not come before.
			return false;
		}
		if (hits > 1) {
			// A rate of new flows is the client's to keep; of all datagrams, no session does.
			return isStranger && (packet.later === undefined || packet.state === "new") ? false : "general";
		}
		if (entry === "certain" && packet.remote !== ANY_ADDRESS) {
			return true;
		}
		return isStranger || packet.remote === undefined ? "general" : "specific";
	};
	return {
		holds: (packet) => {
			const truth = action === "--set" ? true : action === undefined ? "general" : isListed(packet);
			return negated ? not(truth) : truth;
		},
		notes: (packet, when) => {
			const { marks = UNKNOWN_MARKS } = packet;
			const entry = action === "--remove" ? "gone" : "certain";
			return action === "--set" || action === "--remove"
				? { ...marks, noted: noting(marks.noted, list, keyOf(packet), when, entry) }
				: marks;
		},
	};
}

const ACTIONS = ["--set", "--rcheck", "--update", "--remove"] as const;
