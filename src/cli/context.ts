/** The context of a command: its output, its paths and the host it acts on. Tests provide their own. */

import { readFileSync } from "node:fs";
import { CONFIG_FILE } from "../config/load.js";
import type { Host } from "../daemon/host.js";
import { pathsIn } from "../daemon/paths.js";
import { SystemCommands } from "../system/commands.js";
import { EXIT, type ExitName } from "./output/exit-codes.js";

export interface Context extends Host {
	readonly write: (text: string) => void;
	readonly complain: (text: string) => void;
}

/** Options before the name of the command. */
export interface GlobalOptions {
	readonly config?: string;
	readonly runtimeFolder?: string;
}

/** Ends the command with an exit code and a one-sentence message. */
export class CliError extends Error {
	override readonly name = "CliError";

	readonly exit: ExitName;

	constructor(exit: ExitName, message: string, options?: { cause?: unknown }) {
		super(message, options);
		this.exit = exit;
	}

	get exitCode(): number {
		return EXIT[this.exit];
	}
}

export function systemContext({ config, runtimeFolder }: GlobalOptions): Context {
	return {
		write: (text) => void process.stdout.write(text),
		complain: (text) => void process.stderr.write(text),
		commands: new SystemCommands(),
		paths: pathsIn(config ?? CONFIG_FILE, runtimeFolder),
		privileged: process.geteuid?.() === 0 || maySteerTheFirewall(),
	};
}

export function needPrivilege({ privileged }: Context, what: string): void {
	if (!privileged) {
		throw new CliError("notPermitted", `${what} requires root; try sudo`);
	}
}

/** From linux/capability.h. */
const CAP_NET_ADMIN = 12n;

function maySteerTheFirewall(): boolean {
	try {
		const [, effective = "0"] =
			/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
		return ((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 1n;
	} catch {
		return false;
	}
}
