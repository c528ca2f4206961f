/** native/netlink.c, compiled for the tests: for this process' namespace, and for that of a host of the lab. */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { getSystemErrorName } from "node:util";
import { execa } from "execa";
import { type Netlink, NetlinkError } from "../../src/system/netlink.js";
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
	loaded.exports(Number(protocol), Buffer.from(request, "hex"), Number(step)).then((answer) =>
		process.stdout.write(typeof answer === "number" ? "errno " + answer : answer.toString("hex")));
`;

/** Each question by a process there. */
export class LabNetlink implements Netlink {
	readonly #host: LabHost;
	/** How often it was asked. */
	asked = 0;

	constructor(host: LabHost) {
		this.#host = host;
	}

	async ask(protocol: number, request: Buffer, step = request.length): Promise<Buffer> {
		this.asked += 1;
		const line = [process.execPath, "-e", ASK, netlinkModule(), protocol, request.toString("hex"), step];
		const enter = ["-t", String(this.#host.pid), "-n", "--"];
		const { stdout } = await execa("/usr/bin/nsenter", [...enter, ...line.map(String)]);
		const errno = /^errno (\d+)$/.exec(stdout)?.[1];
		if (errno !== undefined) {
			throw new NetlinkError(getSystemErrorName(-Number(errno)));
		}
		return Buffer.from(stdout, "hex");
	}
}
