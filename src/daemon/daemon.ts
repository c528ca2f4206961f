/** The guard's daemon: a guard, its sockets and its watchdog, from the lock to the last port closed. */

import { rmSync } from "node:fs";
import { ConfigError } from "../config/errors.js";
import { Listener } from "../guard/socket/listener.js";
import { PtyTrigger, SocketDestroyTrigger } from "../guard/triggers/kernel-events.js";
import { monotonicClock } from "../system/clock.js";
import { messageOf } from "../system/errors.js";
import { acquireLock } from "./acquire-lock.js";
import { admitUser } from "./admit-user.js";
import { createGuard } from "./create-guard.js";
import { EndSignal } from "./end-signal.js";
import { FirewallSwitch } from "./firewall-switch.js";
import type { Host } from "./host.js";
import type { Log } from "./log.js";
import { noLongerNeeded } from "./on-demand.js";
import { claimRuntimeFolder, prepareRuntimeFolder, put } from "./runtime-folder.js";
import { Watchdog, watchdogProgram } from "./watchdog.js";

/** Where logind keeps an entry for each user who is logged in. (/run/user is shut to the service.) */
const LOGINS = "/run/systemd/users";

export interface DaemonOptions {
	/**
	 * Be a watcher, for a host without the service: end when no login was announced for this many seconds and no session has
	 * a port, or when a guard starts that stays.
	 */
	readonly for?: number;
}

/** Why a daemon ended by itself or was ended. */
export type DaemonEnd = "stopped" | "firewall-switched";

/** Resolves at its end. @throws GuardError, ConfigError, FirewallError when it cannot start */
export async function runDaemon(host: Host, log: Log, options: DaemonOptions): Promise<DaemonEnd> {
	prepareRuntimeFolder(host.paths.folder);
	const isWatcher = options.for !== undefined;
	const lock = await acquireLock(host.paths, isWatcher);
	// Before anything opens: a SIGTERM during the start must find somebody to clean up.
	const signal = new EndSignal();
	const { watcher } = host.paths;
	try {
		claimRuntimeFolder(host.paths.folder);
		if (isWatcher) put(watcher);
		// Of one that was killed.
		else rmSync(watcher, { force: true });
		let end: DaemonEnd;
		// systemd starts a daemon anew; a watcher has nobody who would.
		do end = await guardUntilEnd(host, options, log, signal);
		while (end === "firewall-switched" && isWatcher);
		return end;
	} finally {
		if (isWatcher) rmSync(watcher, { force: true });
		lock.release();
		signal.forget();
	}
}

interface End {
	readonly cause: DaemonEnd;
	/** Another guard takes over what is open. */
	readonly leaveOpen: boolean;
}

async function guardUntilEnd(
	host: Host,
	options: DaemonOptions,
	log: Log,
	signal: EndSignal,
): Promise<DaemonEnd> {
	const { paths } = host;
	const { guard, config, changeHook, nameWatch, reload, loginUids, firewallInForce } = await createGuard(
		host,
		{
			log: log.event,
			triggers: (found) => [
				new PtyTrigger(),
				new SocketDestroyTrigger(host.commands, () => found.ports, found.knows),
			],
		},
	);
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
		(path, uid) => admitUser(host.commands, path, uid),
		options.for === undefined ? undefined : yieldNow,
	);
	const firewallSwitch = new FirewallSwitch(guard.status().firewall.name, firewallInForce, (cause) =>
		log.event("firewall.unclear", { cause }),
	);
	const onReload = () => {
		reload().then(
			() => log.event("config.reloaded"),
			(error: unknown) => log.event("config.rejected", faultsOf(error)),
		);
		void firewallSwitch.look();
	};
	process.on("SIGHUP", onReload);
	const watchdog = new Watchdog({
		program: watchdogProgram(),
		look: () => guard.looked(),
		failed: (cause) => log.event("watch.failed", { trigger: "watchdog", cause: messageOf(cause) }),
	});
	const over = new AbortController();
	let end: End = { cause: "stopped", leaveOpen: false };
	try {
		changeHook.start();
		await guard.start();
		// Not awaited: to list everybody may take a directory long.
		await listener.start(loginUids());
		nameWatch.start();
		watchdog.start();
		put(paths.ready, `${process.pid}\n`);
		firewallSwitch.start();
		end = await Promise.race<End>([
			signal.came.then(() => ({ cause: "stopped", leaveOpen: false })),
			yielded.then(() => ({ cause: "stopped", leaveOpen: true })),
			firewallSwitch.came.then((firewall) => {
				log.event("firewall.exchanged", { firewall });
				return { cause: "firewall-switched", leaveOpen: false };
			}),
			...(options.for === undefined
				? []
				: [
						noLongerNeeded(guard, options.for, paths, log, over.signal).then(
							(): End => ({ cause: "stopped", leaveOpen: false }),
						),
					]),
		]);
	} finally {
		over.abort();
		process.off("SIGHUP", onReload);
		firewallSwitch.stop();
		nameWatch.stop();
		watchdog.stop();
		rmSync(paths.ready, { force: true });
		await listener.stop();
		const { leaveOpen } = end;
		await guard.stop({ leaveOpen }).finally(() => changeHook.stop({ leaveOpen }));
	}
	return end.cause;
}

function faultsOf(error: unknown): Record<string, unknown> {
	if (error instanceof ConfigError) return { faults: error.faults };
	return { cause: messageOf(error) };
}
