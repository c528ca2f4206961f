/** The measured effect of an attack on other users and on the guard: as a table, and against limits. */

import assert from "node:assert/strict";
import { inFull } from "../support/extent.js";

/**
 * `wide` (default): limits that a loaded machine keeps, and that a successful attack exceeds. A loaded machine holds up some
 * login; a successful attack holds up most, so delays are judged by their median and one refusal is let pass. `strict`: what
 * the product promises; for a machine that does nothing else. `print`: none, to look at a version in which attacks succeed.
 */
export type Mode = "wide" | "strict" | "print";

const { ATTACKS_STRICT, ATTACKS_PRINT, ATTACKS_LOGINS } = process.env;
export const MODE: Mode = ATTACKS_PRINT === "1" ? "print" : ATTACKS_STRICT === "1" ? "strict" : "wide";
/** Openings and closings during each attack. */
export const LOGINS = Number(ATTACKS_LOGINS ?? inFull(4, 2));

export interface Figures {
	readonly attack: string;
	/** Milliseconds from the bind, or from the announcement of a stock server, to the first datagram that passed. */
	readonly opened: readonly number[];
	/** Milliseconds from the end of a server to the last datagram that passed. */
	readonly shut: readonly number[];
	/** Never seen open, and still open after the limit. */
	readonly neverOpened: number;
	readonly neverShut: number;
	/** Logins that could not be measured at all, since time ran out. */
	readonly notTried: number;
	/** Servers whose user was told that the port is not open. */
	readonly refused: number;
	readonly guard: {
		/** At its peak, with the processes that are part of it. */
		readonly mebibytes: number;
		readonly descriptors: number;
		readonly logLines: number;
		/** Longest wait of root for a status, in milliseconds. */
		readonly mute: number;
		readonly restarted: boolean;
	};
}

export interface Limits {
	/** Which of the delays is held against the limits. */
	readonly delay: (values: readonly number[]) => number;
	readonly refused: number;
	readonly openMs: number;
	readonly shutMs: number;
	readonly mebibytes: number;
	readonly descriptors: number;
	readonly logLines: number;
	readonly muteMs: number;
}

/** The guard in the service has 16,384 descriptors and 256 MiB, and its watchdog bites after 90 s without a look. */
const LIMITS: Readonly<Record<Exclude<Mode, "print">, Limits>> = {
	wide: {
		...{ delay: median, refused: 1, openMs: 2000, shutMs: 3000 },
		...{ mebibytes: 180, descriptors: 2000, logLines: 2000, muteMs: 30_000 },
	},
	strict: {
		...{ delay: p99, refused: 0, openMs: 100, shutMs: 200 },
		...{ mebibytes: 120, descriptors: 1000, logLines: 500, muteMs: 2000 },
	},
};

/** By nearest rank: of a hundred, the second largest. */
export function p99(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? 0;
}

function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** What the figures exceed; empty for an attack that failed. */
export function exceeded(figures: Figures, limits: Limits): string[] {
	const { opened, shut, neverOpened, neverShut, notTried, refused, guard } = figures;
	const faults: string[] = [];
	const most = (what: string, value: number, limit: number) => {
		if (value > limit) {
			faults.push(`${what} ${Math.round(value)}, at most ${limit}`);
		}
	};
	most("logins that never opened", neverOpened, 0);
	most("ports that stayed open", neverShut, 0);
	most("logins for which no time was left", notTried, 0);
	most("logins told that their port is shut", refused, limits.refused);
	most("opened after ms", limits.delay(opened), limits.openMs);
	most("shut after ms", limits.delay(shut), limits.shutMs);
	most("guard's MiB", guard.mebibytes, limits.mebibytes);
	most("guard's descriptors", guard.descriptors, limits.descriptors);
	most("guard's log lines", guard.logLines, limits.logLines);
	most("guard mute for ms", guard.mute, limits.muteMs);
	if (guard.restarted) {
		faults.push("the guard ended");
	}
	return faults;
}

/** `mode` print asserts nothing. */
export function assertFailed(figures: Figures): void {
	if (MODE === "print") {
		return;
	}
	assert.deepEqual(exceeded(figures, LIMITS[MODE]), [], figures.attack);
}

const HEADINGS = [
	...["attack", "logins", "open p50", "p99", "shut p50", "p99", "never open", "not shut", "not tried"],
	...["refused", "MiB", "fds", "log lines", "mute ms", "strict"],
];

export function table(rows: readonly Figures[]): string {
	const lines = rows.map((row) => {
		const { attack, opened, shut, neverOpened, neverShut, notTried, refused, guard } = row;
		const ms = (value: number) => value.toFixed(0);
		return [
			...[attack, String(opened.length + neverOpened), ms(median(opened)), ms(p99(opened))],
			...[ms(median(shut)), ms(p99(shut)), String(neverOpened), String(neverShut), String(notTried)],
			...[String(refused), ms(guard.mebibytes), String(guard.descriptors), String(guard.logLines)],
			...[ms(guard.mute), exceeded(row, LIMITS.strict).length === 0 ? "kept" : "exceeded"],
		];
	});
	const all = [HEADINGS, ...lines];
	const widths = HEADINGS.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
	return all
		.map((line) =>
			line
				.map((cell, column) =>
					column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
				)
				.join("  "),
		)
		.join("\n");
}
