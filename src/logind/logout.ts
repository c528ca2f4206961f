/**
 * What happens to a mosh-server when the ssh login that started it ends. logind can be configured to kill the processes a
 * login leaves behind; it leaves those in a scope of the user's systemd manager alone, for as long as that manager runs.
 */

import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { endsProcessesOf, logindFiles, readFileOrNothing } from "./configuration.js";

/**
 * Prefix that runs a command in a scope of the user's manager; bin/mosh-server has the same. Without the removal of
 * INVOCATION_ID, programs in the session would believe that they are a service.
 */
export const SCOPE: readonly string[] = [
	...["/usr/bin/systemd-run", "--user", "--scope", "--quiet", "--collect", "--"],
	...["/usr/bin/env", "-u", "INVOCATION_ID"],
];

/** How long (ms) a user manager that does not answer may delay the login. */
const PROBE_LIMIT_MS = 2000;

const IN_LOGIN = /\/session-[^/]+\.scope$/m;
/** As systemd-run names it. The scopes of a desktop's terminals are named differently. */
const IN_SCOPE = /\/user@\d+\.service\/.*\/run-[^/]+\.scope$/m;

export interface LogoutHost {
	/** The contents of /proc/self/cgroup. */
	cgroup(): string;
	/** Whether logind kills the processes that this user's login leaves behind. */
	endsProcesses(): boolean;
	/** Whether the user's manager keeps running after the last login has ended. */
	lingers(): boolean;
	/** What `cgroup` returns in a scope of the user's manager; empty if no scope can be created. */
	scopeCgroup(): Promise<string>;
}

export interface LogoutBehavior {
	/** The server must be started through SCOPE, which has been tested to work. */
	readonly scope: boolean;
	/** When the session will end, and the remedy; completes "it ends …". Undefined if it outlives all logins. */
	readonly ends?: string;
}

/** Costs one read where there is no logind, and a few more where logind leaves processes alone. */
export async function logoutBehavior(host: LogoutHost = thisHost): Promise<LogoutBehavior> {
	const cgroup = host.cgroup();
	const scope = IN_LOGIN.test(cgroup) && host.endsProcesses();
	if (!scope && !IN_SCOPE.test(cgroup)) {
		return { scope };
	}
	if (scope && !IN_SCOPE.test(await host.scopeCgroup())) {
		return {
			scope: false,
			ends: "together with its ssh login (KillUserProcesses=yes); only root can change that",
		};
	}
	if (host.lingers()) {
		return { scope };
	}
	return {
		scope,
		ends: "soon after your last ssh login; `loginctl enable-linger` prevents that",
	};
}

/** Empty for a user without an entry in passwd. */
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
		// Loaded only here: loading takes longer than everything else.
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
