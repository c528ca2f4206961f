/** Which sessions are admitted now, why the others are not, and how often each user was admitted lately. */

import type { FirewallChange, Opening } from "../../firewall/firewall.js";
import { distinct, openingKey, without } from "../../firewall/opening.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import { type Identity, isIdentity } from "./identity.js";
import { sharedInodes } from "./overlap.js";
import { type Admitted, judge, openingsOf, type Policy, type Verdict } from "./policy.js";
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
	/** What must be open for the admitted sessions, each and together. */
	readonly openings: ReadonlyMap<TrackedSession, readonly Opening[]>;
	readonly wanted: readonly Opening[];
	readonly policy: Policy;
	/** It is of all that is there on these ports; undefined for one of all sessions. */
	readonly ports: ReadonlySet<number> | undefined;
}

export interface Committed {
	readonly refused: readonly NewRefusal[];
	/** From what must have been open before; undefined where all sessions were judged. */
	readonly change: FirewallChange | undefined;
}

/** Refusals that end when other sessions do, or with time. */
const DEPENDENT: ReadonlySet<string | undefined> = new Set(["user-limit", "total-limit", "rate-limit"]);

/** A session that was refused for another reason than before: worth a line in the log. */
export interface NewRefusal {
	readonly socket: UdpSocket;
	readonly refusal: Refusal;
}

export class Admissions {
	readonly #verdicts = new Map<TrackedSession, Verdict>();
	readonly #byPort = new Map<number, Set<TrackedSession>>();
	/** What the admitted ones need open. */
	readonly #openings = new Map<TrackedSession, readonly Opening[]>();
	/** By uid, how many are admitted. */
	readonly #ofUser = new Map<number, number>();
	/** How many are refused for what others have. */
	#dependent = 0;
	#policy: Policy | undefined;
	/** By uid, when its sessions were admitted, in that order. */
	readonly #admittedAt = new Map<number, number[]>();
	readonly #otherHolders: (socket: UdpSocket) => Refusal | undefined;

	/** `otherHolders`: refusal of a socket that another process holds too, as far as is known. */
	constructor(otherHolders: (socket: UdpSocket) => Refusal | undefined = () => undefined) {
		this.#otherHolders = otherHolders;
	}

	/** Changes nothing. */
	evaluate({ sessions, table }: SessionSource, policy: Policy, now: number): Evaluation {
		return this.#evaluate(sessions, table, policy, now);
	}

