/** Where a command runs: its streams, its paths, the system it steers. Tests bring their own. */

import { readFileSync } from "node:fs";
import { CONFIG_FILE } from "../config/load.js";
import { type Commands, SystemCommands } from "../firewall/run.js";
import { RUNTIME_FOLDER } from "../guard/runtime-folder.js";
import { EXIT, type ExitName } from "./exit-codes.js";

export interface Paths {
	readonly config: string;
	readonly folder: string;
	readonly publicSocket: string;
	readonly adminSocket: string;
	/** Folder of the sockets that users have of their own. */
	readonly userSockets: string;
	readonly lock: string;
	/** The pid of the guard, there while it is ready. */
	readonly ready: string;
	/** There while a watcher is the guard: then logins announce themselves. The login hooks look for it. */
	readonly watcher: string;
	/** In a folder of root's own, whoever the guard runs as; see nudges.ts. */
	readonly nudge: string;
	readonly armed: string;
}

export interface Context {
	readonly write: (text: string) => void;
	readonly complain: (text: string) => void;
	readonly commands: Commands;
	readonly paths: Paths;
	/** Root, or the service's own user with the right to steer the firewall. */
	readonly privileged: boolean;
}

/** Options before the command's name. */
export interface GlobalOptions {
	readonly config?: string;
	readonly runtimeFolder?: string;
}

/** Ends the command with a code and one sentence for a person. */
export class CommandError extends Error {
	override readonly name = "CommandError";

	constructor(
		readonly exit: ExitName,
		message: string,
		options?: { cause?: unknown },
	) {
		super(message, options);
	}

	get exitCode(): number {
		return EXIT[this.exit];
	}
}

export function systemContext({ config, runtimeFolder }: GlobalOptions): Context {
	const folder = runtimeFolder ?? RUNTIME_FOLDER;
	return {
		write: (text) => void process.stdout.write(text),
		complain: (text) => void process.stderr.write(text),
		commands: new SystemCommands(),
		paths: {
			config: config ?? CONFIG_FILE,
			folder,
			publicSocket: `${folder}/guard.sock`,
			adminSocket: `${folder}/admin.sock`,
			userSockets: `${folder}/users`,
			lock: `${folder}/lock`,
			watcher: `${folder}/watcher`,
			ready: `${folder}/ready`,
			nudge: `${folder}-login/nudge`,
			armed: `${folder}/armed`,
		},
		privileged: process.geteuid?.() === 0 || maySteerTheFirewall(),
	};
}

export function needPrivilege({ privileged }: Context, what: string): void {
	if (!privileged) throw new CommandError("notPermitted", `${what} requires root; try sudo`);
}

/** Its number in linux/capability.h. */
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
