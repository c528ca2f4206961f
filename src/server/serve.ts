/** Connects one session to this host: pty, socket, signals, utmp, journal, guard. */

import { accessSync, constants } from "node:fs";
import { GuardLease } from "../guard-protocol/client.js";
import { monotonicClock } from "../system/clock.js";
import { bootstrap, release } from "./host/bootstrap.js";
import { bytesOf } from "./host/byte-text.js";
import type { SignalSets } from "./host/caller.js";
import { warnOfDetachedSessions } from "./host/detached-sessions.js";
import { hostJournal } from "./host/journal.js";
import type { Environment } from "./host/locale.js";
import { programEnvironment, resolveLogin, TERMINAL_VARIABLE } from "./host/login.js";
import { forTerminal, messageOfTheDay } from "./host/motd.js";
import { NativePty } from "./host/pty.js";
import { loadPtyBinding } from "./host/pty-binding.js";
import type { UdpPort } from "./host/udp-port.js";
import { findUtempter, UtmpRecord } from "./host/utmp.js";
import { ClientStatusReporter } from "./session/client-status-reporter.js";
import { type EndReason, Session } from "./session/session.js";
import { INITIAL_SIZE } from "./session/terminal-state.js";
import type { Timeouts } from "./session/timeouts.js";
import { systemTimers } from "./session/timer-service.js";
import { type Log, verboseObserver, verifyingCodec } from "./session/verbose.js";
import type { ServerOptions } from "./startup/arguments.js";

export interface ServeOptions {
	readonly options: ServerOptions;
	readonly environment: Environment;
	/** The same environment as the list of entries that the program inherits. */
	readonly entries: readonly string[];
	readonly timeouts: Timeouts;
	readonly port: UdpPort;
	/** Reports the session to the port guard for as long as it lasts; undefined if there has been no guard yet. */
	readonly lease: GuardLease | undefined;
	readonly key: Uint8Array;
	/** Absolute path of node-pty's `pty.node`. */
	readonly ptyModule: string;
	/** Absolute path of the helper that becomes the program (native/boundary.c). */
	readonly boundary: string;
	/** Soft limits and signals of the program, as ssh's shell had them. */
	readonly limits: string;
	readonly signals: SignalSets;
	/** Receives the lines of -v. */
	readonly log: Log | undefined;
	/** Called when the session is over and everything has been cleaned up. */
	exit(code: number): void;
}

const END_TEXTS: Record<EndReason, string> = {
	program: "the program ended",
	client: "the client ended it",
	signal: "a signal",
	"no-client": "no client connected",
	silence: "the client was silent for too long",
	unreachable: "the client did not acknowledge the shutdown",
	"key-exhausted": "the session key has reached its limit",
};

export function serve(given: ServeOptions): void {
	const { options, environment, timeouts, port, key, log } = given;
	const lease = given.lease ?? leaseInAdvance(port);
	const login = resolveLogin(environment, options.command);
	const tag = `mosh [${process.pid}]`;
	const journal = hostJournal();
	const homeProblem = problemOf(login.home);
	const pty = new NativePty(
		loadPtyBinding(given.ptyModule),
		{
			file: given.boundary,
			...bootstrap({
				command: login.command,
				loginShell: login.loginShell,
				entries: programEnvironment(given.entries, options.colors, login.home),
				terminalVariable: TERMINAL_VARIABLE,
				directory: homeProblem === undefined ? login.home : "",
				limits: given.limits,
				signals: given.signals,
			}),
			...INITIAL_SIZE,
		},
		{ output: (bytes) => session.output(bytes), end: () => session.programEnded() },
	);
	const utmp = new UtmpRecord(pty.fd, findUtempter());
	const welcome = (): Uint8Array => {
		const motd = login.loginShell ? messageOfTheDay(login.home) : undefined;
		const warning = motd === undefined ? "" : warnOfDetachedSessions(login.user, tag);
		const problem = homeProblem === undefined ? "" : `mosh-server: ${homeProblem}\n`;
		return Buffer.concat([forTerminal(Buffer.from(problem)), motd ?? Buffer.alloc(0), Buffer.from(warning)]);
	};
	const session = new Session({
		key,
		port,
		clock: monotonicClock,
		timers: systemTimers,
		timeouts,
		pty,
		welcome,
		...(log && { observer: verboseObserver(log), codec: verifyingCodec(log) }),
		listener: {
			started: () => release(pty.pid),
			connected(peer) {
				reporter.report();
				utmp.show(`${peer.address} via ${tag}`);
				journal(`user ${login.user} session ${process.pid} connected from ${peer.address}`);
			},
			away: () => utmp.show(tag),
			async ended(reason) {
				log?.(`Session ends: ${END_TEXTS[reason]}.`);
				journal(`user ${login.user} session ${process.pid} ended: ${END_TEXTS[reason]}`);
				await utmp.remove();
				pty.close();
				port.close();
				lease.stop();
				given.exit(0);
			},
		},
	});
	const reporter = new ClientStatusReporter(lease, () => session.clientActivity, monotonicClock);
	port.onDatagram((datagram, from) => {
		session.receive(datagram, from);
		reporter.reportIfDue();
	});
	for (const name of ["SIGTERM", "SIGINT", "SIGUSR1"] as const) {
		process.on(name, () => session.signal(name));
	}
	journal(`user ${login.user} session ${process.pid} begins, UDP port ${port.port}`);
}

/** A lease for a guard that may be started later. */
function leaseInAdvance({ family, address, port }: UdpPort): GuardLease {
	const lease = new GuardLease({ family, address, port });
	void lease.start();
	return lease;
}

/** Why the program cannot start in `home`; undefined if it can. */
function problemOf(home: string): string | undefined {
	try {
		accessSync(bytesOf(home), constants.X_OK);
		return undefined;
	} catch (error) {
		return `cannot change to the home directory ${home} (${(error as NodeJS.ErrnoException).code}).`;
	}
}
