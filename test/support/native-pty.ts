/** Programs on a real pty, as the server runs them. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { bootstrap, release } from "../../src/server/host/bootstrap.js";
import { NativePty } from "../../src/server/host/pty.js";
import { loadPtyBinding, type PtyBinding } from "../../src/server/host/pty-binding.js";
import { ensureBuilt } from "./relocated-server.js";
import { BOUNDARY } from "./server-process.js";

export function nodePtyModule(): string {
	const main = createRequire(import.meta.url).resolve("node-pty/package.json");
	return join(dirname(main), "build/Release/pty.node");
}

let binding: PtyBinding | undefined;

export interface ProgramOptions {
	readonly loginShell?: boolean;
	readonly environment?: readonly string[];
	readonly directory?: string;
	readonly terminalVariable?: string;
	/** Leaves the release to the caller. */
	readonly held?: boolean;
	/** Called whenever there is more output, with a way to read all so far. */
	readonly onOutput?: (text: () => string, pty: NativePty) => void;
}

export interface RunningProgram {
	readonly pty: NativePty;
	/** All that it wrote, when nothing holds its terminal any more. */
	readonly finished: Promise<string>;
}

/** Starts `command` behind the bootstrap and, unless it is held, releases it. */
export function startProgram(command: readonly string[], options: ProgramOptions = {}): RunningProgram {
	binding ??= loadPtyBinding(nodePtyModule());
	const environment = options.environment ?? [`PATH=${process.env.PATH}`, "HOME=/"];
	let done: (text: string) => void = () => {};
	const finished = new Promise<string>((resolve) => {
		done = resolve;
	});
	const chunks: Buffer[] = [];
	const text = () => Buffer.concat(chunks).toString();
	const [file = "", ...rest] = command;
	ensureBuilt();
	const program = {
		boundary: BOUNDARY,
		...bootstrap({
			command: [file, ...rest],
			loginShell: options.loginShell ?? false,
			entries: environment,
			terminalVariable: options.terminalVariable,
			directory: options.directory ?? "/",
			limits: "",
			signals: { ignored: "0", blocked: "0" },
		}),
		columns: 80,
		rows: 24,
	};
	const pty = new NativePty(binding, program, {
		output(bytes) {
			chunks.push(Buffer.from(bytes));
			options.onOutput?.(text, pty);
		},
		end: () => done(text()),
	});
	if (!options.held) {
		release(pty.pid);
	}
	return { pty, finished };
}

/** Runs `command` to its end and gives its output. */
export function runProgram(command: readonly string[], options: ProgramOptions = {}): Promise<string> {
	return startProgram(command, options).finished;
}