	/**
	 * The same of those on some ports, where everything else is as it was at the last commit: nothing but limits has them depend on
	 * others, and a session that has its port keeps it. Undefined where a refusal by a limit may end, or the policy is another.
	 */
	evaluateAt(
		ports: ReadonlySet<number>,
		sessions: readonly TrackedSession[],
		policy: Policy,
		now: number,
	): Evaluation | undefined {
		if (policy !== this.#policy || this.#dependent > 0) {
			return undefined;
		}
		const sockets = sessions.map(({ socket }) => socket);
		return { ...this.#evaluate(sessions, sockets, policy, now, this.#beside(ports)), ports };
	}

	/** All that must be open, by the last commit. */
	get wanted(): readonly Opening[] {
		return [...this.#openings.values()].flat();
	}

	#evaluate(
		sessions: readonly TrackedSession[],
		table: readonly UdpSocket[],
		policy: Policy,
		now: number,
		beside?: Admitted,
	): Evaluation {
		const shared = sharedInodes(table);
		const sharing = ({ socket }: TrackedSession) =>
			shared.has(socket.inode) ? SHARED : this.#otherHolders(socket);
		const genuine = sessions.filter(isGenuine).filter((session) => sharing(session) === undefined);
		const judged: ReadonlyMap<TrackedSession, Verdict> = judge(genuine, policy, this.#recent(now), beside);
		const verdicts = new Map<TrackedSession, Verdict>();
		const openings = new Map<TrackedSession, readonly Opening[]>();
		for (const session of sessions) {
			const { socket, holder } = session;
			const verdict = judged.has(session)
				? judged.get(session)
				: isIdentity(holder)
					? sharing(session)
					: holder;
			verdicts.set(session, verdict);
			if (verdict === undefined) {
				openings.set(session, openingsOf(socket, table));
			}
		}
		return { verdicts, openings, wanted: [...openings.values()].flat(), policy, ports: undefined };
	}

	/** Makes an evaluation count: new sessions for the rate, all of them for the answers below. */
	commit({ verdicts, openings, wanted, policy, ports }: Evaluation, now: number): Committed {
		this.#policy = policy;
		this.#forgetBefore(now - RATE_PERIOD_MS);
		const before = ports === undefined ? [...this.#verdicts.keys()] : this.#at(ports);
		const wereOpen = before.flatMap((session) => this.#openings.get(session) ?? []);
		const last = new Map(before.map((session) => [session, this.#verdicts.get(session)]));
		for (const session of before) {
			this.#forget(session);
		}
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
			this.#remember(session, refusal, openings.get(session));
		}
		const change = ports && {
			open: distinct(without(wanted, wereOpen)),
			close: distinct(without(wereOpen, wanted)),
		};
		return { refused, change };
	}

	#remember(session: TrackedSession, verdict: Verdict, openings: readonly Opening[] | undefined): void {
		const { socket } = session;
		this.#verdicts.set(session, verdict);
		const onPort = this.#byPort.get(socket.port);
		if (onPort === undefined) {
			this.#byPort.set(socket.port, new Set([session]));
		} else {
			onPort.add(session);
		}
		if (openings !== undefined) {
			this.#openings.set(session, openings);
			this.#ofUser.set(socket.uid, (this.#ofUser.get(socket.uid) ?? 0) + 1);
		} else if (DEPENDENT.has(verdict?.code)) {
			this.#dependent += 1;
		}
	}

	#forget(session: TrackedSession): void {
		const { port, uid } = session.socket;
		const verdict = this.#verdicts.get(session);
		this.#verdicts.delete(session);
		const onPort = this.#byPort.get(port);
		onPort?.delete(session);
		if (onPort?.size === 0) {
			this.#byPort.delete(port);
		}
		if (this.#openings.delete(session)) {
			this.#ofUser.set(uid, (this.#ofUser.get(uid) ?? 0) - 1);
		} else if (DEPENDENT.has(verdict?.code)) {
			this.#dependent -= 1;
		}
	}

	#at(ports: ReadonlySet<number>): TrackedSession[] {
		return [...ports].flatMap((port) => [...(this.#byPort.get(port) ?? [])]);
	}

	/** Those that are admitted, without these ports. */
	#beside(ports: ReadonlySet<number>): Admitted {
		const of = new Map(this.#ofUser);
		const here = this.#at(ports).filter((session) => this.#openings.has(session));
		for (const { socket } of here) {
			of.set(socket.uid, (of.get(socket.uid) ?? 0) - 1);
		}
		return { total: this.#openings.size - here.length, of };
	}

	/** Why the policy keeps a socket's port closed; undefined when it does not. */
	refusalOf(opening: Opening): Refusal | undefined {
		const key = openingKey(opening);
		for (const session of this.#at(new Set([opening.port]))) {
			if (openingKey(session.socket) === key) {
				return this.#verdicts.get(session);
			}
		}
		return { code: "not-bound" };
	}

	/** The sessions worth showing, each with its verdict. */
	list(): (readonly [TrackedSession, Verdict])[] {
		return [...this.#verdicts].filter(([, refusal]) => refusal === undefined || isOurConcern(refusal));
	}

	#count(uid: number, now: number): void {
		const times = this.#admittedAt.get(uid);
		if (times === undefined) {
			this.#admittedAt.set(uid, [now]);
		} else {
			times.push(now);
		}
	}

	#recent(now: number): Map<number, number> {
		const counts = new Map<number, number>();
		for (const [uid, times] of this.#admittedAt) {
			counts.set(uid, recentIn(times, now - RATE_PERIOD_MS).length);
		}
		return counts;
	}

	#forgetBefore(limit: number): void {
		for (const [uid, times] of this.#admittedAt) {
			const recent = recentIn(times, limit);
			if (recent.length === 0) {
				this.#admittedAt.delete(uid);
			} else if (recent.length < times.length) {
				this.#admittedAt.set(uid, recent);
			}
		}
	}
}

/** Of times in their order, those after the limit. */
function recentIn(times: number[], limit: number): number[] {
	return (times[0] ?? limit) > limit ? times : times.filter((time) => time > limit);
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
