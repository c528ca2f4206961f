/** Where a command runs: its streams, its paths, the system it steers. Tests bring their own. */

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
	/** There while a watcher is the guard: then logins announce themselves. The login hooks look for it. */
	readonly watcher: string;
}

export interface Context {
	readonly write: (text: string) => void;
	readonly complain: (text: string) => void;
	readonly commands: Commands;
	readonly paths: Paths;
	readonly isRoot: boolean;
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
		},
		isRoot: process.geteuid?.() === 0,
	};
}

export function needRoot({ isRoot }: Context, what: string): void {
	if (!isRoot) throw new CommandError("notPermitted", `${what} needs root: try it with sudo`);
}
