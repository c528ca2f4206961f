/**
 * mosh-server from its command line to a session in the background (protocol §6.3). It is started by bin/mosh-server,
 * which has detached it from ssh's terminal session and waits for an exit status on STATUS_FD: once that is closed, the
 * launcher exits with the status and the server continues alone. This part is kept small: the session's code is loaded
 * after the client has been told where to connect, while it does so.
 */

import { closeSync, writeFileSync } from "node:fs";
import { isatty } from "node:tty";
import { logoutBehavior } from "../logind/logout.js";
import { formatKey, generateKey } from "../ssp/crypto/key.js";
import type * as Ssp from "../ssp/index.js";
import { monotonicClock } from "../system/clock.js";
import { messageOf } from "../system/errors.js";
import type * as Commands from "./commands.js";
import { type Caller, callerOf } from "./host/caller.js";
import { changedTo, recordOf } from "./host/environment.js";
import {
	chooseLocale,
	type Environment,
	hostCharset,
	LOCALE_VARIABLES,
	localeReport,
} from "./host/locale.js";
import type { UdpPort } from "./host/udp-port.js";
import type { rehearse, serve } from "./serve.js";
import { readExtensions } from "./session/extensions.js";
import { readScrollback } from "./session/scrollback.js";
import { readTimeouts } from "./session/timeouts.js";
import { type Invocation, parseArguments, type ServerOptions } from "./startup/arguments.js";
import { type AttachSetting, readAttachSetting } from "./startup/attach-setting.js";
import { BindError, bindPort } from "./startup/bind.js";
import { readBudget, reportPort } from "./startup/guard-report.js";
import { detachStdio, print, tell, writeAll } from "./startup/stdio.js";
import { usageText, versionText } from "./startup/texts.js";
import { inTurns } from "./startup/turn.js";
import { type Log, verboseObserver } from "./startup/verbose.js";

const PROGRAM = "mosh-server";
const STDIN_FD = 0;
const STDOUT_FD = 1;
const STDERR_FD = 2;
/** A pipe to the launcher, which reads one digit: the last one written counts. */
const STATUS_FD = 3;
/** Makes the launcher restart itself in a scope, where logind does not kill the server when the ssh login ends. */
const START_IN_SCOPE = "scope";

/** Replaced by the build. */
declare const PACKAGE_VERSION: string;

export interface Serving {
	readonly serve: typeof serve;
	/** Done before a session by whoever installs the server (`rehearsal.ts`). */
	readonly rehearse: typeof rehearse;
}

/** Files beside this program that are loaded later. */
export interface Companions {
	/** The same each time. */
	readonly loadSsp: () => typeof Ssp;
	/** In steps of some milliseconds. */
	readonly loadSession: () => Iterator<void, Serving>;
	readonly loadCommands: () => typeof Commands;
	/** Absolute path of `pty.node`. */
	readonly ptyModule: string;
	/** Absolute path of `trim.node`. */
	readonly trimModule: string;
	/** Absolute path of `boundary`. */
	readonly boundary: string;
}

/** @param argv the launcher's process id, the soft limits it was started with as `boundary` lists them, then the user's arguments */
export async function main(argv: readonly string[], companions: Companions): Promise<void> {
	// Until the session handles them. Unhandled, SIGUSR1 would start Node's debugger.
	process.on("SIGUSR1", () => {});
	process.on("SIGHUP", () => {});
	process.on("uncaughtException", (error) => crash(error));
	const [launcher = "", limits = "", ...decoded] = argv;
	const caller = callerOf(launcher, decoded);
	const invocation = parseArguments(PROGRAM, caller.words);
	switch (invocation.kind) {
		case "help":
			return leave(0, STDOUT_FD, usageText(PROGRAM));
		case "version":
			return leave(0, STDOUT_FD, versionText(PACKAGE_VERSION));
		case "refused":
			return leave(1, STDERR_FD, invocation.message);
		case "serve":
		case "attach":
			tell(STDERR_FD, invocation.complaints);
			return begin(invocation, { options: invocation.options, caller, limits, ...companions });
		default:
			return manage(invocation, Number(launcher), recordOf(caller.entries), companions.loadCommands());
	}
}

/** Sends the client to a session that there is, if that is wanted; else starts one. */
async function begin(
	invocation: Extract<Invocation, { kind: "serve" | "attach" }>,
	given: StartOptions,
): Promise<void> {
	const environment = recordOf(given.caller.entries);
	const setting = readAttachSetting(environment, warn);
	const { options } = invocation;
	const asked = invocation.kind === "attach" ? invocation : { target: undefined, watch: false };
	const any = asked.target === undefined && !asked.watch;
	// A command is for a new session.
	if ((invocation.kind === "attach" || setting === "auto") && !(any && options.command.length > 0)) {
		const { attach } = given.loadCommands();
		const { target, watch } = asked;
		const outcome = await attach({ target, watch, options }, environment, warn);
		switch (outcome.kind) {
			case "admitted":
				announce(outcome.port, outcome.key, `attached, pid = ${outcome.pid}`);
				return process.exit();
			case "refused":
				return leave(1, STDERR_FD, `${PROGRAM}: ${outcome.message}\n`);
		}
	}
	return start(given, setting);
}

