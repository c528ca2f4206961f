/** Connects one session to this host: pty, socket, signals, utmp, journal, guard. */

import { accessSync, constants } from "node:fs";
import { hostname } from "node:os";
import type { GuardLease } from "../guard-protocol/client.js";
import type { Opening, TransportObserver } from "../ssp/index.js";
import { monotonicClock } from "../system/clock.js";
import type { Extensions } from "../terminal/index.js";
import { type Asked, askAll } from "./control/ask.js";
import { detachedText } from "./control/describe.js";
import { ownFolder } from "./control/folder.js";
import { ControlListener } from "./control/listener.js";
import { agentLink, noteLogin } from "./control/newest-login.js";
import { controlHandler } from "./control-handler.js";
import { bootstrap, release } from "./host/bootstrap.js";
import { bytesOf } from "./host/byte-text.js";
import type { SignalSets } from "./host/caller.js";
import { Compiler } from "./host/compiler.js";
import { warnOfDetachedSessions } from "./host/detached-sessions.js";
import { withValue } from "./host/environment.js";
import { foregroundProgram } from "./host/foreground.js";
import { hostJournal } from "./host/journal.js";
import type { Environment } from "./host/locale.js";
import { programEnvironment, resolveLogin, TERMINAL_VARIABLE } from "./host/login.js";
import { Memory } from "./host/memory.js";
import { forTerminal, messageOfTheDay } from "./host/motd.js";
import { NativePty } from "./host/pty.js";
import { loadPtyBinding } from "./host/pty-binding.js";
import type { UdpPort } from "./host/udp-port.js";
import { findUtempter, UtmpRecord } from "./host/utmp.js";
import { ClientStatusReporter } from "./session/client-status-reporter.js";
import { ReleaseTiming } from "./session/release-timing.js";
import type { ScrollbackOptions } from "./session/scrollback.js";
import { type EndReason, Session } from "./session/session.js";
import { INITIAL_SIZE } from "./session/terminal-state.js";
import type { Timeouts } from "./session/timeouts.js";
import { systemTimers } from "./session/timer-service.js";
import { verifyingCodec } from "./session/verifying-codec.js";
import { SessionPorts } from "./session-ports.js";
import type { ServerOptions } from "./startup/arguments.js";
import type { AttachSetting } from "./startup/attach-setting.js";
import type { Log } from "./startup/verbose.js";

export { rehearse } from "./rehearsal.js";

export interface ServeOptions {
	readonly options: ServerOptions;
	readonly environment: Environment;
	/** The same environment as the list of entries that the program inherits. */
	readonly entries: readonly string[];
	readonly timeouts: Timeouts;
	readonly attach: AttachSetting;
	/** How long to wait for the guard's answer (ms). */
	readonly budget: number;
	readonly extensions: Extensions;
	readonly scrollback: ScrollbackOptions;
	readonly port: UdpPort;
	/** Reports the session to the port guard for as long as it lasts; undefined if there has been no guard yet. */
	readonly lease: GuardLease | undefined;
	readonly key: Uint8Array;
	/** Has answered the client so far, and has its port. */
	readonly opening: Opening;
	/** Absolute path of node-pty's `pty.node`. */
	readonly ptyModule: string;
	/** Absolute path of `trim.node` (native/trim.c). */
	readonly trimModule: string;
	/** Absolute path of the helper that becomes the program (native/boundary.c). */
	readonly boundary: string;
	/** Soft limits and signals of the program, as ssh's shell had them. */
	readonly limits: string;
	readonly signals: SignalSets;
	/** Receives the lines of -v. */
	readonly log: Log | undefined;
	/** Writes what is sent and received to it. */
	readonly observer: TransportObserver | undefined;
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
	request: "requested by its user from another login",
	"key-exhausted": "the session key has reached its limit",
};

/** Has the program's SSH_AUTH_SOCK be the path that stays, which leads to the newest login's agent. */
const AGENT_VARIABLE = "MOSH_PORTGUARD_AGENT";

