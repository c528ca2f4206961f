/**
 * What becomes of a mosh-server when the ssh login that started it ends. logind may be told to end all that a login leaves
 * behind; a scope of the user's own manager is out of its reach, for as long as that manager runs.
 */

import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { endsProcessesOf, logindFiles, readFileOrNothing } from "./configuration.js";

/**
 * Runs what follows in a scope of the user's manager; bin/mosh-server has it too. The scope's INVOCATION_ID would tell the
 * session's programs that they are a service.
 */
export const SCOPE: readonly string[] = [
	...["/usr/bin/systemd-run", "--user", "--scope", "--quiet", "--collect", "--"],
	...["/usr/bin/env", "-u", "INVOCATION_ID"],
];

/** A user manager that does not answer must not keep the login waiting for longer (milliseconds). */
const PROBE_LIMIT_MS = 2000;

const IN_LOGIN = /\/session-[^/]+\.scope$/m;
/** As systemd-run names it; a desktop's terminals have scopes too, and are none of this. */
const IN_SCOPE = /\/user@\d+\.service\/.*\/run-[^/]+\.scope$/m;

export interface LogoutHost {
	/** This process's line or lines of /proc/self/cgroup. */
	cgroup(): string;
	/** Whether logind ends what this user's login leaves behind. */
	endsProcesses(): boolean;
	/** Whether the user's manager stays when his last login has ended. */
	lingers(): boolean;
	/** What `cgroup` is in a scope of the user's manager; empty when there can be none. */
	scopeCgroup(): Promise<string>;
}

export interface Fate {
	/** The server must be started by SCOPE, which works. */
	readonly scope: boolean;
	/** For the user: what will end his session, and the remedy. */
	readonly warning?: string;
}

/** Costs one read where no logind is, and a few more where it leaves processes alone. */
export async function fateAtLogout(host: LogoutHost = thisHost): Promise<Fate> {
	const cgroup = host.cgroup();
	const scope = IN_LOGIN.test(cgroup) && host.endsProcesses();
	if (!scope && !IN_SCOPE.test(cgroup)) return { scope };
	if (scope && !IN_SCOPE.test(await host.scopeCgroup())) {
		return {
			scope: false,
			warning:
				"logind will end this session together with its ssh login (KillUserProcesses=yes); only root can change that.",
		};
	}
	if (host.lingers()) return { scope };
	return {
		scope,
		warning: "this session will end soon after your last ssh login; `loginctl enable-linger` prevents that.",
	};
}

/** Empty for a user whom nothing knows. */
function userName(): string {
	try {
		return userInfo().username;
	} catch {
		return "";
	}
}

const thisHost: LogoutHost = {
	cgroup: () => readFileOrNothing("/proc/self/cgroup"),
	endsProcesses: () => endsProcessesOf(userName, logindFiles().map(readFileOrNothing)),
	lingers: () => existsSync(`/var/lib/systemd/linger/${userName()}`),
	async scopeCgroup() {
		// Loaded only here: it would take longer than all the rest.
		const { spawnSync } = await import("node:child_process");
		const [file = "", ...words] = SCOPE;
		const { stdout } = spawnSync(file, [...words, "/bin/cat", "/proc/self/cgroup"], {
			encoding: "utf8",
			stdio: ["ignore", "pipe", "ignore"],
			timeout: PROBE_LIMIT_MS,
		});
		return stdout ?? "";
	},
};
