/**
 * Tells the port guard which port this server has bound, and waits briefly until the port is open, so that the client's
 * first datagram is not lost. No session depends on the answer.
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
import { turn } from "./turn.js";

const BUDGET_VARIABLE = "MOSH_PORTGUARD_BUDGET";
/** The user sees nothing while waiting: more than this (ms) is assumed to be a mistake. */
const BUDGET_LIMIT_MS = 60_000;

/** A host that has one of these has, or is meant to have, a guard: only there is a missing guard worth a warning. */
const TRACES = ["/etc/mosh-portguard", dirname(PUBLIC_SOCKET)] as const;

/**
 * How long to wait for the guard's answer (ms), 2000 unless MOSH_PORTGUARD_BUDGET says otherwise.
 * @param warn called with a sentence if that cannot be used
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

/** Whether a missing guard is worth a warning on this host. */
export function isGuardExpected(): boolean {
	return TRACES.some((trace) => existsSync(trace));
}

/** A sentence. @param reason without its full stop */
export function mayNotBeOpen(port: number, reason: string): string {
	return `UDP port ${port} may not be open: ${reason}.`;
}

/**
 * Resolves when the port is open, or after a warning that it may not be.
 * @param budget how long to wait for the guard's answer, in milliseconds
 * @param meanwhile called when the report has been sent, if there is a guard: it takes some milliseconds to answer
 * @param path the guard's public socket
 * @returns the lease, which keeps reporting; undefined where there is no guard
 */
export async function reportPort(
	port: WireSocket,
	budget: number,
	warn: (sentence: string) => void,
	meanwhile: () => void = () => undefined,
	path = PUBLIC_SOCKET,
	expected = isGuardExpected,
): Promise<GuardLease | undefined> {
	const complain = (reason: string): void =>
		warn(`${mayNotBeOpen(port.port, reason)} For details, run \`mosh-portguard doctor\`.`);
	if (!existsSync(path) && !existsSync(userSocket(process.geteuid?.() ?? 0, path))) {
		if (expected()) {
			complain(`no guard listens on ${path}`);
		}
		return undefined;
	}
	// Loaded only where it is needed: loading takes longer than everything else here.
	const { GuardLease } = await import("../../guard-protocol/client.js");
	const { family, address } = port;
	const lease = new GuardLease({ family, address, port: port.port }, process.pid, path);
	const answered = lease.start(budget);
	await turn();
	meanwhile();
	const outcome = await answered;
	if (outcome.state !== "open") {
		complain(outcome.reason);
	}
	return lease;
}
