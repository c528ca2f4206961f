/** Where the guard keeps its sockets and files. One list: the commands and the daemon agree on it. */

import { RUNTIME_FOLDER } from "./runtime-folder.js";

export interface Paths {
	readonly config: string;
	readonly folder: string;
	readonly publicSocket: string;
	readonly adminSocket: string;
	/** Folder of the sockets that users have of their own. */
	readonly userSockets: string;
	readonly lock: string;
	/** The pid of the guard, there while it is ready. */
	readonly ready: string;
	/** There while a watcher is the guard: then logins announce themselves. The login hooks look for it. */
	readonly watcher: string;
	/** In a folder of root's own, whoever the guard runs as; see nudges.ts. */
	readonly nudge: string;
	readonly armed: string;
}

/** @param folder the runtime folder, `/run/mosh-portguard` unless a test or the administrator names another */
export function pathsIn(config: string, folder = RUNTIME_FOLDER): Paths {
	return {
		config,
		folder,
		publicSocket: `${folder}/guard.sock`,
		adminSocket: `${folder}/admin.sock`,
		userSockets: `${folder}/users`,
		lock: `${folder}/lock`,
		watcher: `${folder}/watcher`,
		ready: `${folder}/ready`,
		nudge: `${folder}-login/nudge`,
		armed: `${folder}/armed`,
	};
}
