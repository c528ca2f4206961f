/** Notices when somebody may listen at a socket's path again, without looking again and again. */

import { existsSync, watch } from "node:fs";
import { dirname, relative, sep } from "node:path";

/**
 * Calls `changed` once, when something happens in the folder of the socket or, where that is missing, when it may have been made.
 * Never keeps the process alive. Returns what ends it; undefined where the kernel does not allow it: users have a limited number
 * of watches, and need the permission to read the folder.
 */
export function watchSocket(path: string, changed: () => void): (() => void) | undefined {
	const folder = nearestFolder(dirname(path));
	const missing = relative(folder, dirname(path)).split(sep)[0] ?? "";
	try {
		const watcher = watch(folder, { persistent: false });
		const end = () => watcher.close();
		const notice = () => {
			end();
			changed();
		};
		watcher.on("change", (_, name) => {
			// Much happens beside it, such as logins in /run.
			if (missing === "" || name === null || name.toString() === missing || !existsSync(folder)) {
				notice();
			}
		});
		watcher.on("error", notice);
		return end;
	} catch {
		return undefined;
	}
}

function nearestFolder(folder: string): string {
	return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}
