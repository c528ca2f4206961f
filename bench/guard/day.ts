/**
 * A day of logins, and how long ports stand open that no living server holds: computed, from delays that were measured.
 * Pure. Times are seconds since the day began.
 */

import type { Random } from "../measure/random.js";

export interface Session {
	readonly port: number;
	readonly start: number;
	readonly end: number;
}

export interface Interval {
	readonly port: number;
	readonly from: number;
	readonly to: number;
}

export const DAY_S = 86_400;
const FIRST_PORT = 60001;

/** Logins by hour of an office's day, in shares. */
const BY_HOUR = [1, 1, 1, 1, 1, 1, 2, 5, 12, 14, 11, 9, 7, 11, 11, 9, 8, 6, 4, 3, 3, 2, 2, 1];
/** Of how long people stay: half of all sessions are shorter than the median, a tenth take a working day. */
const MEDIAN_S = 2400;
const SPREAD = 1.4;

/** `length`: what the day is compressed to; starts and durations shrink alike. Ports as mosh-server takes them. */
export function randomDay(random: Random, logins: number, length = DAY_S): Session[] {
	const scale = length / DAY_S;
	const plan = Array.from({ length: logins }, () => {
		const start = (randomHour(random) + random()) * 3600;
		return {
			start: start * scale,
			end: Math.min(DAY_S, start + MEDIAN_S * Math.exp(SPREAD * normal(random))) * scale,
		};
	}).sort((a, b) => a.start - b.start);
	const sessions: Session[] = [];
	for (const { start, end } of plan) {
		const taken = new Set(sessions.filter((other) => other.end > start).map(({ port }) => port));
		let port = FIRST_PORT;
		while (taken.has(port)) {
			port++;
		}
		sessions.push({ port, start, end });
	}
	return sessions;
}

function randomHour(random: Random): number {
	const tickets = BY_HOUR.flatMap((share, hour) => Array<number>(share).fill(hour));
	return tickets[Math.floor(random() * tickets.length)] ?? 0;
}

/** Of the standard normal distribution (Box and Muller, 1958). */
function normal(random: Random): number {
	return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The rule that opens `ports` ports for ever. */
export function openByRange(ports: number, length = DAY_S): Interval[] {
	return Array.from({ length: ports }, (_, index) => ({ port: FIRST_PORT + index, from: 0, to: length }));
}

/** Delays in seconds. */
export function openByGuard(
	sessions: readonly Session[],
	openAfter: () => number,
	closeAfter: () => number,
): Interval[] {
	return sessions.map(({ port, start, end }) => ({
		port,
		from: Math.min(end, start + openAfter()),
		to: end + closeAfter(),
	}));
}

export interface ScriptDelays {
	/** Seconds until it knows what is held and what is open. */
	readonly look: number;
	/** Seconds for each port it opens or closes after that, one by one. */
	readonly change: number;
}

/** The script run at each of `times`; a run waits for the one before, or `ufw` would lose rules. */
export function openByScript(
	sessions: readonly Session[],
	times: readonly number[],
	{ look, change }: ScriptDelays,
	length = DAY_S,
): Interval[] {
	const openedAt = new Map<number, number>();
	const intervals: Interval[] = [];
	let free = 0;
	for (const time of times) {
		let now = Math.max(time, free) + look;
		const held = new Set(
			sessions.filter(({ start, end }) => start <= now && now < end).map(({ port }) => port),
		);
		const missing = [...held].filter((port) => !openedAt.has(port));
		const left = [...openedAt.keys()].filter((port) => !held.has(port));
		for (const port of missing) {
			now += change;
			openedAt.set(port, now);
		}
		for (const port of left) {
			now += change;
			intervals.push({ port, from: openedAt.get(port) ?? now, to: now });
			openedAt.delete(port);
		}
		free = now;
	}
	const still = [...openedAt].map(([port, from]) => ({ port, from, to: Math.max(from, length) }));
	return [...intervals, ...still];
}

/** Port-seconds within the day that were open without a living server. */
export function deadSeconds(open: readonly Interval[], sessions: readonly Session[], length = DAY_S): number {
	return open.reduce((sum, { port, from, to }) => {
		const until = Math.min(to, length);
		const alive = sessions
			.filter((session) => session.port === port)
			.reduce(
				(total, { start, end }) => total + Math.max(0, Math.min(end, until) - Math.max(start, from)),
				0,
			);
		return sum + Math.max(0, until - from) - alive;
	}, 0);
}
