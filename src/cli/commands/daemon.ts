/** `mosh-portguard daemon`: the guard itself, in the foreground, until SIGTERM. */

import { ConfigError } from "../../config/errors.js";
import { monotonicClock } from "../../guard/clock.js";
import { messageOf } from "../../guard/errors.js";
import type { Guard } from "../../guard/guard.js";
import { Listener } from "../../guard/listener.js";
import { takeLock } from "../../guard/lock.js";
import { prepareRuntimeFolder } from "../../guard/runtime-folder.js";
import { PtyTrigger, SocketDestroyTrigger } from "../../guard/watch.js";
import { assemble } from "../assemble.js";
import { type Context, needRoot } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { createLog } from "../log.js";

export interface DaemonOptions {
	/** Seconds after which it ends, leaving the ports of living sessions open; each announced login prolongs it. */
	readonly for?: number;
}

export async function daemon(context: Context, options: DaemonOptions): Promise<number> {
	needRoot(context, "the daemon");
	const { paths } = context;
	const log = createLog(context.write, process.env.JOURNAL_STREAM !== undefined);
	prepareRuntimeFolder(paths.folder);
	const lock = takeLock(paths.lock);
	try {
		const { guard, config, reload } = await assemble(context, log.event, (settings) => [
			new PtyTrigger(),
			new SocketDestroyTrigger(context.commands, (port) => {
				const { first, last } = settings().policy.ports;
				return port >= first && port <= last;
			}),
		]);
		log.level = config.log.level;
		const listener = new Listener(
			guard,
			{ public: paths.publicSocket, admin: paths.adminSocket },
			monotonicClock,
			log.event,
		);
		const onReload = () => {
			reload().then(
				() => log.event("config.reloaded"),
				(error: unknown) => log.event("config.rejected", faultsOf(error)),
			);
		};
		process.on("SIGHUP", onReload);
		// Before anything opens: a SIGTERM during the start must find somebody to clean up.
		const end = new EndSignal();
		try {
			await guard.start();
			await listener.start();
			await Promise.race([end.came, ...(options.for === undefined ? [] : [unused(guard, options.for)])]);
		} finally {
			process.off("SIGHUP", onReload);
			await listener.stop();
			await guard.stop({ leaveOpen: options.for !== undefined });
			end.forget();
		}
	} finally {
		lock.release();
	}
	return EXIT.ok;
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

/** Resolves after `seconds`, later when another login was announced meanwhile. */
async function unused(guard: Guard, seconds: number): Promise<void> {
	guard.arm(seconds);
	while (guard.armedMs > 0) await new Promise((resolve) => setTimeout(resolve, guard.armedMs));
}

function faultsOf(error: unknown): Record<string, unknown> {
	if (error instanceof ConfigError) return { faults: error.faults };
	return { cause: messageOf(error) };
}
