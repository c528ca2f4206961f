/** The exit codes of `mosh-portguard`; docs/exit-codes.md lists the same. */

export const EXIT = {
	ok: 0,
	failed: 1,
	usage: 2,
	noGuard: 3,
	notPermitted: 4,
	alreadyRunning: 5,
	badConfig: 6,
	firewall: 7,
	problems: 8,
	notOpen: 9,
	firewallExchanged: 10,
} as const;

export type ExitName = keyof typeof EXIT;

export const EXIT_MEANING: Record<ExitName, string> = {
	ok: "success, nothing is wrong",
	failed: "any other failure; the message describes it",
	usage: "invalid command line",
	noGuard: "no guard is running",
	notPermitted: "root privileges are required",
	alreadyRunning: "another guard, sync or hook is running",
	badConfig: "the configuration has errors",
	firewall: "the firewall could not be selected, read or changed",
	problems: "completed, but something is wrong (`status`, `doctor`)",
	notOpen: "the port is not open, or no mosh-server holds it",
	firewallExchanged:
		"another firewall is in force, which may need other privileges (`daemon`; systemd restarts it)",
};