/** Commands that start nothing. */
async function manage(
	invocation: Extract<Invocation, { kind: "list" | "end" | "env" | "history" }>,
	launcher: number,
	environment: Environment,
	{ list, end, env, history }: typeof Commands,
): Promise<void> {
	switch (invocation.kind) {
		case "list":
			return leave(0, STDOUT_FD, await list(invocation.json, environment));
		case "end": {
			const problem = await end(invocation.pid, environment);
			return problem === undefined
				? leave(0, STDOUT_FD, "")
				: leave(1, STDERR_FD, `${PROGRAM}: ${problem}\n`);
		}
		case "history": {
			const colours = invocation.colours ?? isatty(STDOUT_FD);
			const outcome = await history(invocation.pid, launcher, colours, environment);
			return outcome.kind === "history"
				? leave(0, STDOUT_FD, outcome.text)
				: leave(1, STDERR_FD, `${PROGRAM}: ${outcome.message}\n`);
		}
		case "env": {
			const text = env(environment);
			return text === undefined
				? leave(1, STDERR_FD, `${PROGRAM}: no login of yours is known here.\n`)
				: leave(0, STDOUT_FD, text);
		}
	}
}

function warn(sentence: string): void {
	tell(STDERR_FD, `${PROGRAM}: ${sentence}\n`);
}

interface StartOptions extends Companions {
	readonly options: ServerOptions;
	readonly caller: Caller;
	readonly limits: string;
}

async function start(given: StartOptions, attach: AttachSetting): Promise<void> {
	const { options, caller, ptyModule, trimModule, boundary, limits, loadSsp } = given;
	const { scope, ends } = await logoutBehavior();
	if (scope) {
		tell(STATUS_FD, START_IN_SCOPE);
		process.exit();
	}
	if (ends !== undefined) {
		warn(`this session will end ${ends}.`);
	}
	const inherited = recordOf(caller.entries);
	const locale = chooseLocale(inherited, options.locale, hostCharset);
	if (locale.kind === "unusable") {
		tell(STDERR_FD, locale.message);
		return leave(1, STDOUT_FD, localeReport(locale.environment));
	}
	tell(STDERR_FD, locale.notice);
	const { environment } = locale;
	const timeouts = readTimeouts(environment, warn);
	const extensions = readExtensions(environment, warn);
	const scrollback = readScrollback(environment, warn, options.scrollback);
	const budget = readBudget(environment, warn);
	const port = await bindOrLeave(options, environment, warn);
	// What the client is answered by is loaded while a guard opens the port.
	const lease = await reportPort(port, budget, warn, loadSsp);
	const ssp = loadSsp();
	const key = generateKey();
	const verbose = options.verbosity > 0;
	const log: Log | undefined = verbose ? (line) => tell(STDERR_FD, `${line}\n`) : undefined;
	const observer = log && verboseObserver(log);
	announce(port.port, formatKey(key), `detached, pid = ${process.pid}`);
	detachStdio([STATUS_FD], !verbose);
	setProcessTitle();
	closeSync(STATUS_FD);
	const opening = new ssp.Opening({ key, port: port.share(), clock: monotonicClock, observer });
	port.onDatagram((datagram, from) => opening.receive(datagram, from));
	const { serve } = await inTurns(given.loadSession());
	serve({
		options,
		environment,
		entries:
			environment === inherited ? caller.entries : changedTo(caller.entries, LOCALE_VARIABLES, environment),
		timeouts,
		attach,
		budget,
		extensions,
		scrollback,
		port,
		lease,
		key,
		opening,
		ptyModule,
		trimModule,
		boundary,
		limits,
		signals: caller.signals,
		log,
		observer,
		exit(code) {
			if (verbose) {
				tell(STDOUT_FD, `\n[${PROGRAM} is exiting.]\n`);
			}
			process.exit(code);
		},
	});
}

async function bindOrLeave(
	options: ServerOptions,
	environment: Environment,
	warn: (sentence: string) => void,
): Promise<UdpPort> {
	try {
		return await bindPort(options.bind, options.ports, environment.SSH_CONNECTION, warn);
	} catch (error) {
		if (error instanceof BindError) {
			return leave(1, STDERR_FD, error.message.replaceAll(/^(?=.)/gm, `${PROGRAM}: `).concat("\n"));
		}
		throw error;
	}
}

/** Prints the line that the client waits for, then the texts for people. */
function announce(port: number, key: string, done: string): void {
	// Type-ahead echoed by a terminal must not end up in front of the line.
	const separator = isatty(STDIN_FD) ? "\r\n\n" : "";
	try {
		writeAll(STDOUT_FD, `${separator}MOSH CONNECT ${port} ${key}\n`);
	} catch (error) {
		leave(1, STDERR_FD, `${PROGRAM}: cannot announce the session on standard output: ${messageOf(error)}\n`);
	}
	tell(STATUS_FD, "0");
	tell(STDERR_FD, `\n${versionText(PACKAGE_VERSION)}\n[${PROGRAM} ${done}]\n`);
}

/**
 * Lets ps, pgrep and pkill find the server by its well-known name. The command line is left alone: it tells the guard
 * which script Node runs.
 */
function setProcessTitle(): void {
	try {
		writeFileSync("/proc/self/comm", PROGRAM);
	} catch {
		// Cosmetic only.
	}
}

function leave(status: 0 | 1, fd: number, text: string): never {
	const problem = print(fd, text);
	if (problem !== undefined) {
		warn(`no output: ${problem}`);
	}
	tell(STATUS_FD, problem === undefined ? `${status}` : "1");
	process.exit();
}

/** Reports a bug on whichever streams are still open. */
function crash(error: Error): never {
	for (const [fd, text] of [
		[STDERR_FD, `${PROGRAM}: internal error: ${error.stack ?? error.message}\n`],
		[STATUS_FD, "1"],
	] as const) {
		// Closed when the server detached.
		tell(fd, text);
	}
	process.exit(1);
}