export function serve(given: ServeOptions): void {
	const { options, environment, timeouts, key, log } = given;
	const startedAt = Date.now();
	const login = resolveLogin(environment, options.command);
	const tag = `mosh [${process.pid}]`;
	const journal = hostJournal();
	const say = (what: string): void => journal(`user ${login.user} session ${process.pid} ${what}`);
	const folder = given.attach === "never" ? undefined : ownFolder(environment);
	const homeProblem = problemOf(login.home);
	const pty = new NativePty(
		loadPtyBinding(given.ptyModule),
		{
			boundary: given.boundary,
			...bootstrap({
				command: login.command,
				loginShell: login.loginShell,
				entries: programEnvironment(entriesFor(given, folder), options.colors, login.home),
				terminalVariable: TERMINAL_VARIABLE,
				directory: homeProblem === undefined ? login.home : "",
				limits: given.limits,
				signals: given.signals,
			}),
			...INITIAL_SIZE,
		},
		{
			output(bytes) {
				session.output(bytes);
				releaseTiming.output(bytes.length);
				compiler.output(bytes.length);
			},
			end: () => session.programEnded(),
		},
	);
	const utmp = new UtmpRecord(pty.fd, findUtempter());
	const others = login.loginShell && given.attach !== "never" ? askAll(environment) : [];
	let warns = false;
	const welcome = (): Uint8Array => {
		const motd = login.loginShell ? messageOfTheDay(login.home) : undefined;
		warns = motd !== undefined;
		const problem = homeProblem === undefined ? "" : `mosh-server: ${homeProblem}\n`;
		return Buffer.concat([forTerminal(Buffer.from(problem)), motd ?? Buffer.alloc(0)]);
	};
	const ports = new SessionPorts(given.port, given.lease, {
		budget: given.budget,
		receive(datagram, from) {
			session.receive(datagram, from);
			reporter.reportIfDue();
		},
		giveUp: (handles) => session.giveUp(handles),
	});
	const compiler = new Compiler();
	const memory = new Memory(given.trimModule);
	const releaseTiming = new ReleaseTiming({
		clock: monotonicClock,
		timers: systemTimers,
		lastInputAt: () => session.clientActivity.lastInputAt,
		release: () => memory.release(),
		busy() {
			compiler.baseline();
			memory.busy();
		},
	});
	let ended: Promise<void> | undefined;
	let closed = false;
	const session = new Session({
		key,
		port: ports.first(given.opening.port),
		opening: given.opening,
		clock: monotonicClock,
		timers: systemTimers,
		timeouts,
		extensions: given.extensions,
		scrollback: given.scrollback,
		pty,
		welcome,
		observer: given.observer,
		...(log && { codec: verifyingCodec(log) }),
		listener: {
			async started() {
				releaseTiming.start();
				// A server that can answer does so within a millisecond or two; one that hangs is not waited for long.
				const servers = await others;
				if (warns) {
					session.output(Buffer.from(detachedWarning(servers, login.user, tag)));
				}
				release(pty.pid);
			},
			connected(peer) {
				reporter.report();
				utmp.show(`${peer.address} via ${tag}`);
				say(`connected from ${peer.address}`);
			},
			away() {
				utmp.show(tag);
				// Now somebody may ask for it.
				listener.listen(folder);
			},
			typed: () => compiler.baseline(),
			attached: (peer, watches) => say(`${watches ? "watched" : "taken over"} from ${peer.address}`),
			left: () => ports.closeUnused(session.ports),
			ended(reason) {
				log?.(`Session ends: ${END_TEXTS[reason]}.`);
				say(`ended: ${END_TEXTS[reason]}`);
				releaseTiming.stop();
				ended = utmp.remove().then(() => {
					pty.close();
					if (!closed) {
						memory.releaseAll();
					}
				});
				reporter.report();
			},
			async closed() {
				closed = true;
				listener.close();
				await ended;
				ports.close();
				given.exit(0);
			},
		},
	});
	const reporter = new ClientStatusReporter(
		{ update: (status) => ports.leaseOf(session.clientActivity.port)?.update(status) },
		() => session.clientActivity,
		monotonicClock,
	);
	const listener = new ControlListener(
		controlHandler({
			session,
			ports,
			startedAt,
			now: () => monotonicClock.now(),
			program: () => foregroundProgram(pty.pid),
			promised: ({ watch, ssh }, port) =>
				say(
					`promised to a client that ${watch ? "watches" : "takes over"}, UDP port ${port}, ssh ${ssh ?? "unknown"}`,
				),
		}),
	);
	if (folder !== undefined) {
		noteLogin(folder, environment);
	}
	for (const name of ["SIGTERM", "SIGINT", "SIGUSR1"] as const) {
		process.on(name, () => session.signal(name));
	}
	say(`begins, UDP port ${given.port.port}`);
	session.begin();
	// Whoever wants the session from another login comes later than its client.
	setImmediate(() => {
		if (!closed) {
			listener.listen(folder);
		}
	});
}

function entriesFor({ entries, environment }: ServeOptions, folder: string | undefined): readonly string[] {
	return folder !== undefined && environment[AGENT_VARIABLE] === "1"
		? withValue(entries, "SSH_AUTH_SOCK", agentLink(folder))
		: entries;
}

/** Of sessions whose servers can be asked, and, as the stock server does, of those that only utmp has. */
function detachedWarning(servers: readonly Asked[], user: string, tag: string): string {
	const known = new Set(servers.map(({ pid }) => pid));
	return warnOfDetachedSessions(user, tag, known) + detachedText(servers, `${user}@${hostname()}`);
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
