/** Control groups whose processes have a quarter of a processor together: a small virtual machine, or a busy one. Needs root. */

import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The kernel's own period; with a longer one, a process runs for longer at a time and then stands still for longer (µs). */
const PERIOD = 100_000;
const QUOTA = 25_000;

/** Where the processor's controller is: version 1 has a tree of its own, version 2 one for all. */
const V1 = "/sys/fs/cgroup/cpu";
const V2 = "/sys/fs/cgroup";

/** How long killed processes may take to leave their group (ms). */
const LEAVE_LIMIT = 1000;

export class SlowGroups {
	readonly #folders: string[] = [];

	/** @returns the words that start a command in a group of its own, to be put before it. @throws where there is no such controller */
	enter(): readonly string[] {
		const isV1 = existsSync(join(V1, "cpu.cfs_quota_us"));
		const folder = join(isV1 ? V1 : V2, `mosh-bench-${process.pid}-${this.#folders.length}`);
		try {
			if (!isV1) {
				writeFileSync(join(V2, "cgroup.subtree_control"), "+cpu");
			}
			mkdirSync(folder);
			this.#folders.push(folder);
			if (isV1) {
				writeFileSync(join(folder, "cpu.cfs_period_us"), String(PERIOD));
				writeFileSync(join(folder, "cpu.cfs_quota_us"), String(QUOTA));
			} else {
				writeFileSync(join(folder, "cpu.max"), `${QUOTA} ${PERIOD}`);
			}
		} catch (cause) {
			throw new Error("--slow needs root and the cpu controller of cgroups", { cause });
		}
		return ["/bin/sh", "-c", 'echo $$ >"$0" && exec "$@"', join(folder, "cgroup.procs")];
	}

	/** After the end of all that was started in them. */
	remove(): void {
		const end = performance.now() + LEAVE_LIMIT;
		for (const folder of this.#folders.splice(0)) {
			while (!isRemoved(folder) && performance.now() < end) {
				Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
			}
		}
	}
}

function isRemoved(folder: string): boolean {
	try {
		rmdirSync(folder);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "ENOENT";
	}
}
