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
	ok: "done, and nothing is wrong",
	failed: "something else failed; the message says what",
	usage: "the command line is wrong",
	noGuard: "no guard is running",
	notPermitted: "this needs root",
	alreadyRunning: "another guard, sync or hook is at work",
	badConfig: "the configuration has mistakes",
	firewall: "the firewall could not be chosen, read or changed",
	problems: "done, but something is wrong (`status`, `doctor`)",
	notOpen: "the port is not open, or no mosh-server holds it",
	firewallExchanged: "another firewall is in force than at the start (`daemon`; systemd starts it anew)",
};
