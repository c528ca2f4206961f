/** Which sessions are let in now, which were just refused, and how often each user was let in lately. */

import type { Opening } from "../../firewall/firewall.js";
import { openingKey } from "../../firewall/opening.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import { type Identity, isIdentity } from "./identity.js";
import { sharedInodes } from "./overlap.js";
import { judge, openingsOf, type Policy } from "./policy.js";
import { REFUSALS, type Refusal } from "./refusals.js";
import type { Session } from "./tracker.js";

/** The span that `Policy.perMinute` speaks of. */
const RATE_SPAN_MS = 60_000;

export interface Judgement {
	readonly wanted: Opening[];
	/** Refused otherwise than at the last judgement: what is worth a line in the log. */
	readonly refused: readonly { readonly socket: UdpSocket; readonly refusal: Refusal }[];
}

export interface SessionSource {
	readonly sessions: readonly Session[];
	readonly table: readonly UdpSocket[];
}

export class Admissions {
	#verdicts = new Map<Session, Refusal | undefined>();
	readonly #admittedAt = new Map<number, number[]>();
	readonly #sharing: (socket: UdpSocket) => Refusal | undefined;

	/** `sharing`: what is known besides the table about others who get a socket's datagrams. */
	constructor(sharing: (socket: UdpSocket) => Refusal | undefined = () => undefined) {
		this.#sharing = sharing;
	}

	/** In few passes over the sessions: beside a thousand of them, these are what a login costs. */
	judge({ sessions, table }: SessionSource, policy: Policy, now: number): Judgement {
		const shared = sharedInodes(table);
		const sharing = ({ socket }: Session) => (shared.has(socket.inode) ? SHARED : this.#sharing(socket));
		const genuine = sessions.filter(isGenuine).filter((session) => sharing(session) === undefined);
		const judged: ReadonlyMap<Session, Refusal | undefined> = judge(genuine, policy, this.#recent(now));
		const last = this.#verdicts;
		this.#verdicts = new Map();
		const wanted: Opening[] = [];
		const refused: { socket: UdpSocket; refusal: Refusal }[] = [];
		for (const session of sessions) {
			const { socket, holder } = session;
			const refusal = judged.has(session)
				? judged.get(session)
				: isIdentity(holder)
					? sharing(session)
					: holder;
			this.#verdicts.set(session, refusal);
			if (refusal === undefined) {
				if (!session.standing) this.#admit(socket.uid, now);
				wanted.push(...openingsOf(socket, table));
			} else if (refusal.code !== last.get(session)?.code && isOurConcern(refusal)) {
				refused.push({ socket, refusal });
			}
			session.standing = refusal === undefined;
		}
		return { wanted, refused };
	}

	/** Why the policy keeps a socket's port shut; undefined when it does not. */
	refusalOf(opening: Opening): Refusal | undefined {
		const key = openingKey(opening);
		for (const [{ socket }, refusal] of this.#verdicts) {
			if (openingKey(socket) === key) return refusal;
		}
		return { code: "not-bound" };
	}

	/** The sessions worth showing, each with the verdict on it. */
	list(): (readonly [Session, Refusal | undefined])[] {
		return [...this.#verdicts].filter(([, refusal]) => refusal === undefined || isOurConcern(refusal));
	}

	#admit(uid: number, now: number): void {
		this.#admittedAt.set(uid, [...(this.#admittedAt.get(uid) ?? []), now]);
	}

	#recent(now: number): Map<number, number> {
		const counts = new Map<number, number>();
		for (const [uid, times] of this.#admittedAt) {
			const recent = times.filter((time) => now - time < RATE_SPAN_MS);
			if (recent.length === 0) this.#admittedAt.delete(uid);
			else this.#admittedAt.set(uid, recent);
			counts.set(uid, recent.length);
		}
		return counts;
	}
}

/** For people: the catalogue's sentence, and the detail where there is one. */
export function explainRefusal({ code, detail }: Refusal): string {
	return detail === undefined ? REFUSALS[code] : `${REFUSALS[code]} (${detail})`;
}

/** Another socket would get some of the datagrams. */
const SHARED: Refusal = { code: "many-holders", detail: "another socket shares the port" };

function isGenuine(session: Session): session is Session & { readonly holder: Identity } {
	return isIdentity(session.holder);
}

/** A socket in the range that no mosh-server holds is some other program's: not ours to remark on. */
function isOurConcern({ code }: Refusal): boolean {
	return code !== "no-holder" && code !== "untrusted-executable";
}
