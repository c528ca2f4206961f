/** How long nobody has typed into a session, by the kernel's own word: the access time of its pty, as `w` shows it. */

import { readdirSync, readFileSync, statSync } from "node:fs";

/**
 * `pid` of a mosh-server, which holds the master of its session's pty. Undefined when it holds none or may not be looked
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
