/** `mosh-portguard daemon`: the guard itself, in the foreground, until SIGTERM; with `--for` a watcher, until it is not needed. */

import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { monotonicClock } from "../../system/clock.js";
import { ConfigError } from "../../config/errors.js";
import { admitUser } from "../../daemon/admit-user.js";
import { Listener } from "../../guard/socket/listener.js";
import { messageOf } from "../../guard-protocol/errors.js";
import type { Guard } from "../../guard/guard.js";
import { PtyTrigger, SocketDestroyTrigger } from "../../guard/triggers/kernel-events.js";
import { claimRuntimeFolder, prepareRuntimeFolder } from "../../daemon/runtime-folder.js";
import { createGuard } from "../../daemon/create-guard.js";
import { type Context, needPrivilege, type Paths } from "../context.js";
import { EXIT, type ExitName } from "../output/exit-codes.js";
import { FirewallSwitch } from "../../daemon/firewall-switch.js";
import { createLog, type Log } from "../../daemon/log.js";
import { LoginNotices } from "../../daemon/login-notices.js";
import { takeOver } from "../../daemon/acquire-lock.js";
import { Watchdog, watchdogProgram } from "../../daemon/watchdog.js";

/** Where logind keeps an entry for each user who is logged in. (/run/user is shut to the service.) */
const LOGINS = "/run/systemd/users";

export interface DaemonOptions {
	/**
	 * Be a watcher, for a host without the service: end when no login was announced for this many seconds and no session has
	 * a port, or when a guard starts that stays.
	 */
	readonly for?: number;
}

export async function daemon(context: Context, options: DaemonOptions): Promise<number> {
	needPrivilege(context, "the daemon");
	const log = createLog(context.write, process.env.JOURNAL_STREAM !== undefined);
	prepareRuntimeFolder(context.paths.folder);
	const isWatcher = options.for !== undefined;
	const lock = await takeOver(context.paths, isWatcher);
	// Before anything opens: a SIGTERM during the start must find somebody to clean up.
	const signal = new EndSignal();
	const { watcher } = context.paths;
	try {
		claimRuntimeFolder(context.paths.folder);
		if (isWatcher) put(watcher);
		// Of one that was killed.
		else rmSync(watcher, { force: true });
		let exit: ExitName;
		// systemd starts a daemon anew; a watcher has nobody who would.
		do exit = await guardUntilEnd(context, options, log, signal);
		while (exit === "firewallExchanged" && isWatcher);
		return EXIT[exit];
	} finally {
		if (isWatcher) rmSync(watcher, { force: true });
		lock.release();
		signal.forget();
	}
}

interface End {
	readonly exit: ExitName;
	/** Another guard takes over what is open. */
	readonly leaveOpen: boolean;
}

async function guardUntilEnd(
	context: Context,
	options: DaemonOptions,
	log: Log,
	signal: EndSignal,
): Promise<ExitName> {
	const { paths } = context;
	const { guard, config, changeHook, reload, loginUids, firewallInForce } = await createGuard(context, {
		log: log.event,
		triggers: (found) => [
			new PtyTrigger(),
			new SocketDestroyTrigger(context.commands, () => found.ports, found.knows),
		],
	});
	log.level = config.log.level;
	let yieldNow = (): void => undefined;
	const yielded = new Promise<void>((resolve) => {
		yieldNow = resolve;
	});
	const listener = new Listener(
		guard,
		{ public: paths.publicSocket, admin: paths.adminSocket, users: paths.userSockets, logins: LOGINS },
		monotonicClock,
		log.event,
		(path, uid) => admitUser(context.commands, path, uid),
		options.for === undefined ? undefined : yieldNow,
	);
	const exchange = new FirewallSwitch(guard.status().firewall.name, firewallInForce, (cause) =>
		log.event("firewall.unclear", { cause }),
	);
	const onReload = () => {
		reload().then(
			() => log.event("config.reloaded"),
			(error: unknown) => log.event("config.rejected", faultsOf(error)),
		);
		void exchange.look();
	};
	process.on("SIGHUP", onReload);
	const watchdog = new Watchdog({
		program: watchdogProgram(),
		look: () => guard.looked(),
		failed: (cause) => log.event("watch.failed", { trigger: "watchdog", cause: messageOf(cause) }),
	});
	const over = new AbortController();
	let end: End = { exit: "ok", leaveOpen: false };
	try {
		changeHook.start();
		await guard.start();
		await listener.start(await loginUids());
		watchdog.start();
		put(paths.ready, `${process.pid}\n`);
		exchange.start();
		end = await Promise.race<End>([
			signal.came.then(() => ({ exit: "ok", leaveOpen: false })),
			yielded.then(() => ({ exit: "ok", leaveOpen: true })),
			exchange.came.then((firewall) => {
				log.event("firewall.exchanged", { firewall });
				return { exit: "firewallExchanged", leaveOpen: false };
			}),
			...(options.for === undefined
				? []
				: [
						notNeeded(guard, options.for, paths, log, over.signal).then(
							(): End => ({ exit: "ok", leaveOpen: false }),
						),
					]),
		]);
	} finally {
		over.abort();
		process.off("SIGHUP", onReload);
		exchange.stop();
		watchdog.stop();
		rmSync(paths.ready, { force: true });
		await listener.stop();
		const { leaveOpen } = end;
		await guard.stop({ leaveOpen }).finally(() => changeHook.stop({ leaveOpen }));
	}
	return end.exit;
}

/**
 * SIGTERM or SIGINT. The handlers stay until everything is cleared: with the last of them gone, a library that also listens
 * (to end its child processes) would take the signal for unhandled and end this process with it.
 */
class EndSignal {
	readonly came: Promise<void>;
	#resolve: () => void = () => undefined;

	constructor() {
		this.came = new Promise((resolve) => {
			this.#resolve = resolve;
		});
		process.on("SIGTERM", this.#resolve);
		process.on("SIGINT", this.#resolve);
	}

	forget(): void {
		process.off("SIGTERM", this.#resolve);
		process.off("SIGINT", this.#resolve);
	}
}

/** So long may a watcher outlive its last session. */
const IDLE_LOOK_MS = 1000;

/** Resolves `seconds` after the last login was announced, or with the end of the last session, whichever is later. */
async function notNeeded(
	guard: Guard,
	seconds: number,
	paths: Paths,
	log: Log,
	signal: AbortSignal,
): Promise<void> {
	const nudges = new LoginNotices(
		paths,
		() => guard.arm(seconds),
		(cause) => log.event("watch.failed", { trigger: "login-hook", cause: messageOf(cause) }),
	);
	nudges.start();
	try {
		do {
			await sleep(Math.max(guard.armedMs, IDLE_LOOK_MS), undefined, { signal });
			await guard.looked();
		} while (guard.armedMs > 0 || guard.serves);
	} finally {
		nudges.stop();
	}
}

/** Never by way of a link. */
function put(path: string, text = ""): void {
	const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
	const descriptor = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644);
	writeSync(descriptor, text);
	closeSync(descriptor);
}

function faultsOf(error: unknown): Record<string, unknown> {
	if (error instanceof ConfigError) return { faults: error.faults };
	return { cause: messageOf(error) };
}
