/** How long nobody has typed into a terminal, by the kernel's own word: the access time of the pty, as `w` shows it. */

import { readdirSync, readFileSync, statSync } from "node:fs";

/**
 * `pid` of a process that holds the master of a pty. Undefined when it holds none or may not be looked
 * into. The kernel updates the time every 8 s at most.
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
