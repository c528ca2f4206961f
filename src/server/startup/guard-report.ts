/**
 * Tells the port guard which port this server has bound, and waits, but not for long, until that is open: the client's
 * first datagram is then not lost. No session depends on the answer.
 */

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { GuardLease } from "../../guard-protocol/client.js";
import {
	PUBLIC_SOCKET,
	REPORT_BUDGET_MS,
	userSocket,
	type WireSocket,
} from "../../guard-protocol/messages.js";
import type { Environment } from "../host/locale.js";

const BUDGET_VARIABLE = "MOSH_PORTGUARD_BUDGET";
/** More would try the patience of the user, who waits for this before he sees anything. */
const BUDGET_LIMIT_MS = 60_000;

/** A host that has one of these has, or is meant to have, a guard: only there is its absence worth a word. */
const TRACES = ["/etc/mosh-portguard", dirname(PUBLIC_SOCKET)] as const;

/**
 * How long to wait for the guard's answer (ms), 2000 unless MOSH_PORTGUARD_BUDGET says otherwise.
 * @param warn receives a sentence when that cannot be used
 */
export function readBudget(environment: Environment, warn: (sentence: string) => void): number {
	const text = environment[BUDGET_VARIABLE];
	if (text === undefined || text === "") {
		return REPORT_BUDGET_MS;
	}
	if (!/^\d{1,5}$/.test(text) || Number(text) > BUDGET_LIMIT_MS) {
		warn(`${BUDGET_VARIABLE} is not a number of milliseconds up to ${BUDGET_LIMIT_MS}; ignored.`);
		return REPORT_BUDGET_MS;
	}
	return Number(text);
}

/**
 * Resolves when the port is open, or with a warning when it may not be.
 * @param budget milliseconds
 * @param path the guard's socket
 * @returns the lease, which goes on reporting; undefined where there is no guard, which costs nothing to find out
 */
export async function reportPort(
	port: WireSocket,
	budget: number,
	warn: (sentence: string) => void,
	path = PUBLIC_SOCKET,
	isGuardExpected: () => boolean = () => TRACES.some((trace) => existsSync(trace)),
): Promise<GuardLease | undefined> {
	const complain = (reason: string): void =>
		warn(`UDP port ${port.port} may not be open: ${reason}. For details, run \`mosh-portguard doctor\`.`);
	if (!existsSync(path) && !existsSync(userSocket(process.geteuid?.() ?? 0, path))) {
		if (isGuardExpected()) {
			complain(`no guard listens on ${path}`);
		}
		return undefined;
	}
	// Not loaded where it is not needed: it would take longer than everything else here.
	const { GuardLease } = await import("../../guard-protocol/client.js");
	const { family, address } = port;
	const lease = new GuardLease({ family, address, port: port.port }, process.pid, path);
	const outcome = await lease.start(budget);
	if (outcome.state !== "open") {
		complain(outcome.reason);
	}
	return lease;
}
