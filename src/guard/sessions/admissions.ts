/** Which sessions are admitted now, why the others are not, and how often each user was admitted lately. */

import type { Opening } from "../../firewall/firewall.js";
import { openingKey } from "../../firewall/opening.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import { type Identity, isIdentity } from "./identity.js";
import { sharedInodes } from "./overlap.js";
import { judge, openingsOf, type Policy, type Verdict } from "./policy.js";
import { REFUSALS, type Refusal } from "./refusals.js";
import type { TrackedSession } from "./tracker.js";

/** The period of `Policy.perMinute`. */
const RATE_PERIOD_MS = 60_000;

export interface SessionSource {
	readonly sessions: readonly TrackedSession[];
	readonly table: readonly UdpSocket[];
}

/** What follows from a scan, before it counts. */
export interface Evaluation {
	/** In the order of the sessions. */
	readonly verdicts: ReadonlyMap<TrackedSession, Verdict>;
	/** What must be open for the admitted sessions. */
	readonly wanted: readonly Opening[];
}

/** A session that was refused for another reason than before: worth a line in the log. */
export interface NewRefusal {
	readonly socket: UdpSocket;
	readonly refusal: Refusal;
}

export class Admissions {
	#verdicts: ReadonlyMap<TrackedSession, Verdict> = new Map();
	/** By uid, when its sessions were admitted. */
	readonly #admittedAt = new Map<number, readonly number[]>();
	readonly #otherHolders: (socket: UdpSocket) => Refusal | undefined;

	/** `otherHolders`: refusal of a socket that another process holds too, as far as is known. */
	constructor(otherHolders: (socket: UdpSocket) => Refusal | undefined = () => undefined) {
		this.#otherHolders = otherHolders;
	}

	/** Changes nothing. Few passes over the sessions: beside a thousand of them, these are what a login costs. */
	evaluate({ sessions, table }: SessionSource, policy: Policy, now: number): Evaluation {
		const shared = sharedInodes(table);
		const sharing = ({ socket }: TrackedSession) =>
			shared.has(socket.inode) ? SHARED : this.#otherHolders(socket);
		const genuine = sessions.filter(isGenuine).filter((session) => sharing(session) === undefined);
		const judged: ReadonlyMap<TrackedSession, Verdict> = judge(genuine, policy, this.#recent(now));
		const verdicts = new Map<TrackedSession, Verdict>();
		const wanted: Opening[] = [];
		for (const session of sessions) {
			const { socket, holder } = session;
			const verdict = judged.has(session)
				? judged.get(session)
				: isIdentity(holder)
					? sharing(session)
					: holder;
			verdicts.set(session, verdict);
			if (verdict === undefined) {
				wanted.push(...openingsOf(socket, table));
			}
		}
		return { verdicts, wanted };
	}

	/** Makes an evaluation count: new sessions for the rate, all of them for the answers below. */
	commit({ verdicts }: Evaluation, now: number): NewRefusal[] {
		const last = this.#verdicts;
		this.#verdicts = verdicts;
		this.#forgetBefore(now - RATE_PERIOD_MS);
		const refused: NewRefusal[] = [];
		for (const [session, refusal] of verdicts) {
			const { socket } = session;
			if (refusal === undefined) {
				if (!session.admitted) {
					this.#count(socket.uid, now);
				}
			} else if (refusal.code !== last.get(session)?.code && isOurConcern(refusal)) {
				refused.push({ socket, refusal });
			}
			session.admitted = refusal === undefined;
		}
		return refused;
	}

	/** Why the policy keeps a socket's port closed; undefined when it does not. */
	refusalOf(opening: Opening): Refusal | undefined {
		const key = openingKey(opening);
		for (const [{ socket }, refusal] of this.#verdicts) {
			if (openingKey(socket) === key) {
				return refusal;
			}
		}
		return { code: "not-bound" };
	}

	/** The sessions worth showing, each with its verdict. */
	list(): (readonly [TrackedSession, Verdict])[] {
		return [...this.#verdicts].filter(([, refusal]) => refusal === undefined || isOurConcern(refusal));
	}

	#count(uid: number, now: number): void {
		this.#admittedAt.set(uid, [...(this.#admittedAt.get(uid) ?? []), now]);
	}

	#recent(now: number): Map<number, number> {
		const counts = new Map<number, number>();
		for (const [uid, times] of this.#admittedAt) {
			counts.set(uid, times.filter((time) => time > now - RATE_PERIOD_MS).length);
		}
		return counts;
	}

	#forgetBefore(limit: number): void {
		for (const [uid, times] of this.#admittedAt) {
			const recent = times.filter((time) => time > limit);
			if (recent.length === 0) {
				this.#admittedAt.delete(uid);
			} else if (recent.length < times.length) {
				this.#admittedAt.set(uid, recent);
			}
		}
	}
}

/** For people: the catalogue's sentence, and the detail where there is one. */
export function explainRefusal({ code, detail }: Refusal): string {
	return detail === undefined ? REFUSALS[code] : `${REFUSALS[code]} (${detail})`;
}

/** Another socket would receive some of the datagrams. */
const SHARED: Refusal = { code: "many-holders", detail: "another socket shares the port" };

function isGenuine(session: TrackedSession): session is TrackedSession & { readonly holder: Identity } {
	return isIdentity(session.holder);
}

/** A socket in the range that no mosh-server holds belongs to some other program and is not reported. */
function isOurConcern({ code }: Refusal): boolean {
	return code !== "no-holder" && code !== "untrusted-executable";
}
