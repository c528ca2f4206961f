/** The paths of the guard's sockets and files, for the daemon and the commands. */

import { RUNTIME_FOLDER } from "./runtime-folder.js";

export interface Paths {
	readonly config: string;
	readonly folder: string;
	readonly publicSocket: string;
	readonly adminSocket: string;
	/** Folder of the users' own sockets. */
	readonly userSockets: string;
	readonly lock: string;
	/** Contains the guard's pid; exists while the guard is ready. */
	readonly ready: string;
	/** Exists while an on-demand guard runs: the login hooks then announce logins. */
	readonly onDemand: string;
	/** In a folder that belongs to root whatever user the guard runs as; see login-notices.ts. */
	readonly nudge: string;
	readonly noticed: string;
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
		onDemand: `${folder}/watcher`,
		ready: `${folder}/ready`,
		nudge: `${folder}-login/nudge`,
		noticed: `${folder}/armed`,
	};
}
