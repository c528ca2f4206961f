/** native/netlink.c, compiled for the tests: for this process' namespace, and for that of a host of the lab. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { getSystemErrorName } from "node:util";
import { execa } from "execa";
import { type Heard, type Netlink, NetlinkError } from "../../src/system/netlink.js";
import type { LabHost } from "../lab/hosts.js";
import { scratchFolder } from "./scratch.js";

const BUILD = fileURLToPath(new URL("../../native/build-module.sh", import.meta.url));

let built: string | undefined;

/** Path of the compiled module. */
export function netlinkModule(): string {
	if (built === undefined) {
		built = join(scratchFolder(), "netlink.node");
		execFileSync(BUILD, ["netlink", built], { stdio: "inherit" });
	}
	return built;
}

const ASK = `
	const [path, protocol, request, step] = process.argv.slice(1);
	const loaded = { exports: {} };
	process.dlopen(loaded, path);
	loaded.exports.ask(Number(protocol), Buffer.from(request, "hex"), Number(step)).then((answer) =>
		process.stdout.write(typeof answer === "number" ? "errno " + answer : answer.toString("hex")));
`;

/** Tells what a test has it tell. */
export class ToldNetlink implements Netlink {
	/** Undefined before somebody listens, and after. */
	heard: Heard | undefined;

	async ask(): Promise<Buffer> {
		throw new NetlinkError("EPERM");
	}

	async listen(_protocol: number, _groups: readonly number[], heard: Heard): Promise<() => void> {
		this.heard = heard;
		return () => {
			this.heard = undefined;
		};
	}

	/** As somebody else's doing. Undefined: messages were lost. */
	tell(...messages: readonly Buffer[] | [undefined]): void {
		const told = messages.map((message) => {
			message?.writeUInt32LE(0, SEQUENCE_AT);
			return message;
		});
		this.heard?.(told.includes(undefined) ? undefined : Buffer.concat(told as Buffer[]));
	}
}

/** In the header of a message. */
const SEQUENCE_AT = 8;

const LISTEN = `
	const [path, protocol, ...groups] = process.argv.slice(1);
	const loaded = { exports: {} };
	process.dlopen(loaded, path);
	const members = Buffer.from(Uint32Array.from(groups, Number).buffer);
	const control = loaded.exports.listen(Number(protocol), members, (messages, lost) => {
		console.log(lost ? "lost" : messages.toString("hex"));
		control(true);
	});
	console.log(typeof control === "number" ? "errno " + control : "joined");
	control(true);
	process.stdin.resume();
`;

/** Each question by a process there, and one that listens. */
export class LabNetlink implements Netlink {
	readonly #host: LabHost;
	/** How often it was asked. */
	asked = 0;

	constructor(host: LabHost) {
		this.#host = host;
	}

	async ask(protocol: number, request: Buffer, step = request.length): Promise<Buffer> {
		this.asked += 1;
		const { stdout } = await this.#run(ASK, protocol, request.toString("hex"), step);
		const errno = /^errno (\d+)$/.exec(stdout)?.[1];
		if (errno !== undefined) {
			throw new NetlinkError(getSystemErrorName(-Number(errno)));
		}
		return Buffer.from(stdout, "hex");
	}

	/** Until the returned function is called. */
	async listen(protocol: number, groups: readonly number[], heard: Heard): Promise<() => void> {
		const child = this.#run(LISTEN, protocol, ...groups);
		child.catch(() => undefined);
		const lines = createInterface({ input: child.stdout });
		const [first] = await once(lines, "line");
		assert.equal(first, "joined");
		lines.on("line", (line) => heard(line === "lost" ? undefined : Buffer.from(line, "hex")));
		return () => {
			lines.close();
			child.kill();
		};
	}

	#run(program: string, ...args: readonly (string | number)[]) {
		const line = [process.execPath, "-e", program, netlinkModule(), ...args];
		return execa("/usr/bin/nsenter", ["-t", String(this.#host.pid), "-n", "--", ...line.map(String)]);
	}
}
