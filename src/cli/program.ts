/** Defines the command line: names, options and help. Each command has a file of its own, which is loaded when it is called. */

import { Command, InvalidArgumentError, Option } from "commander";
import type { DaemonOptions } from "../daemon/daemon.js";
import { addressFromText, type LocalAddress } from "../system/addresses.js";
import type { CheckConfigOptions } from "./commands/check-config.js";
import type { DoctorOptions } from "./commands/doctor.js";
import type { ExplainOptions } from "./commands/explain.js";
import type { MetricsOptions } from "./commands/metrics.js";
import { CliError, type Context, type GlobalOptions } from "./context.js";
import type { ChangeOptions, OutputOptions } from "./options.js";
import { EXIT, EXIT_MEANING, type ExitName } from "./output/exit-codes.js";
import { parseDuration } from "./output/format.js";
import { VERSION } from "./version.js";

export type Action = (context: Context) => Promise<number>;

/**
 * @param chosen receives the command that the command line selects
 * @throws CommanderError on parsing a wrong command line
 */
export function createProgram(chosen: (action: Action, options: GlobalOptions) => void): Command {
	const program = new Command("mosh-portguard")
		.description(
			"Opens a UDP port while, and only while, a genuine mosh-server of a permitted user holds it.",
		)
		.version(VERSION, "--version", "print the version")
		.option("--config <file>", "configuration file instead of /etc/mosh-portguard/config.toml")
		.option("--runtime-folder <folder>", "folder for sockets and lock instead of /run/mosh-portguard")
		.addHelpText("after", `\nExit codes:\n${exitCodes()}`)
		.enablePositionalOptions()
		.exitOverride();
	const choose = (action: Action) => chosen(action, program.opts<GlobalOptions>());
	const json = "--json";
	const jsonHelp = "print JSON, with a schema number";
	const dry = "-n, --dry-run";
	const dryHelp = "show what would be done without doing it";

	program
		.command("daemon")
		.description("run the guard in the foreground until SIGTERM; SIGHUP reloads the configuration")
		.option(
			"--for <seconds>",
			"exit after this many seconds without a login or an open port, or when the service starts",
			integer(1, 3600),
		)
		.action((options: DaemonOptions) =>
			choose(async (context) => (await import("./commands/daemon.js")).daemon(context, options)),
		);
	program
		.command("status")
		.description("show guard, firewall, ports and problems")
		.option(json, jsonHelp)
		.action((options: OutputOptions) =>
			choose(async (context) => (await import("./commands/status.js")).status(context, options)),
		);
	program
		.command("list")
		.description("list the ports of the sessions")
		.option(json, jsonHelp)
		.action((options: OutputOptions) =>
			choose(async (context) => (await import("./commands/list.js")).list(context, options)),
		);
	program
		.command("metrics")
		.description("print the running guard's state in Prometheus format")
		.option("--textfile <file>", "write to this file atomically, for node_exporter's textfile collector")
		.action((options: MetricsOptions) =>
			choose(async (context) => (await import("./commands/metrics.js")).metrics(context, options)),
		);
	program
		.command("sync")
		.description("reconcile the firewall now, through the guard or, if none is running, directly")
		.option(dry, dryHelp)
		.option(json, jsonHelp)
		.action((options: ChangeOptions) =>
			choose(async (context) => (await import("./commands/sync.js")).sync(context, options)),
		);
	program
		.command("clear")
		.description(
			"remove all rules added by mosh-portguard from every firewall of this host (only while no guard is running)",
		)
		.action(() => choose(async (context) => (await import("./commands/clear.js")).clear(context)));
	program
		.command("hook")
		.description(
			"announce a login: the guard scans frequently for 20 s (runs without Node; takes no arguments)",
		)
		.allowExcessArguments(false)
		.action(() =>
			choose(async () => {
				// The launcher handles `hook`: sudo may run it for any user, and none of them may start Node as root.
				throw new CliError("usage", "`hook` takes neither options nor arguments");
			}),
		);
	program
		.command("close")
		.description("close a port until the mosh-servers that now hold it have exited")
		.argument("<port>", "UDP port", integer(1, 65535))
		.option(dry, dryHelp)
		.option(json, jsonHelp)
		.action((port: number, options: ChangeOptions) =>
			choose(async (context) => (await import("./commands/close.js")).close(context, port, options)),
		);
	program
		.command("kill")
		.description("terminate the mosh-server that holds a port")
		.argument("<port>", "UDP port", integer(1, 65535))
		.option(dry, dryHelp)
		.option(json, jsonHelp)
		.action((port: number, options: ChangeOptions) =>
			choose(async (context) => (await import("./commands/kill.js")).kill(context, port, options)),
		);
	program
		.command("reap")
		.description("terminate idle sessions")
		.requiredOption("--idle <duration>", "minimum idle time, such as 90s, 15m, 12h, 7d", durationArgument)
		.option(dry, dryHelp)
		.option(json, jsonHelp)
		.action((options: ChangeOptions & { idle: number }) =>
			choose(async (context) => (await import("./commands/reap.js")).reap(context, options.idle, options)),
		);
	program
		.command("doctor")
		.description("find out why mosh does not connect: check everything on this host that it needs")
		.option(json, jsonHelp)
		.addOption(new Option("--host-facts").hideHelp())
		.action((options: DoctorOptions) =>
			choose(async (context) => (await import("./commands/doctor.js")).doctor(context, options)),
		);
	program
		.command("explain")
		.description("show who holds a port and which firewall rule decides about it")
		.argument("<port>", "UDP port", integer(1, 65535))
		.option("--from <address>", "what becomes of datagrams from this address", address)
		.option(json, jsonHelp)
		.action((port: number, options: ExplainOptions) =>
			choose(async (context) => (await import("./commands/explain.js")).explain(context, port, options)),
		);
	program
		.command("check-config")
		.description("report every mistake in the configuration, with file, line and key")
		.option(json, jsonHelp)
		.addOption(new Option("--drop-in").hideHelp())
		.action((options: CheckConfigOptions) =>
			choose(async (context) => (await import("./commands/check-config.js")).checkConfig(context, options)),
		);
	program
		.command("run")
		.description(
			"run a stock mosh-server and withhold its MOSH CONNECT line until its port is open, at most 2 s",
		)
		.argument("<command...>", "after --, for example: -- mosh-server new -s")
		.passThroughOptions()
		.action((command: string[]) =>
			choose(async (context) => (await import("./commands/run.js")).run(context, command)),
		);
	return program;
}

function exitCodes(): string {
	const names = Object.keys(EXIT) as ExitName[];
	return names.map((name) => `  ${EXIT[name]}  ${EXIT_MEANING[name]}`).join("\n");
}

function integer(low: number, high: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (/^\d{1,9}$/.test(text) && value >= low && value <= high) {
			return value;
		}
		throw new InvalidArgumentError(`It must be an integer, ${low}–${high}.`);
	};
}

function address(text: string): LocalAddress {
	const found = addressFromText("ipv4", text) ?? addressFromText("ipv6", text);
	if (found !== undefined) {
		return found;
	}
	throw new InvalidArgumentError("It must be a numeric IPv4 or IPv6 address.");
}

function durationArgument(text: string): number {
	const seconds = parseDuration(text);
	if (seconds !== undefined && seconds > 0) {
		return seconds;
	}
	throw new InvalidArgumentError("It must be a duration such as 90s, 15m, 12h or 7d.");
}
