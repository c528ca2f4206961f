/** `mosh-portguard daemon`: the guard itself, in the foreground, until SIGTERM. */

import { monotonicClock } from "../../clock.js";
import { ConfigError } from "../../config/errors.js";
import { messageOf } from "../../guard/errors.js";
import type { Guard } from "../../guard/guard.js";
import { Listener } from "../../guard/listener.js";
import { takeLock } from "../../guard/lock.js";
import { prepareRuntimeFolder } from "../../guard/runtime-folder.js";
import type { Status } from "../../guard/status.js";
import { PtyTrigger, SocketDestroyTrigger } from "../../guard/watch.js";
import { assemble } from "../assemble.js";
import { type Context, needRoot } from "../context.js";
import { EXIT, type ExitName } from "../exit-codes.js";
import { FirewallExchange } from "../firewall-exchange.js";
import { createLog } from "../log.js";
import { ServiceManager } from "../service-manager.js";

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
	let exit: ExitName = "ok";
	try {
		const { guard, config, reload, firewallInForce } = await assemble(context, log.event, (settings) => [
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
			void exchange.look();
		};
		const exchange = new FirewallExchange(guard.status().firewall.name, firewallInForce, (cause) =>
			log.event("firewall.unclear", { cause }),
		);
		process.on("SIGHUP", onReload);
		const service = new ServiceManager(() => guard.looked().then(() => oneLine(guard.status())));
		// Before anything opens: a SIGTERM during the start must find somebody to clean up.
		const end = new EndSignal();
		try {
			await guard.start();
			await listener.start();
			await service.ready();
			exchange.start();
			const reasons: Promise<unknown>[] = [
				end.came,
				exchange.came.then((firewall) => {
					log.event("firewall.exchanged", { firewall });
					exit = "firewallExchanged";
				}),
			];
			if (options.for !== undefined) reasons.push(unused(guard, options.for));
			await Promise.race(reasons);
		} finally {
			process.off("SIGHUP", onReload);
			exchange.stop();
			await service.stopping();
			await listener.stop();
			await guard.stop({ leaveOpen: options.for !== undefined });
			end.forget();
		}
	} finally {
		lock.release();
	}
	return EXIT[exit];
}

function oneLine({ firewall, ports, problems }: Status): string {
	const open = ports.filter(({ state }) => state === "open").length;
	const trouble = problems.length === 0 ? "" : `; ${problems.map(({ code }) => code).join(", ")}`;
	return `${firewall.name}, ports open: ${open}${trouble}`;
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
