/** Determines how long nobody has typed into a terminal, from the access time of its pty, as `w` does. */

import { readdirSync, readFileSync, statSync } from "node:fs";

/**
 * Undefined when the process holds no pty or may not be inspected. The kernel updates the time at most every 8 s.
 * @param pid of a process that holds the master of a pty, such as a mosh-server
 * @param now in milliseconds since the epoch
 */
export function terminalIdleSeconds(pid: number, now = Date.now()): number | undefined {
	const folder = `/proc/${pid}/fdinfo`;
	try {
		const idle = readdirSync(folder).flatMap((name) => {
			const index = /^tty-index:\s*(\d+)$/m.exec(readFileSync(`${folder}/${name}`, "latin1"))?.[1];
			return index === undefined ? [] : [(now - statSync(`/dev/pts/${index}`).atimeMs) / 1000];
		});
		return idle.length === 0 ? undefined : Math.min(...idle);
	} catch {
		return undefined;
	}
}
