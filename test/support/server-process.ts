/** mosh-server as a process: ours or the stock one, started the way ssh would. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { relocatedServer } from "./relocated-server.js";
import { scratchFolder } from "./scratch.js";

export const OURS = relocatedServer();
export const BOUNDARY = fileURLToPath(new URL("../../dist/boundary", import.meta.url));
/** No server of another test is met. */
const RUNTIME = scratchFolder();
export const STOCK = "/usr/bin/mosh-server";

export interface Started {
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
	/** 0 when nothing was announced. */
	readonly port: number;
	readonly key: string;
	readonly pid: number;
}

/** Runs the program until its output ends: that is until nothing of it holds its streams any more. */
export function start(
	program: string,
	words: readonly string[],
	environment: NodeJS.ProcessEnv = {
		PATH: process.env.PATH,
		HOME: "/",
		LANG: "C.UTF-8",
		XDG_RUNTIME_DIR: RUNTIME,
	},
): Promise<Started> {
	const child = spawn(program, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
	let stdout = "";
	let stderr = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		stderr += text;
	});
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (status) => {
			const [, port = "0", key = ""] = /^MOSH CONNECT (\d+) (\S{22})$/m.exec(stdout) ?? [];
			const [, pid = "0"] = /pid = (\d+)/.exec(stderr) ?? [];
			resolve({ status, stdout, stderr, port: Number(port), key, pid: Number(pid) });
		});
	});
}
