/**
 * Runs `ufw`, which requires root, for a guard that is not root: a small root-owned unit (systemd/ufw-helper) reads one line,
 * runs `ufw` with the arguments that this line allows, and returns its output and exit code.
 */

import { createConnection } from "node:net";
import { FirewallError } from "../errors.js";

export const HELPER_SOCKET = "/run/mosh-portguard-ufw.sock";

/** Longer than the 20 s that the helper gives `ufw`. */
const TIMEOUT_MS = 25_000;
/** 10,000 rules list as about 1 MB. */
const MAX_ANSWER = 8 * 1024 * 1024;

/** Translates arguments of `ufw` into a line of the helper: an address and a port, or a query. Pure. */
export function helperLine(args: readonly string[]): string {
	const [first, second] = args;
	if (first === "status") {
		return "status";
	}
	if (first === "show" && second === "added") {
		return "added";
	}
	const word = first === "delete" ? "delete" : "allow";
	const to = args[args.indexOf("to") + 1];
	const port = args[args.lastIndexOf("port") + 1];
	return `${word} ${to} ${port}`;
}

/** @throws FirewallError */
export async function askHelper(args: readonly string[], path = HELPER_SOCKET): Promise<string> {
	const answer = await exchange(`${helperLine(args)}\n`, path);
	const [, words = "", code] = /^([\s\S]*?)exit (\d+)\n$/.exec(answer) ?? [];
	if (code === "0") {
		return words;
	}
	const cause = code === undefined ? "its helper exited without an answer" : words.trim().slice(0, 500);
	throw new FirewallError("tool-failed", `\`ufw ${args.join(" ")}\` failed: ${cause}`);
}

function exchange(line: string, path: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = createConnection(path);
		let answer = "";
		const fail = (error: FirewallError) => {
			socket.destroy();
			reject(error);
		};
		socket.setEncoding("utf8").setTimeout(TIMEOUT_MS);
		socket.on("timeout", () =>
			fail(new FirewallError("tool-timeout", "ufw's helper did not answer in time.")),
		);
		socket.on("error", (cause) =>
			fail(new FirewallError("tool-missing", `ufw's helper cannot be reached: ${cause.message}`, { cause })),
		);
		socket.on("data", (text: string) => {
			answer += text;
			if (answer.length > MAX_ANSWER) {
				fail(new FirewallError("tool-failed", "The output of ufw's helper is too long."));
			}
		});
		socket.on("end", () => resolve(answer));
		socket.write(line);
	});
}
